"""What a change would do is what it does: the preview, then the change, then the rule."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from directory import changes
from directory.models import Contact, Listing, Share
from network import previewing, standing
from network.models import Appointment
from tests import factories
from tests.directory.factories import ContactFactory, ListingFactory
from tests.factories import LONG_AGO

pytestmark = pytest.mark.django_db


def named(side):
    return {seer.name for seer in side.seers}


def seers(row):
    """By name, who can see the row by the rule."""
    people = User.objects.filter(is_active=True)
    return {p.name for p in people if type(row).objects.visible_to(p).filter(pk=row.pk).exists()}


class TestPreview:
    @pytest.fixture(autouse=True)
    def people(self, mia, ben, otto, cora, asha, dara, cal):
        """All of them known to Mia."""

    @pytest.mark.parametrize("before", ["network", "restricted", "concealed"])
    @pytest.mark.parametrize("after", ["network", "restricted", "concealed"])
    def test_is_what_happens(self, before, after, mia, refuge, harbour):
        listing = refuge[before]
        Share.objects.create(listing=listing, agency=harbour, accepted_at=LONG_AGO)
        found, could = changes.preview(listing, by=mia, access=after), seers(listing)
        Listing.objects.filter(pk=listing.pk).update(access=after)
        can = seers(listing)
        assert (named(found.gains), named(found.loses)) == (can - could, could - can)
        assert found.is_nothing == (before == after)

    def test_tells_of_a_share_before_it_is_accepted_and_before_it_ends(self, mia, refuge, harbour):
        found = changes.preview(refuge["restricted"], by=mia, share_with=harbour)
        assert (named(found.gains), named(found.loses)) == ({"Otto Lindqvist"}, set())
        row = Share.objects.create(listing=refuge["restricted"], agency=harbour, accepted_at=LONG_AGO)
        found = changes.preview(refuge["restricted"], by=mia, end_share=row)
        assert (named(found.gains), named(found.loses)) == (set(), {"Otto Lindqvist"})

    def test_tells_of_a_contact(self, mia, refuge):
        contact = ContactFactory(listing=refuge["network"], access="network")
        could = seers(contact)
        found = changes.preview_contact(contact, "restricted", by=mia)
        Contact.objects.filter(pk=contact.pk).update(access="restricted")
        assert named(found.loses) == could - seers(contact)

    def test_counts_nobody_when_it_was_or_will_be_public(self, mia, refuge):
        found = changes.preview(refuge["public"], by=mia, access="network")
        assert (found.loses.is_everyone, found.loses.count) == (True, 0)
        assert changes.preview(refuge["network"], by=mia, access="public").gains.is_everyone

    def test_writes_nothing(self, mia, refuge, harbour, django_assert_max_num_queries):
        with django_assert_max_num_queries(20) as asked:
            changes.preview(refuge["restricted"], by=mia, share_with=harbour)
        assert not [query for query in asked.captured_queries if not query["sql"].startswith("SELECT")]

    def test_names_nobody_whom_the_asker_cannot_see(self, mia, nell, refuge, riverside):
        found = changes.preview(refuge["restricted"], by=mia, share_with=riverside)
        assert [(party.place, party.people, party.names) for party in found.gains.parties] == [
            ("Outside your networks", 1, ())
        ]

    def test_stands_on_the_page_for_each_answer(self, browse, mia, refuge):
        body = browse(mia).get(reverse("directory:tighten", args=[refuge["network"].pk])).content.decode()
        assert "2 people lose sight of it" not in body.split("Own agency and those")[0]
        assert "Harbour Advice: Otto Lindqvist" in body

    def test_stands_on_the_page_of_shares_without_offering(self, browse, mia, refuge, harbour):
        address = reverse("directory:shares", args=[refuge["restricted"].pk])
        answer = browse(mia).post(address, {"place": str(harbour.pk), "look": "yes"})
        assert "1 person gains sight of it" in answer.content.decode()
        assert not Share.objects.exists()


class TestPreviewRole:
    @pytest.fixture(autouse=True)
    def listings(self, refuge, harbour):
        ListingFactory(agency=harbour, access="restricted")
        ListingFactory(agency=harbour, access="network")

    def test_is_what_happens(self, cora, haven):
        newcomer = factories.UserFactory()
        found = changes.preview_role(newcomer, "member", haven, by=cora)
        before = self.seen(newcomer, cora)
        factories.appoint(newcomer, "member", haven, from_at=timezone.now())
        gained = self.seen(newcomer, cora) - before
        assert sum(number for _, number in found.gains) == len(gained) == 3
        assert not found.loses

    def test_tells_what_goes_with_a_role(self, cora, otto, harbour):
        appointment = Appointment.objects.get(person=otto)
        found = previewing.of_end(appointment, by=cora)
        before = self.seen(otto, cora)
        Appointment.objects.filter(pk=appointment.pk).update(until_at=Now())
        assert sum(number for _, number in found.loses) == len(before - self.seen(otto, cora)) == 3

    def test_knows_that_a_role_takes_the_place_of_another(self, mia, ben, haven):
        assert previewing.of_role(ben, "lead", haven, by=mia).is_nothing

    def test_counts_nothing_that_the_asker_cannot_see(self, cora, mia, haven, refuge):
        found = changes.preview_role(None, "lead", haven, by=cora)
        assert dict(found.gains).keys() == {"Network members", "Own agency and those it is shared with"}
        assert "Own agency only" in dict(changes.preview_role(None, "lead", haven, by=mia).gains)

    @staticmethod
    def seen(person, by):
        both = Listing.objects.visible_to(by).filter(Listing.seen_by(standing.of(person)))
        return set(both.values_list("pk", flat=True))

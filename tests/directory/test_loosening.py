"""Letting more people see something takes two people, a fresh factor each, and a listing that has not changed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.factors import FreshFactorNeeded
from audit.models import Entry
from directory import actions
from directory.models import Listing, ListingGrant, Loosening, SafePlace
from network.models import Appointment
from tests import factories
from tests.directory.factories import ContactFactory
from tests.factories import fresh


@pytest.fixture
def dee(haven):
    """Deputy lead of the refuge."""
    return factories.person("Dee Sharma", "deputy", haven)


@pytest.fixture
def asked(refuge, mia) -> Loosening:
    """Mia asks to open the restricted listing to the network."""
    return actions.ask_to_loosen(listing=refuge["restricted"], contact=None, access="network", by=fresh(mia))


class TestAsk:
    def test_changes_nothing_yet(self, asked, refuge):
        assert Listing.objects.get(pk=refuge["restricted"].pk).access == "restricted"
        assert Entry.objects.get().verb == "loosening.ask"

    def test_needs_a_fresh_factor(self, refuge, mia):
        with pytest.raises(FreshFactorNeeded):
            actions.ask_to_loosen(listing=refuge["restricted"], contact=None, access="network", by=mia)

    @pytest.mark.parametrize("who", ["ben", "cora", "otto", "nell", "cal", "nora", "omar", "dara", "asha"])
    def test_is_for_leads_of_the_agency(self, who, refuge, request):
        by = fresh(request.getfixturevalue(who))
        with pytest.raises(PermissionDenied):
            actions.ask_to_loosen(listing=refuge["network"], contact=None, access="public", by=by)

    @pytest.mark.parametrize("access", ["restricted", "concealed", "everyone", ""])
    def test_is_for_looser_access_only(self, access, refuge, mia):
        with pytest.raises(ValidationError):
            actions.ask_to_loosen(listing=refuge["restricted"], contact=None, access=access, by=fresh(mia))

    def test_waits_once(self, asked, refuge, mia):
        with pytest.raises(ValidationError):
            actions.ask_to_loosen(listing=refuge["restricted"], contact=None, access="public", by=fresh(mia))

    def test_makes_no_contact_looser_than_its_listing_and_names_nobody_in_public(self, refuge, mia):
        listing = refuge["network"]
        plain = ContactFactory(listing=listing, access="restricted")
        named = ContactFactory(listing=refuge["public"], access="network", officer="Ruth Amos")
        with pytest.raises(ValidationError):
            actions.ask_to_loosen(listing=listing, contact=plain, access="public", by=fresh(mia))
        with pytest.raises(ValidationError):
            actions.ask_to_loosen(listing=refuge["public"], contact=named, access="public", by=fresh(mia))

    def test_e20_e25_takes_no_contact_of_another_listing(self, refuge, mia):
        other = ContactFactory(listing=refuge["public"], access="restricted")
        with pytest.raises(ValidationError):
            actions.ask_to_loosen(listing=refuge["network"], contact=other, access="network", by=fresh(mia))

    def test_keeps_a_listing_with_a_safe_place_from_the_network(self, refuge, mia):
        SafePlace.objects.create(listing=refuge["restricted"], sealed="x")
        with pytest.raises(ValidationError):
            actions.ask_to_loosen(listing=refuge["restricted"], contact=None, access="network", by=fresh(mia))


class TestLoosen:
    @pytest.mark.parametrize("who", ["dee", "cora"])
    def test_is_allowed_by_another_lead_or_the_coordinator(self, who, asked, refuge, request):
        actions.loosen(loosening=asked, by=fresh(request.getfixturevalue(who)))
        assert Listing.objects.get(pk=refuge["restricted"].pk).access == "network"
        entry = Entry.objects.get(verb="listing.loosen")
        assert entry.details["before"], entry.details["after"] == ("restricted", "network")

    def test_is_never_allowed_by_who_asked(self, asked, mia, durham):
        factories.appoint(mia, "coordinator", durham)
        with pytest.raises(PermissionDenied):
            actions.loosen(loosening=asked, by=fresh(mia))

    def test_is_never_both_in_the_database(self, asked, mia):
        with pytest.raises(IntegrityError), transaction.atomic():
            Loosening.objects.update(confirmed_at=Now(), confirmed_by=mia)

    @pytest.mark.parametrize("who", ["ben", "otto", "nell", "asha", "nora", "cal", "dara", "omar"])
    def test_is_allowed_by_nobody_else(self, who, asked, request):
        with pytest.raises(PermissionDenied):
            actions.loosen(loosening=asked, by=fresh(request.getfixturevalue(who)))

    def test_needs_a_fresh_factor(self, asked, dee):
        with pytest.raises(FreshFactorNeeded):
            actions.loosen(loosening=asked, by=dee)

    def test_e24_is_void_once_the_listing_has_changed(self, asked, refuge, dee, cora):
        actions.edit(listing=refuge["restricted"], changes={"description": "Now with a street address"}, by=cora)
        with pytest.raises(ValidationError):
            actions.loosen(loosening=asked, by=fresh(dee))
        assert Listing.objects.get(pk=refuge["restricted"].pk).access == "restricted"

    def test_is_not_void_because_somebody_confirmed_it(self, asked, refuge, dee, cora):
        actions.confirm(listing=refuge["restricted"], by=cora)
        actions.loosen(loosening=asked, by=fresh(dee))

    def test_is_void_after_a_week(self, asked, dee):
        Loosening.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        with pytest.raises(ValidationError):
            actions.loosen(loosening=asked, by=fresh(dee))

    def test_e47_is_void_once_who_asked_leads_no_more(self, asked, mia, dee):
        Appointment.objects.filter(person=mia).update(until_at=Now())
        with pytest.raises(ValidationError):
            actions.loosen(loosening=asked, by=fresh(dee))

    def test_e23_is_not_the_coordinators_where_they_may_not_see(self, refuge, mia, cora, dee):
        asked = actions.ask_to_loosen(listing=refuge["concealed"], contact=None, access="restricted", by=fresh(mia))
        with pytest.raises(PermissionDenied):
            actions.loosen(loosening=asked, by=fresh(cora))
        actions.loosen(loosening=asked, by=fresh(dee))

    def test_e49_ends_the_grants_that_the_stricter_access_had(self, refuge, mia, dee, otto, give):
        give(refuge["concealed"], otto, by=mia)
        asked = actions.ask_to_loosen(listing=refuge["concealed"], contact=None, access="restricted", by=fresh(mia))
        actions.loosen(loosening=asked, by=fresh(dee))
        actions.tighten(listing=refuge["concealed"], access="concealed", by=mia)
        assert not ListingGrant.objects.filter(until_at__gt=timezone.now()).exists()
        assert not Listing.objects.visible_to(otto).filter(pk=refuge["concealed"].pk).exists()

    def test_opens_one_contact_and_leaves_the_others(self, refuge, mia, dee):
        one, other = (ContactFactory(listing=refuge["network"], access="restricted") for _ in range(2))
        asked = actions.ask_to_loosen(listing=refuge["network"], contact=one, access="network", by=fresh(mia))
        actions.loosen(loosening=asked, by=fresh(dee))
        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.access, other.access) == ("network", "restricted")
        assert Entry.objects.latest("pk").verb == "contact.loosen"


class TestEnd:
    @pytest.mark.parametrize("who", ["mia", "dee", "cora"])
    def test_is_for_whoever_may_ask_or_allow(self, who, asked, dee, request):
        actions.end_loosening(loosening=asked, by=request.getfixturevalue(who))
        with pytest.raises(ValidationError):
            actions.loosen(loosening=asked, by=fresh(dee))

    def test_is_for_nobody_else(self, asked, ben, otto, nell):
        for person in (ben, otto, nell):
            with pytest.raises(PermissionDenied):
                actions.end_loosening(loosening=asked, by=person)


class TestPages:
    def test_walks_the_whole_way(self, browse, mia, dee, refuge):
        url = reverse("directory:loosen", args=[refuge["restricted"].pk])
        assert browse(mia).get(url).status_code == 200
        assert browse(mia).post(url, {"what": "listing", "access": "network"}).status_code == 302
        asked = Loosening.objects.get()
        page = reverse("directory:loosening", args=[asked.pk])
        assert "Yes, let more people see it" not in browse(mia).get(page).content.decode()
        assert "Yes, let more people see it" in browse(dee).get(page).content.decode()
        assert browse(mia).post(page, {"answer": "yes"}).status_code == 403
        assert browse(dee, factor="stale").post(page, {"answer": "yes"}).status_code == 403
        assert browse(dee).post(page, {"answer": "yes"}).status_code == 302
        assert Listing.objects.get(pk=refuge["restricted"].pk).access == "network"

    def test_tells_the_second_person_what_waits(self, browse, asked, mia, dee, cora, otto, nell):
        wanted = reverse("directory:loosening", args=[asked.pk])
        for person in (dee, cora):
            assert wanted in browse(person).get(reverse("directory:sharing")).content.decode()
        for person in (mia, otto, nell):
            assert wanted not in browse(person).get(reverse("directory:sharing")).content.decode()

    def test_answers_as_absent_to_others(self, browse, asked, otto, nell, ben):
        for person in (otto, nell, ben):
            assert browse(person).get(reverse("directory:loosening", args=[asked.pk])).status_code == 404

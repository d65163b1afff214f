from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Entry
from delivery.models import Mailing
from directory.models import Listing, Share
from network import agreements, standing
from network.actions import agreements as actions
from network.models import Agreement, Membership, Signature
from tests import factories
from tests.directory.factories import ListingFactory
from tests.factories import appoint

pytestmark = pytest.mark.django_db
HERE = "/network/agreements/"
TEXT = "We share with care.\n\nWe tell each other at once."
DAY = dt.timedelta(days=1)


def published(network, by, **changes):
    return actions.publish(network=network, title="Agreement", text=TEXT, by=by, **changes)


def sign(agreement, agency, by, **changes):
    told = {"signed_as": by.name, "position": "Director", **changes}
    return actions.sign(agreement=agreement, agency=agency, by=by, **told)


@pytest.fixture
def first(durham):
    return Agreement.objects.get(network=durham)


@pytest.fixture
def shared(haven, harbour):
    """A restricted listing of Otto's agency that is shared with Mia's."""
    listing = ListingFactory(agency=harbour, access="restricted")
    Share.objects.create(listing=listing, agency=haven, accepted_at=factories.LONG_AGO)
    return listing


class TestPublish:
    def test_gives_agencies_time_to_sign(self, durham, first, haven, mia, cora):
        closes = timezone.now() + 20 * DAY
        second = published(durham, cora, former_until=closes)
        first.refresh_from_db()
        assert (second.version, second.until_at, first.until_at) == (2, None, closes)
        assert standing.of(mia).agreed.holds("lead")
        [terms] = agreements.terms([(durham.pk, haven.pk)]).values()
        assert (terms.signed, terms.closes_at, terms.to_sign, terms.lapses_soon) == (True, closes, second, True)

    def test_closes_at_once_where_no_time_is_given(self, durham, mia, cora, haven, shared):
        assert shared in Listing.objects.visible_to(mia)
        published(durham, cora)
        assert not standing.of(mia).agreed.holds("lead")
        assert shared not in Listing.objects.visible_to(mia)

    def test_lapses_by_the_clock_and_not_by_a_job(self, durham, first, mia, shared):
        Agreement.objects.filter(pk=first.pk).update(until_at=timezone.now() - dt.timedelta(seconds=1))
        assert shared not in Listing.objects.visible_to(mia)

    def test_overtakes_a_version_that_has_not_begun(self, durham, cora):
        late = published(durham, cora, from_at=timezone.now() + 40 * DAY, former_until=timezone.now() + 50 * DAY)
        published(durham, cora, former_until=timezone.now() + 10 * DAY)
        late.refresh_from_db()
        assert late.until_at == late.from_at

    def test_refuses_days_in_the_wrong_order(self, durham, cora):
        soon = timezone.now() + 10 * DAY
        for changes in ({"from_at": soon, "former_until": soon - DAY}, {"from_at": timezone.now() - DAY}):
            with pytest.raises(ValidationError):
                published(durham, cora, **changes)

    def test_is_for_the_networks_own_coordinator(self, durham, riverside, cora, asha, mia, nora, omar):
        for network, person in [(durham, who) for who in (asha, mia, nora, omar)] + [(riverside, cora)]:
            with pytest.raises(PermissionDenied):
                published(network, person)

    def test_records_the_digest_of_the_text(self, durham, cora):
        made = published(durham, cora)
        entry = Entry.objects.get(verb="agreement.publish")
        assert entry.details["digest"] == agreements.fingerprint(made)
        assert entry.network_id == durham.pk

    def test_asks_once_more_and_says_how_many_must_sign(self, browse, durham, cora, haven, harbour):
        client = browse(cora)
        day = timezone.localdate() + 20 * DAY
        told = {"title": "Agreement", "text": TEXT, "from_on_day": "", "from_on_month": "", "from_on_year": ""}
        told |= {f"former_until_on_{part}": getattr(day, part) for part in ("day", "month", "year")}
        page = client.post(f"{HERE}DUR/new/", told).content.decode()
        assert "2 agencies have to sign it" in page
        assert Agreement.objects.filter(network=durham).count() == 1
        client.post(f"{HERE}DUR/new/", {**told, "sure": "yes"})
        made = Agreement.objects.get(network=durham, version=2)
        assert made.text == TEXT
        assert timezone.localtime(Agreement.objects.get(network=durham, version=1).until_at).date() == day


class TestSign:
    def test_opens_at_once(self, durham, haven, mia, cora, shared):
        second = published(durham, cora)
        made = sign(second, haven, mia)
        assert (made.signed_as, made.position) == ("Mia Hughes", "Director")
        assert shared in Listing.objects.visible_to(mia)
        entry = Entry.objects.get(verb="agreement.sign")
        assert (entry.agency_id, entry.network_id) == (haven.pk, durham.pk)
        assert entry.details["digest"] == agreements.fingerprint(second)

    def test_is_for_leads_of_the_agency(self, durham, haven, harbour, mia, ben, otto, cora, nell, cal):
        second = published(durham, cora)
        for agency, person in ((haven, ben), (haven, otto), (harbour, mia), (haven, cora), (haven, nell), (haven, cal)):
            with pytest.raises(PermissionDenied):
                sign(second, agency, person)

    def test_is_of_what_was_on_the_page(self, durham, haven, mia, cora):
        second = published(durham, cora)
        with pytest.raises(ValidationError):
            sign(second, haven, mia, digest="0" * 64)
        assert sign(second, haven, mia, digest=agreements.fingerprint(second))

    def test_is_once_and_with_a_position(self, durham, haven, mia, cora):
        second = published(durham, cora)
        with pytest.raises(ValidationError):
            sign(second, haven, mia, position=" ")
        sign(second, haven, mia)
        with pytest.raises(ValidationError):
            sign(second, haven, mia)

    def test_takes_no_version_of_another_network_or_that_has_ended(self, durham, first, riverside, haven, mia, cora):
        """E20: the agreement in the address and the agency in the form are both asked about."""
        with pytest.raises(PermissionDenied):
            sign(Agreement.objects.get(network=riverside), haven, mia)
        Signature.objects.filter(agreement=first, agency=haven).delete()
        published(durham, cora)
        with pytest.raises(ValidationError):
            sign(first, haven, mia)

    def test_takes_no_agency_from_the_form_that_one_does_not_lead(self, browse, durham, harbour, mia, cora):
        second = published(durham, cora)
        told = {"agency": harbour.pk, "signed_as": "M", "position": "P", "agreed": "on"}
        browse(mia).post(f"{HERE}{second.pk}/sign/", {**told, "digest": agreements.fingerprint(second)})
        assert not Signature.objects.filter(agreement=second).exists()

    def test_needs_the_tick(self, browse, durham, haven, mia, cora):
        second = published(durham, cora)
        told = {"agency": haven.pk, "signed_as": "M", "position": "P", "digest": agreements.fingerprint(second)}
        assert "Tick the box" in browse(mia).post(f"{HERE}{second.pk}/sign/", told).content.decode()
        browse(mia).post(f"{HERE}{second.pk}/sign/", {**told, "agreed": "on"})
        assert Signature.objects.get(agreement=second).signed_by == mia


class TestTwoNetworks:
    """An agency in two networks, of which it has signed for one."""

    @pytest.fixture
    def both(self, haven, riverside):
        Membership.objects.create(agency=haven, network=riverside, from_at=factories.LONG_AGO)
        return haven

    def test_counts_each_by_itself(self, both, mia, durham, riverside):
        here = standing.of(mia)
        assert here.networks("lead") == {durham.pk, riverside.pk}
        assert here.agreed.networks("lead") == {durham.pk}
        terms = agreements.terms([(durham.pk, both.pk), (riverside.pk, both.pk)])
        assert [terms[network.pk, both.pk].signed for network in (durham, riverside)] == [True, False]

    def test_opens_what_is_shared_with_the_signed_network_only(self, both, mia, durham, riverside, riverbank, harbour):
        theirs = ListingFactory(agency=riverbank, access="restricted")
        ours = ListingFactory(agency=harbour, access="restricted")
        Share.objects.create(listing=theirs, network=riverside, accepted_at=factories.LONG_AGO)
        Share.objects.create(listing=ours, network=durham, accepted_at=factories.LONG_AGO)
        seen = Listing.objects.visible_to(mia)
        assert ours in seen
        assert theirs not in seen

    def test_shows_both_to_its_lead(self, browse, both, mia, durham, riverside):
        page = browse(mia).get(HERE).content.decode()
        assert f"Haven House in {durham.name}" in page
        assert f"Haven House in {riverside.name}" in page
        assert "Not signed" in page


class TestReading:
    def test_is_for_who_belongs_there(  # noqa: PLR0917
        self, browse, first, mia, ben, cora, asha, dara, nora, nell, faye, omar
    ):
        for person in (mia, ben, cora, asha, dara, nora):
            assert browse(person).get(f"{HERE}{first.pk}/").status_code == 200
        for person in (nell, faye, omar):
            assert browse(person).get(f"{HERE}{first.pk}/").status_code == 404

    def test_keeps_what_an_agency_signed_and_nothing_later_once_it_left(
        self, durham, first, haven, mia, cora, riverside
    ):
        """E43: moved on, and nothing new of the network is seen."""
        factories.join(haven, riverside)
        Membership.objects.filter(agency=haven, network=durham).update(until_at=Now())
        later = published(durham, cora)
        seen = Agreement.objects.visible_to(mia)
        assert first in seen
        assert later not in seen

    def test_is_nothing_of_a_network_that_suspended_the_agency(self, durham, haven, mia, cora, riverside):
        factories.join(haven, riverside)
        Membership.objects.filter(agency=haven, network=durham).update(suspended_at=Now())
        assert published(durham, cora) not in Agreement.objects.visible_to(mia)

    def test_escapes_the_text(self, browse, durham, mia, cora):
        made = actions.publish(network=durham, title="T", text="<script>alert(1)</script>", by=cora)
        assert "<script>alert(1)" not in browse(mia).get(f"{HERE}{made.pk}/").content.decode()


class TestSignatures:
    def test_lists_who_has_and_who_has_not(self, browse, durham, haven, harbour, mia, cora):
        second = published(durham, cora)
        sign(second, haven, mia)
        page = browse(cora).get(f"{HERE}{second.pk}/signatures/").content.decode()
        assert "1 of 2 agencies" in page
        rows = browse(cora).get(f"{HERE}{second.pk}/signatures.csv").content.decode("utf-8-sig").splitlines()
        assert [row.split(",")[:3] for row in rows[1:]] == [
            ["Harbour Advice", "Member", "No"],
            ["Haven House", "Member", "Yes"],
        ]

    def test_writes_no_formula_into_the_sheet(self, browse, durham, haven, mia, cora):
        second = published(durham, cora)
        sign(second, haven, mia, signed_as="=1+1")
        assert "'=1+1" in browse(cora).get(f"{HERE}{second.pk}/signatures.csv").content.decode()

    def test_is_for_who_runs_or_audits_the_network(self, browse, first, cora, asha, dara, mia, nell):
        for person in (cora, asha, dara):
            assert browse(person).get(f"{HERE}{first.pk}/signatures/").status_code == 200
        assert browse(mia).get(f"{HERE}{first.pk}/signatures/").status_code == 403
        assert browse(nell).get(f"{HERE}{first.pk}/signatures/").status_code == 404

    def test_takes_the_same_number_of_queries_for_few_and_many(
        self, browse, durham, first, haven, cora, django_assert_num_queries, django_assert_max_num_queries
    ):
        client = browse(cora)
        client.get(f"{HERE}{first.pk}/signatures/")
        with django_assert_max_num_queries(25) as few:
            client.get(f"{HERE}{first.pk}/signatures/")
        for _ in range(5):
            factories.AgencyFactory(network=durham)
        with django_assert_num_queries(len(few)):
            client.get(f"{HERE}{first.pk}/signatures/")


class TestRemind:
    """Haven House has yet to sign the second version; Otto's agency has signed it."""

    @pytest.fixture
    def second(self, durham, first, cora, haven, harbour, otto):
        made = published(durham, cora, former_until=timezone.now() + 20 * DAY)
        sign(made, harbour, otto)
        return made

    @pytest.fixture
    def place(self, haven, durham):
        return Membership.objects.get(agency=haven, network=durham)

    def test_tells_the_leads_by_one_press(self, browse, second, place, mia, ben, cora):
        listed = f"{HERE}{second.pk}/signatures/"
        press = f"{HERE}{second.pk}/remind/{place.agency_id}/"
        assert press in browse(cora).get(listed).content.decode()
        done = browse(cora).post(press, follow=True).content.decode()
        assert "Who leads Haven House is reminded." in done
        assert press not in done, "once a day"
        assert "Reminded " in done
        [mailing] = Mailing.objects.all()
        assert (mailing.kind, mailing.network, mailing.path) == ("notice", second.network, f"{HERE}{second.pk}/")
        assert [row.person for row in mailing.recipients.all()] == [mia]
        assert "Cora" not in mailing.text
        entry = Entry.objects.get(verb="agreement.remind")
        assert (entry.agency_id, entry.network_id, entry.actor_id) == (place.agency_id, second.network_id, cora.pk)

    def test_is_once_a_day_for_an_agency(self, second, place, mia, cora, durham):
        actions.remind(agreement=second, place=place, by=cora)
        third = published(durham, cora, former_until=timezone.now() + 40 * DAY)
        for version in (second, third):
            with pytest.raises(ValidationError, match="within the last day"):
                actions.remind(agreement=version, place=place, by=cora)
        Membership.objects.filter(pk=place.pk).update(reminded_at=Now() - DAY)
        actions.remind(agreement=third, place=place, by=cora)
        assert Mailing.objects.count() == 2

    def test_is_the_coordinators(self, browse, second, place, mia, asha, dara, nora, otto):
        for person in (mia, asha, dara, nora, otto):
            with pytest.raises(PermissionDenied):
                actions.remind(agreement=second, place=place, by=person)
        for person in (asha, dara):
            assert "/remind/" not in browse(person).get(f"{HERE}{second.pk}/signatures/").content.decode()
        assert not Mailing.objects.exists()

    def test_is_for_live_members_of_that_network_that_have_not_signed(
        self, second, place, mia, otto, harbour, riverbank, riverside, cora
    ):
        with pytest.raises(ValidationError, match="has signed"):
            actions.remind(agreement=second, place=Membership.objects.get(agency=harbour), by=cora)
        with pytest.raises(PermissionDenied):
            actions.remind(agreement=second, place=Membership.objects.get(agency=riverbank), by=cora)
        Membership.objects.filter(pk=place.pk).update(suspended_at=Now())
        with pytest.raises(PermissionDenied):
            actions.remind(agreement=second, place=place, by=cora)

    def test_says_when_nobody_could_sign(self, second, first, place, mia, cora):
        first.until_at = timezone.now() - DAY
        with pytest.raises(ValidationError, match="has ended"):
            actions.remind(agreement=first, place=place, by=cora)
        mia.appointments.update(until_at=Now())
        with pytest.raises(ValidationError, match="Nobody leads Haven House"):
            actions.remind(agreement=second, place=place, by=cora)
        place.refresh_from_db()
        assert place.reminded_at is None

    def test_of_an_agency_in_two_networks_only_this_one_speaks(self, second, haven, riverside, mia, cora, durham):
        Membership.objects.filter(agency=haven).delete()
        factories.join(haven, riverside)
        here = Membership.objects.create(agency=haven, network=durham, from_at=factories.LONG_AGO)
        actions.remind(agreement=second, place=here, by=cora)
        assert [mailing.network for mailing in Mailing.objects.all()] == [durham]

    def test_costs_the_same_for_any_number_of_agencies(self, browse, second, mia, cora, durham):
        client, asked = browse(cora), []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"{HERE}{second.pk}/signatures/")
            asked.append(len(queries))
            for number in range(4):
                agency = factories.AgencyFactory(name=f"Agency {number}")
                Membership.objects.create(agency=agency, network=durham, from_at=factories.LONG_AGO)
        assert asked[0] == asked[1]


class TestTerms:
    def test_reaches_as_far_as_the_signatures_do(self, durham, first, haven, mia, cora):
        """Signed the next version ahead of its beginning: nothing closes in between."""
        begins = timezone.now() + 10 * DAY
        second = published(durham, cora, from_at=begins, former_until=begins + DAY)
        assert agreements.terms([(durham.pk, haven.pk)])[durham.pk, haven.pk].closes_at == begins + DAY
        sign(second, haven, mia)
        terms = agreements.terms([(durham.pk, haven.pk)])[durham.pk, haven.pk]
        assert (terms.signed, terms.closes_at, terms.to_sign) == (True, None, None)

    def test_agrees_with_what_the_rules_say(self, durham, haven, mia, cora, otto, harbour):
        published(durham, cora)
        terms = agreements.terms([(durham.pk, haven.pk)])[durham.pk, haven.pk]
        assert terms.signed == bool(standing.of(mia).agreed.rows) is False
        appoint(mia, "member", harbour)
        assert not standing.of(mia).agreed.rows

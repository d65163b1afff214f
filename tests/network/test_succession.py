from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from accounts.factors import FreshFactorNeeded
from audit.models import Entry
from directory.models import Listing, Share
from network import standing
from network.actions import agencies, invitations
from network.actions import succession as actions
from network.models import Agency, ApiKey, Appointment, Membership, Party, Signature, Succession
from tests import factories
from tests.alerts import factories as alerts
from tests.directory.factories import ListingFactory
from tests.factories import appoint, fresh

pytestmark = pytest.mark.django_db


def planned(network, by, ending=(), following=(), new=()):
    return actions.prepare(network=network, ending=ending, following=following, new=new, by=by)


def party(plan, who):
    return next(each for each in plan.parties.select_related("agency", "succession") if str(each) == str(who))


def agree(plan, who, by, people=None, things=None):
    """Yes for one agency; everybody comes along to the first that takes over unless told otherwise."""
    row = party(plan, who)
    first = str(plan.parties.filter(side="follows").first().pk)
    everyone = {str(pk): first for pk in Appointment.objects.filter(agency=row.agency).values_list("pk", flat=True)}
    return actions.agree(party=row, people=everyone if people is None else people, things=things or {}, by=fresh(by))


@pytest.fixture
def merger(durham, haven, harbour, mia, ben, otto, cora):
    """Haven House is to become part of Harbour Advice."""
    return planned(durham, cora, ending=[haven], following=[harbour])


@pytest.fixture
def agreed(merger, haven, harbour, mia, otto):
    agree(merger, haven, mia)
    agree(merger, harbour, otto)
    return merger


class TestPrepare:
    def test_changes_nothing_yet(self, merger, haven, mia):
        assert standing.of(mia).agencies("lead") == {haven.pk}
        assert haven.ends_on is None

    def test_is_for_the_networks_coordinator_and_its_members(self, durham, haven, harbour, riverbank, cora, asha, mia):
        for person in (asha, mia):
            with pytest.raises(PermissionDenied):
                planned(durham, person, ending=[haven], following=[harbour])
        with pytest.raises(PermissionDenied):
            planned(durham, cora, ending=[riverbank], following=[harbour])
        with pytest.raises(PermissionDenied):
            planned(durham, cora, ending=[haven], following=[riverbank])

    def test_needs_sense(self, durham, haven, harbour, cora):
        for told in (
            {"following": [harbour]},
            {"ending": [haven]},
            {"ending": [haven], "following": [haven]},
            {"ending": [haven], "new": ["One", "one"]},
            {"ending": [haven], "new": ["harbour advice"]},
        ):
            with pytest.raises(ValidationError):
                planned(durham, cora, **told)

    def test_takes_an_agency_into_one_plan_at_a_time(self, merger, durham, haven, cora):
        with pytest.raises(ValidationError):
            planned(durham, cora, ending=[haven], new=["Else"])
        actions.drop(plan=merger, reason="Not yet", by=cora)
        assert planned(durham, cora, ending=[haven], new=["Else"])


class TestAgree:
    def test_needs_each_agencys_own_lead_and_a_fresh_factor(self, merger, haven, harbour, mia, ben, otto, cora, asha):
        row = party(merger, haven)
        for person in (ben, otto, cora, asha):
            with pytest.raises(PermissionDenied):
                actions.agree(party=row, people={}, things={}, by=fresh(person))
        mia.factor_at = None
        with pytest.raises(FreshFactorNeeded):
            actions.agree(party=row, people={}, things={}, by=mia)
        assert agree(merger, haven, mia).agreed_by == mia

    def test_takes_no_other_plans_successor(self, merger, durham, haven, mia, cora):
        other = planned(durham, cora, ending=[factories.AgencyFactory(network=durham)], new=["Elsewhere"])
        stranger = str(other.parties.get(side="follows").pk)
        with pytest.raises(ValidationError):
            agree(merger, haven, mia, things={"x": stranger})

    def test_lets_an_approver_stand_in_where_nobody_leads(self, merger, haven, mia, asha, cora):
        Appointment.objects.filter(person=mia).update(until_at=Now())
        appoint(cora, "approver", merger.network)
        with pytest.raises(PermissionDenied):  # she prepared it
            agree(merger, haven, cora)
        assert agree(merger, haven, asha).agreed_by == asha

    def test_can_be_refused(self, merger, harbour, otto, cora):
        actions.refuse(party=party(merger, harbour), reason="We are too few", by=otto)
        with pytest.raises(ValidationError):
            actions.drop(plan=merger, reason="Not yet", by=cora)

    @pytest.mark.parametrize("who", ["cora", "otto"])
    def test_asks_once_more_and_keeps_why(self, request, who, browse, merger, harbour, mia, otto, cora):
        """The coordinator drops it, or one agency refuses: a page first, then the reason for all who see the plan."""
        agree(merger, party(merger, harbour).agency, otto) if who == "cora" else None
        here, person = f"/network/plans/{merger.pk}/", request.getfixturevalue(who)
        page = f"{here}drop/" if who == "cora" else f"{here}{party(merger, harbour).pk}/refuse/"
        assert page in browse(person).get(here).content.decode()
        asked = browse(person).get(page).content.decode()
        assert "Nobody can carry it out any more" in asked
        assert ("What was agreed is lost: Harbour Advice" in asked) == (who == "cora")
        for empty in ({}, {"reason": "  "}):
            assert "Enter why" in browse(person).post(page, {"reason": "", **empty}).content.decode()
        assert Succession.objects.open().filter(pk=merger.pk).exists()
        done = browse(person).post(page, {"reason": "We are too few <b>now</b>"}, follow=True)
        assert done.redirect_chain == [(here, 302)]
        merger.refresh_from_db()
        assert (merger.dropped_by, merger.drop_reason) == (person, "We are too few <b>now</b>")
        for reader in (mia, otto, cora):
            seen = browse(reader).get(here).content.decode()
            assert "We are too few &lt;b&gt;now&lt;/b&gt;" in seen
            assert f"by {person.name}" in seen
        verb = "succession.drop" if who == "cora" else "succession.refuse"
        assert "too few" not in str(Entry.objects.filter(verb=verb).values())
        assert browse(person).get(page)["Location"] == here, "over already"

    def test_is_not_given_up_without_a_reason(self, merger, haven, mia, cora):
        with pytest.raises(ValidationError):
            actions.drop(plan=merger, reason=" ", by=cora)
        with pytest.raises(ValidationError):
            actions.refuse(party=party(merger, haven), reason="", by=mia)
        merger.refresh_from_db()
        assert merger.dropped_at is None

    def test_shows_the_page_to_the_agencies_leads_only(self, browse, merger, mia, otto, ben, nell, cora, asha, dara):
        here = f"/network/plans/{merger.pk}/"
        for person in (mia, otto, cora, asha):
            assert browse(person).get(here).status_code == 200
        for person in (ben, nell, dara):
            assert browse(person).get(here).status_code == 404

    def test_lists_concealed_things_to_the_lead_and_not_to_the_coordinator(
        self, browse, durham, haven, mia, ben, cora, harbour, otto
    ):
        ListingFactory(agency=haven, access="concealed", name="Quiet House")
        plan = planned(durham, cora, ending=[haven], following=[harbour], new=["Haven North"])
        here = f"/network/plans/{plan.pk}/"
        assert "Quiet House" in browse(mia).get(f"{here}{party(plan, haven).pk}/agree/").content.decode()
        for person in (cora, otto):
            assert "Quiet House" not in browse(person).get(here).content.decode()
            assert "Quiet House" not in browse(person).get(f"{here}{party(plan, haven).pk}/agree/").content.decode()


class TestCarryOut:
    def test_waits_until_every_agency_has_agreed(self, merger, haven, mia, cora):
        agree(merger, haven, mia)
        with pytest.raises(ValidationError, match="Not every agency"):
            actions.carry_out(plan=merger, by=fresh(cora))
        assert standing.of(mia).agencies("lead") == {haven.pk}

    def test_is_the_coordinators_with_a_fresh_factor(self, agreed, mia, asha, cora):
        for person in (mia, asha):
            with pytest.raises(PermissionDenied):
                actions.carry_out(plan=agreed, by=fresh(person))
        cora.factor_at = None
        with pytest.raises(FreshFactorNeeded):
            actions.carry_out(plan=agreed, by=cora)

    def test_moves_people_listings_and_names(self, agreed, haven, harbour, mia, ben, otto, cora):
        listings = [ListingFactory(agency=haven, access=access) for access in ("network", "restricted", "concealed")]
        actions.carry_out(plan=agreed, by=fresh(cora))
        assert standing.of(mia).agencies("lead") == {harbour.pk}
        assert standing.of(ben).agencies("member") == {harbour.pk}
        harbour.refresh_from_db()
        haven.refresh_from_db()
        assert harbour.former_names == "Haven House"
        assert list(haven.successors.all()) == [harbour]
        assert haven.ends_on == timezone.localdate()
        for listing in listings:
            listing.refresh_from_db()
            assert listing.agency == harbour
            assert " haven" in listing.search_text
            assert listing in Listing.objects.visible_to(otto)
        assert listings[2] not in Listing.objects.visible_to(cora)

    def test_leaves_behind_who_was_not_chosen(self, merger, haven, harbour, mia, ben, otto, cora):
        own = mia.appointments.get()
        agree(merger, haven, mia, people={str(own.pk): str(party(merger, harbour).pk)})
        agree(merger, harbour, otto)
        actions.carry_out(plan=merger, by=fresh(cora))
        assert not standing.of(ben).rows
        assert ben.appointments.get().until_at

    def test_keeps_the_dates_of_old_appointments(self, agreed, mia, haven, harbour, cora):
        actions.carry_out(plan=agreed, by=fresh(cora))
        old, new = mia.appointments.order_by("from_at")
        assert (old.agency, new.agency) == (haven, harbour)
        assert old.from_at == factories.LONG_AGO
        assert abs(new.from_at - old.until_at) < dt.timedelta(seconds=5)

    def test_gives_nobody_a_role_twice(self, agreed, mia, harbour, cora):
        appoint(mia, "lead", harbour)
        actions.carry_out(plan=agreed, by=fresh(cora))
        assert mia.appointments.filter(agency=harbour, role="lead").count() == 1

    def test_ends_keys_invitations_and_the_place(self, merger, haven, harbour, mia, otto, cora, durham):
        key = ApiKey.objects.create(agency=haven, owner=mia, name="k", digest="d", expires_at="2099-01-01T00:00Z")
        letter = invitations.invite(email="new@haven.example", name="New", role="member", place=haven, by=mia)
        agree(merger, haven, mia)
        agree(merger, harbour, otto)
        actions.carry_out(plan=merger, by=fresh(cora))
        key.refresh_from_db()
        letter.refresh_from_db()
        assert key.ended_at
        assert letter.ended_at
        assert Membership.objects.get(agency=haven).until_at
        assert haven not in Agency.objects.visible_to(otto)

    def test_points_shares_to_the_successor(self, agreed, haven, harbour, mia, cora, durham):
        third = factories.AgencyFactory(network=durham)
        theirs = ListingFactory(agency=third, access="restricted")
        between = ListingFactory(agency=harbour, access="restricted")
        for listing in (theirs, between):
            Share.objects.create(listing=listing, agency=haven, accepted_at=factories.LONG_AGO)
        actions.carry_out(plan=agreed, by=fresh(cora))
        assert Share.objects.live().get().agency == harbour
        assert theirs in Listing.objects.visible_to(mia)

    def test_carries_no_signature_over(self, durham, haven, mia, ben, cora):
        plan = planned(durham, cora, ending=[haven], new=["Haven Together"])
        agree(plan, haven, mia)
        actions.carry_out(plan=plan, by=fresh(cora))
        heir = Agency.objects.get(name="Haven Together")
        assert standing.of(mia).networks("lead") == {durham.pk}
        assert not standing.of(mia).agreed.holds("lead")
        assert not Signature.objects.filter(agency=heir).exists()

    def test_splits_by_choice(self, durham, haven, mia, ben, cora):
        north, south = (ListingFactory(agency=haven, name=name) for name in ("North", "South"))
        plan = planned(durham, cora, ending=[haven], new=["Haven North", "Haven South"])
        into = {name: str(party(plan, name).pk) for name in ("Haven North", "Haven South")}
        people = {
            str(mia.appointments.get().pk): into["Haven North"],
            str(ben.appointments.get().pk): into["Haven South"],
        }
        things = {str(north.pk): into["Haven North"], str(south.pk): into["Haven South"]}
        agree(plan, haven, mia, people=people, things=things)
        actions.carry_out(plan=plan, by=fresh(cora))
        made = {agency.name: agency for agency in haven.successors.all()}
        assert standing.of(mia).agencies("lead") == {made["Haven North"].pk}
        assert standing.of(ben).agencies("member") == {made["Haven South"].pk}
        assert set(made["Haven South"].listings.all()) == {south}

    def test_lets_a_split_keep_the_name(self, durham, haven, mia, cora):
        plan = planned(durham, cora, ending=[haven], new=["Haven House", "Haven South"])
        agree(plan, haven, mia)
        assert actions.carry_out(plan=plan, by=fresh(cora)).carried_out_at

    def test_takes_nothing_that_is_not_the_ending_agencys(self, merger, haven, harbour, otto, mia, cora, durham):
        """IDs of others in the choices move nothing."""
        foreign = ListingFactory(agency=factories.AgencyFactory(network=durham))
        heir = str(party(merger, harbour).pk)
        stranger = factories.person("Zed Stone", "member", foreign.agency)
        row = stranger.appointments.get()
        agree(merger, haven, mia, people={str(row.pk): heir}, things={str(foreign.pk): heir})
        agree(merger, harbour, otto)
        actions.carry_out(plan=merger, by=fresh(cora))
        foreign.refresh_from_db()
        assert foreign.agency != harbour
        assert standing.of(stranger).agencies("member") == {foreign.agency_id}

    def test_is_once(self, agreed, cora, durham):
        other = factories.person("Owen Hart", "coordinator", durham)
        actions.carry_out(plan=agreed, by=fresh(cora))
        with pytest.raises(ValidationError):
            actions.carry_out(plan=agreed, by=fresh(other))
        assert Entry.objects.filter(verb="agency.end").count() == 1

    def test_is_not_of_an_old_plan_or_one_with_a_suspended_agency(self, agreed, haven, harbour, cora, durham):
        row = Membership.objects.get(agency=harbour)
        agencies.suspend(membership=row, reason="Something is being looked into", by=cora)
        with pytest.raises(ValidationError, match="not a live member"):
            actions.carry_out(plan=agreed, by=fresh(cora))
        Succession.objects.update(prepared_at=timezone.now() - dt.timedelta(days=31))
        with pytest.raises(ValidationError, match="over"):
            actions.carry_out(plan=agreed, by=fresh(cora))

    def test_begins_a_joining_in_the_other_networks(self, agreed, haven, harbour, mia, cora, riverside):
        """The other network decides for itself, and learns only the name."""
        factories.join(haven, riverside)
        ceri = factories.person("Ceri Vaughan", "coordinator", riverside)
        actions.carry_out(plan=agreed, by=fresh(cora))
        assert Membership.objects.get(agency=harbour, network=riverside).from_at is None
        assert riverside.pk not in standing.of(mia).networks("lead")
        assert harbour in Agency.objects.visible_to(ceri)

    def test_leaves_alerts_and_the_trail_to_the_one_that_was(self, merger, durham, haven, harbour, mia, otto, cora):
        alert = alerts.released(durham, cora, haven)
        agree(merger, haven, mia)
        agree(merger, harbour, otto)
        actions.carry_out(plan=merger, by=fresh(cora))
        assert set(alert.mailing.recipients.values_list("agency", flat=True)) == {haven.pk}
        assert Entry.objects.visible_to(cora).filter(verb="agency.end").exists()

    def test_moves_nothing_when_anything_fails(self, agreed, haven, mia, cora, monkeypatch):
        monkeypatch.setattr("network.succession.above.follow", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            actions.carry_out(plan=agreed, by=fresh(cora))
        assert standing.of(mia).agencies("lead") == {haven.pk}

    def test_goes_by_its_pages(self, browse, merger, haven, harbour, mia, ben, otto, cora):
        here = f"/network/plans/{merger.pk}/"
        heir = party(merger, harbour).pk
        told = {f"person-{row.pk}": heir for row in haven.appointments.all()}
        browse(mia).post(f"{here}{party(merger, haven).pk}/agree/", {**told, "sure": "on"})
        assert "Carry it out" not in browse(cora).get(here).content.decode()
        browse(otto).post(f"{here}{heir}/agree/", {"sure": "on"})
        page = browse(cora).get(here).content.decode()
        assert "Mia Hughes, lead: goes to Harbour Advice" in page
        browse(cora).post(f"{here}carry-out/")
        assert standing.of(mia).agencies("lead") == {harbour.pk}
        assert "Carried out on" in browse(cora).get(here).content.decode()

    def test_asks_for_a_fresh_factor_on_the_page(self, browse, agreed, mia, haven, cora):
        answer = browse(cora, factor="stale").post(f"/network/plans/{agreed.pk}/carry-out/")
        assert standing.of(mia).agencies("lead") == {haven.pk}
        assert answer.status_code != 200 or "Confirm" in answer.content.decode()


class TestParty:
    def test_is_settled_when_it_agreed_or_is_new(self, merger, durham, haven, mia):
        assert not party(merger, haven).is_settled
        agree(merger, haven, mia)
        assert party(merger, haven).is_settled
        assert Party(succession=merger, side="follows", name="New").is_settled

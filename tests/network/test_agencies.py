from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from audit.models import Entry
from directory.models import Listing, Share
from network import agreements, joining, roster, standing, tasks
from network.actions import agencies, invitations
from network.actions import agreements as signing
from network.actions import joining as joins
from network.models import Agency, Agreement, ApiKey, Appointment, Letter, Membership, Signature, Suspension
from tests import factories
from tests.directory.factories import ListingFactory
from tests.factories import appoint

pytestmark = pytest.mark.django_db
HOME = "/network/agencies/"
REASON = "The police asked us to wait for their inquiry."


def asked(**changes):
    return {"name": "Harvest Trust", "kind": "charity", "areas": [], "email_domains": ["harvest.example"], **changes}


def place(agency, network):
    return Membership.objects.filter(agency=agency, network=network).order_by("pk").last()


def verbs():
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


@pytest.fixture
def coming(durham, cora):
    """An agency that has begun to join."""
    return joins.start(network=durham, by=cora, **asked())


@pytest.fixture
def lead(coming):
    return factories.person("Hanna Bright", "lead", coming.agency)


def make_ready(row, lead):
    appoint(factories.UserFactory(), "deputy", row.agency)
    agreement = Agreement.objects.get(network=row.network)
    signing.sign(agreement=agreement, agency=row.agency, signed_as="Hanna Bright", position="Director", by=lead)
    joins.assure(agency=row.agency, by=lead)


class TestTheWholePath:
    def test_goes_from_an_invitation_to_a_member(self, browse, durham, cora, mia):
        client = browse(cora)
        told = {"name": "Harvest Trust", "kind": "charity", "lead_name": "Hanna Bright"}
        told |= {"lead_email": "hanna@harvest.example", "email_domains": "harvest.example"}
        page = client.post(f"{HOME}DUR/new/", told, follow=True).content.decode()
        agency = Agency.objects.get(name="Harvest Trust")
        here = f"{HOME}DUR/{agency.pk}/"
        assert "An invitation to the agency waits to be accepted." in page
        assert agency.invitations.get().email == "hanna@harvest.example"
        hanna = factories.person("Hanna Bright", "lead", agency)
        own = browse(hanna)
        assert "Sign the information-sharing agreement" in own.get(here).content.decode()
        agreement = Agreement.objects.get(network=durham)
        sign = f"/network/agreements/{agreement.pk}/sign/"
        assert own.get(sign).status_code == 200
        signature = {"signed_as": "Hanna Bright", "position": "Director", "agreed": "on", "agency": agency.pk}
        own.post(sign, {**signature, "digest": agreements.fingerprint(agreement)})
        appoint(factories.UserFactory(), "deputy", agency)
        assert "its entry is not confirmed" in client.get(HOME).content.decode().lower()
        own.post(f"{here}confirm/")
        assert not standing.of(hanna).networks("lead")
        assert "Everything is done" in client.get(here).content.decode()
        client.post(f"{here}admit/")
        assert standing.of(hanna).agreed.networks("lead") == {durham.pk}
        client.post(f"{here}suspend/", {"reason": REASON})
        assert REASON in client.get(here).content.decode()
        assert not standing.of(hanna).rows
        client.post(f"{here}let-back/")
        assert standing.of(hanna).networks("lead") == {durham.pk}
        client.post(f"{here}rename/", {"name": "Harvest House"})
        agency.refresh_from_db()
        assert (agency.name, agency.former_names) == ("Harvest House", "Harvest Trust")


class TestStart:
    def test_makes_an_agency_that_sees_nothing_of_the_network(self, coming, lead, durham, haven, mia):
        ListingFactory(agency=haven)
        assert coming.from_at is None
        assert not standing.of(lead).networks("lead")
        assert list(Agency.objects.visible_to(lead)) == [coming.agency]
        assert not Listing.objects.visible_to(lead).exclude(access="public").exists()
        assert coming.agency not in Agency.objects.visible_to(mia)

    def test_is_for_the_networks_own_coordinator(self, durham, riverside, cora, asha, mia, omar, nora):
        for person in (asha, mia, omar, nora):
            with pytest.raises(PermissionDenied):
                joins.start(network=durham, by=person, **asked())
        with pytest.raises(PermissionDenied):
            joins.start(network=riverside, by=cora, **asked())
        assert not Agency.objects.filter(name="Harvest Trust").exists()

    def test_says_the_same_whether_or_not_another_network_has_an_agency_of_that_name(
        self, browse, cora, riverbank, durham
    ):
        """E07: a form that adds must not tell what is hidden."""
        answers = []
        for name in (riverbank.name, "Nobody Has This Name"):
            page = browse(cora).post(f"{HOME}DUR/new/", {"name": name, "kind": "charity"})
            made = Agency.objects.filter(name=name).order_by("-pk").first()
            answers.append((page.status_code, page["Location"].replace(str(made.pk), "pk")))
            shown = browse(cora).get(page["Location"]).content.decode()
            assert "Riverside" not in shown
        assert answers[0] == answers[1]
        assert str(riverbank.pk) not in browse(cora).get(HOME).content.decode()
        assert riverbank.memberships.count() == 1

    def test_refuses_a_name_that_the_network_has(self, durham, cora, haven, coming):
        for name in ("haven house", "HARVEST TRUST "):
            with pytest.raises(ValidationError):
                joins.start(network=durham, by=cora, **asked(name=name))

    def test_refuses_what_is_no_domain(self, durham, cora):
        with pytest.raises(ValidationError):
            joins.start(network=durham, by=cora, **asked(email_domains=["harvest", "x y"]))
        assert not Agency.objects.filter(name="Harvest Trust").exists()

    def test_takes_an_agency_that_the_coordinator_sees_and_no_other(self, durham, cora, riverside, riverbank):
        """E13, E29 and E30: choices and IDs end at what may be seen."""
        with pytest.raises(PermissionDenied):
            joins.start_existing(network=durham, agency=riverbank, by=cora)
        appoint(cora, "coordinator", riverside)
        assert joins.start_existing(network=durham, agency=riverbank, by=cora).from_at is None
        with pytest.raises(ValidationError):
            joins.start_existing(network=durham, agency=riverbank, by=cora)

    def test_offers_no_hidden_agency_and_takes_none_from_the_form(self, browse, cora, riverbank, durham):
        page = browse(cora).get(f"{HOME}DUR/new/").content.decode()
        assert riverbank.name not in page
        browse(cora).post(f"{HOME}DUR/new/", {"agency": riverbank.pk, "name": "New One", "kind": "charity"})
        assert riverbank.memberships.count() == 1

    def test_invites_the_first_lead_or_does_nothing_at_all(self, durham, cora):
        with pytest.raises((PermissionDenied, ValidationError)):
            joins.start(network=durham, by=cora, **asked(lead_name="Me", lead_email=cora.email))
        assert not Membership.objects.filter(agency__name="Harvest Trust").exists()

    def test_lets_its_lead_invite_the_second(self, coming, lead):
        made = invitations.invite(email="two@harvest.example", name="Two", role="lead", place=coming.agency, by=lead)
        assert made.agency == coming.agency


class TestUseExisting:
    def test_is_for_who_leads_both(self, coming, lead, riverbank, nell, durham, cora):
        for person in (lead, nell, cora):
            with pytest.raises(PermissionDenied):
                joins.use_existing(membership=coming, agency=riverbank, by=person)
        appoint(nell, "lead", coming.agency)
        begun = coming.agency
        row = joins.use_existing(membership=coming, agency=riverbank, by=nell)
        assert (row.pk, row.agency, row.from_at) == (coming.pk, riverbank, None)
        assert not Appointment.objects.filter(agency=begun, until_at=None).exists()
        assert standing.of(nell).networks("lead") == set(
            riverbank.networks.exclude(pk=durham.pk).values_list("pk", flat=True)
        )
        assert "agency.join_as" in verbs()

    def test_is_offered_on_the_page_of_the_new_one(self, browse, coming, nell, riverbank):
        appoint(nell, "lead", coming.agency)
        here = f"{HOME}DUR/{coming.agency.pk}/"
        assert riverbank.name in browse(nell).get(here).content.decode()
        browse(nell).post(f"{here}use/{riverbank.pk}/")
        assert place(riverbank, coming.network).from_at is None


class TestAdmit:
    def test_waits_for_three_things(self, coming, lead, cora):
        with pytest.raises(ValidationError, match="agreement is not signed, it has only one lead, its entry"):
            joins.admit(membership=coming, by=cora)
        make_ready(coming, lead)
        assert joins.admit(membership=coming, by=cora).from_at
        assert standing.of(lead).agreed.holds("lead")
        assert verbs()[-1] == "agency.admit"

    def test_counts_people_and_not_appointments(self, coming, lead, cora):
        appoint(lead, "deputy", coming.agency)
        assert [step.done for step in joining.progress([coming])[coming.pk].steps] == [False, False, False]

    def test_takes_a_confirmed_listing_for_the_entry(self, coming, lead, cora):
        listing = ListingFactory(agency=coming.agency, assured_on=timezone.localdate())
        assert joining.progress([coming])[coming.pk].steps[2].done
        Listing.objects.filter(pk=listing.pk).update(assured_on=timezone.localdate() - dt.timedelta(200))
        assert not joining.progress([coming])[coming.pk].steps[2].done

    def test_is_refused_to_the_second_of_two_coordinators(self, coming, lead, cora, durham):
        make_ready(coming, lead)
        other = factories.person("Owen Hart", "coordinator", durham)
        joins.admit(membership=coming, by=cora)
        with pytest.raises(ValidationError, match="not joining any more"):
            joins.admit(membership=coming, by=other)
        assert verbs().count("agency.admit") == 1

    def test_is_for_coordinators(self, coming, lead, asha, mia, nora):
        make_ready(coming, lead)
        for person in (lead, asha, mia, nora):
            with pytest.raises(PermissionDenied):
                joins.admit(membership=coming, by=person)

    def test_asks_the_same_number_of_queries_for_one_and_for_many(
        self, durham, cora, coming, django_assert_num_queries
    ):
        joining.progress([coming])
        with django_assert_num_queries(6) as one:
            joining.progress(Membership.objects.filter(pk=coming.pk))
        for number in range(3):
            joins.start(network=durham, by=cora, **asked(name=f"More {number}"))
        with django_assert_num_queries(len(one)):
            joining.progress(Membership.objects.filter(from_at=None))


class TestRemind:
    def test_writes_to_who_leads_it_by_one_press(self, browse, coming, lead, cora):
        second = factories.person("Theo Lunt", "deputy", coming.agency)
        here = f"{HOME}DUR/{coming.agency_id}/"
        assert f"{here}remind/" in browse(cora).get(here).content.decode()
        assert f"{here}remind/" not in browse(lead).get(here).content.decode()
        done = browse(cora).post(f"{here}remind/", follow=True).content.decode()
        assert "Who leads Harvest Trust is reminded." in done
        assert f"{here}remind/" not in done, "once a day"
        assert "Reminded " in done
        tasks.send_letters()
        assert sorted(message.to[0] for message in mail.outbox) == sorted([lead.email, second.email])
        assert "Cora" not in mail.outbox[0].body
        assert HOME in mail.outbox[0].body
        entry = Entry.objects.get(verb="agency.remind")
        assert (entry.agency_id, entry.network_id, entry.actor_id) == (coming.agency_id, coming.network_id, cora.pk)

    def test_is_once_a_day(self, coming, lead, cora):
        joins.remind(membership=coming, by=cora)
        with pytest.raises(ValidationError, match="within the last day"):
            joins.remind(membership=coming, by=cora)
        Membership.objects.filter(pk=coming.pk).update(reminded_at=Now() - dt.timedelta(days=1))
        joins.remind(membership=coming, by=cora)
        assert Letter.objects.filter(kind="joining").count() == 2

    def test_says_why_there_is_nothing_to_remind_of(self, browse, coming, cora, durham):
        assert "/remind/" not in browse(cora).get(f"{HOME}DUR/{coming.agency_id}/").content.decode()
        with pytest.raises(ValidationError, match="Nobody leads Harvest Trust"):
            joins.remind(membership=coming, by=cora)
        lead = factories.person("Hanna Bright", "lead", coming.agency)
        make_ready(coming, lead)
        assert "/remind/" not in browse(cora).get(f"{HOME}DUR/{coming.agency_id}/").content.decode()
        with pytest.raises(ValidationError, match="has done everything"):
            joins.remind(membership=coming, by=cora)
        joins.admit(membership=coming, by=cora)
        with pytest.raises(ValidationError, match="not joining any more"):
            joins.remind(membership=coming, by=cora)
        assert not Letter.objects.exists()

    def test_is_for_coordinators(self, coming, lead, asha, mia, nora):
        for person in (lead, asha, mia, nora):
            with pytest.raises(PermissionDenied):
                joins.remind(membership=coming, by=person)

    def test_is_not_sent_to_who_leads_it_no_more_nor_once_it_joins_no_more(self, coming, lead, cora):
        gone = factories.person("Theo Lunt", "deputy", coming.agency)
        joins.remind(membership=coming, by=cora)
        gone.appointments.update(until_at=Now())
        tasks.send_letters()
        assert [message.to for message in mail.outbox] == [[lead.email]]
        Membership.objects.filter(pk=coming.pk).update(reminded_at=None)
        joins.remind(membership=coming, by=cora)
        joins.withdraw(membership=coming, by=cora)
        tasks.send_letters()
        assert len(mail.outbox) == 1


class TestWithdraw:
    def test_ends_the_joining_and_its_invitations(self, durham, cora):
        row = joins.start(network=durham, by=cora, **asked(lead_name="Han", lead_email="han@harvest.example"))
        lead = factories.person("Hanna Bright", "lead", row.agency)
        joins.withdraw(membership=row, by=lead)
        assert row.agency.invitations.get().ended_at
        assert not standing.of(lead).rows
        with pytest.raises(ValidationError):
            joins.withdraw(membership=row, by=cora)

    def test_is_not_for_others(self, coming, mia, asha, nell):
        for person in (mia, asha, nell):
            with pytest.raises(PermissionDenied):
                joins.withdraw(membership=coming, by=person)


class TestSuspend:
    def test_closes_every_surface_at_once(self, haven, mia, ben, otto, cora, durham):
        """E43: what left is left on every surface, in both directions."""
        own, other = ListingFactory(agency=haven), ListingFactory(agency=otto.appointments.get().agency)
        agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        for person in (mia, ben):
            assert not standing.of(person).rows
            assert not Listing.objects.visible_to(person).filter(pk__in=[own.pk, other.pk]).exists()
            assert person.is_active
        assert own not in Listing.objects.visible_to(otto)
        assert haven not in Agency.objects.visible_to(otto)
        assert own not in Listing.objects.visible_to(cora)

    def test_keeps_public_listings_public(self, haven, otto, cora, durham):
        listing = ListingFactory(agency=haven, access="public")
        agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        assert listing in Listing.objects.visible_to(otto)

    def test_tells_the_reason_to_coordinators_only(  # noqa: PLR0917
        self, browse, haven, mia, otto, asha, dara, nora, nell, cora, durham
    ):
        agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        here = f"{HOME}DUR/{haven.pk}/"
        assert REASON in browse(cora).get(here).content.decode()
        for person in (asha, dara, nora):
            assert REASON not in browse(person).get(here).content.decode()
        for person in (mia, otto, nell):
            assert browse(person).get(here).status_code == 404
        for person in (mia, otto, asha, dara, nora, nell):
            assert not Suspension.objects.visible_to(person).exists()
        assert REASON not in str(list(Entry.objects.values_list("details", flat=True)))

    def test_leaves_the_other_network_alone(self, haven, mia, cora, durham, riverside):
        factories.join(haven, riverside)
        agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        assert standing.of(mia).networks("lead") == {riverside.pk}

    def test_is_not_read_of_in_the_other_network(self, haven, cora, durham, riverside):
        ceri = factories.person("Ceri Vaughan", "coordinator", riverside)
        factories.join(haven, riverside)
        agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        assert not Entry.objects.visible_to(ceri).exists()
        assert Entry.objects.visible_to(cora).filter(verb="agency.suspend").exists()

    def test_needs_a_reason_and_a_live_member(self, haven, coming, cora, durham):
        with pytest.raises(ValidationError):
            agencies.suspend(membership=place(haven, durham), reason="short", by=cora)
        with pytest.raises(ValidationError):
            agencies.suspend(membership=coming, reason=REASON, by=cora)
        agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        with pytest.raises(ValidationError):
            agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        assert Suspension.objects.count() == 1


class TestLetBack:
    def test_tells_the_whole_story_by_its_dates(self, haven, mia, cora, durham):
        before = timezone.now()
        first = agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        row = agencies.let_back(membership=first, by=cora)
        first.refresh_from_db()
        assert first.until_at == first.suspended_at >= before
        assert row.from_at >= first.until_at
        assert (row.until_at, row.suspended_at) == (None, None)
        assert standing.of(mia).agreed.networks("lead") == {durham.pk}
        with pytest.raises(ValidationError):
            agencies.let_back(membership=first, by=cora)

    def test_is_for_coordinators(self, haven, mia, asha, cora, durham):
        row = agencies.suspend(membership=place(haven, durham), reason=REASON, by=cora)
        for person in (mia, asha):
            with pytest.raises(PermissionDenied):
                agencies.let_back(membership=row, by=person)


class TestLeave:
    def test_ends_shares_both_ways_and_keys(self, haven, harbour, mia, otto, cora, durham):
        """E43 once more, for what was shared."""
        theirs = ListingFactory(agency=harbour, access="restricted")
        ours = ListingFactory(agency=haven, access="restricted")
        for listing, scope in ((theirs, {"agency": haven}), (ours, {"agency": harbour}), (ours, {"network": durham})):
            Share.objects.create(listing=listing, accepted_at=factories.LONG_AGO, **scope)
        key = ApiKey.objects.create(agency=haven, owner=mia, name="k", digest="d", expires_at="2099-01-01T00:00Z")
        assert ours in Listing.objects.visible_to(otto)
        agencies.leave(membership=place(haven, durham), by=cora)
        assert not Share.objects.live().exists()
        assert ours not in Listing.objects.visible_to(otto)
        assert not standing.of(mia).rows
        key.refresh_from_db()
        assert key.ended_at

    def test_keeps_what_another_network_in_common_carries(self, haven, harbour, otto, cora, durham, riverside):
        ours = ListingFactory(agency=haven, access="restricted")
        Share.objects.create(listing=ours, agency=harbour, accepted_at=factories.LONG_AGO)
        for agency in (haven, harbour):
            factories.join(agency, riverside)
        agencies.leave(membership=place(haven, durham), by=cora)
        assert ours in Listing.objects.visible_to(otto)

    def test_can_be_on_a_day_to_come(self, haven, harbour, mia, otto, cora, durham):
        ours = ListingFactory(agency=haven, access="restricted")
        share = Share.objects.create(listing=ours, agency=harbour, accepted_at=factories.LONG_AGO)
        day = timezone.now() + dt.timedelta(days=3)
        row = agencies.leave(membership=place(haven, durham), at=day, by=cora)
        share.refresh_from_db()
        assert row.until_at == share.until_at == day
        assert standing.of(mia).holds("lead")
        with pytest.raises(ValidationError):
            agencies.leave(membership=row, at=timezone.now() - dt.timedelta(days=1), by=cora)

    def test_can_be_followed_by_joining_again(self, haven, cora, durham):
        agencies.leave(membership=place(haven, durham), by=cora)
        with pytest.raises(PermissionDenied):
            joins.start_existing(network=durham, agency=haven, by=cora)  # she no longer sees it


class TestRename:
    def test_keeps_the_old_name_and_finds_listings_by_both(self, browse, haven, mia, cora, durham):
        listing = ListingFactory(agency=haven, name="Beds")
        agencies.rename(membership=place(haven, durham), name="Marigold", by=cora)
        for word in ("haven", "marigold"):
            assert str(listing.pk) in browse(mia).get("/directory/", {"q": word}).content.decode()
        assert "agency.rename" in verbs()

    def test_keeps_each_name_once(self, haven, cora, durham):
        for name in ("Marigold", "Haven House", "Marigold"):
            agencies.rename(membership=place(haven, durham), name=name, by=cora)
        haven.refresh_from_db()
        assert haven.former_names.count("Haven House") == 1

    def test_refuses_a_name_that_the_network_has_and_no_other(self, haven, harbour, riverbank, cora, durham):
        with pytest.raises(ValidationError):
            agencies.rename(membership=place(haven, durham), name="harbour advice", by=cora)
        assert agencies.rename(membership=place(haven, durham), name=riverbank.name, by=cora).name == riverbank.name

    def test_is_not_for_a_network_that_an_agency_only_joins(self, coming, nell, riverbank, cora):
        appoint(nell, "lead", coming.agency)
        row = joins.use_existing(membership=coming, agency=riverbank, by=nell)
        with pytest.raises(PermissionDenied):
            agencies.rename(membership=row, name="Ours Now", by=cora)


class TestAgenciesPage:
    def test_is_for_who_runs_a_network_and_for_insiders(self, browse, cora, asha, dara, mia, ben, faye, omar, nora):
        for person in (cora, asha, dara, mia, ben):
            assert browse(person).get(HOME).status_code == 200
        for person in (faye, omar, nora):
            assert browse(person).get(HOME).status_code == 403

    def test_shows_one_lead_only_and_unsigned(self, durham, haven, mia, cora):
        Signature.objects.all().delete()
        [row] = roster.rows(Membership.objects.filter(network=durham))
        assert row.states == {"live", "unsigned", "leads"}

    @pytest.mark.parametrize(("state", "shown"), [("suspended", "Harbour Advice"), ("joining", "Harvest Trust")])
    def test_filters(self, state, shown, browse, cora, haven, harbour, coming, durham):
        agencies.suspend(membership=place(harbour, durham), reason=REASON, by=cora)
        page = browse(cora).get(HOME, {"state": state}).content.decode()
        others = {"Harbour Advice", "Harvest Trust", "Haven House"} - {shown}
        assert shown in page
        assert not [name for name in others if name in page]

    def test_shows_no_other_network(self, browse, cora, riverbank, nell, haven):
        assert riverbank.name not in browse(cora).get(HOME, {"network": "RIV"}).content.decode()

    def test_shows_an_agencys_place_in_each_network(self, browse, haven, mia, riverside, durham):
        factories.join(haven, riverside)
        page = browse(mia).get(HOME).content.decode()
        assert f"Haven House in {durham.name}" in page
        assert f"Haven House in {riverside.name}" in page

    def test_takes_the_same_number_of_queries_for_few_and_many(
        self, browse, cora, durham, haven, coming, django_assert_num_queries, django_assert_max_num_queries
    ):
        client = browse(cora)
        client.get(HOME)
        with django_assert_max_num_queries(45) as few:
            client.get(HOME)
        for number in range(6):
            factories.person(f"P{number} X", "lead", factories.AgencyFactory(network=durham))
            joins.start(network=durham, by=cora, **asked(name=f"More {number}"))
        with django_assert_num_queries(len(few)):
            client.get(HOME)

    def test_says_when_everybody_who_leads_is_away(self, durham, haven, mia, ben):
        appoint(ben, "deputy", haven, covers=mia, until_at=timezone.now() + dt.timedelta(days=7))
        [row] = roster.rows(Membership.objects.filter(network=durham))
        assert "away" in row.states

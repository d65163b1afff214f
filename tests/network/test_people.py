from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from delivery import audience
from delivery.models import Audience
from network import actions, addresses, appointing, standing
from network.models import Agency, Appointment
from tests import factories
from tests.conftest import CAST
from tests.network.people import post

pytestmark = pytest.mark.django_db
Role = Appointment.Role
DAY = dt.timedelta(days=1)


def live(person, **where):
    return set(Appointment.objects.live().filter(person=person, **where).values_list("role", flat=True))


def ends(appointment):
    appointment.refresh_from_db()
    return appointment.until_at


class TestDomains:
    @pytest.mark.parametrize(
        ("domains", "email", "belongs"),
        [
            ("nhs.uk", "a@nhs.uk", True),
            ("nhs.uk", "a@trust.nhs.uk", True),
            ("nhs.uk", "a@evilnhs.uk", False),
            ("nhs.uk", "a@nhs.uk.example", False),
            ("durham.gov.uk", "a@childrens.durham.gov.uk", True),
            ("durham.gov.uk", "a@notdurham.gov.uk", False),
            ("durham.gov.uk", "a@gov.uk", False),
            ("Durham.GOV.uk", "A@DURHAM.gov.UK", True),
            ("@durham.gov.uk, other.example", "a@other.example", True),
            ("bücher.example", "a@xn--bcher-kva.example", True),
            ("xn--bcher-kva.example", "a@bücher.example", True),
            ("durham.gov.uk", "a@durhаm.gov.uk", False),  # a Cyrillic letter
            ("uk", "a@anything.uk", False),
            ("", "a@x.example", False),
            ("nhs.uk", "nobody", False),
        ],
    )
    def test_match_by_whole_labels(self, domains, email, belongs):
        assert addresses.belongs(email, Agency(name="A", email_domains=domains)) is belongs

    def test_suggest_the_closest_first(self):
        wide, close = Agency(name="Wide", email_domains="gov.uk"), Agency(name="Close", email_domains="durham.gov.uk")
        assert addresses.suggested("a@x.durham.gov.uk", [wide, close]) == [close, wide]

    @pytest.mark.parametrize("email", ["a@evilnhs.uk", "a@nhs.uk.example", "a@nhs-uk.example", "a@nhs.co"])
    def test_warn_of_what_looks_alike(self, email):
        assert addresses.doubt(email, Agency(name="A", email_domains="nhs.uk"))


class TestWhoMayAppointWhom:
    """E52: the whole graph. Nobody raises their own rights alone, in any number of steps."""

    def test_gives_nobody_a_way_back_to_themselves(self, request, durham, riverside, haven, harbour, council_agency):
        places = (haven, harbour, council_agency, durham, riverside)
        for name in CAST[:-1]:
            who = request.getfixturevalue(name)
            before = standing.of(who)
            for place in places:
                for role in Role:
                    self.refused(actions.invite, email=who.email, name="Me", role=role, place=place, by=who)
                    if isinstance(place, Agency):
                        self.refused(actions.appoint, person=who, role=role, agency=place, by=who)
                self.refused(actions.leave, person=who, place=place, by=who)
                ben = request.getfixturevalue("ben")
                self.refused(actions.ask_handover, leaver=who, successor=ben, place=place, by=who)
            for row in Appointment.objects.all():
                if row.person == who:
                    self.refused(actions.end_appointment, appointment=row, by=who)
            assert standing.of(who) == before

    @staticmethod
    def refused(action, **asked):
        with pytest.raises(PermissionDenied):
            action(**asked)

    def test_lets_every_role_give_only_roles_that_reach_no_further(self, durham, haven):
        """From each role, all roles that one person could make with accomplices who only do as they are told, and have
        nobody else's yes: the most is what they could do themselves, or to run no network."""
        gives = {role: self.given_by(role, durham, haven) for role in Role}
        for role in Role:
            reached, new = set(), {role}
            while new:
                reached |= new
                new = {made for one in new for made in gives[one]} - reached
            assert not (reached - {role}) & {*Appointment.NETWORK_ROLES, *Appointment.PLATFORM_ROLES}, role
        assert gives[Role.MEMBER] == gives[Role.APPROVER] == gives[Role.NATIONAL] == set()
        assert gives[Role.CHARTER] == {Role.CHARTER}
        assert gives[Role.LEAD] == gives[Role.DEPUTY] == {Role.MEMBER, Role.LEAD, Role.DEPUTY}

    @staticmethod
    def given_by(role, durham, haven):
        """What one person with this role gives without anybody else's yes."""
        place = haven if role in Appointment.AGENCY_ROLES else durham if role in Appointment.NETWORK_ROLES else None
        who = factories.person(f"{role.label.replace(' ', '-')} Alone", role, place)
        return {Role(r) for r in Appointment.AGENCY_ROLES if appointing.may_appoint(who, r, haven)}

    def test_opens_a_network_role_to_two_only(self, omar, durham, haven):
        made = actions.invite(email="pal@x.example", name="Pal", role="coordinator", place=durham, by=omar)
        assert made.needs_yes
        with pytest.raises(PermissionDenied):
            actions.agree(invitation=made, by=omar)


class TestAppoint:
    def test_changes_a_colleagues_role(self, mia, ben, haven):
        actions.appoint(person=ben, role="deputy", agency=haven, by=mia)
        assert live(ben) == {"deputy"}
        assert Entry.objects.get(verb="appointment.make").details["role"] == "deputy"

    def test_keeps_the_charter_officers_role_beside(self, cora, cal, council_agency):
        factories.appoint(cal, "member", council_agency)
        actions.appoint(person=cal, role="lead", agency=council_agency, by=cora)
        assert live(cal) == {"lead", "charter"}

    def test_is_for_colleagues_only(self, mia, otto, haven):
        with pytest.raises(PermissionDenied):
            actions.appoint(person=otto, role="member", agency=haven, by=mia)

    def test_ends_by_itself_on_its_day(self, mia, ben, haven):
        given = actions.appoint(person=ben, role="deputy", agency=haven, until_at=timezone.now() + DAY, by=mia)
        Appointment.objects.filter(pk=given.pk).update(from_at=Now() - DAY, until_at=Now())
        assert live(ben) == set()

    def test_does_not_take_the_last_lead_away(self, cora, mia, haven):
        with pytest.raises(ValidationError, match="without a lead"):
            actions.appoint(person=mia, role="member", agency=haven, by=cora)
        assert live(mia) == {"lead"}


class TestEnd:
    @pytest.mark.parametrize(
        ("who", "whose", "allowed"),
        [
            ("mia", "ben", True),
            ("cora", "ben", True),
            ("nora", "ben", True),
            ("omar", "ben", True),
            ("otto", "ben", False),
            ("nell", "ben", False),
            ("asha", "ben", False),
            ("cal", "ben", False),
            ("ben", "mia", False),
            ("ben", "ben", False),
            ("cora", "asha", False),
            ("cora", "dara", False),
            ("cora", "cora", False),
            ("asha", "cora", False),
            ("mia", "cora", False),
            ("nora", "cora", True),
            ("omar", "asha", True),
            ("nora", "omar", False),
            ("omar", "omar", False),
            ("omar", "nora", True),
        ],
    )
    def test_is_for_who_may(self, request, who, whose, allowed):
        by, row = request.getfixturevalue(who), request.getfixturevalue(whose).appointments.get()
        if allowed:
            actions.end_appointment(appointment=row, by=by)
            assert not live(row.person)
        else:
            with pytest.raises(PermissionDenied):
                actions.end_appointment(appointment=row, by=by)
            assert ends(row) is None

    def test_can_be_on_a_day_to_come(self, mia, ben):
        row, day = ben.appointments.get(), timezone.now() + DAY
        actions.end_appointment(appointment=row, until_at=day, by=mia)
        assert ends(row) == day
        assert live(ben) == {"member"}

    def test_refuses_the_last_lead_without_an_heir(self, mia, haven, cora):
        row = mia.appointments.get()
        for until in (None, timezone.now() + DAY):
            with pytest.raises(ValidationError, match="without a lead"):
                actions.end_appointment(appointment=row, until_at=until, by=cora)
        two = factories.person("Lena Fox", "deputy", haven)
        with pytest.raises(PermissionDenied):
            actions.end_appointment(appointment=row, by=mia)
        actions.end_appointment(appointment=row, by=two)
        assert not live(mia)

    def test_counts_no_cover_as_an_heir(self, mia, ben, haven, cora):
        now = timezone.now()
        actions.cover(person=mia, stand_in=ben, agency=haven, from_at=now - DAY, until_at=now + DAY, by=mia)
        with pytest.raises(ValidationError, match="without a lead"):
            actions.end_appointment(appointment=mia.appointments.get(), by=cora)

    def test_tells_the_coordinators_when_it_must_be(self, mia, haven, cora, nell):
        actions.end_appointment(appointment=mia.appointments.get(), heirless=True, by=cora)
        post()
        assert [message.to for message in mail.outbox] == [[cora.email]]
        assert "Haven House" in mail.outbox[0].body

    def test_gives_no_lead_the_right_to_leave_no_lead(self, mia, haven):
        two = factories.person("Lena Fox", "deputy", haven)
        Appointment.objects.filter(person=two).update(until_at=Now() + DAY)
        row, later = mia.appointments.get(), timezone.now() + 2 * DAY
        with pytest.raises(ValidationError, match="without a lead"):
            actions.end_appointment(appointment=row, until_at=later, heirless=True, by=two)


class TestCover:
    @pytest.fixture
    def days(self):
        now = timezone.now()
        return {"from_at": now - dt.timedelta(minutes=1), "until_at": now + DAY}

    def test_makes_a_deputy_of_who_stands_in_for_a_lead(self, mia, ben, haven, days):
        made = actions.cover(person=mia, stand_in=ben, agency=haven, by=mia, **days)
        assert [row.role for row in made] == ["deputy"]
        assert live(ben) == {"member", "deputy"}

    def test_begins_and_ends_by_the_databases_clock(self, mia, ben, haven, days):
        (row,) = actions.cover(person=mia, stand_in=ben, agency=haven, by=mia, **days)
        Appointment.objects.filter(pk=row.pk).update(from_at=Now() + DAY, until_at=Now() + 2 * DAY)
        assert live(ben) == {"member"}
        Appointment.objects.filter(pk=row.pk).update(from_at=Now() - DAY, until_at=Now())
        assert live(ben) == {"member"}

    def test_never_by_oneself_for_another(self, mia, ben, haven, days, cora):
        for by, person, stand_in in ((ben, mia, ben), (mia, ben, mia), (cora, mia, cora)):
            with pytest.raises(PermissionDenied):
                actions.cover(person=person, stand_in=stand_in, agency=haven, by=by, **days)

    def test_needs_a_colleague(self, mia, otto, haven, days):
        with pytest.raises(ValidationError, match="role in the agency"):
            actions.cover(person=mia, stand_in=otto, agency=haven, by=mia, **days)

    @pytest.mark.parametrize("who", ["ben", "otto", "nell", "cal", "asha"])
    def test_is_named_by_no_stranger(self, request, who, mia, haven, days):
        third = factories.person("Tess Roe", "member", haven)
        with pytest.raises(PermissionDenied):
            actions.cover(person=mia, stand_in=third, agency=haven, by=request.getfixturevalue(who), **days)

    def test_never_outlasts_who_is_covered(self, mia, ben, haven, days, cora):
        factories.appoint(factories.UserFactory(name="Lena"), "lead", haven)
        (row,) = actions.cover(person=mia, stand_in=ben, agency=haven, by=mia, **days)
        actions.end_appointment(appointment=mia.appointments.get(), by=cora)
        assert ends(row) <= timezone.now()
        assert live(ben) == {"member"}

    def test_lets_alerts_reach_who_stands_in_and_says_why(self, mia, ben, haven, durham, days):
        actions.cover(person=mia, stand_in=ben, agency=haven, by=mia, **days)
        rule = Audience.objects.create(network=durham, everyone=True, roles=["lead", "deputy"])
        found = {row.name: row.reason for row in audience.named(rule)}
        assert found["Ben Okafor"] == "deputy lead of Haven House, standing in for Mia Hughes"
        assert found["Mia Hughes"] == "lead of Haven House"

    def test_shows_on_the_page_until_when_and_who(self, mia, ben, haven, browse):
        until = dt.datetime(2099, 12, 5, tzinfo=dt.UTC)  # winter: midnight in London
        Appointment.objects.create(
            person=ben, role="deputy", agency=haven, covers=mia, from_at=timezone.now() - DAY, until_at=until
        )
        page = browse(mia).get(f"/network/people/agencies/{haven.pk}/").content.decode()
        assert "Away until 4 December 2099; Ben Okafor stands in" in page
        assert "Everybody who leads this agency is away" in page


class TestPages:
    @pytest.mark.parametrize(
        ("who", "status"),
        [("mia", 200), ("ben", 200), ("cora", 200), ("asha", 200), ("dara", 200), ("nora", 200), ("otto", 403),
         ("cal", 403), ("nell", 404), ("faye", 404), ("omar", 404)],
    )  # fmt: skip
    def test_opens_the_list_for_who_keeps_or_watches_it(self, request, browse, haven, who, status):
        client = browse(request.getfixturevalue(who))
        for address in ("", "list.csv"):
            assert client.get(f"/network/people/agencies/{haven.pk}/{address}").status_code == status

    def test_costs_the_same_for_few_and_for_many(self, mia, haven, browse, django_assert_max_num_queries):
        def cost():
            with django_assert_max_num_queries(100) as counted:
                browse(mia).get(f"/network/people/agencies/{haven.pk}/")
            return len(counted)

        factories.person("Zed One", "member", haven)
        few = cost()
        for number in range(12):
            factories.appoint(factories.UserFactory(name=f"Person {number}"), "member", haven)
        assert cost() == few

    def test_confirms_everyone_but_oneself(self, mia, ben, haven, browse):
        assert browse(mia).post(f"/network/people/agencies/{haven.pk}/confirm/").status_code == 302
        assert ben.appointments.get().confirmed_by == mia
        assert mia.appointments.get().confirmed_at is None

    def test_puts_no_formula_in_the_sheet(self, mia, haven, browse):
        User.objects.filter(pk=factories.person("Zed", "member", haven).pk).update(name="=1+1")
        text = browse(mia).get(f"/network/people/agencies/{haven.pk}/list.csv").content.decode("utf-8-sig")
        assert "'=1+1" in text
        assert "Mia Hughes,mia@lantern.example,Lead,2024-01-01" in text

    def test_crosses_no_person_with_another_place(self, mia, otto, nell, ben, haven, harbour, browse):
        """E20: each of the two is seen, and the pair is not."""
        client = browse(mia)
        for deed in ("role", "cover", "leave"):
            for place, who in ((haven, otto), (haven, nell)):
                url = f"/network/people/agencies/{place.pk}/{who.pk}/{deed}/"
                assert client.get(url).status_code == client.post(url).status_code == 404
            url = f"/network/people/agencies/{harbour.pk}/{otto.pk}/{deed}/"
            assert client.get(url).status_code == client.post(url).status_code == 403

    def test_takes_no_hidden_person_from_the_body(self, mia, ben, nell, otto, haven, browse):
        """E29, E30: a person in the body is held to the same list as one on the page."""
        dates = {f"{name}_{part}": value for name in ("first_day", "last_day") for part, value in
                 (("day", "1"), ("month", "12"), ("year", "2098"))}  # fmt: skip
        for who in (nell, otto):
            answer = browse(mia).post(
                f"/network/people/agencies/{haven.pk}/{mia.pk}/cover/", {**dates, "stand_in": who.pk}
            )
            assert answer.status_code == 200
            assert who.name not in answer.content.decode()
        assert not Appointment.objects.exclude(covers=None).exists()
        url = f"/network/people/agencies/{haven.pk}/{mia.pk}/cover/"
        assert browse(mia).post(url, {**dates, "stand_in": ben.pk}).status_code == 302, "one that may be named"

    def test_asks_for_the_days_of_cover_in_words(self, mia, ben, haven, browse):
        url = f"/network/people/agencies/{haven.pk}/{mia.pk}/cover/"
        page = browse(mia).post(url, {"stand_in": ben.pk}).content.decode()
        assert "Enter the first day away" in page
        assert "Enter the last day away" in page
        assert "2007" not in page, "an example of a day to come"

    def test_changes_nobodys_own_role(self, mia, haven, browse):
        url = f"/network/people/agencies/{haven.pk}/{mia.pk}"
        assert browse(mia).post(f"{url}/role/", {"role": "deputy"}).status_code == 403
        assert browse(mia).post(f"{url}/leave/", {"when": "now"}).status_code == 403
        row = mia.appointments.get()
        assert browse(mia).post(f"/network/people/appointments/{row.pk}/end/", {"when": "now"}).status_code == 403
        assert ends(row) is None

    def test_refuses_a_role_that_is_not_offered(self, mia, ben, haven, browse):
        for role in ("charter", "coordinator", "operator", "owner"):
            url = f"/network/people/agencies/{haven.pk}/{ben.pk}/role/"
            assert browse(mia).post(url, {"role": role}).status_code == 200
        assert live(ben) == {"member"}

    def test_finds_a_person_by_address_for_operators_only(self, omar, mia, cora, browse):
        answer = browse(omar).post("/network/people/", {"email": mia.email})
        assert answer["Location"] == f"/network/people/{mia.pk}/"
        assert browse(cora).post("/network/people/", {"email": mia.email}).status_code == 403

    def test_shows_a_person_to_who_keeps_them(self, mia, ben, otto, nell, omar, browse):
        url = f"/network/people/{ben.pk}/"
        assert browse(mia).get(url).status_code == browse(omar).get(url).status_code == 200
        assert browse(otto).get(url).status_code == 403
        assert browse(nell).get(url).status_code == 404

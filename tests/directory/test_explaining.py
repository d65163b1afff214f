"""Who can see this, and why: the pages of listings and what hangs on them, and what they never tell."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import time
from dataclasses import replace

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from audit import trail
from audit.models import Entry
from directory import actions, explaining, past, subjects
from directory.models import Listing, Share
from directory.reasons import facts_of, why
from network import grants, sight
from network.models import Membership
from tests import factories
from tests.directory.factories import ContactFactory, ListingFactory
from tests.factories import LONG_AGO, fresh

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def page(client, listing, **asked):
    return client.get(reverse("directory:who", args=["listing", listing.pk]), asked)


def sheet(client, listing, **asked):
    answer = client.get(reverse("directory:who_csv", args=["listing", listing.pk]), asked)
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]


def told(listing, by, at=None):
    """Each person who is told, with their ways in; numbers of people without a name."""
    found = explaining.of(subjects.of_listing(listing), by=by, at=at)
    return {seer.name: [reason.words for reason in seer.reasons] for seer in found.answer.seers}


def then(moment: dt.datetime) -> dict[str, str]:
    """A past moment as the form takes it, to the next whole minute."""
    local = timezone.localtime(moment)
    return {"at_day": local.day, "at_month": local.month, "at_year": local.year, "at_time": f"{local:%H:%M}"}


def moment() -> dt.datetime:
    """Now, surely after what was done before and before what is done next."""
    time.sleep(0.005)  # the trail's clock may be a thousandth of a second coarse
    now = timezone.now()
    time.sleep(0.005)
    return now


def untokened(answer) -> str:
    """The page without what differs at each answer."""
    return re.sub(r'(?<=name="csrfmiddlewaretoken" value=")\w+', "", answer.content.decode())


def share(listing, place, **columns):
    column = "agency" if place._meta.model_name == "agency" else "network"
    return Share.objects.create(listing=listing, accepted_at=LONG_AGO, **{column: place}, **columns)


class TestWho:
    @pytest.fixture
    def people(self, mia, ben, otto, nell, cora, asha, dara, nora, cal, faye, omar):  # noqa: PLR0917
        return locals()

    def test_counts_by_way_in_first_and_names_by_agency(self, browse, mia, people, refuge):
        body = page(browse(mia), refuge["network"]).content.decode()
        ways = list(explaining.of(subjects.of_listing(refuge["network"]), by=mia).answer.groups)
        assert [(way.heading, way.people) for way in ways] == [
            ("Haven House, whose listing it is", 2),
            ("Agencies in Durham and Darlington Anti-Slavery Network", 2),
            ("Coordinators, approvers and auditors of Durham and Darlington Anti-Slavery Network", 3),
            ("National coordinators", 1),
        ]
        assert body.index("Haven House, whose listing it is") < body.index("Otto Lindqvist")
        assert "Member of Haven House, whose listing it is" in body
        assert "Lead of Harbour Advice, a member of Durham and Darlington Anti-Slavery Network" in body

    def test_says_when_and_by_whom_a_share_was_accepted(self, mia, otto, refuge, harbour):
        share(refuge["restricted"], harbour, accepted_by=otto, until_at=dt.datetime(2040, 12, 4, 12, tzinfo=dt.UTC))
        said = told(refuge["restricted"], mia)["Otto Lindqvist"]
        assert said == [
            "Shared with Harbour Advice until 4 December 2040, accepted by Otto Lindqvist on 1 January 2024"
        ]

    def test_says_who_gave_a_grant_and_why_to_the_leads_only(self, browse, mia, otto, refuge):
        grants.give(
            row=refuge["concealed"],
            person=otto,
            reason="Joint visit on Friday",
            until=timezone.now() + DAY,
            by=fresh(mia),
        )
        (said,) = told(refuge["concealed"], mia)["Otto Lindqvist"]
        assert said.startswith("Need-to-know grant until ")
        assert said.endswith("given by Mia Hughes: Joint visit on Friday")
        assert "Ben" not in page(browse(otto), refuge["concealed"]).content.decode()

    @pytest.mark.parametrize("name", ["cora", "dara", "nora", "otto", "nell", "asha"])
    def test_does_not_admit_that_a_concealed_listing_exists(self, name, people, browse, refuge):
        client, absent = browse(people[name]), ListingFactory.build()
        for address in ("who", "who_csv"):
            hidden = client.get(reverse(f"directory:{address}", args=["listing", refuge["concealed"].pk]))
            missing = client.get(reverse(f"directory:{address}", args=["listing", absent.pk]))
            assert (hidden.status_code, untokened(hidden)) == (404, untokened(missing))

    def test_tells_everybody_else_only_about_themselves(self, browse, otto, mia, ben, refuge):
        body = page(browse(otto), refuge["network"]).content.decode()
        assert "Why can I see this?" in body
        assert "Lead of Harbour Advice, a member of" in body
        assert "Mia" not in body.split("<main")[1]
        assert browse(otto).get(reverse("directory:who_csv", args=["listing", refuge["network"].pk])).status_code == 403

    def test_names_nobody_whom_the_asker_cannot_see(self, browse, mia, nell, nora, cora, refuge, riverbank, riverside):
        share(refuge["restricted"], riverside)
        factories.person("Rita Field", "member", riverbank)
        body = page(browse(mia), refuge["restricted"]).content.decode()
        assert "Nell" not in body
        assert "Riverbank" not in body
        assert "Shared with Riverside Anti-Slavery Partnership" in body
        assert "2 people" in body
        assert "Nora" not in body
        lines = sheet(browse(mia), refuge["restricted"])
        assert ["2 people whose names are not yours to see", "Outside your networks"] in [line[:2] for line in lines]

    def test_leaves_out_ways_through_networks_that_are_not_the_askers(self, cora, nell, refuge, haven, riverside):
        before = told(refuge["network"], cora)
        factories.join(haven, riverside)
        assert told(refuge["network"], cora) == before

    def test_says_only_that_a_public_listing_is_open_to_all(self, browse, mia, people, refuge):
        body = page(browse(mia), refuge["public"]).content.decode()
        assert "everyone who can sign in sees it" in body
        assert "Otto" not in body.split("<main")[1]
        assert sheet(browse(mia), refuge["public"]) == [["Everyone who can sign in", "", "It is public"]]

    def test_tells_of_api_keys_by_name_to_their_own_agency_only(
        self, mia, otto, cora, refuge, make_key, harbour, haven
    ):
        make_key(harbour, otto, ["directory"])
        make_key(haven, mia, ["directory"])
        make_key(harbour, otto, ["alerts"])
        found = explaining.of(subjects.of_listing(refuge["network"]), by=mia).answer.systems
        assert [(key.name, key.place) for key in found] == [
            ("An API key", "Harbour Advice"),
            ("API key “Case system”", "Haven House"),
        ]

    def test_finds_by_name_and_by_way_in(self, browse, mia, people, refuge):
        body = page(browse(mia), refuge["network"], q="harbour").content.decode()
        assert "Otto Lindqvist" in body
        assert "Ben Okafor" not in body
        own = page(browse(mia), refuge["network"], by="own").content.decode()
        assert "Ben Okafor" in own
        assert "Otto Lindqvist" not in own
        assert [line[0] for line in sheet(browse(mia), refuge["network"], by="own")] == ["Ben Okafor", "Mia Hughes"]

    def test_shows_a_page_at_a_time(self, browse, mia, refuge, haven):
        for number in range(60):
            factories.appoint(factories.UserFactory(name=f"Worker {number:02}"), "member", haven)
        first, second = (page(browse(mia), refuge["network"], page=n).content.decode() for n in (1, 2))
        assert ("Worker 10" in first, "Worker 59" in first) == (True, False)
        assert ("Worker 10" in second, "Worker 59" in second) == (False, True)
        assert page(browse(mia), refuge["network"], page="99").content.decode().count("Worker 10") == 1

    def test_makes_no_formula_of_a_name(self, browse, mia, refuge, haven):
        factories.appoint(factories.UserFactory(name="=1+1"), "member", haven)
        assert "'=1+1" in [line[0] for line in sheet(browse(mia), refuge["network"])]

    def test_asks_as_much_for_many_people_as_for_few(self, mia, otto, refuge, harbour, django_assert_max_num_queries):
        subject = subjects.of_listing(refuge["restricted"])
        share(refuge["restricted"], harbour)
        with django_assert_max_num_queries(20) as few:
            explaining.of(subject, by=mia)
        for _ in range(30):
            factories.appoint(factories.UserFactory(), "member", harbour)
        with django_assert_max_num_queries(20) as many:
            explaining.of(subject, by=mia)
        assert len(many.captured_queries) == len(few.captured_queries)

    def test_draws_the_page_without_asking(self, browse, mia, people, refuge, no_queries_while_rendering):
        assert page(browse(mia), refuge["network"]).status_code == 200


class TestParts:
    def test_tells_of_a_contact_stricter_than_its_listing(self, browse, mia, otto, cora, refuge):
        contact = ContactFactory(listing=refuge["network"], access="restricted")
        body = browse(mia).get(reverse("directory:who", args=["contact", contact.pk])).content.decode()
        assert "Cora Bell" in body
        assert "Otto" not in body
        assert browse(otto).get(reverse("directory:who", args=["contact", contact.pk])).status_code == 404

    def test_does_not_answer_for_the_past(self, browse, mia, refuge):
        contact = ContactFactory(listing=refuge["network"])
        answer = browse(mia).get(reverse("directory:who", args=["contact", contact.pk]), then(timezone.now() - DAY))
        assert "Lantern cannot tell" in answer.content.decode()

    def test_has_no_other_kinds(self, browse, mia, refuge):
        assert browse(mia).get(reverse("directory:who", args=["place", refuge["network"].pk])).status_code == 404


class TestThePast:
    """What the rule said at each step is what is told of that moment afterwards."""

    @pytest.fixture
    def cast(self, mia, ben, otto, cora, dara, nora, nell, asha):
        return {person.name: person for person in (mia, ben, otto, cora, dara, nora, nell, asha)}

    def test_is_what_the_rule_said_then(self, cast, mia, ben, otto, haven, harbour, riverside, durham):
        listing = actions.add(agency=haven, access="network", changes={"name": "Drop-in"}, by=mia)
        said = []

        def note():
            seen = {
                name
                for name, person in cast.items()
                if Listing.objects.visible_to(person).filter(pk=listing.pk).exists()
            }
            said.append((moment(), seen))

        note()
        actions.tighten(listing=listing, access="restricted", by=mia)
        note()
        shared = Share.objects.create(listing=listing, agency=harbour, accepted_at=timezone.now(), accepted_by=otto)
        note()
        Share.objects.filter(pk=shared.pk).update(until_at=Now())
        note()
        ben.appointments.update(until_at=Now())
        note()
        Share.objects.create(listing=listing, network=riverside, accepted_at=timezone.now())
        note()
        actions.tighten(listing=listing, access="concealed", by=mia)
        note()
        grants.give(row=listing, person=otto, reason="Joint visit on Friday", until=timezone.now() + DAY, by=fresh(mia))
        note()
        grants.end(row=listing, person=otto, by=fresh(mia))
        note()
        Membership.objects.filter(agency=harbour).update(suspended_at=Now())
        note()
        listing.refresh_from_db()
        everyone = {at: {name for name, person in cast.items() if self.could(listing, person, at)} for at, _ in said}
        assert everyone == dict(said)
        assert len({frozenset(seen) for _, seen in said}) == 7

    @staticmethod
    def could(listing, person, at):
        """Whether the person could, with every name known."""
        facts = replace(facts_of([listing], at=at)[listing.pk], access=past.history(listing).access(at))
        return bool(why(facts, sight.everyone(at=at).of(person.pk)))

    def test_says_when_the_trail_does_not_tell(self, browse, mia, refuge):
        answer = page(browse(mia), refuge["network"], **then(timezone.now() - DAY))
        assert "Lantern cannot tell" in answer.content.decode()

    def test_says_that_it_did_not_exist_yet(self, browse, mia, haven):
        listing = actions.add(agency=haven, access="network", changes={"name": "Drop-in"}, by=mia)
        answer = page(browse(mia), listing, **then(timezone.now() - DAY))
        assert "did not exist yet" in answer.content.decode()

    def test_tells_a_coordinator_nothing_of_a_concealed_past(self, mia, cora, haven):
        listing = actions.add(agency=haven, access="concealed", changes={"name": "Drop-in"}, by=mia)
        concealed = moment()
        Listing.objects.filter(pk=listing.pk).update(access="restricted")
        listing.refresh_from_db()
        trail.record("listing.loosen", listing, by=mia, before="concealed", after="restricted")
        subject = subjects.of_listing(listing)
        assert explaining.of(subject, by=cora, at=concealed).silence == explaining.NOT_TOLD
        assert explaining.of(subject, by=mia, at=concealed).answer.seers

    def test_does_not_trust_a_trail_that_contradicts_today(self, mia, haven):
        listing = actions.add(agency=haven, access="network", changes={"name": "Drop-in"}, by=mia)
        at = timezone.now()
        Listing.objects.filter(pk=listing.pk).update(access="restricted")
        listing.refresh_from_db()
        assert explaining.of(subjects.of_listing(listing), by=mia, at=at).silence == explaining.NOT_TOLD

    def test_refuses_a_moment_that_is_still_to_come(self, browse, mia, refuge):
        body = page(browse(mia), refuge["network"], **then(timezone.now() + DAY)).content.decode()
        assert "When must be in the past" in body

    def test_changes_nothing(self, browse, mia, refuge):
        before = Entry.objects.count()
        page(browse(mia), refuge["network"])
        sheet(browse(mia), refuge["network"])
        assert Entry.objects.count() == before


class TestBetween:
    @pytest.fixture
    def listing(self, mia, haven):
        return actions.add(agency=haven, access="restricted", changes={"name": "Drop-in"}, by=mia)

    def ask(self, client, listing):
        today = timezone.localdate()
        days = {"since_day": today.day, "since_month": today.month, "since_year": today.year}
        days |= {"until_day": today.day, "until_month": today.month, "until_year": today.year}
        return client.get(reverse("directory:between", args=[listing.pk]), days).content.decode()

    def test_tells_who_could_though_they_no_longer_can(self, browse, mia, otto, listing, harbour):
        accepted = timezone.now() - dt.timedelta(seconds=1)
        shared = Share.objects.create(listing=listing, agency=harbour, accepted_at=accepted)
        Share.objects.filter(pk=shared.pk).update(until_at=Now())
        body = self.ask(browse(mia), listing)
        assert "Otto Lindqvist" in body
        assert "Shared with Harbour Advice" in body

    def test_tells_who_came_later(self, browse, mia, listing, haven):
        factories.appoint(factories.UserFactory(name="Late Comer"), "member", haven, from_at=timezone.now())
        assert "Late Comer" in self.ask(browse(mia), listing)

    def test_tells_who_was_shown_something(self, browse, mia, ben, otto, listing):
        trail.record("mobile.reveal", listing, by=ben, listing=str(listing.pk))
        other = ListingFactory(agency=listing.agency)
        trail.record("mobile.reveal", other, by=otto, listing=str(other.pk))
        body = self.ask(browse(mia), listing)
        assert "Ben Okafor was shown a mobile number" in body
        assert "Otto" not in body

    def test_is_not_for_others(self, browse, ben, otto, listing):
        address = reverse("directory:between", args=[listing.pk])
        assert browse(ben).get(address).status_code == 403
        assert browse(otto).get(address).status_code == 404

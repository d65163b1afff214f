"""The demonstration's story: complete, current, and with nobody in it who exists."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.models import User
from alerts.models import Alert
from audit.models import Entry
from charter.models import Adoption, Council, Progress
from delivery.models import Delivery, Recipient
from demonstration.people import PASSWORD, PEOPLE
from directory.models import Contact, Listing, Loosening, Place, SafePlaceChange
from network import joining
from network.models import (
    Agency,
    Agreement,
    ApiKey,
    Appointment,
    Handover,
    Invitation,
    Letter,
    Membership,
    Network,
    Succession,
)
from training.models import Booking, Session

# Ofcom, numbers for use in drama: Tyneside, Durham and Sunderland; no area; freephone; whole country; mobile.
DRAMA = re.compile(r"0191 498 0\d{3}|01632 960\d{3}|0808 157 0\d{3}|03069 990\d{3}|07700 900\d{3}")


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker):
    """The demonstration, loaded once for these tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", stdout=io.StringIO())
        call_command("load_demonstration", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


def person(first_name):
    return User.objects.get(email=f"{first_name}@lantern.example")


@pytest.mark.usefixtures("story")
class TestThePlaces:
    def test_are_two_networks_of_the_size_of_real_ones(self):
        live = Membership.objects.live().values_list("network__prefix").annotate(many=Count("pk"))
        assert dict(live) == {"DUR": 40, "RIV": 15}

    def test_have_agencies_of_every_kind(self):
        assert set(Agency.objects.values_list("kind", flat=True)) == set(Agency.Kind.values)

    def test_have_one_suspended_and_one_ended_with_a_successor(self):
        assert Membership.objects.filter(suspended_at__isnull=False).count() == 1
        ended = Agency.objects.get(ends_on__isnull=False)
        assert [agency.name for agency in ended.successors.all()] == ["Wearside Freedom Project"]
        assert not Membership.objects.live().filter(agency=ended).exists()

    def test_name_only_real_councils_as_councils(self):
        linked = Council.objects.filter(agency__isnull=False).values_list("name", "agency__name")
        assert len(linked) == 4
        assert all(council == agency for council, agency in linked)


@pytest.mark.usefixtures("story")
class TestThePeople:
    def test_can_all_sign_in_with_the_printed_password(self):
        for who in PEOPLE:
            assert authenticate(None, email=who.email, password=PASSWORD).name == who.name

    def test_lead_every_live_agency(self):
        led = Appointment.objects.live().filter(role="lead").values("agency")
        assert not Membership.objects.live().exclude(agency__in=led).exists()

    def test_number_about_a_hundred_and_some_have_left(self):
        assert 100 <= User.objects.filter(is_active=True).count() <= 140
        gone = User.objects.filter(is_active=False)
        assert gone.count() == 2
        assert not Appointment.objects.live().filter(person__in=gone).exists()

    def test_include_the_cast_in_their_roles(self):
        found = Appointment.objects.live().filter(person__email__in=[who.email for who in PEOPLE])
        assert Counter(found.values_list("role", flat=True)) == {
            "lead": 3, "member": 1, "charter": 1, "coordinator": 1, "approver": 1, "reports": 1, "auditor": 1,
            "national": 1, "operator": 1,
        }  # fmt: skip


@pytest.mark.usefixtures("story")
class TestNobodyIsReal:
    def test_every_address_ends_in_example(self):
        columns = [
            User.objects.values_list("email", flat=True),
            Agency.objects.exclude(team_email="").values_list("team_email", flat=True),
            Contact.objects.exclude(email="").values_list("email", flat=True),
        ]
        addresses = [address for column in columns for address in column]
        assert len(addresses) > 250
        assert all(address.endswith(".example") for address in addresses)
        assert not Agency.objects.exclude(website="").exclude(website__endswith=".example/").exists()

    def test_every_number_is_kept_for_drama_and_given_once(self):
        numbers = [
            *Contact.objects.exclude(phone="").values_list("phone", flat=True),
            *Agency.objects.exclude(public_phone="").values_list("public_phone", flat=True),
            *Agency.objects.exclude(office_phone="").values_list("office_phone", flat=True),
        ]
        assert len(numbers) > 200
        assert all(DRAMA.fullmatch(number) for number in numbers)
        assert len(set(numbers)) == len(numbers)

    def test_no_text_holds_another_number_or_address(self):
        texts = [
            *Listing.objects.values_list("description", "referral"),
            *Alert.objects.values_list("text", "instruction"),
        ]
        for text in (part for pair in texts for part in pair):
            assert not re.search(r"\b0\d{3,4}[ \d]{6,}", text)
            assert "@" not in text

    def test_postcodes_are_of_no_street(self):
        assert all(code.split()[1][1] == "Z" for code in Place.objects.values_list("postcode", flat=True))

    def test_every_decision_of_a_council_says_what_it_is(self):
        assert Adoption.objects.count() > 25
        assert not Adoption.objects.exclude(meeting__startswith="Demonstration record").exists()


@pytest.mark.usefixtures("story")
class TestTheDirectory:
    def test_has_listings_of_every_access(self):
        counts = dict(Listing.objects.values_list("access").annotate(many=Count("pk")))
        assert counts.keys() == {"public", "network", "restricted", "concealed"}
        assert sum(counts.values()) >= 60

    def test_has_some_that_nobody_checked_and_one_that_is_paused(self):
        listings = list(Listing.objects.all())
        assert 5 <= sum(listing.is_stale for listing in listings) <= 20
        assert [listing.name for listing in listings if not listing.is_taking] == ["Emergency bed tonight, for men"]

    def test_hides_the_refuge_from_otto_and_coordinators(self):
        refuge = Listing.objects.get(name="Haven House: The Larches")
        assert refuge.access == "concealed"
        assert refuge in Listing.objects.visible_to(person("mia"))
        assert refuge in Listing.objects.visible_to(person("ben"))
        for name in ("otto", "cora", "nell", "nora", "dara", "omar"):
            assert refuge not in Listing.objects.visible_to(person(name))

    def test_has_no_place_for_what_is_concealed(self):
        assert not Place.objects.filter(listing__access="concealed").exists()

    def test_lets_no_contact_be_looser_than_its_listing(self):
        strictness = ["public", "network", "restricted", "concealed"]
        for contact in Contact.objects.select_related("listing"):
            assert strictness.index(contact.access) >= strictness.index(contact.listing.access)

    def test_shows_nell_nothing_of_durham_but_what_everybody_sees(self):
        durham = Membership.objects.filter(network__prefix="DUR").values("agency")
        seen = Listing.objects.visible_to(person("nell")).filter(agency__in=durham)
        assert set(seen.values_list("access", flat=True)) == {"public"}
        assert not Agency.objects.visible_to(person("nell")).filter(pk__in=durham).exists()
        assert not Alert.objects.visible_to(person("nell")).filter(network__prefix="DUR").exists()
        assert not Session.objects.visible_to(person("nell")).filter(course__network__prefix="DUR").exists()

    def test_can_be_searched(self):
        assert Listing.objects.filter(search_text="").count() == 0


@pytest.mark.usefixtures("story")
class TestTheAlerts:
    def test_are_at_every_stage(self):
        durham = Alert.objects.filter(network__prefix="DUR")
        assert durham.released().count() == 11
        assert [alert.created_by.name for alert in durham.awaiting()] == ["Helen Marwood"]
        assert {alert.created_by.name for alert in durham.drafts()} == {"Cora Bell", "Otto Lindqvist"}
        assert durham.filter(withdrawn_at__isnull=False).count() == 1
        assert set(durham.values_list("tlp", flat=True)) >= {"CLEAR", "GREEN", "AMBER", "AMBER+STRICT"}

    def test_give_mia_one_to_acknowledge_and_one_that_she_has(self):
        mine = Recipient.objects.filter(person=person("mia"))
        standing = Alert.objects.standing().order_by("pk")
        answered = [
            mine.get(mailing=alert.mailing_id).acknowledged_at is not None
            for alert in standing
            if mine.filter(mailing=alert.mailing_id)
        ]
        assert answered == [True, False]

    def test_were_sent_and_answered_in_a_plausible_order(self):
        assert Delivery.objects.exclude(state__in=["sent", "failed"]).count() == 0
        assert (
            0.4
            < Recipient.objects.filter(mailing__kind="alert", acknowledged_at__isnull=False).count()
            / (Recipient.objects.filter(mailing__kind="alert").count())
            < 0.9
        )
        assert not Recipient.objects.filter(acknowledged_at__lte=F("mailing__released_at")).exists()
        assert not Recipient.objects.filter(acknowledged_at__gt=timezone.now()).exists()

    def test_that_need_an_approver_had_one_who_did_not_write_them(self):
        for alert in Alert.objects.released():
            strict = alert.is_withheld or alert.severity == "Extreme"
            assert (alert.released_by != alert.created_by) == strict
            assert bool(alert.submitted_at) == strict

    def test_went_only_to_people_who_were_there(self):
        for row in Recipient.objects.filter(mailing__kind="alert").select_related("mailing"):
            assert Appointment.objects.filter(person=row.person_id, from_at__lt=row.mailing.released_at).exists()

    def test_are_numbered_without_a_gap(self):
        for prefix in ("DUR", "RIV"):
            this_year = Alert.objects.filter(reference__startswith=f"{prefix}-{timezone.localdate().year}-")
            numbers = sorted(int(alert.reference[-4:]) for alert in this_year)
            assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.usefixtures("story")
class TestTheTraining:
    def test_has_been_and_is_to_come(self):
        assert Session.objects.past().count() >= 5
        assert Session.objects.upcoming().count() >= 5

    def test_counts_the_places_that_are_held(self):
        counted = Session.objects.annotate(held=Count("bookings", filter=Q(bookings__cancelled_at=None)))
        assert not counted.exclude(places_taken=F("held")).exists()

    def test_has_one_session_that_is_full(self):
        full = Session.objects.open().filter(places_taken=F("capacity"))
        assert full.count() == 1
        assert Booking.objects.held().filter(session=full.get(), person=person("ben")).exists()

    def test_books_only_people_who_were_told(self):
        for booking in Booking.objects.select_related("session"):
            assert Recipient.objects.filter(mailing=booking.session.mailing_id, person=booking.person_id).exists()


@pytest.mark.usefixtures("story")
class TestTheCharter:
    def test_has_every_kind_of_decision(self):
        current = Adoption.objects.filter(ended_at=None)
        assert set(current.values_list("kind", flat=True)) == {"this", "own", "inspired", "referred"}
        assert 20 <= current.count() <= 30
        assert Adoption.objects.filter(end="followed").count() == 1

    def test_is_half_way_in_darlington(self):
        stages = Counter(Progress.objects.visible_to(person("cal")).values_list("stage", flat=True))
        assert set(stages) == {"started", "in_place", "reviewed"}
        assert sum(stages.values()) == 8


@pytest.mark.usefixtures("story")
class TestWhatIsUnfinished:
    def test_is_an_agency_that_joins_and_lacks_a_lead_and_its_entry(self):
        place = Membership.objects.select_related("agency").get(from_at=None)
        steps = joining.progress([place])[place.pk].steps
        assert {step.name: step.done for step in steps} == {"agreement": True, "leads": False, "entry": False}
        assert Invitation.objects.open().filter(agency=place.agency_id, role="deputy").count() == 1

    def test_is_a_second_version_that_most_agencies_have_yet_to_sign(self):
        newest = Agreement.objects.filter(network__prefix="DUR").latest("version")
        assert newest.version == 2
        assert newest.signatures.count() == 3
        former = Agreement.objects.get(network__prefix="DUR", version=1)
        assert timezone.now() < former.until_at < timezone.now() + dt.timedelta(days=30)

    def test_waits_for_otto_to_agree_to_a_merger(self):
        plan = Succession.objects.visible_to(person("otto")).open().get()
        waiting = [str(party) for party in plan.parties.all() if not party.is_settled]
        assert waiting == ["Harbour Advice"]

    def test_waits_for_somebody_of_the_cast_each(self):
        assert Handover.objects.open().get().successor == person("ben")
        assert Invitation.objects.awaiting_yes().visible_to(person("asha")).count() == 1
        assert Invitation.objects.open().visible_to(person("mia")).count() == 1
        assert Loosening.objects.waiting().visible_to(person("cora")).count() == 1
        assert SafePlaceChange.objects.waiting().visible_to(person("mia")).count() == 1
        assert ApiKey.objects.live().get().owner == person("mia")

    def test_has_a_letter_for_each_who_is_asked(self):
        kinds = Counter(Letter.objects.filter(due_at__isnull=False).values_list("kind", flat=True))
        assert kinds["invitation"] == 2
        assert kinds["handover"] == 1
        assert kinds["ask_yes"] > 1


@pytest.mark.usefixtures("story")
class TestTheTrail:
    def test_tells_what_happened_in_order(self):
        moments = list(Entry.objects.exclude(verb__endswith=".load").order_by("id").values_list("at", flat=True))
        assert len(moments) > 500
        assert moments == sorted(moments)
        assert moments[-1] <= timezone.now()
        assert moments[0] < timezone.now() - dt.timedelta(days=300)


@pytest.mark.django_db
class TestLoadDemonstration:
    def test_refuses_a_database_that_holds_a_network(self):
        Network.objects.create(name="Somebody's own", prefix="OWN", starts_on=dt.date(2026, 1, 1))
        with pytest.raises(CommandError, match="There is a network already"):
            call_command("load_demonstration")
        assert Network.objects.count() == 1

    def test_wants_the_reference_tables_first(self):
        with pytest.raises(CommandError, match="Load the reference tables first"):
            call_command("load_demonstration")

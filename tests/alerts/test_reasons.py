"""The reasons and the rule say the same of alerts, person for person: what may be known of, and what may be read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from alerts import actions, release
from alerts.models import Alert
from alerts.reasons import By, facts_of, why
from network import sight
from network.models import Agreement, ApiKey, Appointment, Membership
from tests import factories
from tests.alerts.factories import SENSITIVE, draft, released, submitted
from tests.factories import fresh
from tests.passing import passing

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
STRICTEST = {"tlp": Alert.Tlp.RED}


def by_rule(reader: Any) -> dict[str, bool]:
    """What the rule opens to a reader with a fresh factor: each alert known of, and whether it may be read."""
    return {alert.reference: alert.is_readable for alert in Alert.objects.visible_to(reader)}


def by_reasons(everyone: sight.Everyone, here: Any, at: dt.datetime | None = None) -> dict[str, bool]:
    """What the reasons open."""
    found = {}
    for alert in Alert.objects.all():
        facts = facts_of(alert, at=at)
        ways = why(facts, here) if facts else []
        if ways:
            found[alert.reference] = any(way.reads for way in ways)
    return found


def what_is_open() -> dict[str, dict[str, bool]]:
    """What the rule opens, person by person."""
    people = User.objects.filter(is_active=True).exclude(name="Signatory")
    return {person.name: by_rule(fresh(person)) for person in people}


def assert_agree() -> None:
    everyone = sight.everyone()
    for person in User.objects.filter(is_active=True).exclude(name="Signatory"):
        assert by_reasons(everyone, everyone.of(person.pk)) == by_rule(fresh(person)), person.name
    assert everyone.keys
    for key, here in everyone.keys.items():
        assert by_reasons(everyone, here) == by_rule(key), key.name


@pytest.fixture
def world(durham, riverside, haven, harbour, mia, ben, otto, nell, cal, cora, asha, dara, nora, faye, omar):  # noqa: PLR0917
    """Alerts at each stage and of each marking; keys of both agencies."""
    places = (haven, harbour)
    draft(durham, mia, *places)
    draft(durham, nora, *places, **SENSITIVE)
    submitted(durham, cora, *places)
    for marking in ({}, {"tlp": Alert.Tlp.AMBER}, SENSITIVE, STRICTEST):
        alert = released(durham, cora, *places, approver=asha, **marking)
    actions.withdraw(alert=released(durham, cora, haven), reason="Wrong", by=cora)
    released(durham, mia, haven, approver=asha)
    for agency, owner in ((haven, mia), (harbour, otto)):
        ApiKey.objects.create(
            agency=agency,
            owner=owner,
            name=agency.name,
            digest=str(agency.pk),
            scopes=["alerts"],
            expires_at=timezone.now() + HOUR,
        )
    ApiKey.objects.create(
        agency=haven, owner=mia, name="No scope", digest="1", scopes=[], expires_at=timezone.now() + HOUR
    )
    return alert


class TestWhy:
    def test_agrees_with_the_rule(self, world):
        assert_agree()

    def test_agrees_with_the_rule_after_a_change(self, world, durham, riverside, harbour, otto, mia, riverbank):
        later = timezone.now() - dt.timedelta(seconds=1)

        def lapsed():
            Agreement.objects.filter(network=durham).update(until_at=later)

        def left():
            otto.appointments.update(until_at=later)
            ApiKey.objects.filter(owner=otto).delete()

        def suspended():
            Membership.objects.filter(agency=harbour).update(suspended_at=later)

        def demoted():
            Appointment.objects.filter(person=mia).update(role="member")

        def moved():
            otto.appointments.update(until_at=later)
            factories.appoint(otto, "lead", riverbank)
            factories.appoint(otto, "approver", durham)

        def in_two_networks():
            lapsed()
            factories.join(harbour, riverside)

        before = what_is_open()
        for change in (lapsed, left, suspended, demoted, moved, in_two_networks):
            with passing():
                change()
                assert what_is_open() != before, change
                assert_agree()

    def test_says_by_which_way(self, world, mia, ben, cora, dara, nora, nell, durham, haven):
        everyone = sight.everyone()
        alert = released(durham, mia, haven, approver=User.objects.get(name="Asha Rahman"))
        facts = facts_of(alert)
        told = {
            person.name.split()[0]: [way.by for way in why(facts, everyone.of(person.pk))]
            for person in (mia, ben, cora, dara, nora, nell)
        }
        assert told == {
            "Mia": [By.AUTHOR, By.SENT], "Ben": [By.SENT], "Cora": [By.RUN], "Dara": [By.WATCH], "Nora": [By.NATION],
            "Nell": [],
        }  # fmt: skip


class TestThePast:
    """What the rule said at each step is what is told of that moment afterwards."""

    def test_is_what_the_rule_said_then(self, durham, haven, mia, ben, otto, cora, asha, dara, nora, nell):  # noqa: PLR0917
        people, said = (mia, ben, otto, cora, dara, nora, nell), []

        def note():
            said.append((timezone.now(), {p.pk: set(by_rule(fresh(p))) for p in people}))

        note()
        alert = draft(durham, mia, haven)
        note()
        alert = actions.submit(alert=alert, by=mia)
        note()
        actions.release(alert=alert, sheet=release.sheet(alert).fingerprint, by=fresh(asha))
        note()
        ben.appointments.update(until_at=Now())
        note()
        for at, expected in said:
            everyone = sight.everyone(at=at)
            assert {p.pk: set(by_reasons(everyone, everyone.of(p.pk), at)) for p in people} == expected, at

    def test_does_not_guess_at_a_marking_that_was_edited_since(self, durham, haven, cora, dara):
        alert = draft(durham, cora, haven)
        before = timezone.now()
        alert = actions.edit(alert=alert, content=SENSITIVE, by=cora)
        way = why(facts_of(alert, at=before), sight.everyone(at=before).of(dara.pk))[0]
        assert (way.by, way.reads) == (By.WATCH, None)

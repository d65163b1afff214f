"""Who sees which rows of the post: every table, the whole cast."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models.functions import Now

from delivery import breakers, gate
from delivery.models import (
    Breaker,
    Delivery,
    Endpoint,
    Gate,
    Mailing,
    Number,
    Preference,
    Quiet,
    Recipient,
    Report,
    SetAside,
)
from network.models import ApiKey
from tests import factories
from tests.conftest import CAST
from tests.delivery.factories import audience, released
from tests.delivery.wishing import rests, wants

pytestmark = pytest.mark.django_db
RUN = {"cora", "asha", "dara"}
TOLD = {"alert", "training"}


@pytest.fixture
def readers(request, haven, durham, riverside, riverbank) -> dict[str, Any]:
    """The cast; a deputy of the refuge, one whose role there has ended, one whose account is closed; an API key."""
    people = {name: request.getfixturevalue(name) for name in CAST}
    people["dot"] = factories.person("Dot Amari", "deputy", haven)
    people["rae"] = factories.person("Rae Former", "lead", haven)
    people["rae"].appointments.update(until_at=Now())
    people["una"] = factories.person("Una Closed", "lead", haven)
    type(people["una"]).objects.filter(pk=people["una"].pk).update(is_active=False, closed_at=Now())
    people["roy"] = factories.person("Roy Runs", "coordinator", riverside)
    people["key"] = ApiKey.objects.create(
        agency=haven,
        owner=people["mia"],
        name="System",
        digest="0" * 64,
        scopes=["alerts"],
        expires_at="2099-01-01T00:00Z",
    )
    return people


def seen(readers: dict[str, Any], row: Any) -> set[str]:
    """By whom this row is seen."""
    rows = type(row).objects
    return {name for name, reader in readers.items() if rows.visible_to(reader).filter(pk=row.pk).exists()}


class TestWays:
    def test_what_somebody_gave_and_chose_is_theirs_alone(self, readers, ben):
        rests(ben)
        kept = [Number.objects.create(person=ben, number="+447700900123"), Quiet.objects.get(), wants(ben, "off")]
        for row in kept:
            assert seen(readers, row) == {"ben"}, row
        assert {Number, Quiet, Preference} == {type(row) for row in kept}

    @pytest.mark.parametrize("channel", ["email", "text"])
    def test_an_address_that_does_not_work_is_for_the_person_and_their_leads(self, readers, ben, channel):
        row = SetAside.objects.create(person=ben, channel=channel, address="somewhere")
        assert seen(readers, row) == {"ben", "mia", "dot"}

    def test_of_a_person_in_two_agencies_the_leads_of_each_while_the_person_is_there(self, readers, ben, harbour):
        both = factories.appoint(ben, "member", harbour)
        row = SetAside.objects.create(person=ben, channel="email", address=ben.email)
        assert seen(readers, row) == {"ben", "mia", "dot", "otto"}
        type(both).objects.filter(pk=both.pk).update(until_at=Now())
        assert seen(readers, row) == {"ben", "mia", "dot"}
        ben.appointments.update(until_at=Now())
        assert seen(readers, row) == {"ben"}

    @pytest.mark.parametrize("end", ["role", "suspension"])
    def test_that_of_a_lead_is_for_who_coordinates_as_well(self, readers, mia, haven, end):
        row = SetAside.objects.create(person=mia, channel="email", address=mia.email)
        assert seen(readers, row) == {"mia", "dot", "cora"}
        if end == "role":
            mia.appointments.update(role="member")
            assert seen(readers, row) == {"mia", "dot"}
        else:
            haven.memberships.update(suspended_at=Now())
            assert seen(readers, row) == {"mia"}

    def test_a_lead_of_a_suspended_agency_sees_nothing_of_others(self, readers, ben, haven):
        row = SetAside.objects.create(person=ben, channel="email", address=ben.email)
        haven.memberships.update(suspended_at=Now())
        assert seen(readers, row) == {"ben"}

    def test_a_webhook_is_for_the_agencys_leads(self, readers, mia, haven):
        row = Endpoint.objects.create(agency=haven, owner=mia, name="System", url="https://hooks.haven.example/")
        assert seen(readers, row) == {"mia", "dot"}
        Endpoint.objects.update(ended_at=Now())
        assert seen(readers, row) == {"mia", "dot"}


class TestGates:
    def test_are_for_operators(self, readers):
        gate.close("Wait")
        breakers.failed("hooks.haven.example:443", "refused")
        assert seen(readers, Gate.objects.get()) == seen(readers, Breaker.objects.get()) == {"omar"}


class TestMessages:
    @pytest.fixture
    def sent(self, durham, haven, readers):
        """Something of a kind, sent to Ben at the refuge and to nobody else, and a report of how it went."""

        def send(kind: str) -> list[Any]:
            rule = audience(durham, roles=["member"], agencies=[haven])
            mailing = released(durham, rule, kind=kind, reference=f"DUR-{kind}")
            delivery = Delivery.objects.get(mailing=mailing, channel="email")
            return [delivery.recipient, delivery, Report.objects.create(delivery=delivery, kind="soft", key="one")]

        return send

    @pytest.mark.parametrize("kind", Mailing.Kind)
    def test_alerts_and_training_are_followed_by_who_leads_and_runs_and_the_rest_is_between_the_post_and_ben(
        self, sent, kind, readers
    ):
        others = {"mia", "dot", *RUN} if kind in TOLD else set()
        for row in sent(kind):
            assert seen(readers, row) == {"ben", *others}, row

    @pytest.mark.parametrize("kind", Mailing.Kind)
    def test_what_was_sent_for_no_agency_is_for_the_person_and_who_runs_the_network(self, durham, kind, sent, readers):
        sent(kind)
        Recipient.objects.update(agency=None, role="coordinator")
        others = RUN if kind in TOLD else set()
        assert seen(readers, Recipient.objects.get()) == {"ben", *others}

    def test_nobody_sees_anything_without_asking_as_somebody(self, sent):
        sent("alert")
        assert not Recipient.objects.visible_to(AnonymousUser()).exists()

"""Alerts that nobody acknowledges, in the workers' own database, as another process.

python -m tests.faults.climbing release AGENCIES · passes MINUTES SEED [withdrawn] [over] · facts

What each alert is made to become stands in its title. A deed that the database does not survive is done again.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import InterfaceError, OperationalError, connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.db.models.functions import Now  # noqa: E402

from accounts.models import User  # noqa: E402
from alerts import actions  # noqa: E402
from alerts.models import Alert, Ladder, Step  # noqa: E402
from audit.models import Entry  # noqa: E402
from delivery.models import Delivery, Mailing, Number, Recipient  # noqa: E402
from network.models import Agency, Appointment, Network  # noqa: E402
from network.visibility import LEADS  # noqa: E402
from tests.alerts import factories as alerts  # noqa: E402
from tests.delivery.wishing import wants  # noqa: E402
from tests.factories import AgencyFactory, NetworkFactory, UserFactory, appoint, fresh  # noqa: E402

IMMEDIATE: dict[str, Any] = {"urgency": Alert.Urgency.IMMEDIATE, "roles": ["lead", "member"]}
LIVES = ["nobody answers", "nobody answers", "some answer", "withdrawn", "over", "red"]
# Who is in an agency, by turns: the roles, and whether they have a number. There is one with nobody at all.
PEOPLE = [
    [("lead", True), ("deputy", True)],
    [("lead", False), ("deputy", True), ("deputy", False)],
    [("lead", True)],
    [("lead", True), ("lead", True), ("deputy", True), ("member", True)],
    [("member", True)],
    [],
]


def release(count: str) -> dict[str, Any]:
    """Make the tables, two networks of so many agencies each, and an alert of every life in the first; in the second,
    where all goes quicker, one that nobody answers."""
    call_command("migrate", verbosity=0)
    usual, quick = NetworkFactory(name="Usual"), NetworkFactory(name="Quick")
    Ladder.objects.create(network=quick, deputies_after=5, other_way_after=10, calls_after=20)
    for network, lives in ((usual, LIVES), (quick, LIVES[:1])):
        runner, approver = UserFactory(), UserFactory()
        appoint(runner, "coordinator", network)
        appoint(UserFactory(), "coordinator", network)
        appoint(approver, "approver", network)
        places = list(_agencies(network, int(count)))
        for life in lives:
            if life == "red":
                alerts.released(network, runner, *places, approver=approver, title=life, tlp="RED", **IMMEDIATE)
            else:
                alerts.released(network, runner, *places, title=life, **IMMEDIATE)
    return {"alerts": Alert.objects.count()}


def _agencies(network: Network, count: int) -> Iterator[Agency]:
    everywhere = UserFactory()  # deputy of each third agency
    for turn in range(count):
        agency = AgencyFactory(network=network)
        for role, has_number in PEOPLE[turn % len(PEOPLE)]:
            somebody = UserFactory()
            appoint(somebody, role, agency)
            if has_number:
                Number.objects.create(person=somebody, number=f"+4477009{Number.objects.count():05}")
            if has_number and turn % 5 == 4:
                wants(somebody, "off", channel="text")
        if turn % 3 == 0:
            appoint(everywhere, "deputy", agency)
        yield agency


def passes(minutes: str, seed: str, *ends: str) -> dict[str, Any]:
    """Let so many minutes pass for all alerts at once, and while the steps are taken let some be acknowledged and these
    be ended."""
    back, draw = dt.timedelta(minutes=int(minutes)), random.Random(seed)
    again(lambda: _passes(back))
    deeds = [partial(_acknowledged, pk) for pk in _to_ask("some answer", draw)]
    deeds += [partial(ENDS[end]) for end in ends]
    draw.shuffle(deeds)
    for deed in deeds:
        time.sleep(draw.uniform(0, 4 / len(deeds)))
        again(deed)
    return {"done": len(deeds)}


def again(deed: Callable[[], None]) -> None:
    """Do it until the database has it."""
    for _ in range(60):
        try:
            deed()
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.5)
        else:
            return
    raise SystemExit("The database did not come back.")


@transaction.atomic
def _passes(back: dt.timedelta) -> None:
    Alert.objects.update(released_at=F("released_at") - back, created_at=F("created_at") - back)
    of_alerts = Mailing.objects.filter(kind=Mailing.Kind.ALERT)
    of_alerts.update(released_at=F("released_at") - back, deadline_at=F("deadline_at") - back)


def _to_ask(life: str, draw: random.Random) -> list[int]:
    """A fifth of those who have it and have not acknowledged it, members among them."""
    found: list[int] = []
    again(lambda: found.extend(_unanswered(life)))
    return draw.sample(found, len(found) // 5)


def _unanswered(life: str) -> list[int]:
    rows = Recipient.objects.filter(mailing__alert__title=life, acknowledged_at=None).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _acknowledged(recipient: int) -> None:
    row = Recipient.objects.select_related("person", "mailing__alert").get(pk=recipient)
    actions.acknowledge(alert=row.mailing.alert, by=row.person)


def _withdrawn() -> None:
    alert = Alert.objects.get(title="withdrawn")
    actions.withdraw(alert=alert, reason="Wrong town", by=fresh(alert.created_by))


@transaction.atomic
def _over() -> None:
    """Its end comes at a moment that lies between two rounds."""
    alert = Alert.objects.select_for_update(of=("self",)).get(title="over")
    Alert.objects.filter(pk=alert.pk).update(expires_at=Now())
    Mailing.objects.filter(pk=alert.mailing_id).update(expires_at=Now())


ENDS = {"withdrawn": _withdrawn, "over": _over}


def facts() -> dict[str, Any]:
    """Everything that the account is made of."""
    recipients = Recipient.objects.order_by("pk").values(
        "pk", "mailing", "person", "agency", "role", "added_at", "acknowledged_at"
    )
    deliveries = Delivery.objects.order_by("pk").values(
        "pk", "recipient", "mailing", "channel", "state", "possible_repeat", "finished_at", "detail",
        email=F("recipient__person__email"),
    )  # fmt: skip
    led = Appointment.objects.filter(role__in=LEADS)
    willing = Number.objects.exclude(person__in=User.objects.filter(preferences__choice="off"))
    return {
        "alerts": list(Alert.objects.values("pk", "title", "network", "mailing", "withdrawn_at", "expires_at")),
        "steps": list(Step.objects.values("alert", "agency", "kind", "minutes", "round", "at")),
        "recipients": list(recipients),
        "deliveries": list(deliveries),
        "notices": list(Mailing.objects.filter(kind="notice").values("pk", "path", "network")),
        "entries": list(Entry.objects.filter(verb="alert.climb").values("subject_id", "details")),
        "leads": list(led.values_list("agency", "person")),
        "coordinators": list(Appointment.objects.filter(role="coordinator").values_list("network", "person")),
        "texted": list(willing.values_list("person", flat=True)),
        "references": dict(Alert.objects.values_list("reference", "pk")),
    }


def _said(value: Any) -> Any:
    """Moments as seconds, IDs as words."""
    return value.timestamp() if isinstance(value, dt.datetime) else str(value)


if __name__ == "__main__":
    deeds = {deed.__name__: deed for deed in (release, passes, facts)}
    print(json.dumps(deeds[sys.argv[1]](*sys.argv[2:]), default=_said))

"""Alerts of the last year: written, approved, released, read and acknowledged at the pace at which people do it."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from typing import Any

from django.urls import reverse

from accounts.models import User
from alerts import release
from alerts.models import Alert, Revision, Series
from delivery import audience, post
from delivery.models import Delivery, Mailing, Recipient
from demonstration.story import climbing
from demonstration.story.world import World, told
from network.models import Appointment

Deed = Revision.Deed
# Half of those who answer at all have answered after so many minutes.
USUAL_WAIT = {"Immediate": 25, "Expected": 110, "Future": 420}
ANSWERS_LESS = {"lead": 1.0, "deputy": 0.75, "member": 0.6, "charter": 0.6}


def tell(world: World) -> None:
    """Write the alerts, oldest first."""
    stories = sorted(told("alerts")["alert"], key=lambda story: _moment(world, story))
    numbers: Counter[tuple[str, int]] = Counter()
    for story in stories:
        key = (story["network"], _moment(world, story).year)
        numbers[key] += 1
        _tell_one(world, story, f"{key[0]}-{key[1]}-{numbers[key]:04}")
    Series.objects.bulk_create(
        Series(network=world.networks[prefix], year=year, last=last) for (prefix, year), last in numbers.items()
    )


def _moment(world: World, story: dict[str, Any]) -> dt.datetime:
    """When it went out, or was last touched if it has not."""
    if "hours" in story:
        return world.now - dt.timedelta(hours=story["hours"])
    return world.ago(story["days"], story["at"])


def _tell_one(world: World, story: dict[str, Any], reference: str) -> None:
    at, author = _moment(world, story), world.people[story.get("author", "Cora Bell")]
    alert = _alert(world, story, reference, author, at)
    _write_revisions(world, story, alert, author, at)
    if "stage" in story:
        _leave_unreleased(world, story, alert, author, at)
    else:
        _release(world, story, alert, author, at)


def _alert(world: World, story: dict[str, Any], reference: str, author: User, at: dt.datetime) -> Alert:
    network = world.networks[story["network"]]
    own = Appointment.objects.live().filter(person=author.pk, agency__isnull=False).first()
    choice = audience.Choice(
        everyone=story.get("everyone", False),
        roles=story.get("roles", audience.DEFAULT_ROLES),
        kinds=story.get("kinds", ()),
        agencies=[world.agencies[name] for name in story.get("agencies", [])],
    )
    return Alert.objects.create(
        network=network,
        agency=own.agency if own else None,
        reference=reference,
        classification=story.get("classification", "OFFICIAL"),
        handling=story.get("handling", ""),
        audience=audience.save(network, choice),
        expires_at=at + dt.timedelta(story["lasts"]) if "lasts" in story else None,
        created_at=at - dt.timedelta(minutes=50),
        created_by=author,
        **{name: story[name] for name in ("title", "text", "instruction", "urgency", "severity", "certainty", "tlp")},
    )


def _write_revisions(world: World, story: dict[str, Any], alert: Alert, author: User, at: dt.datetime) -> None:
    deeds = [(Deed.DRAFTED, "draft", 50), (Deed.ADDRESSED, "address", 31)]
    if "approver" in story or story.get("stage") in {"submitted", "returned"}:
        deeds.append((Deed.SUBMITTED, "submit", 24))
    digest = release.digest(alert)
    Revision.objects.bulk_create(
        Revision(alert=alert, by=author, deed=deed, digest=digest, at=at - dt.timedelta(minutes=before))
        for deed, _, before in deeds
    )
    for _, verb, before in deeds:
        world.remember(f"alert.{verb}", alert, by=author, at=at - dt.timedelta(minutes=before))


def _leave_unreleased(world: World, story: dict[str, Any], alert: Alert, author: User, at: dt.datetime) -> None:
    fields: dict[str, Any] = {}
    if story["stage"] == "submitted":
        fields = {"submitted_at": at - dt.timedelta(minutes=24), "submitted_by": author}
    elif story["stage"] == "returned":
        asha = world.people["Asha Rahman"]
        fields = {"returned_at": at, "returned_by": asha, "return_reason": story["reason"]}
        world.remember("alert.return", alert, by=asha, at=at)
    Alert.objects.filter(pk=alert.pk).update(**fields or {"created_at": at})


def _release(world: World, story: dict[str, Any], alert: Alert, author: User, at: dt.datetime) -> None:
    """Through the real engine, so that recipients and reasons are what they would have been; then set back in time."""
    assert alert.audience is not None  # noqa: S101 — it was given one above
    there = Appointment.objects.live().filter(from_at__lt=at).values_list("person", flat=True)
    mailing = release.mailing_of(alert, reverse("alerts:detail", args=[alert.reference]))
    post.enclose(mailing=mailing, audience=alert.audience, only=frozenset(there))
    patience = post.PATIENCE[Mailing.Urgency(mailing.urgency)]
    Mailing.objects.filter(pk=mailing.pk).update(released_at=at, deadline_at=at + patience)
    by = world.people[story["approver"]] if "approver" in story else author
    fields: dict[str, Any] = {"mailing": mailing, "released_at": at, "released_by": by}
    if "approver" in story:
        fields |= {"submitted_at": at - dt.timedelta(minutes=24), "submitted_by": author}
    Alert.objects.filter(pk=alert.pk).update(**fields)
    recipients = list(Recipient.objects.filter(mailing=mailing).select_related("person").order_by("person__name"))
    world.remember("alert.release", alert, by=by, at=at, people=len(recipients))
    _deliver(world, mailing, at)
    _answer(world, story, alert, recipients, at)
    if "withdrawn" in story:
        _withdraw(world, story["withdrawn"], alert, by)


def _deliver(world: World, mailing: Mailing, at: dt.datetime) -> None:
    """All sent within seconds, except now and then one to a full mailbox."""
    rows = list(Delivery.objects.filter(mailing=mailing).order_by("recipient__person__name"))
    for place, row in enumerate(rows):
        row.state, row.attempts = Delivery.State.SENT, 1
        row.due_at, row.finished_at = at, at + dt.timedelta(seconds=2 + place // 20)
        row.sent_at = row.finished_at
    if rows and world.chance.random() < 0.3:
        unlucky = world.chance.choice(rows)
        unlucky.state, unlucky.attempts = Delivery.State.FAILED, 6
        unlucky.detail, unlucky.sent_at = "The mailbox is full.", None
        unlucky.finished_at = min(at + dt.timedelta(hours=3), world.now)
    changed = ["state", "attempts", "due_at", "sent_at", "finished_at", "detail"]
    Delivery.objects.bulk_update(rows, changed, batch_size=200)


def _answer(world: World, story: dict[str, Any], alert: Alert, recipients: list[Recipient], at: dt.datetime) -> None:
    end = min([moment for moment in (world.now, alert.expires_at, _withdrawn_at(world, story)) if moment])
    for row in recipients:
        answers = world.chance.random() < story["keen"] * ANSWERS_LESS[row.role]
        median = math.log(USUAL_WAIT[story["urgency"]])
        wait = dt.timedelta(minutes=2 + world.chance.lognormvariate(median, 1.1))
        if row.person.name in story.get("acknowledged", []):
            answers, wait = True, min(wait, (world.now - at) / 2)
        if answers and at + wait < end and row.person.name not in story.get("waiting", []):
            row.acknowledged_at = at + wait
            lead = row.role in {"lead", "deputy"}
            world.remember("alert.acknowledge", alert, by=row.person, at=row.acknowledged_at, for_agency=lead)
    if story.get("climbs"):
        climbing.tell(world, Alert.objects.select_related("audience").get(pk=alert.pk), at, recipients)
    Recipient.objects.bulk_update(recipients, ["acknowledged_at"], batch_size=200)


def _withdrawn_at(world: World, story: dict[str, Any]) -> dt.datetime | None:
    withdrawn = story.get("withdrawn")
    return world.ago(withdrawn["days"], withdrawn["at"]) if withdrawn else None


def _withdraw(world: World, withdrawn: dict[str, Any], alert: Alert, by: User) -> None:
    at = world.ago(withdrawn["days"], withdrawn["at"])
    rows = Alert.objects.filter(pk=alert.pk)
    rows.update(withdrawn_at=at, withdrawn_by=by, withdraw_reason=withdrawn["reason"])
    Mailing.objects.filter(alert=alert.pk).update(withdrawn_at=at)
    world.remember("alert.withdraw", alert, by=by, at=at)

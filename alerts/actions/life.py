"""What people do with alerts. Each checks first, locks the alert, writes one entry, and is safe to press twice."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from accounts.factors import require_fresh
from accounts.models import User
from alerts import climbing, references
from alerts import release as releases
from alerts.models import Alert, Revision
from audit import trail
from delivery import audience, bells, post
from delivery.models import Recipient
from network import roles, standing
from network.models import Agency, Membership, Network
from network.visibility import LEADS, RUNNERS

Deed = Revision.Deed


@transaction.atomic
def draft(*, network: Network, content: dict[str, Any], by: User) -> Alert:
    """A new alert with its reference, seen by its author and those who run the network. Raises PermissionDenied unless
    the person leads an agency of the network, runs the network, or coordinates nationally."""
    roles.require(by, "alert.draft", network)
    alert = Alert(network=network, agency=_agency_of(by, network), created_by=by, **_only_content(content))
    alert.reference = references.take(network)
    alert.full_clean(validate_unique=False)
    alert.save()
    _revise(alert, Deed.DRAFTED, by)
    trail.record("alert.draft", alert, by=by)
    return alert


@transaction.atomic
def edit(*, alert: Alert, content: dict[str, Any], by: User) -> Alert:
    """The alert with other words or marking; what was submitted has to be submitted again. Raises PermissionDenied
    unless the person may write it, ValidationError once it has been released."""
    roles.require(by, "alert.draft", alert)
    alert = _unreleased(_in_hands(alert, by))
    for name, value in _only_content(content).items():
        setattr(alert, name, value)
    alert.full_clean(validate_unique=False)
    _back_to_draft(alert, Deed.EDITED, by)
    trail.record("alert.edit", alert, by=by)
    return alert


@transaction.atomic
def address(*, alert: Alert, choice: audience.Choice, by: User) -> Alert:
    """The alert with another audience; what was submitted has to be submitted again. Raises PermissionDenied unless
    the person may write it, ValidationError once it has been released or for an agency that is not in the network."""
    roles.require(by, "alert.draft", alert)
    alert = _unreleased(_in_hands(alert, by))
    _in_network(alert, [*choice.agencies, *choice.excluded])
    alert.audience = audience.save(alert.network, choice, alert.audience)
    _back_to_draft(alert, Deed.ADDRESSED, by)
    trail.record("alert.address", alert, by=by)
    return alert


@transaction.atomic
def submit(*, alert: Alert, by: User) -> Alert:
    """The alert, waiting for an approver. Raises PermissionDenied unless the person may write it, ValidationError when
    it is for nobody or has been released. Submitting what is submitted changes nothing."""
    roles.require(by, "alert.submit", alert)
    alert = _unreleased(_in_hands(alert, by))
    if alert.submitted_at:
        return alert
    _for_somebody(releases.sheet(alert))
    alert.returned_at, alert.returned_by, alert.return_reason = None, None, ""
    _sign(alert, "submitted", by)
    _revise(alert, Deed.SUBMITTED, by)
    trail.record("alert.submit", alert, by=by)
    return alert


@transaction.atomic
def return_to_author(*, alert: Alert, reason: str, by: User) -> Alert:
    """The alert, back with its author, with a reason. Raises PermissionDenied unless the person approves for the
    network and had no hand in it, ValidationError when it is not waiting for approval."""
    roles.require(by, "alert.approve", alert)
    alert = _unreleased(_visible(alert, by))
    _had_no_hand(alert, by)
    if not alert.submitted_at:
        raise ValidationError("This alert is not waiting for approval.", code="not_submitted")
    alert.submitted_at, alert.submitted_by = None, None
    alert.return_reason = _reason(reason)
    _sign(alert, "returned", by)
    trail.record("alert.return", alert, by=by)
    return alert


@transaction.atomic
def release(*, alert: Alert, sheet: str, by: User) -> Alert:
    """The alert, in the inbox of everyone named on the release sheet whose fingerprint is `sheet`, and owed by email.

    A coordinator may do it alone within the limits of `release.why_not_alone`; else it must have been submitted, and
    the person must approve for the network, have had no hand in any version, and have given a second factor within ten
    minutes. Raises PermissionDenied otherwise;
    ValidationError when anything on the sheet has changed, it is for nobody, or it is past its end. Releasing what was
    released changes nothing.
    """
    alert = _visible(alert, by)
    found = releases.sheet(alert)
    _may_release(found, by)
    if alert.released_at:
        return alert
    if sheet != found.fingerprint:
        raise ValidationError("This alert changed since you looked: check it again.", code="changed")
    _for_somebody(found)
    _enclose(found)
    _sign(alert, "released", by)
    climbing.begin(alert)
    people = Recipient.objects.filter(mailing=alert.mailing).count()
    trail.record("alert.release", alert, by=by, people=people, sheet=sheet)
    return alert


@transaction.atomic
def withdraw(*, alert: Alert, reason: str, by: User) -> Alert:
    """The alert, closed: what was not sent stays unsent, and its readers see that it was withdrawn instead of its text.
    Raises PermissionDenied unless the person may write it, ValidationError when it was never released. Withdrawing
    twice changes nothing."""
    roles.require(by, "alert.withdraw", alert)
    alert = _in_hands(alert, by)
    if not alert.mailing:
        raise ValidationError("Only a released alert can be withdrawn.", code="not_released")
    if alert.withdrawn_at:
        return alert
    alert.withdraw_reason = _reason(reason)
    _sign(alert, "withdrawn", by)
    post.withdraw(alert.mailing)
    trail.record("alert.withdraw", alert, by=by)
    return alert


@transaction.atomic
def acknowledge(*, alert: Alert, by: User) -> Alert:
    """The alert, acknowledged by this person: “I have read this and will act”. A lead's acknowledgement stands for the
    agency. Raises PermissionDenied unless it was sent to them by name, ValidationError once it was withdrawn. The
    second press changes nothing."""
    alert = _visible(alert, by)
    mine = Recipient.objects.filter(mailing=alert.mailing_id, person=by.pk)
    if alert.mailing_id is None or not mine.exists():
        raise PermissionDenied("Only the people this alert was sent to can acknowledge it.")
    if alert.withdrawn_at:
        raise ValidationError("This alert was withdrawn. You need not do anything.", code="withdrawn")
    if mine.filter(acknowledged_at=None).update(acknowledged_at=Now()):
        trail.record("alert.acknowledge", alert, by=by, for_agency=mine.filter(role__in=LEADS).exists())
    return alert


def _only_content(content: dict[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in releases.CONTENT if name in content}


def _in_network(alert: Alert, agencies: list[Agency]) -> None:
    members = Membership.objects.live().filter(network=alert.network_id, agency__in=agencies)
    if members.count() != len(set(agencies)):
        raise ValidationError("Choose agencies of this network only.", code="stranger")


def _agency_of(by: User, network: Network) -> Agency | None:
    """The agency a lead writes for; none for those who write for the network itself."""
    here = standing.of(by)
    if network.pk in here.networks(*RUNNERS):
        return None
    members = standing.members_of([network.pk])
    return Agency.objects.filter(pk__in=members).filter(pk__in=here.agencies(*LEADS)).first()


def _visible(alert: Alert, by: User) -> Alert:
    """The alert as it is now, locked until the end of the transaction."""
    return _locked(Alert.objects.visible_to(by).filter(pk=alert.pk))


def _in_hands(alert: Alert, by: User) -> Alert:
    """The same, of those the person may write."""
    return _locked(Alert.objects.visible_to(by).in_hands_of(by).filter(pk=alert.pk))


def _locked(rows: QuerySet[Alert]) -> Alert:
    alert = rows.select_for_update(of=("self",)).first()
    if alert is None:
        raise PermissionDenied("Your role does not let you do this.")
    return alert


def _unreleased(alert: Alert) -> Alert:
    _readable(alert)
    if alert.released_at:
        raise ValidationError("This alert has been released and can no longer be changed.", code="released")
    return alert


def _readable(alert: Alert) -> None:
    """Nobody changes or approves what they may not read. `is_readable` came with the locked row."""
    if not getattr(alert, "is_readable", False):
        raise PermissionDenied("You may know of this alert, but not read it.")


def _may_release(found: releases.Sheet, by: User) -> None:
    alert = found.alert
    _readable(alert)
    if not found.alone and roles.may(by, "alert.release_alone", alert):
        return
    roles.require(by, "alert.approve", alert)
    _had_no_hand(alert, by)
    if not alert.submitted_at:
        raise PermissionDenied("An approver can release an alert only after it was submitted.")
    require_fresh(by)


def _enclose(found: releases.Sheet) -> None:
    """Write the mailing to the people of the sheet, and to nobody who joined since it was made."""
    alert = found.alert
    assert alert.audience is not None  # noqa: S101 - a sheet that names people has one
    mailing = releases.mailing_of(alert, reverse("alerts:detail", args=[alert.reference]))
    alert.mailing = post.enclose(mailing=mailing, audience=alert.audience, only=found.person_ids)
    transaction.on_commit(partial(bells.ring, mailing.urgency))


def _had_no_hand(alert: Alert, by: User) -> None:
    if by.pk in releases.makers(alert):
        raise PermissionDenied("You wrote or submitted this alert, so somebody else has to approve it.")


def _for_somebody(found: releases.Sheet) -> None:
    if not found.people:
        raise ValidationError("This alert is for nobody. Choose who it is for.", code="nobody")
    if Alert.objects.filter(pk=found.alert.pk, expires_at__lte=Now()).exists():
        raise ValidationError("This alert is past its end. Choose a later one.", code="over")


def _reason(text: str) -> str:
    if not text.strip():
        raise ValidationError("Enter a reason.", code="required")
    return text.strip()


def _back_to_draft(alert: Alert, deed: Revision.Deed, by: User) -> None:
    alert.submitted_at, alert.submitted_by = None, None
    alert.save()
    _revise(alert, deed, by)


def _revise(alert: Alert, deed: Revision.Deed, by: User) -> None:
    Revision.objects.create(alert=alert, by=by, deed=deed, digest=releases.digest(alert))


def _sign(alert: Alert, deed: str, by: Model) -> None:
    """Write who did it and, by the database's clock, when."""
    setattr(alert, f"{deed}_by", by)
    setattr(alert, f"{deed}_at", Now())
    alert.save()
    alert.refresh_from_db(fields=[f"{deed}_at"])

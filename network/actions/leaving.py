"""What people do when somebody leaves: end what they hold, ask a successor, accept, decline, take back."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from audit import trail
from network import appointing, leaving, letters, tasks
from network.appointing import Place, scope
from network.models import Agency, Appointment, Handover, Letter, Network

ONE_DAY = dt.timedelta(days=1)


@transaction.atomic
def leave(*, person: User, place: Place, heirless: bool = False, by: User) -> int:
    """End everything the person holds in this place, now; return how many appointments that was.

    Raises PermissionDenied unless every one of them may be ended, always for oneself; ValidationError when they hold
    none, and for the last lead of an agency, unless `heirless` by who may: then its coordinators are told.
    """
    _hold(place)
    ended = _end_all(person, place, by)
    _keep_a_lead(place, ended, heirless=heirless, by=by)
    trail.record("appointment.leave", place, by=by, person=str(person.pk), ended=len(ended))
    transaction.on_commit(tasks.ring)
    return len(ended)


@transaction.atomic
def ask_handover(*, leaver: User, successor: User, place: Place, now: bool = False, by: User) -> Handover:
    """Ask a colleague to take over what somebody leaves there. Nothing moves before they accept; the leaver's own roles
    end then, or at once if it is to be `now`.

    The roles named are those that the person who asks may give to the successor. Raises PermissionDenied unless they
    may end what the leaver holds, always for oneself; ValidationError for a successor who is no colleague there, while
    another is asked, and when the last lead of an agency is to leave now.
    """
    _hold(place)
    held = _may_end_all(leaver, place, by)
    if successor.pk == leaver.pk or not _is_colleague(successor, place):
        raise ValidationError("Choose somebody who has a role there now.", code="stranger")
    if Handover.objects.open().filter(leaver=leaver, **scope(place)).exists():
        raise ValidationError("Somebody is asked already. Take that back first.", code="asked")
    given = [role for role in _roles(held) if _may_give(by, role, place, successor)]
    handover = Handover.objects.create(leaver=leaver, successor=successor, roles=given, asked_by=by, **scope(place))
    if now:
        _end_all(leaver, place, by)
        _keep_a_lead(place, held, heirless=False, by=by)
    letters.owe(Letter.Kind.HANDOVER, person=successor, handover=handover)
    transaction.on_commit(tasks.ring)
    trail.record("handover.ask", handover, by=by, leaver=str(leaver.pk), successor=str(successor.pk))
    return handover


@transaction.atomic
def accept_handover(*, handover: Handover, by: User) -> Handover:
    """Take over what was asked: roles that who asked may still give, then drafts and the directory's named contact as
    far as these roles go; and what the leaver still held there ends.

    For the successor only. Raises PermissionDenied; ValidationError when it is over, or who asked could not any more.
    """
    if handover.successor_id != by.pk:
        raise PermissionDenied("Only the person who was asked can accept.")
    place = handover.place
    _hold(place)
    if not _is_colleague(by, place):
        raise PermissionDenied("Your role does not let you do this.")
    if not Handover.objects.open().filter(pk=handover.pk).update(accepted_at=Now()):
        raise ValidationError("This handover is over.", code="over")
    if not _may_still_ask(handover):
        raise ValidationError("Who asked you may not ask any more. Speak to your lead or coordinator.", code="lapsed")
    _give_roles(handover, place)
    if appointing.current(handover.leaver, place).exists():
        ended = _end_all(handover.leaver, place, handover.asked_by)
        _keep_a_lead(place, ended, heirless=True, by=handover.asked_by)
    moved = leaving.hand_over(handover.leaver, by, place)
    letters.drop(Letter.objects.filter(handover=handover))
    trail.record("handover.accept", handover, by=by, leaver=str(handover.leaver_id), **moved)
    handover.refresh_from_db()
    return handover


@transaction.atomic
def decline_handover(*, handover: Handover, reason: str, by: User) -> Handover:
    """Say no, and why: it goes back to who asked, who is told. For the successor. Raises PermissionDenied;
    ValidationError without a reason, and when it is over."""
    if handover.successor_id != by.pk:
        raise PermissionDenied("Only the person who was asked can decline.")
    return _end(handover, by, "handover.decline", reason)


@transaction.atomic
def take_back_handover(*, handover: Handover, reason: str, by: User) -> Handover:
    """Ask no longer, and say why. For who asked, and for who may end what members of that place hold. Raises
    PermissionDenied; ValidationError without a reason, and when it is over."""
    if not leaving.may_take_back(handover, by):
        raise PermissionDenied("Your role does not let you do this.")
    return _end(handover, by, "handover.take_back", reason)


def _end(handover: Handover, by: User, verb: str, reason: str) -> Handover:
    if not reason.strip():
        raise ValidationError({"reason": "Enter why"})
    if not Handover.objects.open().filter(pk=handover.pk).exists():
        raise ValidationError("This handover is over.", code="over")
    leaving.give_back(handover, by, reason.strip())
    transaction.on_commit(tasks.ring)
    trail.record(verb, handover, by=by)
    handover.refresh_from_db()
    return handover


def _may_end_all(person: User, place: Place, by: User) -> list[Appointment]:
    """What the person holds there, if `by` may end all of it. Somebody whose roles have ended already can still be
    handed over for: by who may end members there, who saw them."""
    held = list(appointing.current(person, place).select_related("agency", "network"))
    allowed = all(appointing.may_end(by, row) for row in held) if held else appointing.may_confirm(by, place)
    if person.pk == by.pk or not allowed:
        raise PermissionDenied("Your role does not let you do this.")
    return held or _held_last(person, place)


def _held_last(person: User, place: Place) -> list[Appointment]:
    """What ended for them there on the last day they had a role."""
    past = list(Appointment.objects.filter(person=person, **scope(place)).order_by("-until_at"))
    return [row for row in past if row.until_at and past[0].until_at and past[0].until_at - row.until_at < ONE_DAY]


def _end_all(person: User, place: Place, by: User) -> list[Appointment]:
    held = _may_end_all(person, place, by)
    if not appointing.current(person, place).exists():
        raise ValidationError("This person has no role there any more.", code="over")
    for row in held:
        leaving.end_at_once(row)
    leaving.let_go(person, place)
    return held


def _roles(held: list[Appointment]) -> list[str]:
    """Their own roles there, without those they only stood in for."""
    return sorted({row.role for row in held if not row.covers_id})


def _may_still_ask(handover: Handover) -> bool:
    held = list(appointing.current(handover.leaver, handover.place).select_related("agency", "network"))
    asked_by, place = handover.asked_by, handover.place
    keeps = appointing.may_confirm(asked_by, place) or any(
        appointing.may_appoint(asked_by, role, place) for role in handover.roles
    )
    return keeps and all(appointing.may_end(asked_by, row) for row in held)


def _give_roles(handover: Handover, place: Place) -> None:
    """Only what who asked may give at this moment, to somebody who is not they."""
    for role in handover.roles:
        rows = Appointment.objects.live().filter(person=handover.successor, role=role, covers=None, until_at=None)
        allowed = handover.successor_id != handover.asked_by_id and appointing.may_appoint(
            handover.asked_by, role, place
        )
        if allowed and not rows.filter(**scope(place)).exists():
            Appointment.objects.create(
                person=handover.successor, role=role, appointed_by=handover.asked_by, **scope(place)
            )


def _may_give(by: User, role: str, place: Place, successor: User) -> bool:
    """Never to oneself; and never a role in a network, which needs a second person's yes, by invitation."""
    return isinstance(place, Agency) and successor.pk != by.pk and appointing.may_appoint(by, role, place)


def _is_colleague(person: User, place: Place) -> bool:
    return Appointment.objects.live().filter(person=person, covers=None, **scope(place)).exists()


def _keep_a_lead(place: Place, ended: list[Appointment], *, heirless: bool, by: User) -> None:
    """Where a lead has gone the agency has another; or it must be so, and its coordinators are told."""
    was_led = any(row.role in Appointment.LEAD_ROLES and not row.covers_id for row in ended)
    if not isinstance(place, Agency) or not was_led or leaving.has_lead(place):
        return
    if not (heirless and appointing.may_end_heirless(by, place)):
        raise ValidationError(
            "This would leave the agency without a lead. Make somebody else lead or deputy first.", code="last_lead"
        )
    leaving.tell_coordinators(place)


def _hold(place: Place) -> None:
    """Its row, locked, so that two deeds at the same moment come one after the other."""
    model = Agency if isinstance(place, Agency) else Network
    model._default_manager.select_for_update().get(pk=place.pk)  # noqa: SLF001  Django's name for it

"""What people do to appointments: make, change, end, confirm, and name who stands in. Never their own."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit import trail
from network import appointing, leaving, roles, tasks
from network.appointing import Place, scope
from network.models import Agency, Appointment

Role = Appointment.Role
STAFF = (Role.MEMBER, Role.LEAD, Role.DEPUTY)
LONGEST_COVER = dt.timedelta(days=366)


@transaction.atomic
def appoint(
    *, person: User, role: str, agency: Agency, until_at: dt.datetime | None = None, heirless: bool = False, by: User
) -> Appointment:
    """Give a colleague this role in their agency from now on, in place of the one they have there; the charter
    officer's is held beside it. People of other agencies are invited instead: no answer may tell who has an account.

    Raises PermissionDenied, always for oneself; ValidationError for an end that is past, for a role they have already,
    and where the agency would be left without a lead, unless `heirless` by who may.
    """
    appointing.require_appoint(by, role, agency, person)
    _hold(agency)
    held = list(Appointment.objects.live().filter(person=person, agency=agency, covers=None))
    if not held or not person.is_active:
        raise PermissionDenied("Your role does not let you do this.")
    if any(row.role == role and row.until_at == until_at for row in held):
        raise ValidationError(f"{person} has this role already.", code="same")
    _refuse_past(until_at)
    given = Appointment.objects.create(
        person=person, role=role, until_at=until_at, appointed_by=by, from_at=Now(), **scope(agency)
    )
    for row in held:
        if row.role == role or (row.role in STAFF and role in STAFF):
            appointing.require_end(by, row)
            leaving.end_at_once(row)
    if any(row.role in Appointment.LEAD_ROLES for row in held):
        _keep_a_lead(agency, until_at if role in Appointment.LEAD_ROLES else None, heirless=heirless, by=by)
    trail.record("appointment.make", given, by=by, role=str(role), person=str(person.pk))
    return given


@transaction.atomic
def end_appointment(
    *, appointment: Appointment, until_at: dt.datetime | None = None, heirless: bool = False, by: User
) -> Appointment:
    """End an appointment now, or at a moment to come. What the person held by it in that place ends with the last one.

    Raises PermissionDenied, always for one's own; ValidationError for one that is over, a moment that is past, and for
    the last lead of an agency, unless `heirless` by who may: then its coordinators are told.
    """
    appointing.require_end(by, appointment)
    if appointment.agency:
        _hold(appointment.agency)
    rows = Appointment.objects.filter(appointing.not_over(), pk=appointment.pk)
    if not rows.exists():
        raise ValidationError("This appointment has ended already.", code="over")
    _refuse_past(until_at)
    if until_at is None:
        leaving.end_at_once(appointment)
    elif not rows.filter(from_at__lt=until_at).update(until_at=until_at):
        raise ValidationError("It cannot end before it begins.", code="backwards")
    if appointment.agency and appointment.role in Appointment.LEAD_ROLES and not appointment.covers_id:
        _keep_a_lead(appointment.agency, until_at, heirless=heirless, by=by)
    _let_go_after_last(appointment)
    trail.record("appointment.end", appointment, by=by, person=str(appointment.person_id), now=until_at is None)
    appointment.refresh_from_db()
    return appointment


@transaction.atomic
def confirm_people(*, place: Place, by: User) -> Place:
    """Say that the list of who has access there is right: every appointment in force but one's own is confirmed now.

    For who may end members there, or, in a network, people who run it. Raises PermissionDenied.
    """
    if not appointing.may_confirm(by, place):
        raise PermissionDenied("Your role does not let you do this.")
    rows = Appointment.objects.live().filter(**scope(place)).exclude(person=by)
    confirmed = Appointment.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        confirmed_at=Now(), confirmed_by=by
    )
    trail.record("appointment.confirm", place, by=by, people=confirmed)
    return place


@transaction.atomic
def cover(
    *, person: User, stand_in: User, agency: Agency, from_at: dt.datetime, until_at: dt.datetime, by: User
) -> list[Appointment]:
    """Let a colleague stand in for somebody who is away: as deputy for a lead, else in the same role.

    The person themself may say so, and who may give the role. It begins and ends by the database's clock, and ends with
    the person's own appointment. Raises PermissionDenied, always for standing in oneself; ValidationError for a
    stranger, and for days that are past, the wrong way round or more than a year.
    """
    kept = list(appointing.current(person, agency).filter(covers=None))
    _may_name(person, stand_in, kept, agency, by)
    if not Appointment.objects.live().filter(person=stand_in, agency=agency, covers=None).exists():
        raise ValidationError("Choose somebody who has a role in the agency now.", code="stranger")
    if not timezone.now() < until_at or not from_at < until_at <= from_at + LONGEST_COVER:
        raise ValidationError("Cover ends after it begins, in the future, and within a year.", code="dates")
    made = [
        Appointment.objects.create(
            person=stand_in,
            role=appointing.STAND_IN.get(Role(row.role), Role(row.role)),
            agency=agency,
            covers=person,
            from_at=from_at,
            until_at=min(until_at, row.until_at or until_at),
            appointed_by=by,
        )
        for row in kept
        if row.until_at is None or row.until_at > from_at
    ]
    if not made:
        raise ValidationError("Nothing is left to stand in for on these days.", code="dates")
    trail.record("cover.name", made[0], by=by, person=str(person.pk), stand_in=str(stand_in.pk))
    return made


def _may_name(person: User, stand_in: User, kept: list[Appointment], agency: Agency, by: User) -> None:
    """Of oneself, or with the right to give each of the roles; and never oneself as the one who stands in."""
    own = by.pk == person.pk and any(roles.may(by, "people.read", row) for row in kept)
    given = {appointing.STAND_IN.get(Role(row.role), Role(row.role)) for row in kept}
    allowed = own or (bool(given) and all(appointing.may_appoint(by, role, agency) for role in given))
    if stand_in.pk in {by.pk, person.pk} or not allowed or not stand_in.is_active:
        raise PermissionDenied("Your role does not let you do this.")


def _keep_a_lead(agency: Agency, after: dt.datetime | None, *, heirless: bool, by: User) -> None:
    """The agency still has a lead or deputy after this moment; or it must be so, and its coordinators are told."""
    if leaving.has_lead(agency, after=after):
        return
    if not (heirless and appointing.may_end_heirless(by, agency)):
        raise ValidationError(
            "This would leave the agency without a lead. Make somebody else lead or deputy first.", code="last_lead"
        )
    leaving.tell_coordinators(agency)
    transaction.on_commit(tasks.ring)


def _let_go_after_last(appointment: Appointment) -> None:
    place = appointment.place
    if place is not None and not appointing.current(appointment.person, place).exists():
        leaving.let_go(appointment.person, place)


def _refuse_past(until_at: dt.datetime | None) -> None:
    if until_at is not None and until_at <= timezone.now():
        raise ValidationError("Choose a day in the future.", code="past")


def _hold(agency: Agency) -> None:
    """Its row, locked, so that two leads who end each other at the same moment come one after the other."""
    Agency.objects.select_for_update().get(pk=agency.pk)

"""What people do for an agency to join a network, until it is admitted or the joining is withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit import trail
from network import above, agreements, joining, letters, roles, tasks
from network.actions import invitations
from network.models import Agency, Appointment, Area, Invitation, Letter, Membership, Network

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")


@transaction.atomic
def start(
    *,
    network: Network,
    name: str,
    kind: str,
    areas: Iterable[Area],
    email_domains: Sequence[str],
    lead_name: str = "",
    lead_email: str = "",
    by: User,
) -> Membership:
    """Begin the joining of an agency that is new here, and return its place, which has not begun. The first lead is
    invited where one is named.

    The network's coordinators may. An agency of the same name elsewhere neither hinders it nor is spoken of: its lead,
    once invited, can say that it is the same (`use_existing`). Raises PermissionDenied; ValidationError for a name that
    the network has already, an unknown kind, or what is no domain.
    """
    roles.require(by, "agency.start", network)
    joining.require_free(network, name)
    agency = Agency(name=name.strip(), kind=kind, email_domains=_domains(email_domains), starts_on=timezone.localdate())
    agency.full_clean()
    agency.save(force_insert=True)
    agency.areas.set(areas)
    row = _begin(network, agency, by)
    if lead_email:
        invitations.invite(email=lead_email, name=lead_name, role=Appointment.Role.LEAD, place=agency, by=by)
    return row


@transaction.atomic
def start_existing(*, network: Network, agency: Agency, by: User) -> Membership:
    """Begin the joining of an agency that the coordinator sees already, and return its place, which has not begun.

    The network's coordinators may. Raises PermissionDenied, also for an agency that they may not see; ValidationError
    when it is in the network already.
    """
    roles.require(by, "agency.start", network)
    if not Agency.objects.visible_to(by).filter(pk=agency.pk).exists():
        raise PermissionDenied("Your role does not let you do this.")
    joining.require_free(network, agency.name)
    return _begin(network, agency, by)


@transaction.atomic
def use_existing(*, membership: Membership, agency: Agency, by: User) -> Membership:
    """Let an agency that is here already join in place of the new one that was begun for it, and return the place.

    Only who leads both may: nobody else knows that they are the same. What was written for the new one moves over; its
    people do not. Raises PermissionDenied; ValidationError when it is in the network already or no longer joining.
    """
    for each in (membership.agency, agency):
        roles.require(by, "agency.assure", each)
    row = _joining(membership)
    roles.require(by, "agency.assure", row.agency)  # it may have become another meanwhile
    if Membership.objects.filter(network=row.network, agency=agency, until_at=None).exists():
        raise ValidationError(f"{agency} is in this network already.")
    begun = row.agency
    if begun.memberships.exclude(pk=row.pk).exists():
        raise ValidationError(f"{begun} is in other networks as well.")
    above.follow(begun, [agency], {})
    Appointment.objects.filter(agency=begun, until_at=None).update(until_at=Now())
    _end_invitations(begun)
    row.agency = agency
    row.save(update_fields=["agency"])
    Agency.objects.filter(pk=begun.pk).update(ends_on=timezone.localdate())
    trail.record("agency.join_as", row, by=by)
    return row


@transaction.atomic
def assure(*, agency: Agency, by: User) -> Agency:
    """Say that the agency's own details are right today. Its leads may. Raises PermissionDenied."""
    roles.require(by, "agency.assure", agency)
    agency.assured_on = timezone.localdate()
    agency.save(update_fields=["assured_on"])
    trail.record("agency.assure", agency, by=by)
    return agency


@transaction.atomic
def admit(*, membership: Membership, by: User) -> Membership:
    """Make a joining agency a live member, from this moment. The network's coordinators may.

    Raises PermissionDenied; ValidationError when it was admitted or withdrawn meanwhile, or while something is missing.
    """
    roles.require(by, "agency.run", membership)
    row = _joining(membership)
    missing = joining.progress([row])[row.pk].missing
    if missing:
        raise ValidationError(f"{row.agency} cannot be admitted yet: {', '.join(missing)}.")
    if not Membership.objects.filter(pk=row.pk, from_at=None, until_at=None).update(from_at=Now()):
        raise ValidationError(_GONE)
    row.refresh_from_db(fields=["from_at"])
    trail.record("agency.admit", row, by=by)
    return row


@transaction.atomic
def remind(*, membership: Membership, by: User) -> Membership:
    """Remind those who lead a joining agency that something is still missing: a letter each, at most one a day. The
    network's coordinators may.

    Raises PermissionDenied; ValidationError when nothing is missing, when nobody leads the agency, when it was reminded
    within a day, and when it is no longer joining.
    """
    roles.require(by, "agency.run", membership)
    row = _joining(membership)
    if joining.progress([row])[row.pk].is_ready:
        raise ValidationError(f"{row.agency} has done everything. Admit it.")
    leads = set(joining.leading([row.agency_id]).values_list("person", flat=True))
    if not leads:
        raise ValidationError(f"Nobody leads {row.agency} yet. Send the invitation again, or invite somebody else.")
    if not Membership.objects.filter(agreements.may_be_reminded(), pk=row.pk).update(reminded_at=Now()):
        raise ValidationError(f"{row.agency} was reminded within the last day. Telephone, or wait until tomorrow.")
    row.refresh_from_db(fields=["reminded_at"])
    for person in leads:
        letters.owe(Letter.Kind.JOINING, person_id=person, agency=row.agency)
    transaction.on_commit(tasks.ring)
    trail.record("agency.remind", row, by=by)
    return row


@transaction.atomic
def withdraw(*, membership: Membership, by: User) -> Membership:
    """Give a joining up. The network's coordinators and the agency's leads may. Its invitations end as well, where it
    is in no other network. Raises PermissionDenied; ValidationError when it is no longer joining."""
    roles.require(by, "agency.withdraw", membership)
    row = _joining(membership)
    if not Membership.objects.filter(pk=row.pk, from_at=None, until_at=None).update(until_at=Now()):
        raise ValidationError(_GONE)
    row.refresh_from_db(fields=["until_at"])
    if not row.agency.memberships.filter(until_at=None).exists():
        _end_invitations(row.agency)
    trail.record("agency.withdraw", row, by=by)
    return row


def _begin(network: Network, agency: Agency, by: User) -> Membership:
    row = Membership.objects.create(network=network, agency=agency, from_at=None)
    trail.record("agency.start", row, by=by)
    return row


def _joining(membership: Membership) -> Membership:
    """The row as it is now, locked."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("agency", "network")
    row = rows.filter(pk=membership.pk, from_at=None, until_at=None).first()
    if row is None:
        raise ValidationError(_GONE)
    return row


def _end_invitations(agency: Agency) -> None:
    Invitation.objects.filter(agency=agency, accepted_at=None, ended_at=None).update(ended_at=Now())


def _domains(given: Sequence[str]) -> str:
    domains = [domain.strip().lower().removeprefix("@") for domain in given]
    wrong = [domain for domain in domains if not DOMAIN.fullmatch(domain)]
    if wrong:
        raise ValidationError({"email_domains": f"{wrong[0]} is not an email domain, like agency.example"})
    return " ".join(dict.fromkeys(domains))


_GONE = "This agency is not joining any more. Look at its page again."

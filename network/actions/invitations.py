"""What people do with invitations: send, agree, send again, cancel, accept."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts import moving, reopening
from accounts.models import User
from audit import trail
from network import addresses, appointing, inviting, letters, tasks
from network.appointing import Place, scope
from network.models import Appointment, Invitation, Letter

Role = Appointment.Role


@transaction.atomic
def invite(*, email: str, name: str, role: str, place: Place, by: User) -> Invitation:
    """An invitation of this address to this role, and to no other. For a role in an agency its letter leaves at once;
    for one in a network it waits for a second person, who is asked.

    Whether the address has an account is told to nobody. Raises PermissionDenied unless the person may give this role
    there, always for their own mailbox; ValidationError for an address that is none, or invited already.
    """
    appointing.require_appoint(by, role, place)
    if _is_own_mailbox(email, by):
        raise PermissionDenied("Nobody changes their own roles.")
    invitation = Invitation(email=email.strip().lower(), name=name.strip(), role=role, invited_by=by, **scope(place))
    invitation.clean_fields(exclude=["agency", "network", "invited_by", "expires_at", "digest"])
    same = Invitation.objects.open().filter(email=invitation.email, role=role, **scope(place))
    if same.exists():
        raise ValidationError({"email": "This address is invited to this role already. Send that invitation again"})
    invitation.expires_at = Now() + inviting.LASTS
    invitation.save(force_insert=True)
    invitation.refresh_from_db()
    _write(invitation, by)
    trail.record("invitation.send", invitation, by=by, role=str(role))
    return invitation


@transaction.atomic
def agree(*, invitation: Invitation, by: User) -> Invitation:
    """The second yes to an invitation into a network: its letter leaves, and it lasts seven days from now.

    For an approver of that network, a national coordinator or another operator; never for who asked, nor for whom it
    is. Raises PermissionDenied; ValidationError once it is agreed or over.
    """
    own = by.pk == invitation.invited_by_id or _is_own_mailbox(invitation.email, by)
    if own or not appointing.may_agree(by, invitation.place):
        raise PermissionDenied("Your role does not let you do this.")
    waiting = Invitation.objects.awaiting_yes().filter(pk=invitation.pk)
    if not waiting.update(approved_by=by, approved_at=Now(), expires_at=Now() + inviting.LASTS):
        raise ValidationError("This invitation does not wait for a yes any more.", code="over")
    invitation.refresh_from_db()
    letters.drop(Letter.objects.filter(invitation=invitation))
    _write(invitation, by)
    trail.record("invitation.agree", invitation, by=by)
    return invitation


@transaction.atomic
def send_again(*, invitation: Invitation, by: User) -> Invitation:
    """The invitation with a new letter, which ends the link in the one before at once, and seven days more.

    For who may give the role. Raises PermissionDenied; ValidationError once it is accepted or cancelled, or before the
    second yes.
    """
    appointing.require_appoint(by, invitation.role, invitation.place)
    again = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, ended_at=None)
    again = again.filter(Q(network=None) | Q(approved_at__isnull=False))
    if not again.update(digest=None, expires_at=Now() + inviting.LASTS):
        raise ValidationError("This invitation cannot be sent again.", code="over")
    invitation.refresh_from_db()
    letters.drop(Letter.objects.filter(invitation=invitation))
    _write(invitation, by)
    trail.record("invitation.again", invitation, by=by)
    return invitation


@transaction.atomic
def cancel_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """End the invitation: its link opens nothing any more. For who may give the role, and for who is asked for a second
    yes. Raises PermissionDenied; ValidationError once it is accepted or over."""
    may = appointing.may_appoint(by, invitation.role, invitation.place)
    if not may and not (invitation.network and appointing.may_agree(by, invitation.network)):
        raise PermissionDenied("Your role does not let you do this.")
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, ended_at=None).update(ended_at=Now()):
        raise ValidationError("This invitation is over already.", code="over")
    letters.drop(Letter.objects.filter(invitation=invitation))
    invitation.refresh_from_db()
    trail.record("invitation.cancel", invitation, by=by)
    return invitation


@transaction.atomic
def accept(*, digest: str, by: User) -> Appointment:
    """Take up the invited role with the account one has. Raises PermissionDenied for a link that does not hold, one for
    another address, and a closed account; all in the same words."""
    invitation = _taken(digest)
    if by.email.lower() != invitation.email or not User.objects.filter(pk=by.pk, is_active=True).exists():
        raise _refused()
    return _take_up(invitation, by)


@transaction.atomic
def join(*, digest: str, name: str, password: str, by: Any) -> tuple[User, Appointment]:
    """Make an account for the invited address, with the invited role, in one step; a closed account is opened again,
    and of what it had before nothing comes back. `by` is nobody: who comes by the link has no account that is open.

    Raises PermissionDenied for a link that does not hold, or an address that has an account; ValidationError for a name
    or a password that will not do.
    """
    invitation = _taken(digest)
    person = User(email=invitation.email, name=name.strip())
    person.clean_fields(exclude=["password"])
    validate_password(password, person)
    known = User.objects.filter(email=invitation.email).first()
    if by.is_authenticated or (known and known.is_active):
        raise _refused()
    if known is None:
        person = User.objects.create_user(person.email, person.name, password)
    elif (opened := reopening.begin_anew(known, name=person.name, password=password)) is None:
        raise _refused()
    else:
        person = opened
    return person, _take_up(invitation, person)


def _is_own_mailbox(email: str, person: User) -> bool:
    """Whether it is this person's address, or was: somebody who moved does not come in a second time by the old one."""
    return any(addresses.same_mailbox(email, own) for own in moving.addresses_of(person))


def _write(invitation: Invitation, by: User) -> None:
    if invitation.needs_yes:
        for pk in _second_persons(invitation, by):
            letters.owe(Letter.Kind.ASK_YES, person_id=pk, invitation=invitation)
    else:
        letters.owe(Letter.Kind.INVITATION, invitation=invitation)
    transaction.on_commit(tasks.ring)


def _second_persons(invitation: Invitation, by: User) -> list[Any]:
    there = Q(role=Role.APPROVER, network=invitation.network_id) | Q(role__in=[Role.OPERATOR, Role.NATIONAL])
    found = Appointment.objects.live().filter(there).exclude(person=by)
    return list(found.order_by("person").values_list("person", flat=True).distinct())


def _taken(digest: str) -> Invitation:
    """The invitation, marked as accepted; of two at the same moment one is second."""
    invitation = inviting.opened_by(digest)
    if invitation is None or not Invitation.objects.open().filter(pk=invitation.pk, digest=digest).update(
        accepted_at=Now(), digest=None
    ):
        raise _refused()
    return invitation


def _take_up(invitation: Invitation, person: User) -> Appointment:
    _not_who_gave(invitation, person)
    live = Appointment.objects.live().filter(
        person=person, role=invitation.role, until_at=None, covers=None, **scope(invitation.place)
    )
    appointment = live.first() or Appointment.objects.create(
        person=person, role=invitation.role, appointed_by=invitation.invited_by, **scope(invitation.place)
    )
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=person)
    letters.drop(Letter.objects.filter(invitation=invitation))
    trail.record("invitation.accept", invitation, by=person, role=str(invitation.role))
    return appointment


def _not_who_gave(invitation: Invitation, person: User) -> None:
    """Never oneself: addresses change, so that of who invited, or agreed, may have become the invited one since."""
    if person.pk in {invitation.invited_by_id, invitation.approved_by_id}:
        raise _refused()


def _refused() -> PermissionDenied:
    return PermissionDenied("This invitation does not work.")

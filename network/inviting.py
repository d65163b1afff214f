"""Invitations as links: which one a secret opens, and whether it still holds."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from network import appointing
from network.models import Agency, Invitation, Membership, Network

LASTS = dt.timedelta(days=7)


def opened_by(digest: str) -> Invitation | None:
    """The invitation that this secret opens; None for one that is unknown, used, cancelled, expired or followed by a
    newer letter, and for one that nobody could make any more: a link never outlives the right to send it."""
    rows = Invitation.objects.open().select_related("agency", "network", "invited_by", "approved_by")
    invitation = rows.filter(digest=digest).first() if digest else None
    return invitation if invitation is not None and holds(invitation) else None


def has_account(invitation: Invitation) -> bool:
    """Whether somebody signs in with the invited address. To be told only to who holds the secret, which was sent to
    that address. A closed account is none: it is opened again like a new one."""
    return bool(User.objects.filter(email=invitation.email, is_active=True).exists())


def holds(invitation: Invitation) -> bool:
    """Whether who invited, and who agreed, might still do so, and the place is still there."""
    if invitation.needs_yes or not _is_there(invitation.place):
        return False
    asked = appointing.may_appoint(invitation.invited_by, invitation.role, invitation.place)
    agreed = invitation.approved_by is None or appointing.may_agree(invitation.approved_by, invitation.place)
    return asked and agreed


def _is_there(place: Agency | Network) -> bool:
    if isinstance(place, Network):
        return place.ended_at is None or Network.objects.live().filter(pk=place.pk).exists()
    joining = Membership.objects.filter(agency=place, from_at=None, until_at=None)
    return joining.exists() or Membership.objects.live().filter(agency=place).exists()

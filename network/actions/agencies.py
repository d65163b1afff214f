"""What coordinators do to agencies in their networks: suspend them, let them back, end their place, rename them."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit import trail
from network import above, joining, names, roles
from network.dates import not_ended
from network.models import Agency, ApiKey, Membership, Suspension

SHORTEST_REASON = 10


@transaction.atomic
def suspend(*, membership: Membership, reason: str, by: User) -> Membership:
    """Close the network to an agency, and the agency to the network, from this moment. Nobody but the network's
    coordinators, who may, reads the reason. People keep their accounts, and what they have in other networks.

    Raises PermissionDenied; ValidationError for a reason under ten characters, or when it is no live member.
    """
    roles.require(by, "agency.run", membership)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ValidationError({"reason": f"Give a reason of {SHORTEST_REASON} characters or more"})
    row = _changed(membership, "This agency is not a live member any more.", suspended_at=Now())
    Suspension.objects.create(membership=row, reason=reason.strip(), suspended_by=by)
    trail.record("agency.suspend", row, by=by)
    return row


@transaction.atomic
def let_back(*, membership: Membership, by: User) -> Membership:
    """Let a suspended agency back in, and return its new place: the old one ended when it was suspended, so that the
    dates tell the whole story. The network's coordinators may. Raises PermissionDenied; ValidationError when it is not
    suspended any more."""
    roles.require(by, "agency.run", membership)
    held = Membership.objects.filter(pk=membership.pk, until_at=None, suspended_at__isnull=False)
    if not held.update(until_at=F("suspended_at")):
        raise ValidationError("This agency is not suspended any more.")
    row = Membership.objects.create(network=membership.network, agency=membership.agency)
    trail.record("agency.let_back", row, by=by)
    return row


@transaction.atomic
def leave(*, membership: Membership, at: dt.datetime | None = None, by: User) -> Membership:
    """End an agency's place in a network, now or at a moment to come, and return it. What was shared between the two
    ends at that moment, and the agency's keys where it is in no other network. People with no other place lose their
    rights by themselves. The network's coordinators may.

    Raises PermissionDenied; ValidationError for a moment that is past, or when the place has ended or not begun.
    """
    roles.require(by, "agency.run", membership)
    if at is not None and at <= timezone.now():
        raise ValidationError({"at": "The day must be in the future"})
    open_row = Membership.objects.filter(not_ended(), pk=membership.pk, from_at__lte=Now())
    if not open_row.update(until_at=at or Now()):
        raise ValidationError("This agency’s place has ended already.")
    row = Membership.objects.select_related("agency", "network").get(pk=membership.pk)
    above.part(row.agency, row.network, at)
    others = Membership.objects.filter(not_ended(), agency=row.agency_id, from_at__isnull=False)
    if not others.exclude(pk=row.pk).exists():
        _end_keys(row.agency, at)
    trail.record("agency.leave", row, by=by, **({"at": at.isoformat()} if at else {}))
    return row


@transaction.atomic
def rename(*, membership: Membership, name: str, by: User) -> Agency:
    """Give the agency another name, keep the old one among those it is found by, and return the agency.

    Coordinators of a network that it is in may; of one that it only joins, if it is in no other. Raises
    PermissionDenied; ValidationError for a name that the network has already, or no name.
    """
    roles.require(by, "agency.run", membership)
    agency = Agency.objects.select_for_update().get(pk=membership.agency_id)
    _require_in(membership, agency)
    joining.require_free(membership.network, name, but=[agency])
    old, agency.name = agency.name, name.strip()
    if agency.name == old:
        raise ValidationError({"name": "This is its name already"})
    agency.former_names = names.joined(agency.former_names, old)
    agency.full_clean()
    agency.save(update_fields=["name", "former_names"])
    above.reindex(agency)
    trail.record("agency.rename", agency, by=by, before=old, after=agency.name)
    return agency


def _changed(membership: Membership, refusal: str, **values: object) -> Membership:
    """The live member with these values; of two who press at once, one is refused."""
    if not Membership.objects.live().filter(pk=membership.pk).update(**values):
        raise ValidationError(refusal)
    return Membership.objects.select_related("agency", "network").get(pk=membership.pk)


def _end_keys(agency: Agency, at: dt.datetime | None) -> None:
    live = ApiKey.objects.filter(agency=agency, ended_at=None)
    if at is None:
        live.update(ended_at=Now())
    else:
        live.filter(expires_at__gt=at).update(expires_at=at)


def _require_in(membership: Membership, agency: Agency) -> None:
    begun = Membership.objects.filter(not_ended(), agency=agency, from_at__isnull=False)
    elsewhere_only = membership.from_at is None and begun.exists()
    if elsewhere_only or not Membership.objects.filter(not_ended(), pk=membership.pk).exists():
        raise PermissionDenied("Your role does not let you do this.")

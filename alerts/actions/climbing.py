"""What coordinators do about alerts that nobody acknowledges: note their calls, and say after how long it goes on."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from alerts import calling
from alerts.models import Alert, Call, Ladder
from audit import trail
from network import roles
from network.models import Network

TWICE = dt.timedelta(minutes=1)  # the same again so soon is a second press, not a second call


@transaction.atomic
def note_call(*, alert: Alert, agency: UUID, outcome: str, by: User) -> Call:
    """That the person called an agency on the alert's call list, and how it went. It acknowledges nothing. Who
    coordinates the network may. Raises PermissionDenied; ValidationError when the agency is not on the list (any more).
    The same again within a minute changes nothing."""
    roles.require(by, "alert.call", alert)
    alert = _locked(alert, by)
    if not calling.listed(by).filter(alert=alert, agency=agency).exists():
        raise ValidationError("This agency need not be called: it is not on the list any more.", code="not_listed")
    same = Call.objects.filter(alert=alert, agency=agency, outcome=outcome, by=by, taken_back_at=None)
    if (again := same.filter(at__gt=Now() - TWICE).first()) is not None:
        return again
    call = Call(alert=alert, agency_id=agency, outcome=outcome, by=by)
    call.clean_fields(exclude=["at", "by", "alert", "agency"])
    call.save(force_insert=True)
    trail.record("alert.call", alert, by=by, outcome=outcome, agency=str(agency))
    return call


@transaction.atomic
def take_back_call(*, call: Call, by: User) -> Call:
    """The note of a call, taken back: it stays to be read as that. Who coordinates the network may, while it is the
    last about this agency. Raises PermissionDenied; ValidationError when there is a later one. Twice changes nothing.
    """
    roles.require(by, "alert.call", call.alert)
    alert = _locked(call.alert, by)
    rows = Call.objects.filter(alert=alert, agency=call.agency_id, taken_back_at=None)
    last = rows.first()
    if last is not None and last.pk > call.pk:
        raise ValidationError("Somebody called again since. Only the last call can be taken back.", code="not_last")
    if rows.filter(pk=call.pk).update(taken_back_at=Now()):
        trail.record("alert.uncall", alert, by=by, outcome=call.outcome, agency=str(call.agency_id))
    call.refresh_from_db()
    return call


@transaction.atomic
def set_ladder(*, network: Network, deputies_after: int, other_way_after: int, calls_after: int, by: User) -> Ladder:
    """After how many minutes this network's alerts go on. Its coordinators may. Raises PermissionDenied;
    ValidationError unless each is later than the one before, from 5 to 240 minutes."""
    roles.require(by, "ladder.edit", network)
    minutes = {"deputies_after": deputies_after, "other_way_after": other_way_after, "calls_after": calls_after}
    ladder = Ladder(network=network, **minutes)
    ladder.clean_fields(exclude=["network"])
    ladder.validate_constraints()
    Ladder.objects.update_or_create(network=network, defaults=minutes)
    trail.record("ladder.edit", ladder, by=by, **minutes)
    return ladder


def _locked(alert: Alert, by: User) -> Alert:
    found = Alert.objects.visible_to(by).filter(pk=alert.pk).select_for_update(of=("self",)).first()
    if found is None:
        raise PermissionDenied("Your role does not let you do this.")
    return found

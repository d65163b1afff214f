"""Need-to-know grants: one row to one person, for a reason, until a moment. The only module that speaks to
django-guardian, which carries them in a table of our own with direct foreign keys: no orphans, real indexes.

A grant lets its holder see. It never gives the right to change, to export or to share further.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from guardian.models import UserObjectPermissionBase
from guardian.utils import get_user_obj_perms_model

from accounts.factors import require_fresh
from accounts.models import User
from audit import trail
from network import roles
from network.standing import Standing

SHORTEST_REASON = 20
LONGEST = timedelta(hours=72)


@transaction.atomic
def give(*, row: Model, person: User, reason: str, until: datetime, by: User) -> Model:
    """Let one person see one row until a moment at most 72 hours away, and return the grant. It takes the place of any
    they hold on the row already, so that ending it ends it.

    Leads of the row's agency who see the row, with a fresh factor, may. Raises PermissionDenied, FreshFactorNeeded;
    ValidationError for a reason under 20 characters, a moment that is past or too far away, oneself, or a person who
    may not sign in.
    """
    roles.require(by, "grant.give", row)
    require_fresh(by)
    _require_seen(row, by)
    _hold(row)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ValidationError(f"Say why in {SHORTEST_REASON} characters or more.")
    if not timezone.now() < until <= timezone.now() + LONGEST:
        raise ValidationError("A grant ends within 72 hours.")
    if not person.is_active or person.pk == by.pk:
        raise ValidationError("Nobody can be given this who is you, or whose account is closed.")
    _live_of(row, person).update(until_at=Now())
    grant: Model = _grants_on(type(row)).create(
        user=person,
        content_object=row,
        permission=_to_see(type(row)),
        reason=reason.strip(),
        until_at=until,
        given_by=by,
    )
    trail.record("grant.give", row, by=by, person=str(person.pk), until=until.isoformat())
    return grant


@transaction.atomic
def end(*, row: Model, person: User, by: User) -> int:
    """End this person's live grants on this row now, and return how many there were.

    Leads of the row's agency with a fresh factor, and coordinators of its networks, may. Raises PermissionDenied,
    FreshFactorNeeded; ValidationError when there is none, because somebody else was quicker.
    """
    roles.require(by, "grant.end", row)
    if roles.may(by, "grant.give", row):
        require_fresh(by)
    _hold(row)
    ended: int = _live_of(row, person).update(until_at=Now())
    if not ended:
        raise ValidationError("This has ended already.")
    trail.record("grant.end", row, by=by, person=str(person.pk), ended=ended)
    return ended


def lapse(row: Model) -> int:
    """End all live grants on a row, as part of a deed that makes them wrong: it is opened, or it became another."""
    ended: int = _grants_on(type(row)).filter(content_object=row, until_at__gt=Now()).update(until_at=Now())
    return ended


def held(model: type[Model], here: Standing) -> QuerySet[Any]:
    """IDs of the rows of this model that the reader holds a live grant on, by the database's clock."""
    mine = _grants_on(model).filter(user=here.person, user__is_active=True, until_at__gt=Now())
    return mine.values("content_object")


def live(model: type[Model], *, at: datetime | None = None) -> QuerySet[Any]:
    """The grants on rows of this model that count now, by the database's clock, or counted at a past moment."""
    given = {"given_at__lte": at} if at else {}
    return _grants_on(model).filter(until_at__gt=at or Now(), **given)


def _live_of(row: Model, person: User) -> QuerySet[Any]:
    return _grants_on(type(row)).filter(content_object=row, user=person, until_at__gt=Now())


def _hold(row: Model) -> None:
    """Lock the row, so that giving and ending at once come one after the other: whoever ends last has ended it."""
    cast("Any", type(row)).objects.select_for_update().filter(pk=row.pk).first()


def _require_seen(row: Model, by: User) -> None:
    if not cast("Any", type(row)).objects.visible_to(by).filter(pk=row.pk).exists():
        raise PermissionDenied("Your role does not let you do this.")


def end_all(person: User) -> int:
    """End every live grant of this person, on whatever kind of row; return how many. For the transaction in which they
    leave, whose entry stands for it."""
    found = [table for table in apps.get_models() if issubclass(table, UserObjectPermissionBase)]
    ours: list[Any] = [table for table in found if hasattr(table, "until_at")]  # guardian's own table is not used
    return sum(table.objects.filter(user=person, until_at__gt=Now()).update(until_at=Now()) for table in ours)


def ever(row: Model) -> QuerySet[Any]:
    """Every grant there has been on this row."""
    return _grants_on(type(row)).filter(content_object=row)


def _grants_on(model: type[Model]) -> QuerySet[Any]:
    table: Any = get_user_obj_perms_model(cast("Any", model))
    grants: QuerySet[Any] = table.objects.all()
    return grants


def _to_see(model: type[Model]) -> Permission:
    return Permission.objects.get(
        content_type__app_label=model._meta.app_label, codename=f"view_{model._meta.model_name}"
    )

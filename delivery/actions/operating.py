"""What an operator does with the post."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from accounts import factors
from accounts.models import User
from audit import trail
from delivery import running
from delivery.models import Gate, Mailing
from delivery.running import Retried
from network import roles


@transaction.atomic
def hold(*, gate: Gate, reason: str, by: User) -> Gate:
    """Let nothing leave. Raises PermissionDenied for all but operators, and ValidationError without a reason or when
    everything is held already."""
    roles.require(by, "post.hold", gate)
    held = running.hold(reason, by)
    trail.record("post.hold", held, by=by)
    return held


@transaction.atomic
def resume(*, gate: Gate, withdraw: Collection[UUID] = (), by: User) -> Gate:
    """Let everything go on; after a restore, without what was owed then of the mailings in `withdraw`.

    Raises PermissionDenied for all but operators, FreshFactorNeeded without a second factor given just now, and
    ValidationError when nothing is held, or for a mailing that is not among those.
    """
    roles.require(by, "post.resume", gate)
    factors.require_fresh(by)
    many = running.resume(withdraw)
    trail.record("post.resume", gate, by=by, withdrawn=many)
    return running.the_gate()


@transaction.atomic
def retry(*, gate: Gate, mailing: UUID | None = None, by: User) -> Retried:
    """Try again what failed of one mailing, or in the last 24 hours of all. Raises PermissionDenied for all but
    operators, and ValidationError when there is nothing to try again."""
    roles.require(by, "post.retry", gate)
    owed = running.retry(mailing)
    trail.record("post.retry", gate, by=by, messages=owed.messages, mailings=owed.mailings)
    return owed


@transaction.atomic
def send_test(*, gate: Gate, by: User) -> Mailing:
    """Send oneself a test by each channel that reaches one. Raises PermissionDenied for all but operators, and
    ValidationError when there is no network yet."""
    roles.require(by, "post.test", gate)
    sent = running.send_test(by)
    trail.record("post.test", gate, by=by)
    return sent

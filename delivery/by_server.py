"""The deeds of `delivery.running` by whoever has the server, who is nobody in particular: the audit trail says so.

As with the roles that only the server gives (`network.founding`), nobody is asked who they are: who may run a command
there may do anything there. Each deed is in the trail like a person's, by the platform and `from_server`.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from audit import trail
from delivery import operating, running
from delivery.models import Gate, Mailing
from delivery.running import Retried
from network.models import Appointment


@transaction.atomic
def hold(reason: str) -> Gate:
    """Let nothing leave. Raises ValidationError without a reason, and when everything is held already."""
    held = running.hold(reason, None)
    trail.record("post.hold", held, from_server=True)
    return held


@transaction.atomic
def resume(references: list[str] | None = None) -> int:
    """Let everything go on; after a restore, without what was owed then of the mailings with these references; return
    how many were withdrawn. Raises ValidationError when nothing is held, and for a reference not among those."""
    wanted, known = set(references or []), operating.may_repeat()
    if unknown := wanted - {batch.reference for batch in known}:
        raise ValidationError(f"These are not among what may be sent twice: {', '.join(sorted(unknown))}.")
    many = running.resume({batch.mailing for batch in known if batch.reference in wanted})
    trail.record("post.resume", running.the_gate(), withdrawn=many, from_server=True)
    return many


@transaction.atomic
def retry(reference: str = "") -> Retried:
    """Try again what failed of the mailings with this reference, or in the last 24 hours of all. Raises ValidationError
    when there is nothing to try again."""
    found = [batch.mailing for batch in operating.retryable() if batch.reference == reference] if reference else [None]
    if not found:
        raise ValidationError(f"Nothing of {reference} that failed can be tried again.")
    done = [running.retry(mailing) for mailing in found]
    owed = Retried(sum(each.messages for each in done), sum(each.mailings for each in done))
    trail.record("post.retry", running.the_gate(), messages=owed.messages, mailings=owed.mailings, from_server=True)
    return owed


@transaction.atomic
def send_test(email: str) -> Mailing:
    """Send an operator a test by each channel that reaches them. Raises ValidationError for anybody else's address, and
    when there is no network yet."""
    operators = Appointment.objects.live().filter(role=Appointment.Role.OPERATOR).values("person")
    person = User.objects.filter(pk__in=operators, email=email.strip().lower()).first()
    if person is None:
        raise ValidationError("Give the address of an operator: tests go to nobody else.")
    sent = running.send_test(person)
    trail.record("post.test", running.the_gate(), from_server=True)
    return sent

"""What leads do with the webhooks of their agency."""

from __future__ import annotations

import base64
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts.factors import require_fresh
from accounts.models import User
from accounts.sealing import seal
from audit import trail
from delivery import bells, hooks, targets, trials
from delivery.channels.webhook import SEALED_FOR
from delivery.models import Delivery, Endpoint, Mailing
from network import roles
from network.models import Agency

PREFIX = "whsec_"  # as Standard Webhooks writes a secret: the prefix, and the key in base64
KEY_BYTES = 32


@transaction.atomic
@sensitive_variables("secret")
def add(*, agency: Agency, name: str, url: str, by: User) -> tuple[Endpoint, str]:
    """Tell this address of what `by` is sent as somebody of the agency; return the endpoint and the secret it is signed
    with, which is kept sealed and never shown again.

    Leads and deputies of the agency may, with a fresh factor, and own it. Raises PermissionDenied; ValidationError for
    an address that may not be called, no name, or when they have one for this agency already.
    """
    roles.require(by, "endpoint.add", agency)
    require_fresh(by)
    try:
        targets.parsed(url)
    except targets.Unfit as problem:
        raise ValidationError({"url": str(problem)}) from None
    secret = PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")
    endpoint = Endpoint(agency=agency, owner=by, name=name.strip(), url=url, secret=seal(secret, SEALED_FOR))
    endpoint.full_clean(exclude=["secret"])
    endpoint.save(force_insert=True)
    endpoint.refresh_from_db()
    trail.record("endpoint.add", endpoint, by=by)
    return endpoint, secret


@transaction.atomic
def end(*, endpoint: Endpoint, by: User) -> Endpoint:
    """End it now, and what was still owed to it. Leads and deputies of its agency may.

    Raises PermissionDenied; ValidationError when it has ended already.
    """
    roles.require(by, "endpoint.end", endpoint)
    if not hooks.end(Endpoint.objects.filter(pk=endpoint.pk)):
        raise ValidationError("This webhook has ended already.")
    endpoint.refresh_from_db(fields=["ended_at"])
    trail.record("endpoint.end", endpoint, by=by)
    return endpoint


@transaction.atomic
def send_again(*, endpoint: Endpoint, delivery: Delivery, by: User) -> Delivery:
    """Send what this endpoint was told, or should have been, once more and with the same `webhook-id`. Leads and
    deputies of its agency may.

    Raises PermissionDenied; ValidationError when it is under way, when its message was withdrawn, has expired or is too
    old, when the agency is no longer entitled to it, and when the webhook no longer works.
    """
    roles.require(by, "endpoint.send_again", endpoint)
    if not Endpoint.objects.live().filter(pk=endpoint.pk).exists():
        raise ValidationError("This webhook works no longer.")
    if not hooks.queue_again(endpoint, delivery):
        raise ValidationError(
            "This cannot be sent again: it is under way, withdrawn, too old, or for your agency no longer."
        )
    delivery.refresh_from_db()
    trail.record("endpoint.send_again", endpoint, by=by, delivery=delivery.pk)
    transaction.on_commit(lambda: bells.ring(delivery.urgency))
    return delivery


@transaction.atomic
def send_test(*, endpoint: Endpoint, by: User) -> Mailing:
    """Send this endpoint, and nobody else, a test that is signed like every message. Leads and deputies of its agency
    may.

    Raises PermissionDenied; ValidationError when the webhook no longer works, and within a minute of the last test.
    """
    roles.require(by, "endpoint.test", endpoint)
    sent = trials.send(endpoint)
    trail.record("endpoint.test", endpoint, by=by)
    return sent

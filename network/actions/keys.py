"""What people do to a network's keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from accounts.tokens import digest_of
from audit import trail
from network import keys, roles
from network.models import Agency, ApiKey

MOST_NETWORKS = 20
LONGEST_KEY = timedelta(days=366)
PREFIX = "lan_"  # so that scanners for leaked secrets can know one when they see it


@transaction.atomic
def issue_key(
    *,
    agency: Agency,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    allowed_from: Sequence[str] = (),
    by: User,
) -> tuple[ApiKey, str]:
    """Make a key for this agency's systems; return it and its secret, which is not kept and cannot be shown again.

    `allowed_from` are the addresses and networks it may be used from; anywhere without any. Leads of the agency may,
    and own the key. Raises PermissionDenied; ValidationError for no name, no or an unknown scope, an end that is past
    or more than a year away, or an address that is none.
    """
    roles.require(by, "key.issue", agency)
    if not timezone.now() < expires_at <= timezone.now() + LONGEST_KEY:
        raise ValidationError({"expires_at": "A key ends within a year."})
    if not scopes or not set(scopes) <= set(ApiKey.Scope.values):
        raise ValidationError({"scopes": "Choose what the key may read."})
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        agency=agency,
        owner=by,
        name=name.strip(),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        allowed_from=_networks(allowed_from),
        digest=digest_of(secret),
    )
    key.full_clean(exclude=["agency", "owner"])
    key.save(force_insert=True)
    trail.record(
        "key.issue", key, by=by, scopes=key.scopes, expires_at=expires_at.isoformat(), networks=len(key.allowed_from)
    )
    return key, secret


@transaction.atomic
def end_key(*, key: ApiKey, by: User) -> ApiKey:
    """End the key now; the next call with it is refused. Leads of its agency may.

    Raises PermissionDenied; ValidationError when it has ended already.
    """
    roles.require(by, "key.end", key)
    if not ApiKey.objects.filter(pk=key.pk, ended_at=None).update(ended_at=Now()):
        raise ValidationError("This key has ended already.")
    key.refresh_from_db(fields=["ended_at"])
    trail.record("key.end", key, by=by)
    return key


def _networks(written: Sequence[str]) -> list[str]:
    """The networks as they are kept: each once, in one form. One that is everywhere would look like a limit."""
    if len(written) > MOST_NETWORKS:
        raise ValidationError({"allowed_from": f"Enter {MOST_NETWORKS} addresses or fewer"})
    found: dict[str, None] = {}
    for text in written:
        try:
            network = keys.network_of(text)
        except ValueError:
            raise ValidationError({"allowed_from": f"“{text}” is no address and no network"}) from None
        if not network.prefixlen:
            raise ValidationError({"allowed_from": "Leave this empty to allow every address"})
        found[str(network)] = None
    return list(found)

"""Changing the sealing key: what is sealed, and sealing it again with the newest key.

Floors above name theirs in `settings.RESEALED`: functions that seal their own rows again and say how many there were.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.codes import PURPOSE
from accounts.sealing import reseal

SEALED_PARTS = ("secret", "seed")


def renew() -> int:
    """Seal everything again; return how many secrets that were. Raises Unreadable when one of them does not open."""
    above: list[int] = [import_string(path)() for path in settings.RESEALED]
    return _factors() + sum(above)


def _factors() -> int:
    """The secrets of second factors."""
    done = 0
    for factor in Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN):
        sealed = {part: reseal(factor.data[part], PURPOSE) for part in SEALED_PARTS if part in factor.data}
        factor.data = {**factor.data, **sealed}
        factor.save(update_fields=["data"])
        done += len(sealed)
    return done

"""Second factors: when the session that asks last gave one, which a person has, and how one is given.

The most dangerous deeds ask for a factor that was given just now, besides the right to do them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core.internal import ratelimit
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils import timezone

from accounts import codes
from accounts.models import User

FRESH = dt.timedelta(minutes=10)
FACTOR_NEEDED, FRESH_NEEDED = "second_factor_needed", "fresh_factor_needed"  # what scripts go by
Kind = Authenticator.Type
MAIN = (Kind.TOTP, Kind.WEBAUTHN)  # recovery codes only stand in for one of these


class FreshFactorNeeded(PermissionDenied):
    """The person may do this once they have shown again that it is them."""


def is_fresh(person: Any) -> bool:
    """Whether the person's session gave a second factor within the last ten minutes. Never true of a machine."""
    given: dt.datetime | None = getattr(person, "factor_at", None)
    return given is not None and timezone.now() - FRESH <= given <= timezone.now()


def require_fresh(person: Any) -> None:
    """Pass, or raise FreshFactorNeeded, which the middleware answers with the page that asks for the factor."""
    if not is_fresh(person):
        raise FreshFactorNeeded("Confirm that it is you, then try again.")


def given_in(request: HttpRequest) -> dt.datetime | None:
    """When this session last gave a second factor; None if it never has."""
    records = get_authentication_records(request, request.user)
    moments = [record["at"] for record in records if record.get("method") == "mfa"]
    return dt.datetime.fromtimestamp(max(moments), tz=dt.UTC) if moments else None


def of(person: User) -> list[Authenticator]:
    """The factors that the person can be asked for, oldest first."""
    return list(Authenticator.objects.filter(user=person, type__in=MAIN).order_by("created_at", "pk"))


def has_any(person: User) -> bool:
    """Whether the person has set up a second factor."""
    return bool(Authenticator.objects.filter(user=person, type__in=MAIN).exists())


def codes_left(person: User) -> int:
    """How many recovery codes the person has not used."""
    factor = Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).first()
    return len(factor.wrap().get_unused_codes()) if factor else 0


def give(request: HttpRequest, factor: Authenticator, *, again: bool = False) -> None:
    """Note that the session has given this factor, now. Only what was just checked may be given."""
    post_authentication(request, factor, reauthenticated=again)
    if isinstance(request.user, User):
        request.user.factor_at = given_in(request)


def check_code(request: HttpRequest, person: User, typed: str) -> Authenticator:
    """The factor whose code this is. Raises ValidationError for a wrong code, for one that was used before, and after
    too many wrong ones, of this person or from this place."""
    tries = _count(request, person)
    factor = codes.accept(person, typed)
    if factor is None:
        raise ValidationError("That code is not right. Each code works once, and for half a minute", code="wrong")
    tries.rollback()
    return factor


def check_passkey(request: HttpRequest, person: User, answer: Any) -> Authenticator:
    """The passkey that answered the challenge of this session. Raises ValidationError for anything else."""
    tries = _count(request, person)
    webauthn.parse_authentication_response(answer)
    factor: Authenticator = webauthn.complete_authentication(person, answer)
    tries.rollback()
    return factor


def challenge(person: User) -> dict[str, Any] | None:
    """What the browser is to sign with one of the person's passkeys; None where there is none. New each time."""
    if not Authenticator.objects.filter(user=person, type=Kind.WEBAUTHN).exists():
        return None
    options: dict[str, Any] = webauthn.begin_authentication(person)
    return options


def _count(request: HttpRequest, person: User) -> ratelimit.RateLimitUsage:
    """One more try, of this person and from this place. A right one is taken back afterwards, and only that one, so
    that one's own right codes do not make room for guessing at somebody else's."""
    usage = ratelimit.consume(request, app="allauth.account", action="login_failed", key=f"code of {person.pk}")
    if usage is None:
        raise ValidationError("There have been too many tries. Wait five minutes, then try again", code="too_many")
    return usage

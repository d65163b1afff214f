"""Codes of an authenticator app, and recovery codes: making, showing, and accepting each of them once.

Time-based codes: RFC 6238 (30 seconds, six digits, SHA-1, which every app understands). Section 5.2 says that a code is
accepted once; which period was used last is kept with the secret, because a cache forgets.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time
from typing import Any, NamedTuple
from urllib.parse import quote

import qrcode  # type: ignore[import-untyped]
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction

from accounts import notices
from accounts.models import Notice, User
from accounts.sealing import seal, unseal

PERIOD = 30
SKEW = 1  # periods: a clock may be half a minute wrong either way
PURPOSE = "second factor"
ISSUER = "Lantern"
Kind = Authenticator.Type
NOISE = re.compile(r"[\s\-]")


class Picture(NamedTuple):
    """A QR code as one SVG path, and how wide and high it is."""

    size: int
    path: str


def new_secret() -> str:
    """160 bits, as RFC 4226 asks for, in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def in_groups(secret: str) -> str:
    """The secret in groups of four, for people who type it."""
    return " ".join(re.findall(".{1,4}", secret))


def picture(person: User, secret: str) -> Picture:
    """What an authenticator app scans."""
    label = quote(f"{ISSUER}:{person.email}")
    code = qrcode.QRCode(border=2)
    code.add_data(f"otpauth://totp/{label}?secret={secret}&issuer={ISSUER}")
    rows = code.get_matrix()
    path = "".join(f"M{x},{y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Picture(len(rows), path)


def period_of(secret: str, typed: str, after: int = 0) -> int | None:
    """The period whose code was typed, later than the one given; None when it is nobody's, or used already."""
    code = NOISE.sub("", typed)
    now, found = int(time.time()) // PERIOD, None
    for period in range(now - SKEW, now + SKEW + 1):
        same = hmac.compare_digest(format_hotp_value(hotp_value(secret, period)).encode(), code.encode())
        if same and period > after and found is None:
            found = period
    return found


def code_of(factor: Authenticator) -> str:
    """The code that this app would be accepted with next. For tests and the demonstration."""
    period = max(int(time.time()) // PERIOD, factor.data.get("period", 0) + 1)
    return str(format_hotp_value(hotp_value(unseal(factor.data["secret"], PURPOSE), period)))


def keep_app(person: User, secret: str, period: int = 0) -> Authenticator:
    """The person's authenticator app, its secret sealed. The code of this period counts as used."""
    return Authenticator.objects.create(
        user=person, type=Kind.TOTP, data={"secret": seal(secret, PURPOSE), "period": period}
    )


def keep_recovery_codes(person: User) -> list[str]:
    """Ten new recovery codes; those from before end. They are told here and never again."""
    Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).delete()
    made: list[str] = RecoveryCodes.activate(person).generate_codes()
    return [f"{code[:4]} {code[4:]}" for code in made]


@transaction.atomic
def accept(person: User, typed: str) -> Authenticator | None:
    """The factor whose code this is, which is used up by it; None when it is wrong, or was used before."""
    kinds = (Kind.TOTP, Kind.RECOVERY_CODES)
    for factor in Authenticator.objects.select_for_update().filter(user=person, type__in=kinds).order_by("-type"):
        took = _took_period(factor, typed) if factor.type == Kind.TOTP else factor.wrap().validate_code(typed)
        if took:
            _tell_of_recovery(person, factor)
            return factor
    return None


def _tell_of_recovery(person: User, factor: Authenticator) -> None:
    """A recovery code that somebody else found is how they come in: its owner hears of each."""
    if factor.type == Kind.RECOVERY_CODES:
        factor.refresh_from_db(fields=["data"])
        left = factor.wrap().get_unused_codes()
        notices.owe(Notice.Kind.CODE_USED if left else Notice.Kind.CODES_USED_UP, person)


def _took_period(factor: Authenticator, typed: str) -> bool:
    """Whether it is a code of this app that is later than any used before; it is then used."""
    data: dict[str, Any] = factor.data
    period = period_of(unseal(data["secret"], PURPOSE), typed, after=data.get("period", 0))
    if period is None:
        return False
    factor.data = {**data, "period": period}
    factor.save(update_fields=["data"])
    return True

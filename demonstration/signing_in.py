"""One step instead of three for a newcomer: signing in as one of the cast in one press, and codes without a telephone.

Nothing in the product knows of this: it adds an address and a few lines on the pages that ask who one is, and is not
there in production (`demonstration/__init__.py`).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts import codes
from accounts.models import User
from demonstration.people import PASSWORD, PEOPLE

ADDRESSES = frozenset(person.email for person in PEOPLE)


def give_factors() -> None:
    """An authenticator app for each of the cast who has none. Its secret is no secret."""
    for person in User.objects.filter(email__in=ADDRESSES, is_active=True):
        if not Authenticator.objects.filter(user=person).exists():
            codes.keep_app(person, secret_of(person))
            codes.keep_recovery_codes(person)


def secret_of(person: User) -> str:
    """The same each time, so that an app on a real telephone goes on working when the demonstration is made anew."""
    return base64.b32encode(hashlib.sha256(person.email.encode()).digest()[:20]).decode("ascii")


def step_in(request: HttpRequest, email: str) -> User | None:
    """Sign in as this one of the cast, as if a fresh second factor had been given. None for anybody else."""
    person = User.objects.filter(email=email, is_active=True).first() if email in ADDRESSES else None
    if person is not None:
        get_adapter(request).login(request, person)
        record_authentication(request, person, "mfa", type="demonstration")
    return person


def help_with(request: HttpRequest) -> dict[str, Any]:
    """A context processor: on the sign-in page the cast, and where a code is asked for, the code."""
    match = request.resolver_match
    if match is not None and match.view_name == "account_login":
        return {"demonstration": {"people": PEOPLE, "password": PASSWORD, "next": request.GET.get("next", "")}}
    asked = getattr(request, "asks_for_code_of", None)
    return {"demonstration": {"code": _code_of(asked)}} if asked is not None and asked.email in ADDRESSES else {}


def _code_of(person: User) -> str:
    app = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    return codes.code_of(app) if app else ""

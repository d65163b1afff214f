"""A second factor that was given just now: what the most dangerous deeds ask for besides the right to do them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

FRESH = dt.timedelta(minutes=10)


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

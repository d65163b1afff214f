"""One browser in which everybody of the table of doors visits: each is signed in once, and leaves no trace.

A new client for each visit would load the middleware and write a session again and again, for most of the time taken.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client


class Visitors:
    """Clients made by `browse`, with all that a visit may have changed put back."""

    def __init__(self, browse: Callable[..., Client]) -> None:
        self.browse = browse
        self.client = Client(raise_request_exception=False)
        self.cookies: dict[Any, str] = {}

    def answer(self, person: Any, method: str, url: str, **how: Any) -> Any:
        """The answer to somebody who enters with the cookies of their own sign-in and nothing else."""
        self.client.cookies = SimpleCookie(self._signed_in(person, how))
        point = transaction.savepoint()
        try:
            return getattr(self.client, method)(url)
        finally:
            transaction.savepoint_rollback(point)

    def status(self, person: Any, url: str, **how: Any) -> int:
        """The answer's status to a GET."""
        return int(self.answer(person, "get", url, **how).status_code)

    def _signed_in(self, person: Any, how: dict[str, Any]) -> str:
        key = (person.pk, *how.items())
        if key not in self.cookies:
            cookies = self.browse(person, **how).cookies
            self.cookies[key] = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
        return self.cookies[key]

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts import codes
from accounts.models import User


class QuickArgon2(Argon2PasswordHasher):
    """The same hasher, told to take less time."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1


PASSWORD = "lanterns-in-the-harbour-42"


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PASSWORD_HASHERS = ["tests.accounts.conftest.QuickArgon2"]


@pytest.fixture
def password(mia) -> str:
    """Mia's password."""
    mia.set_password(PASSWORD)
    mia.save(update_fields=["password"])
    return PASSWORD


@pytest.fixture
def app(mia):
    """Mia's authenticator app."""
    return codes.keep_app(mia, codes.new_secret())


@pytest.fixture
def code(app):
    """The code Mia's app shows, which has not been used: `code()`."""

    def shown() -> str:
        app.refresh_from_db()
        return codes.code_of(app)

    return shown


@pytest.fixture
def recovery_codes(mia, app) -> list[str]:
    """Mia's recovery codes."""
    return codes.keep_recovery_codes(mia)


@pytest.fixture
def step_by_step(client, mia, password):
    """A browser in which Mia has given her password and nothing else."""
    client.post("/account/sign-in/", {"login": mia.email, "password": password})
    return client


@pytest.fixture
def clock(monkeypatch) -> Callable[[float], float]:
    """`clock(moment)` stops the clock that codes are made by at this moment."""

    def stop_at(moment: float) -> float:
        monkeypatch.setattr(time, "time", lambda: moment)
        return moment

    return stop_at


def is_in(client) -> bool:
    """Whether the first page is shown to this browser."""
    return client.get("/").status_code == 200


def held_by(person: User) -> set[str]:
    """The kinds of factor the person has."""
    return set(person.authenticator_set.values_list("type", flat=True))

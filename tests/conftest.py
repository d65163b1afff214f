"""The cast. Otto (another agency) and Nell (another network) are in almost every test: they must not see."""

from __future__ import annotations

from copy import copy
from functools import cache

import pytest
from django.conf import Settings, settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.test.client import ClientHandler

from accounts.models import User
from network.models import Agency, Network
from tests import factories

pytest_plugins = ["tests.append_only"]
CAST = ("cora", "asha", "mia", "ben", "otto", "nell", "cal", "faye", "dara", "nora", "omar", "anonymous")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="also run the long suites (faults, generated worlds, load)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--deep"):
        return
    for item in items:
        if "deep" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="a long suite: run it with --deep"))


@pytest.fixture
def durham(db) -> Network:
    """Our network."""
    return factories.NetworkFactory(name="Durham and Darlington Anti-Slavery Network", prefix="DUR")


@pytest.fixture
def riverside(db) -> Network:
    """The other network, which shares nothing with ours."""
    return factories.NetworkFactory(name="Riverside Anti-Slavery Partnership", prefix="RIV")


@pytest.fixture
def haven(durham) -> Agency:
    """Mia's refuge."""
    return factories.AgencyFactory(name="Haven House", network=durham)


@pytest.fixture
def harbour(durham) -> Agency:
    """Otto's agency, in the same network as the refuge."""
    return factories.AgencyFactory(name="Harbour Advice", network=durham)


@pytest.fixture
def council_agency(durham) -> Agency:
    """The council for which Cal is charter officer."""
    return factories.AgencyFactory(name="Darlington Borough Council", kind=Agency.Kind.COUNCIL, network=durham)


@pytest.fixture
def riverbank(riverside) -> Agency:
    """Nell's agency."""
    return factories.AgencyFactory(name="Riverbank Support", network=riverside)


@pytest.fixture
def cora(durham) -> User:
    """Coordinates Durham."""
    return factories.person("Cora Bell", "coordinator", durham)


@pytest.fixture
def asha(durham) -> User:
    """Approves for Durham."""
    return factories.person("Asha Rahman", "approver", durham)


@pytest.fixture
def mia(haven) -> User:
    """Leads the refuge."""
    return factories.person("Mia Hughes", "lead", haven)


@pytest.fixture
def ben(haven) -> User:
    """Works at the refuge."""
    return factories.person("Ben Okafor", "member", haven)


@pytest.fixture
def otto(harbour) -> User:
    """Leads another agency of the same network."""
    return factories.person("Otto Lindqvist", "lead", harbour)


@pytest.fixture
def nell(riverbank) -> User:
    """Leads an agency of another network."""
    return factories.person("Nell Price", "lead", riverbank)


@pytest.fixture
def cal(council_agency) -> User:
    """Charter officer of a council."""
    return factories.person("Cal Whitfield", "charter", council_agency)


@pytest.fixture
def faye(durham) -> User:
    """Reads reports for the funder."""
    return factories.person("Faye Osborne", "reports", durham)


@pytest.fixture
def dara(durham) -> User:
    """Audits Durham."""
    return factories.person("Dara Walsh", "auditor", durham)


@pytest.fixture
def nora(db) -> User:
    """Coordinates nationally."""
    return factories.person("Nora Ellis", "national")


@pytest.fixture
def omar(db) -> User:
    """Operates the platform."""
    return factories.person("Omar Siddiqui", "operator")


@pytest.fixture
def anonymous() -> AnonymousUser:
    """Nobody has signed in."""
    return AnonymousUser()


@cache
def _loaded() -> ClientHandler:
    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler


def _handler() -> ClientHandler:
    """One with its middleware loaded, which would take longer than many a page; but where a test has set a setting, one
    that has not begun: a middleware may read it while it loads."""
    as_they_are = isinstance(settings._wrapped, Settings)
    return copy(_loaded()) if as_they_are else ClientHandler(enforce_csrf_checks=False)


@pytest.fixture
def browse(db):
    """`browse(mia)` is a test client signed in as Mia, who gave a second factor just now; `factor="stale"` is one who
    gave it an hour ago, `factor=None` one who has not yet; `browse(anonymous)` is not signed in."""

    def signed_in(user, factor: str | None = "fresh") -> Client:
        client = Client()
        client.handler = _handler()
        if user.is_authenticated:
            factories.sign_in(client, user, factor)
        return client

    return signed_in

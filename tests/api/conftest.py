"""Machines that call: keys with their secrets, and clients for people and keys."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from network import actions
from network.models import ApiKey
from tests.alerts.factories import SENSITIVE, released
from tests.charter.factories import AdoptionFactory, CouncilFactory
from tests.directory.factories import ContactFactory, ListingFactory

SECRET_PLACE = "Zaffre Quillon Cottage"


@pytest.fixture(autouse=True)
def fresh_counts():
    """Requests are counted in the cache, which no test's database rolls back."""
    cache.clear()


@pytest.fixture
def issue():
    """`issue(harbour, otto, "directory")` is a live key's secret."""

    def issued(agency, owner, *scopes) -> str:
        until = timezone.now() + dt.timedelta(days=30)
        return actions.issue_key(
            agency=agency, name="Case system", scopes=scopes or ApiKey.Scope.values, expires_at=until, by=owner
        )[1]

    return issued


@pytest.fixture
def call(db):
    """`call(secret)` is a client that sends the key with each request, as a machine would: with no cookies."""
    return lambda secret: Client(headers={"authorization": f"Bearer {secret}"}, enforce_csrf_checks=True)


@pytest.fixture
def ottos(harbour, otto, issue, call) -> Client:
    """Otto's agency's machine, with every scope there is. It called before within this hour, so that its key's last use
    is on record already: the one thing that a GET ever writes."""
    secret = issue(harbour, otto)
    ApiKey.objects.update(last_used_at=Now())
    return call(secret)


@pytest.fixture
def refuge(haven, mia):
    """The concealed listing, whose name is made of words that nothing else has."""
    listing = ListingFactory(agency=haven, name=SECRET_PLACE, access="concealed", description=f"About {SECRET_PLACE}")
    ContactFactory(listing=listing, access="concealed", function=f"{SECRET_PLACE} office")
    return listing


@pytest.fixture
def listings(haven, harbour, riverbank, council_agency, refuge, mia, ben, otto, nell, cora, asha):  # noqa: PLR0917
    """What the directory holds in both networks, by name."""
    made = {"refuge": refuge}
    for access in ("public", "network", "restricted"):
        made[access] = ListingFactory(agency=haven, name=f"Haven {access} advice", access=access)
    made["riverside"] = ListingFactory(agency=riverbank, name="Riverbank advice", access="network")
    return made


@pytest.fixture
def world(listings, durham, haven, harbour, council_agency, mia, ben, otto, cora, asha):  # noqa: PLR0917
    """A little of everything, in both networks."""
    made = dict(listings)
    made["open"] = released(durham, cora, haven, harbour)
    made["withheld"] = released(durham, cora, haven, harbour, approver=asha, **SENSITIVE)
    made["council"] = CouncilFactory(agency=council_agency)
    made["adoption"] = AdoptionFactory(council=made["council"])
    return made


def names(answer) -> set[str]:
    """The names of the rows of a list."""
    assert answer.status_code == 200, answer.content
    return {row["name"] for row in answer.json()["results"]}


def problem(answer, status: int) -> dict:
    """The problem document of a refusal with this status."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return json.loads(answer.content)

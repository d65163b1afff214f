"""The directory's cast of rows: one listing of each access at the refuge, and keys."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.template import base as templates
from django.utils import timezone

from directory.models import Listing
from network import grants
from network.models import ApiKey
from tests.directory.factories import ListingFactory
from tests.factories import fresh

IN_A_WHILE = dt.timedelta(hours=24)


@pytest.fixture
def refuge(haven) -> dict[str, Listing]:
    """Haven House's four listings, by access."""
    return {
        access: ListingFactory(agency=haven, name=f"Haven {access} service", access=access)
        for access in Listing.Access.values
    }


@pytest.fixture
def hidden(refuge) -> Listing:
    """The concealed refuge: its name is made of words that nothing else has."""
    listing = refuge["concealed"]
    listing.name = "Zaffre Quillon Cottage"
    listing.save()
    from directory.search import index

    index([listing])
    return listing


@pytest.fixture
def make_key(db):
    """`make_key(agency, owner, ["directory"])`."""

    def made(agency, owner, scopes) -> ApiKey:
        return ApiKey.objects.create(
            agency=agency,
            owner=owner,
            name="Case system",
            digest=f"digest-{ApiKey.objects.count()}",
            scopes=scopes,
            expires_at=timezone.now() + dt.timedelta(days=30),
        )

    return made


@pytest.fixture
def give():
    """`give(listing, person, by=mia)`: a need-to-know grant for a day."""

    def given(listing, person, by, hours=24):
        until = timezone.now() + dt.timedelta(hours=hours)
        reason = "Joint visit, agreed at the meeting"
        return grants.give(row=listing, person=person, reason=reason, until=until, by=fresh(by))

    return given


@pytest.fixture
def no_queries_while_rendering(monkeypatch):
    """From here on a template that asks the database anything fails."""
    usual = templates.Template._render

    def refuse(execute, sql, params, many, context):
        raise AssertionError(f"a template asked the database: {sql}")

    def guarded(template, context):
        with connection.execute_wrapper(refuse):
            return usual(template, context)

    monkeypatch.setattr(templates.Template, "_render", guarded)

from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts.sealing import Unreadable
from directory import safe_places
from directory.models import SafePlace, SafePlaceChange
from tests.directory.factories import ListingFactory

NEW, OLD = "n" * 50, "o" * 50
FACTS = {"address": "3 Example Row, Durham", "postcode": "DH1 0AA"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing(haven, mia, settings):
    settings.SEALING_KEYS = [OLD]
    listing = ListingFactory(agency=haven, access="concealed")
    sealed = safe_places.sealed(FACTS, listing.pk)
    SafePlace.objects.create(listing=listing, sealed=sealed)
    SafePlaceChange.objects.create(listing=listing, sealed=sealed, asked_by=mia, expires_at="2099-01-01T00:00Z")
    return listing


def test_opens_with_the_new_key_alone_afterwards(listing, settings, capsys):
    settings.SEALING_KEYS = [NEW, OLD]
    call_command("reseal")
    assert "2 secrets" in capsys.readouterr().out
    settings.SEALING_KEYS = [NEW]
    for model in (SafePlace, SafePlaceChange):
        assert safe_places.opened(model.objects.get().sealed, listing.pk)["address"] == FACTS["address"]


def test_changes_nothing_when_the_old_key_is_missing(listing, settings):
    before = SafePlace.objects.get().sealed
    settings.SEALING_KEYS = [NEW]
    with pytest.raises(Unreadable):
        call_command("reseal")
    assert SafePlace.objects.get().sealed == before

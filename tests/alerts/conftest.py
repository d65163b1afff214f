from __future__ import annotations

import datetime as dt
import secrets

import pytest
from django.utils import timezone

from network.models import ApiKey


@pytest.fixture
def key():
    """`key(haven, mia, "alerts")` is a live key of that agency with these scopes."""

    def issued(agency, owner, *scopes) -> ApiKey:
        return ApiKey.objects.create(
            agency=agency,
            owner=owner,
            name="Case system",
            digest=secrets.token_hex(32),
            scopes=list(scopes),
            expires_at=timezone.now() + dt.timedelta(days=30),
        )

    return issued

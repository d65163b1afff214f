from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from accounts.requests import person_of
from network.models import ApiKey


class TestPersonOf:
    def test_gives_who_signed_in(self, rf: RequestFactory, cora):
        request = rf.get("/")
        request.user = cora
        assert person_of(request) == cora

    @pytest.mark.parametrize("reader", [AnonymousUser(), ApiKey()])
    def test_refuses_nobody_and_machines(self, rf: RequestFactory, reader):
        request = rf.get("/")
        request.user = reader
        with pytest.raises(PermissionDenied):
            person_of(request)

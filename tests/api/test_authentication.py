from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from network import actions
from network.models import ApiKey, Appointment, Membership
from tests.api.conftest import problem
from tests.factories import appoint

pytestmark = pytest.mark.django_db
HERE = "/api/v1/agencies"


def the_key() -> ApiKey:
    return ApiKey.objects.get()


class TestKeyAuthentication:
    def test_opens_for_a_live_key(self, ottos):
        assert ottos.get(HERE).status_code == 200

    def test_asks_who_comes_with_nothing(self, db):
        answer = Client().get(HERE)
        problem(answer, 401)
        assert answer["WWW-Authenticate"] == 'Bearer realm="Lantern"'

    @pytest.mark.parametrize(
        "header", ["Bearer lan_unknown", "Bearer", "Bearer a b", "Basic b3R0bzpwYXNz", "Token lan_x", "Bearer \xff\xfe"]
    )
    def test_refuses_what_is_no_live_key_in_the_same_words(self, header, ottos):
        unknown = problem(Client(headers={"authorization": "Bearer lan_nothing"}).get(HERE), 401)
        assert problem(Client(headers={"authorization": header}).get(HERE), 401) == unknown

    def test_does_not_fall_back_on_the_session_of_a_bad_key(self, ottos, browse, otto):
        problem(browse(otto).get(HERE, headers={"authorization": "Bearer lan_nothing"}), 401)

    def test_refuses_an_expired_key_by_the_databases_clock(self, ottos):
        ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        problem(ottos.get(HERE), 401)

    def test_refuses_an_ended_key(self, ottos, otto):
        actions.end_key(key=the_key(), by=otto)
        problem(ottos.get(HERE), 401)

    def test_dies_when_its_owner_no_longer_leads_the_agency(self, ottos, otto, harbour):
        Appointment.objects.filter(person=otto).update(until_at=timezone.now())
        appoint(otto, "member", harbour)
        problem(ottos.get(HERE), 401)

    def test_dies_when_its_owner_leads_another_agency_instead(self, ottos, otto, haven):
        Appointment.objects.filter(person=otto).update(until_at=timezone.now())
        appoint(otto, "lead", haven)
        problem(ottos.get(HERE), 401)

    def test_dies_when_its_owners_account_is_closed(self, ottos, otto):
        otto.is_active, otto.closed_at = False, timezone.now()
        otto.save()
        problem(ottos.get(HERE), 401)

    def test_dies_when_its_agency_is_suspended(self, ottos, harbour):
        Membership.objects.filter(agency=harbour).update(suspended_at=timezone.now())
        problem(ottos.get(HERE), 401)

    def test_never_exceeds_its_one_agency(self, world, ottos, otto, riverbank):
        appoint(otto, "lead", riverbank)
        assert b"Riverbank" not in ottos.get(HERE).content
        assert b"Riverbank" not in ottos.get("/api/v1/listings").content

    @pytest.mark.parametrize(
        ("scope", "opened", "shut"),
        [
            ("directory", ["listings", "agencies", "councils", "adoptions"], ["alerts"]),
            ("alerts", ["alerts", "councils", "adoptions"], ["listings", "agencies"]),
        ],
    )
    def test_opens_only_what_it_was_issued_for(self, scope, opened, shut, harbour, otto, issue, call):
        client = call(issue(harbour, otto, scope))
        assert [client.get(f"/api/v1/{place}").status_code for place in opened] == [200] * len(opened)
        for place in shut:
            assert problem(client.get(f"/api/v1/{place}"), 403)["detail"] == "This key was not issued for this."

    def test_opens_no_page(self, ottos):
        assert ottos.get("/").status_code == 302

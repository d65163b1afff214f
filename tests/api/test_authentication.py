from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api import urls as api_urls
from network import actions
from network.models import ApiKey, Appointment, Membership
from tests.api.conftest import problem
from tests.factories import appoint
from tests.passing import passing

pytestmark = pytest.mark.django_db
HERE = "/api/v1/agencies"


def the_key() -> ApiKey:
    return ApiKey.objects.get()


def close(person) -> None:
    type(person).objects.filter(pk=person.pk).update(is_active=False, closed_at=Now())


def every_route(world) -> list[str]:
    """Each address of the API but its reading page, which is for people and sends others to sign in."""
    some = {"pk": world["public"].pk, "reference": world["open"].reference, "code": world["council"].code}
    found = []
    for pattern in api_urls.urlpatterns:
        if pattern.name in {"docs", "nowhere"}:
            continue
        names = pattern.pattern.converters
        found.append(reverse(f"api:{pattern.name}", kwargs={name: some[name] for name in names}))
    assert len(found) > 8
    return found


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

    def test_e41_refuses_an_expired_key_one_second_after_by_the_databases_clock(self, ottos):
        ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        problem(ottos.get(HERE), 401)

    def test_refuses_an_ended_key(self, ottos, otto):
        actions.end_key(key=the_key(), by=otto)
        problem(ottos.get(HERE), 401)

    def test_dies_when_its_owner_no_longer_leads_the_agency(self, ottos, otto, harbour):
        Appointment.objects.filter(person=otto).update(until_at=Now())
        appoint(otto, "member", harbour)
        problem(ottos.get(HERE), 401)

    def test_dies_when_its_owner_leads_another_agency_instead(self, ottos, otto, haven):
        Appointment.objects.filter(person=otto).update(until_at=Now())
        appoint(otto, "lead", haven)
        problem(ottos.get(HERE), 401)

    def test_dies_when_its_owners_account_is_closed(self, ottos, otto):
        otto.is_active, otto.closed_at = False, timezone.now()
        otto.save()
        problem(ottos.get(HERE), 401)

    def test_dies_when_its_agency_is_suspended(self, ottos, harbour):
        Membership.objects.filter(agency=harbour).update(suspended_at=Now())
        problem(ottos.get(HERE), 401)

    def test_e18_never_exceeds_its_one_agency(self, listings, ottos, otto, riverbank):
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

    def test_opens_only_from_where_it_may_be_used(self, harbour, otto, issue, call):
        client = call(issue(harbour, otto))
        ApiKey.objects.update(allowed_from=["192.0.2.0/24"])
        unknown = problem(Client(headers={"authorization": "Bearer lan_nothing"}).get(HERE), 401)
        assert client.get(HERE, REMOTE_ADDR="192.0.2.9").status_code == 200
        assert client.get(HERE, REMOTE_ADDR="::ffff:192.0.2.9").status_code == 200
        for address in ("198.51.100.1", "2001:db8::1", "", "rubbish"):
            assert problem(client.get(HERE, REMOTE_ADDR=address), 401) == unknown

    def test_believes_no_header_about_where_it_is(self, harbour, otto, issue, call):
        client = call(issue(harbour, otto))
        ApiKey.objects.update(allowed_from=["192.0.2.0/24"])
        for header in ("x-forwarded-for", "x-real-ip", "forwarded", "client-ip", "cf-connecting-ip", "true-client-ip"):
            problem(client.get(HERE, REMOTE_ADDR="198.51.100.1", headers={header: "192.0.2.9"}), 401)

    @pytest.mark.parametrize(
        ("told", "opens"),
        [
            ("192.0.2.9", True),
            ("198.51.100.1, 192.0.2.9", True),
            ("192.0.2.9, 198.51.100.1", False),
            ("198.51.100.1", False),
            ("192.0.2.9,", False),
            ("", False),
        ],
    )
    def test_believes_the_last_word_of_our_own_proxy(self, told, opens, harbour, otto, issue, call, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        client = call(issue(harbour, otto))
        ApiKey.objects.update(allowed_from=["192.0.2.0/24"])
        # The proxy's own address is in the list, and is not the caller's.
        answer = client.get(HERE, REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": told} if told else {})
        assert answer.status_code == (200 if opens else 401)

    def test_e55_is_dead_on_every_route_once_it_is_dead(self, world, ottos, otto, harbour):
        """Every route of the API, also those that no key needs, however it ended."""
        ways = {
            "ended": lambda: ApiKey.objects.update(ended_at=Now()),
            "expired": lambda: ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1)),
            "owner left": lambda: Appointment.objects.filter(person=otto).update(until_at=Now()),
            "owner closed": lambda: close(otto),
            "agency suspended": lambda: Membership.objects.filter(agency=harbour).update(suspended_at=Now()),
            "elsewhere": lambda: ApiKey.objects.update(allowed_from=["192.0.2.0/24"]),
        }
        routes = every_route(world)
        for end, happens in ways.items():
            cache.clear()  # where requests are counted
            assert ottos.get(HERE).status_code == 200, f"before it was {end}"
            with passing():
                happens()
                for where in routes:
                    answers = [method(where).status_code for method in (ottos.get, ottos.post)]
                    assert 401 in answers, (end, where)
                    assert set(answers) <= {401, 405}, (end, where)

    def test_e55_leaves_a_closed_account_no_route(self, world, browse, otto):
        client = browse(otto)
        close(otto)
        for where in every_route(world):
            assert {client.get(where).status_code, client.post(where).status_code} <= {401, 405, 403}, where

    def test_opens_no_page(self, ottos):
        assert ottos.get("/").status_code == 302

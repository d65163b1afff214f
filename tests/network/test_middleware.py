from __future__ import annotations

import pytest
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import RequestFactory

from network import standing
from network.middleware import StandingMiddleware
from network.models import Appointment

pytestmark = pytest.mark.django_db


def visit(user, method="GET"):
    """Where this person stands at the beginning of a request and, after all their roles have ended, at its end."""
    found = []

    def view(request):
        found.append(standing.of(request.user).roles)
        Appointment.objects.update(until_at=Now())
        found.append(standing.of(request.user).roles)
        return HttpResponse()

    request = RequestFactory().generic(method, "/")
    request.user = user
    StandingMiddleware(view)(request)
    return found


class TestStandingMiddleware:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_asks_once_for_a_page(self, mia, method, django_assert_num_queries):
        with django_assert_num_queries(2):  # the standing, and the end of everything
            assert visit(mia, method) == [{"lead"}, {"lead"}]

    def test_an_action_asks_each_time(self, mia):
        assert visit(mia, "POST") == [{"lead"}, frozenset()]

    def test_nobody_stands_nowhere(self, anonymous):
        assert visit(anonymous) == [frozenset(), frozenset()]

    def test_the_next_page_asks_anew(self, browse, mia, haven):
        client = browse(mia)
        assert client.get("/").status_code == 200
        page = f"/directory/agencies/{haven.pk}/edit/"
        assert client.get(page).status_code == 200
        Appointment.objects.update(until_at=Now())
        assert client.get(page).status_code == 404

    def test_a_moment_in_the_past_is_asked_about_itself(self, mia):
        standing.ask_once(mia)
        before = mia.appointments.get().from_at
        assert standing.of(mia).roles == {"lead"}
        assert standing.of(mia, at=before.replace(year=2000)).roles == frozenset()

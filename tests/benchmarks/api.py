"""The list of listings for machines: ours with rights, and the usual way without. Part of the directory's benchmark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.test import Client, override_settings
from django.urls import path, reverse
from django.utils import timezone
from rest_framework import generics, pagination, serializers

from accounts.models import User
from api import base
from directory.models import Listing
from network import actions
from network.models import Appointment
from tests.factories import sign_in

OURS, BY_KEY, USUAL = "JSON list, with rights", "JSON list, with rights, by key", "JSON list, DRF as usual, no rights"
Way = Callable[[], Any]


class UsualSerializer(serializers.ModelSerializer[Listing]):
    """As in the tutorial, with the columns of ours."""

    agency_name = serializers.CharField(source="agency.name")
    agency_kind = serializers.CharField(source="agency.kind")

    class Meta:
        model = Listing
        fields = [
            "id", "name", "summary", "agency_id", "agency_name", "agency_kind", "access", "languages",
            "not_taking_until", "assured_on", "updated_at",
        ]  # fmt: skip


class UsualPages(pagination.PageNumberPagination):
    page_size = base.ROWS


class UsualList(generics.ListAPIView[Listing]):
    """As in the tutorial: a page by number with its count. `select_related` is more than many write."""

    queryset = Listing.objects.select_related("agency").order_by("id")
    serializer_class = UsualSerializer
    pagination_class = UsualPages


urlpatterns = [path("usual", UsualList.as_view())]


def ways(reader: User) -> dict[str, Way]:
    """Whole requests, signed in as this person; by a key of their agency where they lead one; and the usual way."""
    base.REQUESTS_A_MINUTE = 10**9  # the rate is not what is measured
    person, address = Client(), reverse("api:listings")
    sign_in(person, reader)
    found: dict[str, Way] = {OURS: lambda: good(person.get(address)), USUAL: lambda: usual(person)}
    if machine := of_agency(reader):
        found[BY_KEY] = lambda: good(machine.get(address))
    return found


def usual(person: Client) -> Any:
    """A page of the usual list, with the same session and middleware."""
    with override_settings(ROOT_URLCONF=__name__):
        return good(person.get("/usual"))


def of_agency(reader: User) -> Client | None:
    """A client with a key of the reader's agency, whose lead they become for it."""
    mine = Appointment.objects.live().filter(person=reader, agency__isnull=False).first()
    if mine is None or mine.agency is None:
        return None
    Appointment.objects.get_or_create(person=reader, agency=mine.agency, role=Appointment.Role.LEAD)
    until = timezone.now() + dt.timedelta(days=1)
    _key, secret = actions.issue_key(
        agency=mine.agency, name="Benchmark", scopes=["directory"], expires_at=until, by=reader
    )
    return Client(headers={"authorization": f"Bearer {secret}"})


def good(response: Any) -> Any:
    """The response, which must be a full page: a fast failure is no figure."""
    if response.status_code != 200 or len(response.json()["results"]) != base.ROWS:
        raise AssertionError(f"{response.request['PATH_INFO']} answered {response.status_code}")
    return response

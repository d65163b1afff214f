"""The list of listings for machines, the usual way and without rights; and a key to ours."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from rest_framework import generics, pagination, serializers

from accounts.models import User
from api import base
from directory.models import Listing
from network import actions
from network.models import Appointment
from tests.factories import fresh


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


def key_of(reader: User) -> str:
    """The secret of a key of the reader's agency, whose lead they become for it."""
    mine = Appointment.objects.live().filter(person=reader, agency__isnull=False).first()
    if mine is None or mine.agency is None:
        raise RuntimeError("The reader of the benchmark speaks for no agency.")
    Appointment.objects.get_or_create(person=reader, agency=mine.agency, role=Appointment.Role.LEAD)
    until = timezone.now() + dt.timedelta(days=1)
    key = {"agency": mine.agency, "name": "Benchmark", "scopes": ["directory"], "expires_at": until}
    return actions.issue_key(**key, by=fresh(reader))[1]

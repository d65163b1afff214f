"""Alerts that were sent to the reader: to a person by name, or to the agency of a key. A key never reads the text of
one that must stay behind sign-in: it is told that there is one, how it is marked, and where to read it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.requests import person_of
from alerts import actions
from alerts.models import Alert
from alerts.visibility import receives
from api.base import Endpoint, IsPerson, Paged, one
from api.schema import gives, gives_page
from delivery.models import Recipient
from network import standing
from network.models import ApiKey

SAYS = ("title", "severity", "certainty", "text", "instruction", "handling")


class AlertRow(serializers.Serializer[Any]):
    """An alert in a list. What it says is null where the reader may not read it here: `url` leads to it."""

    computed = ("url",)

    id = serializers.UUIDField()
    reference = serializers.CharField()
    network_name = serializers.CharField(source="network.name")
    classification = serializers.ChoiceField(Alert.Classification.choices)
    tlp = serializers.ChoiceField(Alert.Tlp.choices)
    urgency = serializers.ChoiceField(Alert.Urgency.choices)
    is_readable = serializers.BooleanField()
    title = serializers.CharField(allow_null=True)
    severity = serializers.ChoiceField(Alert.Severity.choices, allow_null=True)
    certainty = serializers.ChoiceField(Alert.Certainty.choices, allow_null=True)
    released_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True, help_text="By the person asking; null for a key.")
    url = serializers.CharField()


class AlertFacts(AlertRow):
    """An alert with what is known, what to do, and how to handle it."""

    text = serializers.CharField(allow_null=True)
    instruction = serializers.CharField(allow_null=True)
    handling = serializers.CharField(allow_null=True)


class Alerts(Endpoint):
    """The alerts that were sent to this reader, newest first."""

    scope = ApiKey.Scope.ALERTS
    asks = Paged

    @gives_page(AlertRow, Paged, "Alerts sent to you")
    def get(self, request: Request) -> Response:
        """A page of alerts."""
        page = self.page(_sent_to(request.user), AlertRow, "-id")
        return Response(page | {"results": [_spoken(row) for row in page["results"]]})


class OneAlert(Endpoint):
    """One alert that was sent to this reader."""

    scope = ApiKey.Scope.ALERTS

    @gives(AlertFacts, "One alert")
    def get(self, request: Request, reference: str) -> Response:
        """The alert. Reading it here does not acknowledge it."""
        return Response(_spoken(one(_sent_to(request.user).filter(reference=reference), AlertFacts)))


class Acknowledge(Endpoint):
    """Saying “I have read this and will act”: by a person who signed in, on purpose, with the site’s CSRF token."""

    permission_classes = [IsAuthenticated, IsPerson]

    @gives(AlertFacts, "Acknowledge an alert", request=None)
    def post(self, request: Request, reference: str) -> Response:
        """The alert as it is afterwards. The second time changes nothing."""
        alert = get_object_or_404(Alert.objects.visible_to(request.user), reference=reference)
        actions.acknowledge(alert=alert, by=person_of(request))
        return Response(_spoken(one(_sent_to(request.user).filter(reference=reference), AlertFacts)))


def _sent_to(reader: Any) -> QuerySet[Alert]:
    here = standing.of(reader)
    mine = Recipient.objects.visible_to(here).filter(person=here.person, person__isnull=False)
    when = mine.filter(mailing=OuterRef("mailing")).values("acknowledged_at")[:1]
    return Alert.objects.visible_to(here).filter(receives(here)).annotate(acknowledged_at=Subquery(when))


def _spoken(row: dict[str, Any]) -> dict[str, Any]:
    unsaid = {} if row["is_readable"] else {name: None for name in SAYS if name in row}
    return row | unsaid | {"url": settings.BASE_URL + reverse("alerts:detail", args=[row["reference"]])}

"""Councils and what they decided. Kinds of decision stand side by side: nothing here adds them up."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Endpoint, Paged, one
from api.schema import gives, gives_page
from charter.models import Adoption, Council


class CouncilRow(serializers.Serializer[Any]):
    """A principal council, past or present. A council that exists has no `ends_on`."""

    code = serializers.CharField()
    gss = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.ChoiceField(Council.Kind.choices)
    tier = serializers.ChoiceField(Council.Tier.choices)
    nation = serializers.ChoiceField(Council.Nation.choices)
    region = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)


class CouncilsAsked(Paged):
    """How councils may be narrowed. Pages go on after a council's code."""

    after = serializers.SlugField(  # type: ignore[assignment]  # councils have codes where other rows have IDs
        required=False, max_length=10, help_text="Rows after the row with this code."
    )
    nation = serializers.ChoiceField(Council.Nation.choices, required=False)
    region = serializers.CharField(required=False, max_length=40)
    kind = serializers.ChoiceField(Council.Kind.choices, required=False)


class Councils(Endpoint):
    """All councils, in the order of their codes."""

    asks = CouncilsAsked

    @gives_page(CouncilRow, CouncilsAsked, "Councils")
    def get(self, request: Request) -> Response:
        """A page of councils."""
        found = Council.objects.visible_to(request.user).filter(**self.narrowed("nation", "region", "kind"))
        return Response(self.page(found, CouncilRow, "code"))


class OneCouncil(Endpoint):
    """One council."""

    @gives(CouncilRow, "One council")
    def get(self, request: Request, code: str) -> Response:
        """The council with this code."""
        return Response(one(Council.objects.visible_to(request.user).filter(code=code), CouncilRow))


class AdoptionRow(serializers.Serializer[Any]):
    """What a council decided. It holds now unless it has `ended_at`."""

    id = serializers.UUIDField()
    council_code = serializers.CharField(source="council.code")
    council_name = serializers.CharField(source="council.name")
    framework_name = serializers.CharField(source="framework.name")
    framework_version = serializers.CharField(source="framework.version")
    kind = serializers.ChoiceField(Adoption.Kind.choices)
    decided_on = serializers.DateField()
    meeting = serializers.CharField()
    minutes_url = serializers.CharField()
    reservations = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class AdoptionsAsked(Paged):
    """How decisions may be narrowed."""

    kind = serializers.ChoiceField(Adoption.Kind.choices, required=False)
    council = serializers.SlugField(required=False, max_length=10, help_text="The code of a council.")


class Adoptions(Endpoint):
    """What councils decided, in the order in which it was recorded."""

    asks = AdoptionsAsked

    @gives_page(AdoptionRow, AdoptionsAsked, "Decisions about the charter")
    def get(self, request: Request) -> Response:
        """A page of decisions."""
        found = Adoption.objects.visible_to(request.user).filter(**self.narrowed("kind"))
        if "council" in self.asked:
            found = found.filter(council__code=self.asked["council"])
        return Response(self.page(found, AdoptionRow))

"""Listings and agencies, as far as the reader may see them. To a key nothing concealed, and a named person only with
the scope `contacts`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Endpoint, Paged, columns, one
from api.schema import gives, gives_page
from directory.filters import Wanted
from directory.models import Contact, Listing, OpeningHours, Term
from directory.reading import Found
from network import places
from network.models import Agency, ApiKey


class ListingRow(serializers.Serializer[Any]):
    """A listing in a list."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    summary = serializers.CharField()
    agency_id = serializers.UUIDField()
    agency_name = serializers.CharField(source="agency.name")
    agency_kind = serializers.ChoiceField(Agency.Kind.choices, source="agency.kind")
    access = serializers.ChoiceField(Listing.Access.choices)
    languages = serializers.CharField()
    not_taking_until = serializers.DateField(allow_null=True)
    assured_on = serializers.DateField(allow_null=True)
    updated_at = serializers.DateTimeField()


class ContactRow(serializers.Serializer[Any]):
    """A function to reach. One that names an officer is here for those who may know the officer, and for keys with the
    scope `contacts`; a mobile number never is."""

    function = serializers.CharField()
    officer = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()


class HoursRow(serializers.Serializer[Any]):
    """When it is open, by the clock in London. Monday is 0. No end means midnight."""

    weekday = serializers.IntegerField(min_value=0, max_value=6)
    opens = serializers.TimeField()
    closes = serializers.TimeField(allow_null=True)


class ListingFacts(ListingRow):
    """A listing with all that hangs on it."""

    computed = ("contacts", "hours")

    description = serializers.CharField()
    referral = serializers.CharField()
    help = serializers.ListField(child=serializers.CharField())
    people = serializers.ListField(child=serializers.CharField())
    areas = serializers.ListField(child=serializers.CharField())
    contacts = ContactRow(many=True)
    hours = HoursRow(many=True)


class ListingsAsked(Paged):
    """How listings may be narrowed."""

    q = serializers.CharField(required=False, max_length=100, help_text="Words, each of which must begin a word of it.")
    help = serializers.SlugField(required=False, max_length=40, help_text="The code of a kind of help.")
    area = serializers.RegexField(r"^[A-Za-z][0-9]{8}$", required=False, help_text="The GSS code of a place.")
    kind = serializers.ChoiceField(Agency.Kind.choices, required=False, help_text="The kind of agency.")

    def get_fields(self) -> dict[str, Any]:
        """`for` is a word of Python’s own, so it is added here."""
        people = serializers.SlugField(required=False, max_length=40, help_text="The code of the people it is for.")
        return {**super().get_fields(), "for": people}


class Listings(Endpoint):
    """The listings this reader may see, in the order of their IDs."""

    scope = ApiKey.Scope.DIRECTORY
    asks = ListingsAsked

    @gives_page(ListingRow, ListingsAsked, "Listings")
    def get(self, request: Request) -> Response:
        """A page of listings."""
        found = Found(request.user, _wanted(self.asked)).by_id(self.limit + 1, self.asked.get("after"))
        return Response(self.answer([row._asdict() for row in found], "id"))


class OneListing(Endpoint):
    """One listing this reader may see."""

    scope = ApiKey.Scope.DIRECTORY

    @gives(ListingFacts, "One listing")
    def get(self, request: Request, pk: UUID) -> Response:
        """The listing with its kinds of help, areas, hours and functions to reach."""
        found = Listing.objects.visible_to(request.user).filter(pk=pk)
        return Response(one(found, ListingFacts) | _words_of(found) | _parts_of(pk, request.user))


class AgencyRow(serializers.Serializer[Any]):
    """An agency in a list."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(Agency.Kind.choices)
    website = serializers.CharField()
    public_phone = serializers.CharField()
    team_email = serializers.CharField()
    office_phone = serializers.CharField()
    first_responder_from = serializers.DateField(allow_null=True)
    first_responder_until = serializers.DateField(allow_null=True)


class AgencyFacts(AgencyRow):
    """An agency with what it says of itself and the places it covers."""

    description = serializers.CharField()
    areas = serializers.ListField(child=serializers.CharField())


class AgenciesAsked(Paged):
    """How agencies may be narrowed."""

    kind = serializers.ChoiceField(Agency.Kind.choices, required=False, help_text="The kind of agency.")


class Agencies(Endpoint):
    """The agencies this reader may see, in the order of their IDs."""

    scope = ApiKey.Scope.DIRECTORY
    asks = AgenciesAsked

    @gives_page(AgencyRow, AgenciesAsked, "Agencies")
    def get(self, request: Request) -> Response:
        """A page of agencies."""
        return Response(self.page(Agency.objects.visible_to(request.user).filter(**self.narrowed("kind")), AgencyRow))


class OneAgency(Endpoint):
    """One agency this reader may see."""

    scope = ApiKey.Scope.DIRECTORY

    @gives(AgencyFacts, "One agency")
    def get(self, request: Request, pk: UUID) -> Response:
        """The agency with the places it covers."""
        agencies = Agency.objects.visible_to(request.user).filter(pk=pk)
        facts = one(agencies, AgencyFacts)
        names = agencies.filter(areas__isnull=False).order_by("areas__name").values_list("areas__name", flat=True)
        return Response(facts | {"areas": list(names)})


def _wanted(asked: dict[str, Any]) -> Wanted:
    return Wanted(
        text=asked.get("q", ""),
        help=asked.get("help", ""),
        people=asked.get("for", ""),
        kind=asked.get("kind", ""),
        area=_area(asked["area"]) if "area" in asked else None,
    )


def _area(code: str) -> UUID:
    found = places.with_code(code.upper())
    if found is None:
        raise ValidationError({"area": ["No place has this code."]})
    return found


def _words_of(found: QuerySet[Listing]) -> dict[str, Any]:
    """What the listing is filed under."""
    terms = list(found.filter(terms__isnull=False).order_by("terms__code").values_list("terms__kind", "terms__code"))
    areas = found.filter(areas__isnull=False).order_by("areas__name").values_list("areas__name", flat=True)
    return {
        "help": [code for kind, code in terms if kind == Term.Kind.HELP],
        "people": [code for kind, code in terms if kind == Term.Kind.PEOPLE],
        "areas": list(areas),
    }


def _parts_of(pk: UUID, reader: Any) -> dict[str, Any]:
    """Each part by its own rule."""
    contacts = Contact.objects.visible_to(reader).filter(listing=pk).order_by("order", "function", "id")
    hours = OpeningHours.objects.visible_to(reader).filter(listing=pk).order_by("weekday", "opens")
    return {"contacts": list(columns(contacts, ContactRow)), "hours": list(columns(hours, HoursRow))}

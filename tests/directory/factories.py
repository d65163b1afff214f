"""Rows of the directory, for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from directory.models import Contact, Helpline, Listing, OpeningHours, Place, Term
from directory.search import index
from tests.factories import AgencyFactory


class TermFactory(DjangoModelFactory[Term]):
    class Meta:
        model = Term

    kind = Term.Kind.HELP
    code = factory.Sequence(lambda n: f"term-{n}")
    name = factory.Sequence(lambda n: f"Term {n}")


class ListingFactory(DjangoModelFactory[Listing]):
    """A listing that can be searched for; `terms=[…]` and `areas=[…]` set those."""

    class Meta:
        model = Listing
        skip_postgeneration_save = True

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"Listing {n:04}")
    access = Listing.Access.NETWORK

    @factory.post_generation
    def terms(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.terms.set(extracted or [])

    @factory.post_generation
    def areas(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.areas.set(extracted or [])
        index([self])


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    listing = factory.SubFactory(ListingFactory)
    function = "Referrals"
    phone = "0191 498 0100"


class OpeningHoursFactory(DjangoModelFactory[OpeningHours]):
    class Meta:
        model = OpeningHours

    listing = factory.SubFactory(ListingFactory)
    weekday = 0
    opens = dt.time(9)
    closes = dt.time(17)


class PlaceFactory(DjangoModelFactory[Place]):
    class Meta:
        model = Place

    listing = factory.SubFactory(ListingFactory)
    street = "1 Example Street"
    town = "Durham"


class HelplineFactory(DjangoModelFactory[Helpline]):
    class Meta:
        model = Helpline

    name = factory.Sequence(lambda n: f"Helpline {n}")
    number = "0808 157 0100"
    source = "made up for tests"
    source_on = "2026"

"""Somebody leaves: the directory names another officer, and what they were let see by name ends.

A grant is to one person for the sake of their work: who leaves an agency has none any more, in whatever row.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from directory.models import Contact, Listing, Mobile
from network import grants
from network.appointing import Place
from network.leaving import Held
from network.models import Agency


def held(person: User, place: Place, reader: User) -> list[Held]:
    """The contacts that name them, as far as the reader may see these: what is concealed is not counted for others."""
    if not isinstance(place, Agency):
        return []
    named = Contact.objects.visible_to(reader).filter(pk__in=_naming(person, place).values("pk"))
    mobiles = Mobile.objects.visible_to(reader).filter(person=person, contact__listing__agency=place).count()
    url = reverse("directory:agency", args=[place.pk])
    return [
        Held("Contacts that name them", named.count(), "Name the successor instead, and wait for a check", url),
        Held("Mobile numbers", mobiles, "Are taken out: a mobile belongs to its holder", url),
    ]


def hand_over(leaver: User, successor: User, place: Place) -> dict[str, int]:
    """Contacts with the leaver's address name the successor; their listings count as unconfirmed until somebody has
    looked at the number as well."""
    if not isinstance(place, Agency):
        return {}
    named = list(_naming(leaver, place).values_list("pk", "listing"))
    Listing.objects.filter(pk__in={listing for _, listing in named}).update(assured_on=None, assured_by=None)
    contacts = Contact.objects.filter(pk__in=[pk for pk, _ in named])
    return {"contacts": contacts.update(officer=successor.name, email=successor.email)}


def let_go(person: User, place: Place) -> None:
    """Their mobile numbers in the agency's entry, and every grant they hold."""
    grants.end_all(person)
    if isinstance(place, Agency):
        Mobile.objects.filter(person=person, contact__listing__agency=place).delete()


def end_with_person(person: User, by: User) -> None:  # noqa: ARG001  every function of this list is told
    """Every grant they hold, and every mobile number of theirs."""
    grants.end_all(person)
    Mobile.objects.filter(person=person).delete()


def _naming(person: User, agency: Agency) -> QuerySet[Contact]:
    """By address: people share names."""
    return Contact.objects.filter(listing__agency=agency, email__iexact=person.email).exclude(officer="")

"""What hangs on a listing is never looser than it: it cannot be written so, and written anyway it is not shown."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from directory import actions
from directory.models import Contact, Cover, Listing, Mobile, OpeningHours, Place, SafePlace
from tests.directory.factories import ContactFactory, OpeningHoursFactory, PlaceFactory
from tests.factories import fresh

MADE = {
    Contact: lambda listing: ContactFactory(listing=listing, access="public"),
    OpeningHours: lambda listing: OpeningHoursFactory(listing=listing),
    Place: lambda listing: PlaceFactory(listing=listing),
    Mobile: lambda listing: Mobile.objects.create(
        contact=ContactFactory(listing=listing, access="public"), number="07700 900982", on_call=True
    ),
    SafePlace: lambda listing: SafePlace.objects.create(listing=listing, sealed="x"),
    Cover: lambda listing: Cover.objects.create(listing=listing, reference="ABCDEF", name="Blue lamp"),
}
OUTSIDERS = ("otto", "nell", "asha", "cal", "nora", "faye", "omar", "anonymous")


def test_every_child_of_a_listing_is_here():
    linked = {field.related_model for field in Listing._meta.related_objects}
    opened = {"Share", "ListingGrant", "Loosening", "SafePlaceChange"}  # these open things; each has tests of its own
    assert linked | {Mobile} == set(MADE) | {model for model in linked if model.__name__ in opened}


@pytest.mark.parametrize("model", list(MADE), ids=lambda model: model.__name__)
@pytest.mark.parametrize("who", OUTSIDERS)
def test_e11_a_looser_child_of_a_hidden_parent_is_not_shown(model, who, refuge, request):
    child = MADE[model](refuge["concealed"])
    assert not model.objects.visible_to(request.getfixturevalue(who)).filter(pk=child.pk).exists()


@pytest.mark.parametrize("who", ["otto", "nell", "cora"])
def test_e11_its_own_address_answers_as_absent(who, refuge, browse, request):
    mobile = MADE[Mobile](refuge["concealed"])
    MADE[SafePlace](refuge["concealed"])
    client = browse(request.getfixturevalue(who))
    assert client.post(reverse("directory:reveal_mobile", args=[mobile.pk])).status_code == 404
    assert client.post(reverse("directory:safe_place", args=[refuge["concealed"].pk])).status_code == 404


def test_a_looser_child_cannot_be_written(mia, refuge):
    contact = {"function": "Referrals", "phone": "0191 498 0100", "access": "public"}
    place = {"street": "1 Example Street", "town": "Durham"}
    for changes in ({"contacts": [contact]}, {"places": [place]}):
        with pytest.raises(ValidationError):
            actions.edit(listing=refuge["concealed"], changes=changes, by=mia)
    with pytest.raises(ValidationError):
        actions.ask_safe_place(listing=refuge["network"], facts={"address": "Somewhere"}, by=fresh(mia))
    with pytest.raises(ValidationError):
        actions.name_cover(listing=refuge["network"], name="Blue lamp", by=mia)
    contact = ContactFactory(listing=refuge["restricted"], access="restricted")
    with pytest.raises(ValidationError):
        actions.ask_to_loosen(listing=refuge["restricted"], contact=contact, access="network", by=fresh(mia))


@pytest.mark.parametrize("who", ["otto", "cora"])
def test_e09_the_first_number_of_a_card_is_never_a_stricter_one(who, refuge, browse, request):
    ContactFactory(listing=refuge["network"], phone="0191 498 0999", access="concealed", order=0)
    ContactFactory(listing=refuge["network"], phone="0191 498 0111", access="network", order=1)
    page = browse(request.getfixturevalue(who)).get(reverse("directory:search")).content.decode()
    assert "0191 498 0111" in page
    assert "0191 498 0999" not in page

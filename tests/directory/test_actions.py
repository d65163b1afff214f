"""What people do in the directory, and what they may not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.models import Entry
from directory import actions
from directory.access import Access
from directory.models import Contact, Listing, Place, Share
from directory.opening import Span
from tests.directory.factories import ContactFactory, ListingFactory, PlaceFactory, TermFactory

NINE_TO_FIVE = [Span(0, dt.time(9), dt.time(17))]


def row(**fields):
    return {"function": "Referrals", "phone": "0191 498 0100", "access": "network", **fields}


class TestEdit:
    def test_writes_everything_and_confirms_it(self, mia, refuge):
        term = TermFactory(name="Interpreting")
        changes = {"name": "New name", "terms": [term], "hours": NINE_TO_FIVE, "contacts": [row()]}
        listing = actions.edit(listing=refuge["network"], changes=changes, by=mia)
        listing.refresh_from_db()
        assert (listing.name, listing.assured_on, listing.updated_by) == ("New name", timezone.localdate(), mia)
        assert listing.hours.count() == listing.contacts.count() == 1
        assert " interpreting" in listing.search_text

    def test_leaves_one_entry_that_names_nothing(self, mia, refuge):
        actions.edit(listing=refuge["concealed"], changes={"name": "Zaffre Cottage"}, by=mia)
        entry = Entry.objects.get(verb="listing.edit")
        assert entry.concealed
        assert entry.subject_name == ""
        assert "affre" not in str(entry.details)

    def test_keeps_the_entry_from_those_who_may_not_know(self, mia, cora, dara, nora, refuge):
        actions.edit(listing=refuge["concealed"], changes={"name": "Zaffre Cottage"}, by=mia)
        assert not Entry.objects.visible_to(cora).exists()
        assert not Entry.objects.visible_to(nora).exists()
        assert Entry.objects.visible_to(dara).count() == 1

    @pytest.mark.parametrize("who", ["otto", "ben", "cal", "asha", "nell", "faye", "dara", "nora", "omar"])
    def test_is_for_those_who_keep_the_agency(self, who, refuge, request):
        with pytest.raises(PermissionDenied):
            actions.edit(listing=refuge["network"], changes={"name": "Taken over"}, by=request.getfixturevalue(who))
        assert not Entry.objects.exists()

    def test_e23_gives_a_coordinator_no_right_to_what_they_may_not_see(self, cora, refuge):
        with pytest.raises(PermissionDenied):
            actions.edit(listing=refuge["concealed"], changes={"name": "Seen"}, by=cora)

    @pytest.mark.parametrize("name", ["access", "agency", "agency_id", "assured_by", "id", "search_text", "grants"])
    def test_changes_nothing_it_does_not_know(self, name, mia, refuge):
        with pytest.raises(ValidationError):
            actions.edit(listing=refuge["network"], changes={name: "public"}, by=mia)

    def test_leaves_contacts_alone_that_the_writer_cannot_see(self, cora, mia, refuge):
        secret = ContactFactory(listing=refuge["network"], access="concealed")
        gone = ContactFactory(listing=refuge["network"])
        actions.edit(listing=refuge["network"], changes={"contacts": [row(function="New")]}, by=cora)
        assert Contact.objects.filter(pk=secret.pk).exists()
        assert not Contact.objects.filter(pk=gone.pk).exists()

    def test_e20_takes_no_contact_of_another_listing(self, mia, refuge, harbour):
        other = ContactFactory(listing=ListingFactory(agency=harbour))
        with pytest.raises(ValidationError):
            actions.edit(listing=refuge["network"], changes={"contacts": [row(id=other.pk)]}, by=mia)
        other.refresh_from_db()
        assert other.listing.agency == harbour

    @pytest.mark.parametrize("access", ["public", "network", "everyone", ""])
    def test_makes_no_contact_looser_than_its_listing(self, access, mia, refuge):
        with pytest.raises(ValidationError):
            actions.edit(listing=refuge["restricted"], changes={"contacts": [row(access=access)]}, by=mia)
        assert not Contact.objects.exists()

    def test_makes_no_contact_looser_than_it_was(self, mia, refuge):
        old = ContactFactory(listing=refuge["public"], access="restricted")
        with pytest.raises(ValidationError):
            actions.edit(listing=refuge["public"], changes={"contacts": [row(id=old.pk)]}, by=mia)

    @pytest.mark.parametrize("phone", ["07700 900123", "+447700900123", "+44 7700 900 123"])
    def test_keeps_no_named_persons_mobile_number(self, phone, mia, refuge):
        named = row(officer="Ruth Amos", phone=phone)
        with pytest.raises(ValidationError):
            actions.edit(listing=refuge["network"], changes={"contacts": [named]}, by=mia)

    def test_gives_a_concealed_listing_no_address(self, mia, refuge):
        place = {"street": "1 Example Street", "town": "Durham"}
        with pytest.raises(ValidationError):
            actions.edit(listing=refuge["concealed"], changes={"places": [place]}, by=mia)
        assert not Place.objects.exists()


class TestAdd:
    def test_makes_a_listing_that_can_be_found(self, mia, haven, otto):
        made = actions.add(agency=haven, access="network", changes={"name": "Drop-in", "contacts": [row()]}, by=mia)
        assert made in Listing.objects.visible_to(otto)
        assert " drop" in made.search_text
        assert Entry.objects.get().verb == "listing.add"

    @pytest.mark.parametrize("who", ["otto", "ben", "nell", "nora", "omar"])
    def test_is_for_those_who_lead_the_agency(self, who, haven, request):
        with pytest.raises(PermissionDenied):
            actions.add(agency=haven, access="network", changes={"name": "X"}, by=request.getfixturevalue(who))

    @pytest.mark.parametrize("changes", [{}, {"name": ""}, {"name": "x" * 161}])
    def test_needs_a_name(self, changes, mia, haven):
        with pytest.raises(ValidationError):
            actions.add(agency=haven, access="network", changes=changes, by=mia)

    def test_refuses_an_access_it_does_not_know(self, mia, haven):
        with pytest.raises(ValidationError):
            actions.add(agency=haven, access="everyone", changes={"name": "X"}, by=mia)


class TestConfirm:
    def test_moves_the_day_and_leaves_one_entry(self, mia, refuge):
        actions.confirm(listing=refuge["network"], by=mia)
        assert not Listing.objects.get(pk=refuge["network"].pk).is_stale
        assert Entry.objects.get().verb == "listing.confirm"

    def test_is_not_for_a_coordinator_where_it_is_concealed(self, cora, refuge):
        with pytest.raises(PermissionDenied):
            actions.confirm(listing=refuge["concealed"], by=cora)


class TestTighten:
    def test_takes_what_hangs_on_it_along(self, mia, refuge, riverbank):
        listing = refuge["public"]
        loose, strict = (
            ContactFactory(listing=listing, access="public"),
            ContactFactory(listing=listing, access="concealed"),
        )
        PlaceFactory(listing=listing)
        share = Share.objects.create(listing=listing, agency=riverbank, accepted_at=timezone.now())
        actions.tighten(listing=listing, access="restricted", by=mia)
        loose.refresh_from_db()
        strict.refresh_from_db()
        assert (loose.access, strict.access) == ("restricted", "concealed")
        assert listing.places.exists()
        actions.tighten(listing=listing, access="concealed", by=mia)
        share.refresh_from_db()
        assert share.until_at is not None
        assert not listing.places.exists()
        assert Entry.objects.filter(verb="listing.tighten", concealed=True).count() == 1

    @pytest.mark.parametrize("before", Access.values)
    @pytest.mark.parametrize("after", [*Access.values, "", "everyone"])
    def test_never_loosens(self, before, after, mia, refuge):
        order = Access.values
        stricter = after in order and order.index(after) > order.index(before)
        if stricter:
            actions.tighten(listing=refuge[before], access=after, by=mia)
        else:
            with pytest.raises(ValidationError):
                actions.tighten(listing=refuge[before], access=after, by=mia)
        assert Listing.objects.get(pk=refuge[before].pk).access == (after if stricter else before)

    def test_hides_it_from_the_network_at_once(self, mia, otto, refuge):
        actions.tighten(listing=refuge["network"], access="restricted", by=mia)
        assert refuge["network"] not in Listing.objects.visible_to(otto)


class TestEditAgency:
    def test_keeps_the_words_of_its_listings_right(self, mia, haven, refuge):
        actions.edit_agency(agency=haven, changes={"former_names": "Marigold Trust"}, by=mia)
        assert all(" marigold" in listing.search_text for listing in Listing.objects.all())
        assert Entry.objects.get().verb == "agency.edit"

    @pytest.mark.parametrize("name", ["name", "kind", "id", "networks", "starts_on"])
    def test_changes_only_what_is_the_agencys_own(self, name, mia, haven):
        with pytest.raises(ValidationError):
            actions.edit_agency(agency=haven, changes={name: "x"}, by=mia)

    @pytest.mark.parametrize("who", ["otto", "ben", "nell", "nora", "asha"])
    def test_is_for_its_leads_and_coordinators(self, who, haven, request):
        with pytest.raises(PermissionDenied):
            actions.edit_agency(agency=haven, changes={"description": "x"}, by=request.getfixturevalue(who))

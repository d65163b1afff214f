"""Shares: offered by one side, accepted by the other, ended by either, and dead when either side's right is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from directory import actions
from directory.models import Listing, Share
from network.models import Membership, Signature
from tests import factories


@pytest.fixture
def offered(refuge, mia, harbour) -> Share:
    """Haven House offers its restricted listing to Harbour Advice."""
    return actions.offer_share(listing=refuge["restricted"], to=harbour, until=None, by=mia)


@pytest.fixture
def shared(offered, otto) -> Share:
    """Harbour Advice has accepted."""
    return actions.accept_share(share=offered, by=otto)


def sees(person, listing) -> bool:
    return Listing.objects.visible_to(person).filter(pk=listing.pk).exists()


class TestOffer:
    def test_opens_nothing_until_it_is_accepted(self, offered, otto, refuge):
        assert not sees(otto, refuge["restricted"])
        actions.accept_share(share=offered, by=otto)
        assert sees(otto, refuge["restricted"])

    def test_leaves_one_entry_for_each_deed(self, shared):
        assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == ["share.offer", "share.accept"]

    @pytest.mark.parametrize("who", ["ben", "cora", "otto", "nell", "cal", "nora", "omar", "dara", "asha", "faye"])
    def test_is_for_leads_of_the_agency(self, who, refuge, harbour, request):
        with pytest.raises(PermissionDenied):
            actions.offer_share(listing=refuge["restricted"], to=harbour, until=None, by=request.getfixturevalue(who))

    @pytest.mark.parametrize("access", ["public", "network", "concealed"])
    def test_is_of_restricted_listings_only(self, access, refuge, harbour, mia):
        with pytest.raises(ValidationError):
            actions.offer_share(listing=refuge[access], to=harbour, until=None, by=mia)

    def test_e13_e29_e30_goes_to_places_the_lead_knows(self, refuge, mia, riverbank, riverside, haven):
        for place in (riverbank, riverside, haven):
            with pytest.raises(ValidationError) as refused:
                actions.offer_share(listing=refuge["restricted"], to=place, until=None, by=mia)
            assert refused.value.messages == ["Choose one of the agencies or networks."]

    def test_e13_offers_no_unknown_place_on_the_page(self, browse, mia, refuge, riverbank, riverside, harbour):
        page = browse(mia).get(reverse("directory:shares", args=[refuge["restricted"].pk])).content.decode()
        assert "Harbour Advice" in page
        assert "Riverbank" not in page
        assert "Riverside" not in page

    def test_is_made_once_for_one_place(self, offered, refuge, harbour, mia):
        with pytest.raises(ValidationError):
            actions.offer_share(listing=refuge["restricted"], to=harbour, until=None, by=mia)

    def test_ends_in_the_future(self, refuge, harbour, mia):
        past = timezone.now() - dt.timedelta(seconds=1)
        with pytest.raises(ValidationError):
            actions.offer_share(listing=refuge["restricted"], to=harbour, until=past, by=mia)

    def test_needs_a_live_agency(self, refuge, haven, harbour, mia):
        Membership.objects.filter(agency=haven).update(from_at=None)
        with pytest.raises(ValidationError):
            actions.offer_share(listing=refuge["restricted"], to=harbour, until=None, by=mia)


class TestAccept:
    def test_is_the_lead_of_that_agency_only(self, offered, cora, mia, nell, cal, ben, durham):
        for person in (cora, mia, nell, cal, ben):
            with pytest.raises(PermissionDenied):
                actions.accept_share(share=offered, by=person)

    def test_is_the_coordinator_of_that_network_only(self, refuge, mia, durham, cora, otto, asha):
        share = actions.offer_share(listing=refuge["restricted"], to=durham, until=None, by=mia)
        for person in (otto, asha, mia):
            with pytest.raises(PermissionDenied):
                actions.accept_share(share=share, by=person)
        actions.accept_share(share=share, by=cora)
        assert sees(otto, refuge["restricted"])

    def test_is_closed_to_an_agency_that_has_not_signed(self, offered, otto, harbour):
        Signature.objects.filter(agency=harbour).delete()
        with pytest.raises(ValidationError):
            actions.accept_share(share=offered, by=otto)

    def test_e47_is_too_late_once_the_listing_is_another(self, offered, otto, mia, refuge):
        actions.tighten(listing=refuge["restricted"], access="concealed", by=mia)
        with pytest.raises(ValidationError):
            actions.accept_share(share=offered, by=otto)

    def test_happens_once(self, shared, otto):
        with pytest.raises(ValidationError):
            actions.accept_share(share=shared, by=otto)


class TestEnd:
    @pytest.mark.parametrize("who", ["mia", "otto"])
    def test_is_for_either_side(self, who, shared, otto, refuge, request):
        actions.end_share(share=shared, by=request.getfixturevalue(who))
        assert not sees(otto, refuge["restricted"])
        assert Entry.objects.latest("pk").verb == "share.end"

    def test_declines_what_was_not_accepted(self, offered, otto):
        actions.end_share(share=offered, by=otto)
        assert Entry.objects.latest("pk").verb == "share.decline"
        with pytest.raises(ValidationError):
            actions.accept_share(share=offered, by=otto)

    def test_is_for_nobody_else(self, shared, cora, nell, ben, cal, nora):
        for person in (cora, nell, ben, cal, nora):
            with pytest.raises(PermissionDenied):
                actions.end_share(share=shared, by=person)

    def test_happens_once(self, shared, mia):
        actions.end_share(share=shared, by=mia)
        with pytest.raises(ValidationError):
            actions.end_share(share=shared, by=mia)


class TestShared:
    def test_gives_no_write_and_no_share(self, shared, otto, refuge, durham):
        listing = refuge["restricted"]
        for deed in (
            lambda: actions.edit(listing=listing, changes={"name": "Ours"}, by=otto),
            lambda: actions.tighten(listing=listing, access="concealed", by=otto),
            lambda: actions.offer_share(listing=listing, to=durham, until=None, by=otto),
            lambda: actions.ask_to_loosen(listing=listing, contact=None, access="public", by=factories.fresh(otto)),
        ):
            with pytest.raises(PermissionDenied):
                deed()

    def test_e31_e47_lives_only_while_the_sharing_agency_does(self, shared, otto, refuge, haven):
        Membership.objects.filter(agency=haven).update(suspended_at=timezone.now() - dt.timedelta(seconds=1))
        assert not sees(otto, refuge["restricted"])

    def test_e41_is_dead_one_second_after_its_end(self, shared, otto, refuge):
        Share.objects.update(until_at=timezone.now() - dt.timedelta(seconds=1))
        assert not sees(otto, refuge["restricted"])

    def test_e49_does_not_come_back_when_the_listing_is_tightened_again(self, shared, otto, mia, refuge, haven):
        deputy = factories.person("Dee Deputy", "deputy", haven)
        asked = actions.ask_to_loosen(
            listing=refuge["restricted"], contact=None, access="network", by=factories.fresh(mia)
        )
        actions.loosen(loosening=asked, by=factories.fresh(deputy))
        actions.tighten(listing=refuge["restricted"], access="restricted", by=mia)
        assert not sees(otto, refuge["restricted"])


class TestPages:
    def test_tells_the_receiving_lead_what_is_offered(self, browse, offered, otto, ben, refuge):
        page = browse(otto).get(reverse("directory:sharing")).content.decode()
        assert refuge["restricted"].name in page
        assert "Haven House" in page
        assert refuge["restricted"].name not in browse(ben).get(reverse("directory:sharing")).content.decode()

    def test_tells_nobody_else(self, browse, offered, nell, cora, cal, asha, nora, dara, refuge):
        for person in (nell, cora, cal, asha, nora, dara):
            assert refuge["restricted"].name not in browse(person).get(reverse("directory:sharing")).content.decode()

    def test_walks_the_whole_way(self, browse, mia, otto, refuge, harbour):
        listing = refuge["restricted"]
        url = reverse("directory:shares", args=[listing.pk])
        assert browse(mia).post(url, {"place": str(harbour.pk)}).status_code == 302
        share = Share.objects.get()
        assert browse(otto).post(reverse("directory:accept_share", args=[share.pk])).status_code == 302
        assert browse(otto).get(reverse("directory:listing", args=[listing.pk])).status_code == 200
        assert browse(otto).get(reverse("directory:end_share", args=[share.pk])).status_code == 200
        assert browse(mia).post(reverse("directory:end_share", args=[share.pk])).status_code == 302
        assert browse(otto).get(reverse("directory:listing", args=[listing.pk])).status_code == 404

    def test_e35_e38_takes_no_place_that_is_not_offered(self, browse, mia, refuge, riverbank):
        url = reverse("directory:shares", args=[refuge["restricted"].pk])
        answer = browse(mia).post(url, {"place": str(riverbank.pk), "accepted_at": "true", "accepted": "true"})
        assert answer.status_code == 200
        assert "Riverbank" not in answer.content.decode()
        assert not Share.objects.exists()

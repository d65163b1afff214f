"""Need-to-know grants: one row, one person, a reason and an end."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.factors import FreshFactorNeeded
from audit.models import Entry
from directory import need_to_know
from directory.models import Listing, ListingGrant, SafePlace, SafePlaceGrant
from network import grants
from tests.directory.factories import ListingFactory
from tests.factories import fresh

REASON = "Joint visit, agreed at the meeting"


def given(listing, person, by, *, place=False, **other):
    asked = {"with_place": place, "reason": REASON, "hours": 24, **other}
    return need_to_know.give(listing=listing, person=person, by=fresh(by), **asked)


def sees(person, listing) -> bool:
    return Listing.objects.visible_to(person).filter(pk=listing.pk).exists()


@pytest.fixture
def place(hidden) -> SafePlace:
    """The concealed refuge's safe place."""
    return SafePlace.objects.create(listing=hidden, sealed="sealed")


class TestGive:
    def test_shows_one_listing_to_one_person(self, hidden, haven, mia, otto, nell):
        other = ListingFactory(agency=haven, access="concealed")
        given(hidden, otto, mia)
        assert sees(otto, hidden)
        assert not sees(otto, other)
        assert not sees(nell, hidden)
        assert Entry.objects.get().verb == "grant.give"

    def test_needs_a_fresh_factor(self, hidden, mia, otto):
        with pytest.raises(FreshFactorNeeded):
            need_to_know.give(listing=hidden, person=otto, with_place=False, reason=REASON, hours=24, by=mia)

    @pytest.mark.parametrize("who", ["ben", "cora", "nell", "nora", "asha", "dara", "omar", "cal"])
    def test_is_for_leads_of_the_agency(self, who, hidden, otto, request):
        with pytest.raises(PermissionDenied):
            given(hidden, otto, request.getfixturevalue(who))

    @pytest.mark.parametrize("wrong", [{"reason": "Needed now"}, {"reason": " " * 30}, {"hours": 73}, {"hours": 0}])
    def test_takes_a_reason_and_an_end(self, wrong, hidden, otto, mia):
        with pytest.raises(ValidationError):
            given(hidden, otto, mia, **wrong)
        assert not ListingGrant.objects.exists()

    @pytest.mark.parametrize("who", ["cal", "faye", "dara", "omar"])
    def test_e38_gives_nothing_to_roles_kept_from_it(self, who, hidden, mia, request):
        with pytest.raises(ValidationError):
            given(hidden, request.getfixturevalue(who), mia)

    def test_gives_nothing_that_is_seen_anyway(self, hidden, mia, ben, otto, refuge):
        for listing, person in ((hidden, ben), (refuge["restricted"], otto), (refuge["network"], otto)):
            with pytest.raises(ValidationError):
                given(listing, person, mia)

    def test_opens_a_safe_place_to_staff_alone_without_the_listing(self, place, hidden, mia, ben):
        given(hidden, ben, mia, place=True)
        assert SafePlace.objects.visible_to(ben).exists()
        assert not ListingGrant.objects.exists()

    def test_opens_both_to_others(self, place, hidden, mia, otto):
        given(hidden, otto, mia, place=True)
        assert sees(otto, hidden)
        assert SafePlace.objects.visible_to(otto).exists()

    def test_opens_no_safe_place_with_the_listing(self, place, hidden, mia, otto):
        given(hidden, otto, mia)
        assert not SafePlace.objects.visible_to(otto).exists()

    def test_takes_the_place_of_the_one_before(self, hidden, mia, otto):
        given(hidden, otto, mia)
        given(hidden, otto, mia, hours=72)
        assert ListingGrant.objects.filter(until_at__gt=timezone.now()).count() == 1


class TestTime:
    def test_e41_is_dead_one_second_after_its_end_with_no_job(self, place, hidden, mia, otto):
        given(hidden, otto, mia, place=True)
        before = timezone.now() - dt.timedelta(seconds=1)
        ListingGrant.objects.update(until_at=before)
        SafePlaceGrant.objects.update(until_at=before)
        assert not sees(otto, hidden)
        assert not SafePlace.objects.visible_to(otto).exists()
        assert not ListingGrant.objects.visible_to(otto).exists()

    @pytest.mark.parametrize(("hours", "live"), [(96, True), (-96, False)])
    def test_e41_goes_by_the_databases_clock_and_not_by_ours(self, hours, live, hidden, mia, otto, monkeypatch):
        given(hidden, otto, mia)
        if not live:
            ListingGrant.objects.update(until_at=timezone.now() - dt.timedelta(seconds=1))
        elsewhere = timezone.now() + dt.timedelta(hours=hours)
        monkeypatch.setattr(timezone, "now", lambda: elsewhere)
        assert sees(otto, hidden) is live

    def test_e49_is_not_inherited_by_a_row_that_comes_after(self, place, hidden, haven, mia, otto):
        given(hidden, otto, mia, place=True)
        pk, place_pk = hidden.pk, place.pk
        hidden.delete()
        assert not ListingGrant.objects.exists()
        assert not SafePlaceGrant.objects.exists()
        again = ListingFactory(pk=pk, agency=haven, access="concealed")
        SafePlace.objects.create(pk=place_pk, listing=again, sealed="sealed")
        assert not sees(otto, again)
        assert not SafePlace.objects.visible_to(otto).exists()


class TestEnd:
    @pytest.mark.parametrize("who", ["mia", "cora"])
    def test_is_for_leads_and_coordinators(self, who, hidden, mia, otto, request):
        given(hidden, otto, mia)
        grants.end(row=hidden, person=otto, by=request.getfixturevalue(who))
        assert not sees(otto, hidden)

    def test_is_for_nobody_else(self, hidden, mia, otto, ben, nell, asha, nora, dara):
        given(hidden, otto, mia)
        for person in (otto, ben, nell, asha, nora, dara):
            with pytest.raises(PermissionDenied):
                grants.end(row=hidden, person=person, by=fresh(person))

    def test_needs_a_fresh_factor_of_a_lead(self, hidden, mia, otto):
        given(hidden, otto, mia)
        mia.factor_at = None
        with pytest.raises(FreshFactorNeeded):
            grants.end(row=hidden, person=otto, by=mia)

    def test_happens_once(self, hidden, mia, otto, cora):
        given(hidden, otto, mia)
        grants.end(row=hidden, person=otto, by=cora)
        with pytest.raises(ValidationError):
            grants.end(row=hidden, person=otto, by=cora)


class TestPages:
    def test_walks_the_whole_way(self, browse, hidden, mia, otto):
        url = reverse("directory:grants", args=[hidden.pk])
        sent = {"email": otto.email.upper(), "what": "listing", "hours": "24", "reason": REASON}
        assert browse(mia, factor="stale").post(url, sent).status_code == 403
        assert browse(mia).post(url, sent).status_code == 302
        assert "Otto Lindqvist" in browse(mia).get(url).content.decode()
        mine = browse(otto).get(reverse("directory:sharing")).content.decode()
        assert hidden.name in mine
        grant = ListingGrant.objects.get()
        assert browse(mia).post(reverse("directory:end_grant", args=[grant.pk])).status_code == 302
        assert hidden.name not in browse(otto).get(reverse("directory:sharing")).content.decode()

    def test_e13_says_the_same_of_an_unknown_address_and_a_wrong_role(self, browse, hidden, mia, dara, omar):
        url = reverse("directory:grants", args=[hidden.pk])
        pages = []
        for email in ("nobody@lantern.example", omar.email, dara.email):
            page = browse(mia).post(url, {"email": email, "what": "listing", "hours": "24", "reason": REASON})
            assert need_to_know.NOBODY in page.content.decode()
            pages.append(page.status_code)
        assert pages == [200, 200, 200]

    def test_e13_offers_no_person_the_lead_does_not_know(self, browse, hidden, mia, nell, otto):
        page = browse(mia).get(reverse("directory:grants", args=[hidden.pk])).content.decode()
        assert "Otto Lindqvist" in page
        assert "Nell Price" not in page

    def test_lets_a_coordinator_end_it_by_the_cover_name(self, browse, hidden, mia, otto, cora):
        from directory import covers

        cover = covers.make(hidden)
        given(hidden, otto, mia)
        page = browse(cora).get(reverse("directory:covers")).content.decode()
        assert cover.name in page
        assert "Otto Lindqvist" in page
        for secret in ("Zaffre", "Haven House", REASON, "Mia Hughes"):
            assert secret not in page
        url = reverse("directory:end_grant", args=[ListingGrant.objects.get().pk])
        assert "Zaffre" not in browse(cora).get(url).content.decode()
        assert browse(cora).post(url).status_code == 302
        assert not sees(otto, hidden)

    def test_answers_as_absent_to_others(self, browse, hidden, mia, otto, nell, ben, asha, dara):
        given(hidden, otto, mia)
        url = reverse("directory:end_grant", args=[ListingGrant.objects.get().pk])
        for person in (nell, ben, asha, dara):
            assert browse(person).get(url).status_code == 404
        assert browse(otto).get(url).status_code == 403

    def test_e20_ends_no_grant_of_another_agency(self, browse, hidden, mia, otto, harbour):
        theirs = ListingFactory(agency=harbour, access="concealed")
        given(theirs, mia, otto)
        url = reverse("directory:end_grant", args=[ListingGrant.objects.get().pk])
        assert browse(mia).post(url).status_code == 403
        assert sees(mia, theirs)

    def test_gives_no_write_and_no_further_gift(self, hidden, mia, otto, ben):
        given(hidden, otto, mia)
        with pytest.raises(PermissionDenied):
            given(hidden, ben, otto)

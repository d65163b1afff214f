"""Safe places: sealed, shown one at a time, each showing remembered, and nowhere else."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.log import AdminEmailHandler

from accounts import sealing
from accounts.factors import FreshFactorNeeded
from audit import trail
from audit.models import Entry
from directory import actions, need_to_know, safe_places
from directory.models import Listing, SafePlace, SafePlaceChange, SafePlaceGrant, Share
from network import grants
from tests import factories
from tests.directory.factories import ListingFactory
from tests.factories import fresh

FACTS = {
    "address": "12 Marmalade Terrace\nQuillonby",
    "postcode": "ZZ9 9ZZ",
    "position": "54.1928, -1.4419",
    "getting_in": "Ring twice and say Peregrine",
}
TOKENS = ("Marmalade", "ZZ9 9ZZ", "54.1928", "Peregrine")
REASON = "A survivor arrives there this evening"


@pytest.fixture
def dee(haven):
    """Deputy lead of the refuge."""
    return factories.person("Dee Sharma", "deputy", haven)


@pytest.fixture
def place(hidden, mia, dee) -> SafePlace:
    """Where the concealed refuge is: Mia asked, Dee allowed."""
    change = actions.ask_safe_place(listing=hidden, facts=FACTS, by=fresh(mia))
    actions.confirm_safe_place(change=change, by=fresh(dee))
    return SafePlace.objects.get()


def give(listing, person, by):
    need_to_know.give(listing=listing, person=person, with_place=True, reason=REASON, hours=24, by=fresh(by))


def soon() -> dt.datetime:
    return timezone.now() + dt.timedelta(hours=1)


def url_of(listing) -> str:
    return reverse("directory:safe_place", args=[listing.pk])


class TestSealing:
    def test_keeps_nothing_readable_in_the_database(self, place):
        with connection.cursor() as cursor:
            for table in ("directory_safeplace", "directory_safeplacechange", "audit_entry"):
                cursor.execute(f"SELECT * FROM {table}")
                text = str(cursor.fetchall())
                assert not [token for token in TOKENS if token in text], table

    def test_opens_for_its_own_listing_only(self, place, haven):
        other = ListingFactory(agency=haven, access="concealed")
        with pytest.raises(sealing.Unreadable):
            safe_places.opened(place.sealed, other.pk)

    def test_says_nothing_when_it_is_printed(self, place):
        change = SafePlaceChange.objects.get()
        for text in (str(place), repr(place), str(change), repr(change)):
            assert "Zaffre" not in text
            assert place.sealed not in text


class TestAsk:
    def test_changes_nothing_yet(self, hidden, mia):
        actions.ask_safe_place(listing=hidden, facts=FACTS, by=fresh(mia))
        assert not SafePlace.objects.exists()

    def test_needs_a_fresh_factor(self, hidden, mia):
        with pytest.raises(FreshFactorNeeded):
            actions.ask_safe_place(listing=hidden, facts=FACTS, by=mia)

    @pytest.mark.parametrize("who", ["ben", "otto", "cora", "nora", "nell", "asha", "dara", "omar"])
    def test_is_for_leads(self, who, hidden, request):
        with pytest.raises(PermissionDenied):
            actions.ask_safe_place(listing=hidden, facts=FACTS, by=fresh(request.getfixturevalue(who)))

    @pytest.mark.parametrize("access", ["public", "network"])
    def test_is_of_restricted_and_concealed_listings(self, access, refuge, mia):
        with pytest.raises(ValidationError):
            actions.ask_safe_place(listing=refuge[access], facts=FACTS, by=fresh(mia))

    @pytest.mark.parametrize("facts", [{}, {"address": "  "}, {**FACTS, "note": "x"}, {"address": "x" * 401}])
    def test_takes_what_is_kept_and_no_more(self, facts, hidden, mia):
        with pytest.raises(ValidationError):
            actions.ask_safe_place(listing=hidden, facts=facts, by=fresh(mia))

    def test_removes_only_what_is_there(self, hidden, mia):
        with pytest.raises(ValidationError):
            actions.ask_safe_place(listing=hidden, facts=None, by=fresh(mia))


class TestConfirm:
    def test_takes_another_lead(self, hidden, mia, ben, cora, otto, dee):
        change = actions.ask_safe_place(listing=hidden, facts=FACTS, by=fresh(mia))
        for person in (mia, ben, cora, otto):
            with pytest.raises(PermissionDenied):
                actions.confirm_safe_place(change=change, by=fresh(person))
        with pytest.raises(FreshFactorNeeded):
            actions.confirm_safe_place(change=change, by=dee)
        actions.confirm_safe_place(change=change, by=fresh(dee))
        assert SafePlace.objects.count() == 1

    def test_gives_the_new_place_to_nobody_who_had_the_old(self, place, hidden, mia, dee, otto):
        give(hidden, otto, mia)
        change = actions.ask_safe_place(listing=hidden, facts={**FACTS, "address": "Elsewhere"}, by=fresh(mia))
        actions.confirm_safe_place(change=change, by=fresh(dee))
        assert not SafePlace.objects.visible_to(otto).exists()
        assert actions.reveal_safe_place(listing=hidden, reason=REASON, by=mia)["address"] == "Elsewhere"

    def test_removes_it_with_its_grants(self, place, hidden, mia, dee, otto):
        give(hidden, otto, mia)
        change = actions.ask_safe_place(listing=hidden, facts=None, by=fresh(mia))
        actions.confirm_safe_place(change=change, by=fresh(dee))
        assert not SafePlace.objects.exists()
        assert not SafePlaceGrant.objects.exists()

    def test_shows_the_second_person_what_they_allow_and_remembers_it(self, hidden, mia, dee, ben):
        change = actions.ask_safe_place(listing=hidden, facts=FACTS, by=fresh(mia))
        assert actions.review_safe_place(change=change, by=fresh(dee)) == FACTS
        assert Entry.objects.filter(verb="safe_place.review").count() == 1
        with pytest.raises(PermissionDenied):
            actions.review_safe_place(change=change, by=fresh(ben))


class TestReveal:
    def test_shows_it_to_a_lead_and_remembers_it_once(self, place, hidden, mia):
        assert actions.reveal_safe_place(listing=hidden, reason=REASON, by=fresh(mia)) == FACTS
        entry = Entry.objects.get(verb="safe_place.reveal")
        assert (entry.actor_id, entry.details["reason"], entry.concealed) == (mia.pk, REASON, True)

    def test_shows_it_with_a_live_grant(self, place, hidden, mia, otto, ben):
        for person in (otto, ben):
            give(hidden, person, mia)
            assert actions.reveal_safe_place(listing=hidden, reason=REASON, by=fresh(person)) == FACTS

    @pytest.mark.parametrize("who", ["ben", "otto", "cora", "asha", "nora", "cal", "dara", "faye", "omar", "nell"])
    def test_shows_it_to_nobody_else(self, who, place, hidden, request):
        with pytest.raises(PermissionDenied):
            actions.reveal_safe_place(listing=hidden, reason=REASON, by=fresh(request.getfixturevalue(who)))
        assert not Entry.objects.filter(verb="safe_place.reveal").exists()

    @pytest.mark.parametrize("who", ["cal", "dara", "faye", "omar"])
    def test_shows_it_to_some_roles_not_even_with_a_grant(self, who, place, hidden, mia, request):
        person = request.getfixturevalue(who)
        with pytest.raises(ValidationError):
            give(hidden, person, mia)
        grants.give(row=hidden, person=person, reason=REASON, until=soon(), by=fresh(mia))
        grants.give(row=place, person=person, reason=REASON, until=soon(), by=fresh(mia))
        assert not SafePlace.objects.visible_to(person).exists()

    def test_is_never_shown_to_a_key(self, place, haven, mia, make_key):
        assert not SafePlace.objects.visible_to(make_key(haven, mia, ["directory", "contacts", "alerts"])).exists()

    def test_needs_a_fresh_factor_and_a_reason(self, place, hidden, mia):
        mia.factor_at = None
        with pytest.raises(FreshFactorNeeded):
            actions.reveal_safe_place(listing=hidden, reason=REASON, by=mia)
        for reason in ("", "Because", " " * 40):
            with pytest.raises(ValidationError):
                actions.reveal_safe_place(listing=hidden, reason=reason, by=fresh(mia))
        assert not Entry.objects.filter(verb="safe_place.reveal").exists()

    def test_shows_nothing_when_the_trail_cannot_be_written(self, place, hidden, mia, browse, monkeypatch):
        def broken(*args, **details):
            raise RuntimeError("the trail is full")

        monkeypatch.setattr(trail, "record", broken)
        client = browse(mia)
        client.raise_request_exception = False
        logging.disable(logging.CRITICAL)
        answer = client.post(url_of(hidden), {"reason": REASON})
        logging.disable(logging.NOTSET)
        assert answer.status_code == 500
        assert not [token for token in TOKENS if token in answer.content.decode()]

    def test_e11_is_closed_when_its_listing_is(self, place, refuge, hidden, mia, otto, harbour):
        """A grant on the place alone, a share, and a listing that more people see: none opens it."""
        grants.give(row=place, person=otto, reason=REASON, until=soon(), by=fresh(mia))
        assert not SafePlace.objects.visible_to(otto).exists()
        give(hidden, otto, mia)
        Listing.objects.filter(pk=hidden.pk).update(access="network")
        assert not SafePlace.objects.visible_to(otto).exists()
        assert not SafePlace.objects.visible_to(mia).exists()

    def test_is_not_part_of_what_is_shared(self, refuge, mia, dee, otto, harbour):
        listing = refuge["restricted"]
        change = actions.ask_safe_place(listing=listing, facts=FACTS, by=fresh(mia))
        actions.confirm_safe_place(change=change, by=fresh(dee))
        Share.objects.create(listing=listing, agency=harbour, accepted_at=factories.LONG_AGO)
        assert Listing.objects.visible_to(otto).filter(pk=listing.pk).exists()
        assert not SafePlace.objects.visible_to(otto).exists()


class TestPages:
    def test_shows_it_in_the_answer_to_a_post_only(self, place, hidden, browse, mia):
        page = browse(mia).get(url_of(hidden))
        assert not [token for token in TOKENS if token in page.content.decode()]
        shown = browse(mia).post(url_of(hidden), {"reason": REASON})
        for token in TOKENS:
            assert token in shown.content.decode()
        assert "no-store" in shown["Cache-Control"]
        assert Entry.objects.filter(verb="safe_place.reveal").count() == 1

    def test_asks_for_the_factor_first_and_keeps_the_reason(self, place, hidden, browse, mia):
        answer = browse(mia, factor="stale").post(url_of(hidden), {"reason": REASON})
        assert answer.status_code == 403
        assert REASON in answer.content.decode()
        assert "Marmalade" not in answer.content.decode()

    def test_answers_as_absent_to_who_may_not(self, place, hidden, refuge, browse, ben, otto, cora, mia):
        for person in (ben, otto, cora):
            assert browse(person).get(url_of(hidden)).status_code == 404
            assert browse(person).post(url_of(hidden), {"reason": REASON}).status_code == 404
        assert browse(mia).get(url_of(refuge["restricted"])).status_code == 404

    def test_prints_only_that_it_may_not_be_printed(self, place, hidden, browse, mia):
        page = browse(mia).post(url_of(hidden), {"reason": REASON}).content.decode()
        before = page.index("Marmalade")
        assert 'class="govuk-summary-list lantern-no-print"' in page[:before]
        assert "never printed" in page

    def test_is_nowhere_else(self, place, hidden, browse, mia, dee):
        client = browse(mia)
        for url in (
            reverse("directory:listing", args=[hidden.pk]),
            reverse("directory:edit_listing", args=[hidden.pk]),
            reverse("directory:change_safe_place", args=[hidden.pk]),
            reverse("directory:grants", args=[hidden.pk]),
            reverse("directory:sharing"),
            reverse("directory:viewings"),
            reverse("directory:viewings_csv"),
            reverse("directory:search") + "?q=marmalade",
            reverse("audit:trail"),
            reverse("home"),
        ):
            page = client.get(url)
            assert page.status_code == 200, url
            assert not [token for token in TOKENS if token in page.content.decode()], url

    def test_walks_the_change_the_whole_way(self, hidden, browse, mia, dee):
        url = reverse("directory:change_safe_place", args=[hidden.pk])
        assert browse(mia).post(url, FACTS).status_code == 302
        change = SafePlaceChange.objects.get()
        page = reverse("directory:safe_place_change", args=[change.pk])
        assert "Marmalade" not in browse(dee).get(page).content.decode()
        assert "Marmalade" in browse(dee).post(page, {"answer": "look"}).content.decode()
        assert browse(mia).post(page, {"answer": "yes"}).status_code == 403
        assert browse(dee).post(page, {"answer": "yes"}).status_code == 302
        assert browse(mia).post(url, {"remove": "yes"}).status_code == 302
        assert SafePlaceChange.objects.waiting().get().is_removal

    def test_keeps_tracebacks_from_telling(self, place, hidden, mia, browse, monkeypatch, settings):
        settings.DEBUG = False

        def broken(*args, **kwargs):
            raise RuntimeError("no template")

        monkeypatch.setattr("directory.views.protected.render", broken)
        client = browse(mia)
        client.raise_request_exception = False
        settings.ADMINS = [("Omar", "omar@lantern.example")]
        logger, handler = logging.getLogger("django.request"), AdminEmailHandler(include_html=True)
        logger.addHandler(handler)
        try:
            client.post(url_of(hidden), {"reason": REASON})
        finally:
            logger.removeHandler(handler)
        told = "".join(message.body + str(message.alternatives) for message in mail.outbox)
        assert told
        assert not [token for token in TOKENS if token in told]

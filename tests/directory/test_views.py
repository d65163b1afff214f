"""The directory's pages, seen by each of the cast."""

from __future__ import annotations

import datetime as dt
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from directory.models import Listing, Term
from network.models import Agency
from tests import factories
from tests.directory.factories import (
    ContactFactory,
    HelplineFactory,
    ListingFactory,
    OpeningHoursFactory,
    PlaceFactory,
    TermFactory,
)
from tests.world import ABSENT

SEARCH = "/directory/"
OUTSIDERS = ("otto", "cora", "asha", "cal", "faye", "dara", "nora", "omar", "nell")


@pytest.fixture
def outsiders(otto, cora, asha, cal, faye, dara, nora, omar, nell):
    return {name: person for name, person in locals().items() if name in OUTSIDERS}


def text_of(response) -> str:
    """The page without what differs from one answer to the next."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())


def heading(response) -> str:
    return re.search(r'id="results">([^<]*)<', response.content.decode())[1].strip()


class TestSearch:
    def test_asks_nobody_to_guess_who_can_help(self, browse, otto, refuge):
        page = browse(otto).get(SEARCH)
        assert "Haven network service" in page.content.decode()
        assert heading(page) == "2 listings"

    def test_sends_nobody_to_sign_in(self, client, refuge):
        page = client.get(SEARCH)
        assert page.status_code == 302
        assert "Haven" not in page.content.decode()

    def test_e01_is_the_same_page_with_and_without_a_concealed_listing(self, browse, outsiders, hidden):
        OpeningHoursFactory(listing=hidden, weekday=timezone.localtime().weekday(), opens=dt.time(0), closes=None)
        ContactFactory(listing=hidden)
        queries = ("", "?q=zaffre", "?q=zaf", "?q=haven", "?kind=charity", "?open=on", "?taking=on")
        clients = {name: browse(person) for name, person in outsiders.items()}
        asked = [(name, query) for name in outsiders for query in queries]
        before = {(name, query): text_of(clients[name].get(SEARCH + query)) for name, query in asked}
        assert "Zaffre" not in "".join(before.values())
        assert "Quillon" not in "".join(before.values())
        hidden.delete()
        for name, query in asked:
            assert text_of(clients[name].get(SEARCH + query)) == before[name, query], (name, query)

    def test_e04_e05_finds_no_hidden_name_by_any_prefix(self, browse, otto, hidden):
        page = browse(otto)
        for word in ("zaffre", "quillon", "cottage"):
            for length in range(1, len(word) + 1):
                found = page.get(SEARCH, {"q": word[:length]}).content.decode()
                assert "Zaffre" not in found

    def test_e04_forgets_at_once_what_is_no_longer_seen(self, browse, otto, mia, hidden, give):
        from network import grants

        page = browse(otto)
        give(hidden, otto, by=mia)
        assert "Zaffre" in page.get(SEARCH, {"q": "zaf"}).content.decode()
        grants.end(row=hidden, person=otto, by=mia)
        assert "Zaffre" not in page.get(SEARCH, {"q": "zaf"}).content.decode()

    def test_e06_counts_only_what_the_reader_sees(self, browse, otto, mia, hidden, haven):
        bed = TermFactory(code="bed", name="Emergency bed")
        hidden.terms.add(bed)
        ListingFactory(agency=haven, access="network", terms=[bed])
        assert "Emergency bed (1)" in browse(otto).get(SEARCH).content.decode()
        assert "Emergency bed (2)" in browse(mia).get(SEARCH).content.decode()

    def test_e06_counts_agencies_by_what_the_reader_sees(self, browse, otto, mia, refuge):
        assert "Charity or voluntary group (2)" in browse(otto).get(SEARCH).content.decode()
        assert "Charity or voluntary group (4)" in browse(mia).get(SEARCH).content.decode()

    def test_e13_offers_no_place_of_another_network(self, browse, otto, nell, durham, riverside):
        durham.areas.add(factories.AreaFactory(name="Darlington"))
        riverside.areas.add(factories.AreaFactory(name="Rivermouth"))
        page = browse(otto).get(SEARCH).content.decode()
        assert "Darlington" in page
        assert "Rivermouth" not in page

    @pytest.mark.parametrize(
        "query",
        [
            "kind=nonsense", "help=no-such-thing", "area=not-an-id", f"area={ABSENT}", "after=nonsense",
            f"after={ABSENT}", f"before={ABSENT}", "q=%00", "q=%25%27%5C_", "open=maybe", "kind=charity&kind=police",
            "q=" + "a" * 5000, "q=%F0%9F%8F%A0", "area=%00", "after=%00", "help=%00",
        ],
    )  # fmt: skip
    def test_takes_anything_typed_without_breaking(self, query, browse, otto, refuge):
        assert browse(otto).get(f"{SEARCH}?{query}").status_code == 200

    @pytest.mark.parametrize(
        "name",
        [
            "agency__name", "agency__memberships__network__name", "search_text__startswith", "name__startswith",
            "access", "contacts__phone__startswith", "grants__user", "agency__appointments__person__password",
            "assured_by__email__startswith", "pk__in", "order_by", "_connector", "places__postcode", "id",
        ],
    )  # fmt: skip
    def test_e39_e40_ignores_lookups_in_the_address(self, name, browse, otto, refuge):
        page = browse(otto)
        plain = text_of(page.get(SEARCH))
        for value in ("", "a", "zzz", "concealed", "1) OR 1=1 --"):
            assert text_of(page.get(SEARCH, {name: value})) == plain

    def test_says_which_answer_it_could_not_use(self, browse, otto, refuge):
        page = browse(otto).get(SEARCH, {"kind": "nonsense", "q": "network"})
        assert "There is a problem" in page.content.decode()
        assert heading(page).startswith("1 listing")

    def test_filters_by_every_question(self, browse, otto, haven, durham):
        bed, adults = TermFactory(code="bed"), TermFactory(kind=Term.Kind.PEOPLE, code="adults")
        town = factories.AreaFactory(name="Darlington")
        durham.areas.add(town)
        right = {"terms": [bed, adults], "areas": [town], "agency": haven}
        wanted = ListingFactory(name="Right in every way", **right)
        OpeningHoursFactory(listing=wanted, weekday=timezone.localtime().weekday(), opens=dt.time(0), closes=None)
        police = factories.AgencyFactory(network=durham, kind=Agency.Kind.POLICE)
        for wrong in ({"terms": [adults]}, {"terms": [bed]}, {"areas": []}, {"agency": police}):
            ListingFactory(name="Wrong in one way", **{**right, **wrong})
        ListingFactory(name="Wrong in one way", **right, not_taking_until=timezone.localdate() + dt.timedelta(days=9))
        asked = {"q": "way", "help": "bed", "people": "adults", "area": town.pk, "kind": "charity", "taking": "on"}
        page = browse(otto).get(SEARCH, {**asked, "open": "on"}).content.decode()
        assert "Right in every way" in page
        assert "Wrong in one way" not in page

    def test_finds_by_place_what_covers_it_contains_it_or_lies_in_it(self, browse, otto, haven, durham):
        region, county, town, other = (factories.AreaFactory(name=n) for n in ("North", "Shire", "Town", "Elsewhere"))
        county.within.add(region)
        town.within.add(county)
        durham.areas.set([region, county, town, other])
        for area in (region, county, town, other):
            ListingFactory(agency=haven, name=f"Covers {area}", areas=[area])
        page = browse(otto)
        for area, count in ((town, 3), (county, 3), (region, 3), (other, 1)):
            assert heading(page.get(SEARCH, {"area": area.pk})).startswith(f"{count} listing")

    def test_puts_a_number_to_tap_beside_each_listing(self, browse, otto, refuge):
        ContactFactory(listing=refuge["network"], function="Duty desk", phone="0191 498 0123")
        ContactFactory(listing=refuge["network"], function="Managers", phone="0191 498 0199", access="concealed")
        page = browse(otto).get(SEARCH).content.decode()
        assert 'href="tel:01914980123"' in page
        assert "0199" not in page

    def test_pages_through_all_listings_once_and_keeps_the_filters(self, browse, otto, haven):
        names = [f"Service {n:03}" for n in range(60)]
        for name in names:
            ListingFactory(agency=haven, name=name)
        ListingFactory(agency=haven, name="Another thing")
        seen, address = [], f"{SEARCH}?q=service&kind=charity"
        page = browse(otto)
        while address:
            content = page.get(address).content.decode()
            seen += re.findall(r">(Service \d+)</a>", content)
            found = re.search(r'href="([^"]*)" rel="next"', content)
            address = SEARCH + found[1].replace("&amp;", "&") if found else ""
            last = content
        assert seen == names
        back = re.search(r'href="([^"]*)" rel="prev"', last)[1].replace("&amp;", "&")
        assert "q=service" in back
        assert re.findall(r">(Service \d+)</a>", page.get(SEARCH + back).content.decode()) == names[25:50]

    def test_e03_takes_a_hidden_row_as_no_row_to_page_from(self, browse, otto, hidden, refuge):
        page = browse(otto)
        assert text_of(page.get(SEARCH, {"after": hidden.pk})) == text_of(page.get(SEARCH, {"after": uuid4()}))

    def test_shows_whom_to_ring(self, browse, otto):
        HelplineFactory(name="Modern slavery helpline", number="0808 157 0200")
        assert 'href="tel:08081570200"' in browse(otto).get(SEARCH).content.decode()


class TestQueries:
    def asked(self, client, address) -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    def fill(self, haven, how_many) -> None:
        terms = [TermFactory(), TermFactory(kind=Term.Kind.PEOPLE)]
        area = factories.AreaFactory()
        for _ in range(how_many):
            row = ListingFactory(agency=haven, terms=terms, areas=[area])
            ContactFactory(listing=row)
            OpeningHoursFactory(listing=row)
            PlaceFactory(listing=row)

    @pytest.mark.parametrize("which", ["search", "agency", "edit", "listing"])
    def test_do_not_grow_with_the_rows(self, which, browse, mia, haven):
        client = browse(mia)
        self.fill(haven, 5)
        pk = Listing.objects.first().pk
        addresses = {
            "search": SEARCH,
            "agency": reverse("directory:agency", args=[haven.pk]),
            "edit": reverse("directory:edit_listing", args=[pk]),
            "listing": reverse("directory:listing", args=[pk]),
        }
        self.asked(client, addresses[which])  # what a process asks only once
        few = self.asked(client, addresses[which])
        self.fill(haven, 55)
        assert self.asked(client, addresses[which]) == few
        assert few <= 24

    def test_e10_none_are_asked_by_templates(self, browse, mia, haven, no_queries_while_rendering):
        self.fill(haven, 3)
        client, pk = browse(mia), Listing.objects.first().pk
        for name, at in (("listing", pk), ("edit_listing", pk), ("tighten", pk), ("agency", haven.pk),
                         ("edit_agency", haven.pk), ("add_listing", haven.pk)):  # fmt: skip
            assert client.get(reverse(f"directory:{name}", args=[at])).status_code == 200
        assert client.get(SEARCH).status_code == 200


class TestListing:
    def address(self, listing) -> str:
        return reverse("directory:listing", args=[listing.pk])

    def test_answers_the_same_for_hidden_and_absent(self, browse, outsiders, hidden):
        absent = reverse("directory:listing", args=[uuid4()])
        for person in outsiders.values():
            page = browse(person)
            for verb in ("", "edit/", "access/"):
                secret, nothing = page.get(self.address(hidden) + verb), page.get(absent + verb)
                assert secret.status_code == nothing.status_code == 404
                assert text_of(secret) == text_of(nothing)
            secret, nothing = page.post(self.address(hidden) + "confirm/"), page.post(absent + "confirm/")
            assert (secret.status_code, text_of(secret)) == (404, text_of(nothing))

    def test_shows_staff_what_is_concealed(self, browse, ben, hidden):
        page = browse(ben).get(self.address(hidden)).content.decode()
        assert "Zaffre Quillon Cottage" in page
        assert "This listing is concealed" in page

    def test_shows_what_one_needs_at_night(self, browse, otto, refuge):
        row = refuge["network"]
        row.assured_on = dt.date(2026, 11, 3)
        row.referral = "Ring the duty desk first."
        row.save()
        today = timezone.localtime().weekday()
        OpeningHoursFactory(listing=row, weekday=today, opens=dt.time(0), closes=None)
        ContactFactory(listing=row, function="Out of hours", phone="0191 498 0150")
        PlaceFactory(listing=row, street="4 Example Row")
        page = browse(otto).get(self.address(row)).content.decode()
        for words in ("Open now", "24 hours", 'href="tel:01914980150"', "3 November 2026", "Ring the duty desk first.",
                      "4 Example Row", "Haven House"):  # fmt: skip
            assert words in page

    def test_e11_leaves_out_contacts_stricter_than_the_listing(self, browse, otto, mia, refuge):
        ContactFactory(listing=refuge["network"], function="Night manager", access="concealed", phone="0191 498 0177")
        assert "Night manager" not in browse(otto).get(self.address(refuge["network"])).content.decode()
        assert "Night manager" in browse(mia).get(self.address(refuge["network"])).content.decode()

    def test_warns_of_a_stale_entry(self, browse, otto, refuge):
        row = refuge["network"]
        row.assured_on = timezone.localdate() - dt.timedelta(weeks=14)
        row.save()
        assert "Check before you rely on it" in browse(otto).get(self.address(row)).content.decode()
        row.assured_on = timezone.localdate() - dt.timedelta(weeks=12)
        row.save()
        assert "Check before you rely on it" not in browse(otto).get(self.address(row)).content.decode()

    def test_says_until_when_it_takes_no_referrals(self, browse, otto, refuge):
        row = refuge["network"]
        row.not_taking_until = timezone.localdate() + dt.timedelta(days=3)
        row.save()
        assert "Not taking referrals until" in browse(otto).get(self.address(row)).content.decode()

    def test_names_the_agency_without_a_link_where_its_page_is_not_theirs(self, browse, nell, refuge, haven):
        page = browse(nell).get(self.address(refuge["public"])).content.decode()
        assert "Haven House" in page
        assert str(haven.pk) not in page

    def test_offers_editing_to_those_who_may(self, browse, mia, ben, otto, cora, refuge):
        edits = {p.name: "Edit this listing" in browse(p).get(self.address(refuge["network"])).content.decode()
                 for p in (mia, ben, otto, cora)}  # fmt: skip
        assert list(edits.values()) == [True, False, False, True]


class TestAgency:
    def test_shows_only_its_visible_listings(self, browse, outsiders, mia, hidden, haven):
        address = reverse("directory:agency", args=[haven.pk])
        for person in outsiders.values():
            assert "Zaffre" not in browse(person).get(address).content.decode()
        assert "Zaffre" in browse(mia).get(address).content.decode()

    def test_is_absent_for_another_network(self, browse, nell, faye, omar, haven):
        for person in (nell, faye, omar):
            page = browse(person)
            answers = [page.get(reverse("directory:agency", args=[pk])) for pk in (haven.pk, uuid4())]
            assert answers[0].status_code == 404
            assert text_of(answers[0]) == text_of(answers[1])

    def test_says_what_it_was_and_became(self, browse, otto, haven, durham):
        haven.successors.add(factories.AgencyFactory(name="Haven Together", network=durham))
        factories.AgencyFactory(name="Old Haven Trust", network=durham).successors.add(haven)
        page = browse(otto).get(reverse("directory:agency", args=[haven.pk])).content.decode()
        assert "Haven Together" in page
        assert "Old Haven Trust" in page


class TestConfirm:
    def test_is_one_press(self, browse, mia, refuge):
        row = refuge["network"]
        address = reverse("directory:confirm", args=[row.pk])
        assert browse(mia).get(address).status_code == 405
        assert browse(mia).post(address).status_code == 302
        row.refresh_from_db()
        assert (row.assured_on, row.assured_by) == (timezone.localdate(), mia)

    def test_is_refused_to_those_who_see_it_and_may_not(self, browse, otto, ben, refuge):
        for person in (otto, ben):
            assert browse(person).post(reverse("directory:confirm", args=[refuge["network"].pk])).status_code == 403
        assert not Entry.objects.filter(verb="listing.confirm").exists()

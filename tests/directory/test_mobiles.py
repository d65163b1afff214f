"""Mobile numbers: masked, shown one at a time, each time remembered, and counted."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.factors import FreshFactorNeeded
from audit import trail
from audit.models import Entry
from delivery.models import Recipient
from directory import actions, covers
from directory.models import Cover, Mobile
from tests.directory.factories import ContactFactory, ListingFactory
from tests.directory.test_editing import form_of
from tests.factories import fresh

NUMBER = "07700 900982"


@pytest.fixture
def mobile(refuge) -> Mobile:
    """Of the network listing's night worker, who is on call."""
    contact = ContactFactory(listing=refuge["network"], function="Night worker", officer="Ruth Amos")
    return Mobile.objects.create(contact=contact, number=NUMBER, on_call=True)


def may_ask(person, mobile) -> bool:
    return Mobile.objects.visible_to(person).filter(pk=mobile.pk).exists()


EVERYONE = ("mia", "ben", "otto", "cal", "cora", "asha", "dara", "nora", "nell", "faye", "omar", "anonymous")


class TestWhoMayAsk:
    @pytest.mark.parametrize("who", EVERYONE)
    def test_for_one_on_call_is_the_network(self, who, mobile, request):
        person = request.getfixturevalue(who)
        assert may_ask(person, mobile) is (who in {"mia", "ben", "otto", "cal", "cora", "asha"})

    @pytest.mark.parametrize("who", EVERYONE)
    def test_for_one_off_call_is_the_agency_and_its_coordinator(self, who, mobile, request):
        mobile.on_call = False
        mobile.save()
        assert may_ask(request.getfixturevalue(who), mobile) is (who in {"mia", "ben", "cora"})

    def test_for_ones_own_is_oneself(self, mobile, otto):
        mobile.on_call, mobile.person = False, otto
        mobile.save()
        assert may_ask(otto, mobile)

    def test_is_the_nation_with_a_fresh_factor(self, refuge, nora):
        contact = ContactFactory(listing=refuge["network"], function="Duty phone")
        duty = Mobile.objects.create(contact=contact, number=NUMBER)
        with pytest.raises(FreshFactorNeeded):
            actions.reveal_mobile(mobile=duty, by=nora)
        assert actions.reveal_mobile(mobile=duty, by=fresh(nora)) == NUMBER

    def test_is_never_a_key(self, mobile, haven, mia, make_key):
        assert not may_ask(make_key(haven, mia, ["directory", "contacts", "alerts"]), mobile)

    @pytest.mark.parametrize("access", ["restricted", "concealed"])
    def test_e11_is_nobody_who_may_not_see_its_contact_or_listing(self, access, mobile, refuge, otto, cora, cal):
        mobile.contact.access = "concealed"
        mobile.contact.save()
        assert not may_ask(otto, mobile)
        assert not may_ask(cora, mobile)
        mobile.contact.access, mobile.contact.listing = "network", refuge[access]
        mobile.contact.save()
        assert not may_ask(otto, mobile)
        assert not may_ask(cal, mobile)


class TestReveal:
    def test_shows_one_and_remembers_it_once(self, mobile, otto):
        assert actions.reveal_mobile(mobile=mobile, by=otto) == NUMBER
        entry = Entry.objects.get()
        assert (entry.verb, entry.actor_id, entry.agency_id) == ("mobile.reveal", otto.pk, mobile.agency_id)
        assert "900982" not in str(entry.details) + entry.subject_name

    @pytest.mark.parametrize("who", ["dara", "faye", "omar", "nell"])
    def test_is_refused_to_others(self, who, mobile, request):
        with pytest.raises(PermissionDenied):
            actions.reveal_mobile(mobile=mobile, by=fresh(request.getfixturevalue(who)))
        assert not Entry.objects.exists()

    def test_shows_nothing_when_the_trail_cannot_be_written(self, mobile, otto, browse, monkeypatch):
        def broken(*args, **details):
            raise RuntimeError("the trail is full")

        monkeypatch.setattr(trail, "record", broken)
        client = browse(otto)
        client.raise_request_exception = False
        answer = client.post(reverse("directory:reveal_mobile", args=[mobile.pk]))
        assert answer.status_code == 500
        assert "900982" not in answer.content.decode()

    def test_is_limited_by_the_day(self, mobile, otto, ben, settings):
        settings.MOBILE_REVEALS_A_DAY = 3
        for _ in range(3):
            actions.reveal_mobile(mobile=mobile, by=otto)
        with pytest.raises(ValidationError) as refused:
            actions.reveal_mobile(mobile=mobile, by=otto)
        assert "3 mobile numbers today" in refused.value.messages[0]
        assert actions.reveal_mobile(mobile=mobile, by=ben) == NUMBER

    def test_tells_the_leads_when_it_is_unusual(self, mobile, ben, haven, harbour, otto, mia, nell):
        for _ in range(5):
            actions.reveal_mobile(mobile=mobile, by=otto)
        assert not Entry.objects.filter(verb="mobile.unusual").exists()
        actions.reveal_mobile(mobile=mobile, by=otto)
        told = Entry.objects.filter(verb="mobile.unusual")
        assert set(told.values_list("agency_id", flat=True)) == {haven.pk, harbour.pk}
        assert told.visible_to(mia).count() == 1
        assert not told.visible_to(nell).exists()
        (notice,) = Recipient.objects.all()
        assert notice.person == mia
        assert otto.name not in notice.mailing.text
        assert NUMBER not in notice.mailing.text

    def test_tells_the_leads_when_the_day_is_used_up(self, mobile, otto, settings):
        settings.MOBILE_REVEALS_A_DAY = 2
        actions.reveal_mobile(mobile=mobile, by=otto)
        actions.reveal_mobile(mobile=mobile, by=otto)
        assert Entry.objects.filter(verb="mobile.unusual").count() == 2


class TestPages:
    def test_masks_it_until_it_is_asked_for(self, mobile, otto, browse, refuge):
        page = browse(otto).get(reverse("directory:listing", args=[refuge["network"].pk])).content.decode()
        assert "07700 900 •••" in page
        assert "900982" not in page
        shown = browse(otto).post(reverse("directory:reveal_mobile", args=[mobile.pk]))
        assert NUMBER in shown.content.decode()
        assert "no-store" in shown["Cache-Control"]

    def test_does_not_speak_of_it_to_who_may_not_ask(self, mobile, dara, browse, refuge):
        page = browse(dara).get(reverse("directory:listing", args=[refuge["network"].pk])).content.decode()
        assert "Mobile numbers" not in page
        assert browse(dara).post(reverse("directory:reveal_mobile", args=[mobile.pk])).status_code == 404

    def test_is_not_shown_by_a_get(self, mobile, otto, browse):
        assert browse(otto).get(reverse("directory:reveal_mobile", args=[mobile.pk])).status_code == 405
        assert not Entry.objects.exists()

    def test_refuses_in_words(self, mobile, otto, browse, settings):
        settings.MOBILE_REVEALS_A_DAY = 0
        answer = browse(otto).post(reverse("directory:reveal_mobile", args=[mobile.pk]))
        assert answer.status_code == 429
        assert "tomorrow" in answer.content.decode()
        assert "900982" not in answer.content.decode()

    def test_asks_as_many_questions_for_many_numbers(self, refuge, otto, browse):
        url = reverse("directory:listing", args=[refuge["network"].pk])
        counts = []
        for _ in range(2):
            for _ in range(4):
                Mobile.objects.create(contact=ContactFactory(listing=refuge["network"]), number=NUMBER, on_call=True)
            client = browse(otto)
            with CaptureQueriesContext(connection) as asked:
                client.get(url)
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestEditing:
    @pytest.fixture
    def page(self, browse, mia, refuge):
        client = browse(mia)
        client.address = reverse("directory:edit_listing", args=[refuge["network"].pk])
        return client

    def test_keeps_a_number_and_whose_it_is(self, page, refuge, ben):
        sent = form_of(page.get(page.address)) | {
            "contact_0_function": "Duty",
            "contact_0_email": ben.email,
            "contact_0_access": "network",
            "contact_0_mobile": "+44 7700 900 982",
            "contact_0_on_call": "on",
        }
        assert page.post(page.address, sent).status_code == 302
        kept = Mobile.objects.get()
        assert (kept.number, kept.person, kept.on_call) == (NUMBER, ben, True)

    def test_never_shows_it_in_the_form_and_leaves_it_alone(self, page, mobile):
        shown = page.get(page.address)
        assert "07700 900 •••" in shown.content.decode()
        assert "900982" not in shown.content.decode()
        assert page.post(page.address, form_of(shown)).status_code == 302
        mobile.refresh_from_db()
        assert (mobile.number, mobile.on_call) == (NUMBER, True)

    def test_removes_it_when_told(self, page, mobile):
        sent = form_of(page.get(page.address)) | {"contact_0_no_mobile": "on"}
        assert page.post(page.address, sent).status_code == 302
        assert not Mobile.objects.exists()

    @pytest.mark.parametrize("typed", ["0191 498 0100", "07700 9009", "+33 6 12 34 56 78", "call me"])
    def test_takes_mobile_numbers_only(self, typed, page):
        sent = form_of(page.get(page.address)) | {"contact_0_function": "Duty", "contact_0_mobile": typed}
        assert "Enter a UK mobile number" in page.post(page.address, sent).content.decode()
        assert not Mobile.objects.exists()

    def test_points_from_the_ordinary_field_to_it(self, mia, refuge):
        row = {"function": "Duty", "officer": "Ruth Amos", "phone": NUMBER, "access": "network"}
        with pytest.raises(ValidationError) as refused:
            actions.edit(listing=refuge["network"], changes={"contacts": [row]}, by=mia)
        assert "Mobile number" in refused.value.messages[0]


class TestViewings:
    @pytest.fixture
    def looked(self, mobile, refuge, otto, ben, mia):
        """Otto and Ben asked for the mobile of a listing of the network, and Mia for that of a concealed one."""
        actions.reveal_mobile(mobile=mobile, by=otto)
        actions.reveal_mobile(mobile=mobile, by=ben)
        hidden = Mobile.objects.create(contact=ContactFactory(listing=refuge["concealed"]), number=NUMBER)
        actions.reveal_mobile(mobile=hidden, by=mia)

    @pytest.mark.parametrize(
        ("who", "names"),
        [
            ("mia", {"Otto", "Ben", "Mia"}),
            ("ben", {"Ben"}),
            ("otto", {"Otto"}),
            ("cora", {"Otto", "Ben"}),
            ("dara", {"Otto", "Ben", "Mia"}),
            ("cal", set()),
            ("nell", set()),
        ],
    )
    def test_shows_each_as_far_as_they_may_know(self, who, names, looked, browse, request):
        page = browse(request.getfixturevalue(who)).get(reverse("directory:viewings")).content.decode()
        results = page[page.index("Clear filters") :]
        assert {name for name in ("Otto", "Ben", "Mia") if f"<strong>{name} " in results} == names

    @pytest.mark.parametrize("who", ["asha", "nora", "faye", "omar"])
    def test_is_not_there_for_other_roles(self, who, looked, browse, request):
        client = browse(request.getfixturevalue(who))
        assert client.get(reverse("directory:viewings")).status_code == 404
        assert client.get(reverse("directory:viewings_csv")).status_code == 404

    def test_names_no_concealed_listing_to_an_auditor(self, looked, browse, dara, refuge):
        assert refuge["concealed"].name not in browse(dara).get(reverse("directory:viewings")).content.decode()

    def test_is_narrowed_by_person_and_day(self, looked, browse, mia, otto):
        client = browse(mia)
        page = client.get(reverse("directory:viewings"), {"person": str(otto.pk)}).content.decode()
        assert "<strong>Ben" not in page
        assert "<strong>Otto" in page
        assert "<strong>" not in client.get(reverse("directory:viewings"), {"until": "1 1 2020"}).content.decode()

    def test_e39_takes_no_other_filter(self, looked, browse, mia):
        page = browse(mia).get(reverse("directory:viewings"), {"actor__password__startswith": "a", "person": "x"})
        assert page.status_code == 200
        assert "<strong>Otto" not in page.content.decode()

    def test_is_a_sheet_too_that_calculates_nothing(self, mobile, browse, mia, otto):
        otto.name = "=1+1"
        otto.save()
        actions.reveal_mobile(mobile=mobile, by=otto)
        sheet = browse(mia).get(reverse("directory:viewings_csv")).content.decode()
        rows = list(csv.reader(io.StringIO(sheet)))
        assert rows[0] == ["When", "Who", "What", "Listing", "Reason"]
        assert rows[1][1] == "'=1+1"


class TestCovers:
    @pytest.fixture
    def cover(self, refuge, mia) -> Cover:
        return actions.name_cover(listing=refuge["concealed"], name="Blue lamp", by=mia)

    def test_comes_with_every_concealed_listing(self, haven, mia, refuge):
        made = actions.add(agency=haven, access="concealed", changes={"name": "Quiet"}, by=mia)
        assert made.cover.name != ""
        actions.tighten(listing=refuge["network"], access="concealed", by=mia)
        assert Cover.objects.count() == 2

    @pytest.mark.parametrize(
        ("who", "told"), [("cora", "Blue lamp"), ("dara", "reference"), ("asha", ""), ("nora", ""), ("otto", "")]
    )
    def test_tells_coordinators_the_name_and_auditors_the_reference(self, who, told, cover, browse, request, refuge):
        answer = browse(request.getfixturevalue(who)).get(reverse("directory:covers"))
        if not told:
            assert answer.status_code == 404
            return
        page = answer.content.decode()
        assert ("Blue lamp" in page) is (told == "Blue lamp")
        assert (cover.reference in page) is (told == "reference")
        for secret in (refuge["concealed"].name, "Haven House", str(refuge["concealed"].pk)):
            assert secret not in page

    @pytest.mark.parametrize("who", ["otto", "nell", "asha", "nora", "omar", "cal", "faye"])
    def test_is_not_known_to_others(self, who, cover, request):
        assert not Cover.objects.visible_to(request.getfixturevalue(who)).exists()

    def test_is_known_only_while_it_is_concealed(self, cover, cora, refuge):
        refuge["concealed"].access = "restricted"
        refuge["concealed"].save()
        assert not Cover.objects.visible_to(cora).exists()

    @pytest.mark.parametrize("name", ["Haven", "The house", ""])
    def test_tells_nothing(self, name, refuge, mia):
        with pytest.raises(ValidationError):
            actions.name_cover(listing=refuge["concealed"], name=name, by=mia)

    @pytest.mark.parametrize("who", ["ben", "cora", "otto", "nora"])
    def test_is_named_by_leads(self, who, refuge, request):
        with pytest.raises(PermissionDenied):
            actions.name_cover(listing=refuge["concealed"], name="Red", by=request.getfixturevalue(who))

    def test_has_a_reference_that_tells_no_order(self, refuge, haven):
        made = [covers.make(ListingFactory(agency=haven, access="concealed")).reference for _ in range(8)]
        assert len(set(made)) == 8
        assert all(len(reference) == covers.LENGTH for reference in made)

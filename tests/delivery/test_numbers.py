from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.factors import FreshFactorNeeded
from audit.models import Entry
from delivery import numbers
from delivery.actions.numbers import remove_number, set_number
from delivery.models import Number, NumberCode, SetAside
from tests.factories import fresh

TYPED, KEPT = "07700 900123", "+447700900123"
PAGE = "/messages/number/"


@pytest.fixture(autouse=True)
def on(settings):
    settings.NOTIFY_KEY = settings.NOTIFY_TEMPLATE = "on"


class TestMobile:
    @pytest.mark.parametrize(
        "typed",
        [TYPED, "07700900123", "+44 7700 900123", "+44 (0)7700 900 123", "0044 7700 900123", " 07700-900-123 ", KEPT],
    )
    def test_is_read_as_people_type_it(self, typed):
        assert numbers.mobile(typed) == KEPT

    def test_from_abroad_it_needs_its_country_code(self):
        assert numbers.mobile("+353 85 012 3456") == "+353850123456"

    @pytest.mark.parametrize(
        "typed",
        ["", "mia", "123", "07700 9001", "07700 9001234", "0191 498 0123", "0808 157 0123", "070 1234 5678", "999",
         "07700 900123 ext 4", "+999 12345678", "07700 900123; 07700 900124"],
    )  # fmt: skip
    def test_refuses_what_cannot_be_one(self, typed):
        with pytest.raises(ValidationError, match="mobile number"):
            numbers.mobile(typed)

    def test_is_recognised_and_not_read(self):
        assert numbers.masked(KEPT) == "ends in 123"


@pytest.mark.django_db
class TestSetNumber:
    def test_keeps_it_and_writes_it_in_no_entry(self, mia):
        assert set_number(number=TYPED, by=fresh(mia)).number == KEPT
        entry = Entry.objects.get(verb="number.set")
        assert entry.actor_id == mia.pk
        assert "900123" not in str(vars(entry))

    def test_is_no_way_to_the_person_before_it_is_confirmed(self, mia):
        set_number(number=TYPED, by=fresh(mia))
        assert not Number.objects.exists()

    def test_another_waits_in_its_place(self, mia):
        set_number(number=TYPED, by=fresh(mia))
        set_number(number="07700 900456", by=fresh(mia))
        assert sorted(NumberCode.objects.values_list("number", flat=True)) == ["", "+447700900456"]

    def test_what_is_confirmed_already_costs_no_code(self, mia):
        Number.objects.create(person=mia, number=KEPT)
        with pytest.raises(ValidationError, match="already"):
            set_number(number=TYPED, by=fresh(mia))
        assert not NumberCode.objects.exists()

    def test_needs_a_fresh_factor(self, mia):
        for deed in (lambda: set_number(number=TYPED, by=mia), lambda: remove_number(by=mia)):
            with pytest.raises(FreshFactorNeeded):
                deed()
        assert not Number.objects.exists()

    def test_is_refused_while_no_text_messages_are_sent(self, mia, settings):
        settings.NOTIFY_KEY = ""
        with pytest.raises(ValidationError, match="does not send text messages"):
            set_number(number=TYPED, by=fresh(mia))


@pytest.mark.django_db
class TestRemoveNumber:
    def test_forgets_it_and_what_was_noted_about_it(self, mia):
        Number.objects.create(person=mia, number=KEPT)
        SetAside.objects.create(person=mia, channel="text", address=KEPT)
        remove_number(by=fresh(mia))
        assert not Number.objects.exists()
        assert not SetAside.objects.exists()
        assert Entry.objects.filter(verb="number.remove", actor_id=mia.pk).count() == 1
        with pytest.raises(ValidationError):
            remove_number(by=fresh(mia))

    def test_forgets_one_that_was_never_confirmed(self, mia):
        set_number(number=TYPED, by=fresh(mia))
        remove_number(by=fresh(mia))
        assert set(NumberCode.objects.values_list("number", "digest", "due_at")) == {("", "", None)}


@pytest.mark.django_db
class TestPage:
    def test_takes_a_number_and_shows_how_it_ends(self, mia, browse):
        client = browse(mia)
        assert client.post(PAGE, {"number": TYPED}).status_code == 302
        page = client.get(PAGE).content.decode()
        assert "ends in 123" in page
        assert "900123<" not in page
        assert KEPT not in page
        assert client.post(reverse("delivery:remove_number")).status_code == 302
        assert "ends in" not in client.get(PAGE).content.decode()

    def test_says_what_is_wrong_beside_what_was_typed(self, mia, browse):
        page = browse(mia).post(PAGE, {"number": "0191 498 0123"}).content.decode()
        assert "Other numbers cannot get text messages" in page
        assert 'value="0191 498 0123"' in page

    def test_asks_for_a_fresh_factor_first(self, mia, browse):
        answer = browse(mia, factor="stale").post(PAGE, {"number": TYPED})
        assert b"ends in" not in answer.content
        assert not Number.objects.exists()

    def test_is_ones_own(self, mia, ben, browse):
        Number.objects.create(person=mia, number=KEPT)
        assert "ends in" not in browse(ben).get(PAGE).content.decode()
        assert not Number.objects.visible_to(ben).exists()

    def test_says_when_there_are_none_and_lets_a_number_go(self, mia, browse, settings):
        Number.objects.create(person=mia, number=KEPT)
        settings.NOTIFY_KEY = ""
        page = browse(mia).get(PAGE).content.decode()
        assert "not set up here yet" in page
        assert "Remove the number" in page
        assert "Send a code" not in page

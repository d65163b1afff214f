from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from delivery.actions.addresses import try_again
from delivery.models import Number, SetAside
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/messages/addresses/"


@pytest.fixture
def bens(ben) -> SetAside:
    return SetAside.objects.create(person=ben, channel="email", address=ben.email, detail="5.1.1 no such user")


class TestTryAgain:
    @pytest.mark.parametrize("name", ["ben", "mia"])
    def test_ends_it_for_oneself_and_for_who_leads(self, name, bens, request):
        by = request.getfixturevalue(name)
        assert try_again(set_aside=bens, by=by).until_at
        entry = Entry.objects.get(verb="address.try_again")
        assert (entry.actor_id, entry.details) == (by.pk, {"channel": "email"})
        with pytest.raises(ValidationError, match="already"):
            try_again(set_aside=bens, by=by)

    @pytest.mark.parametrize("name", ["otto", "nell", "cora", "omar", "dara"])
    def test_is_for_nobody_else(self, name, bens, request, mia):
        with pytest.raises(PermissionDenied):
            try_again(set_aside=bens, by=request.getfixturevalue(name))
        bens.refresh_from_db()
        assert bens.until_at is None

    def test_who_coordinates_does_it_for_a_lead(self, mia, cora, browse):
        row = SetAside.objects.create(person=mia, channel="email", address=mia.email)
        assert mia.name in browse(cora).get(PAGE).content.decode()
        assert try_again(set_aside=row, by=cora).until_at

    def test_a_member_does_not_do_it_for_their_lead(self, mia, ben):
        row = SetAside.objects.create(person=mia, channel="email", address=mia.email)
        with pytest.raises(PermissionDenied):
            try_again(set_aside=row, by=ben)


class TestPage:
    def test_shows_leads_whom_messages_do_not_reach_and_lets_them_try_again(self, bens, mia, browse):
        client = browse(mia)
        page = client.get(PAGE).content.decode()
        for words in ("Ben Okafor", "ben@lantern.example", "Set aside", "The other side said: 5.1.1 no such user"):
            assert words in page
        assert client.post(f"{PAGE}{bens.pk}/again/").status_code == 302
        assert "Ben Okafor" not in client.get(PAGE).content.decode().partition("govuk-list")[2]
        assert "All messages arrive" in client.get(PAGE).content.decode()

    @pytest.mark.parametrize("name", ["otto", "nell", "cora"])
    def test_is_absent_for_others(self, name, bens, browse, request):
        client = browse(request.getfixturevalue(name))
        assert "Ben Okafor" not in client.get(PAGE).content.decode()
        assert client.post(f"{PAGE}{bens.pk}/again/").status_code == 404

    def test_repeats_no_name_that_the_server_said(self, ben, mia, browse):
        said = "550 5.1.1 Ben Okafor has left, ask Zelda Quist <b>user</b> unknown"
        SetAside.objects.create(person=ben, channel="email", address=ben.email, detail=said)
        page = browse(mia).get(PAGE).content.decode()
        assert "The other side said: 550 5.1.1 has" in page
        assert "Zelda" not in page
        assert "<b>" not in page

    def test_says_nothing_of_a_reason_where_none_was_given(self, ben, mia, browse):
        SetAside.objects.create(person=ben, channel="email", address=ben.email, detail="permanent-failure")
        assert "The other side said" not in browse(mia).get(PAGE).content.decode()

    def test_says_what_to_do_to_the_person_and_to_who_looks_after_them(self, bens, mia, ben, browse):
        seen, own = (browse(person).get(PAGE).content.decode() for person in (mia, ben))
        assert "Ask the person" in seen
        assert "Yours:" not in seen
        assert "Yours:" in own
        assert "Ask the person" not in own

    def test_each_button_says_whose_it_is(self, bens, mia, browse):
        assert 'again<span class="govuk-visually-hidden">: Ben Okafor</span>' in browse(mia).get(PAGE).content.decode()

    def test_a_number_is_for_nobody_else_to_read(self, mia, ben, browse):
        Number.objects.create(person=ben, number="+447700900123")
        SetAside.objects.create(person=ben, channel="text", address="+447700900123", flagged_only=True)
        seen = browse(mia).get(PAGE).content.decode()
        assert "Number for text messages" in seen
        assert "Keeps failing" in seen
        assert "Take off this list" in seen
        assert "123" not in seen.partition("<main")[2].partition("</main")[0]
        assert "ends in 123" in browse(ben).get(PAGE).content.decode()

    def test_asks_as_much_for_many_as_for_one(self, bens, mia, haven, browse):
        client = browse(mia)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as few:
            client.get(PAGE)
        for place in range(5):
            person = factories.person(f"Vol{place} Person", "member", haven)
            SetAside.objects.create(person=person, channel="email", address=person.email)
        with CaptureQueriesContext(connection) as many:
            assert client.get(PAGE).content.count(b"Try this address again") == 6
        assert len(few) == len(many)

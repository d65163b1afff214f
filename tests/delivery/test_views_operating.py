from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from delivery import gate, running
from delivery.models import Delivery, Gate, Mailing
from tests import factories
from tests.delivery.factories import leads, released

pytestmark = pytest.mark.django_db
PAGES = ("operating", "hold", "retry", "send_test")


@pytest.fixture
def page(browse, omar):
    """`page("hold")` is a page as Omar is shown it."""

    def get(name: str, *args, query: str = "") -> str:
        answer = browse(omar).get(reverse(f"delivery:{name}", args=args) + query, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


@pytest.fixture
def failed(durham, mia, otto) -> Mailing:
    """A mailing that failed for both, with a server that names them."""
    mailing = released(durham, subject="White van", text="It stands by the marina.")
    detail = "550 <mia@lantern.example> Mia Hughes is unknown"
    Delivery.objects.update(state="failed", detail=detail, finished_at=Now(), attempts=1)
    return mailing


def posted(client, name: str, *args, **data):
    return client.post(reverse(f"delivery:{name}", args=args), data, follow=True)


class TestOperating:
    def test_says_that_nothing_is_owed(self, page):
        shown = page("operating")
        assert "Nothing is owed. Everything has been sent." in shown
        assert "Nothing in the last 7 days." in shown

    def test_does_not_say_that_everything_was_sent_where_something_failed(self, page, failed):
        shown = page("operating")
        assert "Nothing is owed. 2 failed in the last 24 hours." in shown
        assert "Everything has been sent" not in shown

    def test_each_link_says_what_it_tries_again(self, page, failed):
        assert 'Try again<span class="govuk-visually-hidden">: DUR-2026-0042</span>' in page("operating")

    def test_shows_no_content_and_no_person(self, page, failed, mia, otto, haven):
        released(failed.network, subject="Second", reference="DUR-2026-0043")
        shown = page("operating") + page("retry") + page("retry_mailing", failed.pk)
        assert "DUR-2026-0042" in shown
        for private in ("White van", "marina", "Second", "Mia", "Otto", "mia@", "otto@", haven.name):
            assert private not in shown, private

    def test_says_who_holds_everything_and_why(self, page, omar):
        gate.close("The links are wrong", omar)
        shown = page("operating")
        assert "Nothing leaves" in shown
        assert "by Omar Siddiqui: The links are wrong" in shown
        assert reverse("delivery:resume") in shown
        assert reverse("delivery:hold") not in shown

    def test_updates_by_itself_only_when_asked_and_not_for_ever(self, page):
        assert 'http-equiv="refresh"' not in page("operating")
        shown, looks = page("operating", query="?live"), 1
        while found := re.search(r'http-equiv="refresh" content="10; url=/messages/operating/(\?live=\d+)"', shown):
            shown, looks = page("operating", query=found[1]), looks + 1
            assert looks < 100
        assert looks == 61
        assert "has stopped updating by itself" in shown

    @pytest.mark.parametrize("query", ["?live=x", "?live=-1", "?live=99999999", "?live=²"])
    def test_takes_no_nonsense_for_a_number(self, page, query):
        assert "?live=59" in page("operating", query=query)

    def test_takes_the_same_statements_for_any_number(self, browse, omar, durham):
        client = browse(omar)

        def asked() -> int:
            with CaptureQueriesContext(connection) as found:
                assert client.get(reverse("delivery:operating")).status_code == 200
            return len(found)

        asked()
        few = asked()
        leads(durham, 5)
        released(durham)
        Delivery.objects.filter(pk__in=Delivery.objects.values("pk")[:2]).update(state="failed", finished_at=Now())
        assert asked() == few

    @pytest.mark.parametrize("name", ["cora", "nora", "mia", "dara"])
    def test_is_for_operators(self, browse, request, name):
        client = browse(request.getfixturevalue(name))
        assert {client.get(reverse(f"delivery:{each}")).status_code for each in PAGES} == {403}


class TestHold:
    def test_asks_why_and_holds(self, browse, omar):
        shown = posted(browse(omar), "hold", reason="The links are wrong").content.decode()
        assert "Everything is held" in shown
        assert Gate.objects.get().held_by == omar

    def test_says_what_is_missing(self, browse, omar):
        assert "Say why you are holding everything" in posted(browse(omar), "hold").content.decode()
        assert gate.is_open()


class TestResume:
    def test_shows_what_may_be_sent_twice_after_a_restore_and_withdraws_what_is_chosen(self, browse, durham, mia, omar):
        mailing = released(durham, subject="White van")
        Mailing.objects.update(released_at=Now() - dt.timedelta(minutes=5))
        gate.close(gate.RESTORED)
        client = browse(omar)
        shown = client.get(reverse("delivery:resume")).content.decode()
        assert "DUR-2026-0042" in shown
        assert "1 message owed" in shown
        assert "White van" not in shown
        done = posted(client, "resume", withdraw=[str(mailing.pk)]).content.decode()
        assert "What you chose stays unsent." in done
        assert gate.is_open()
        assert Delivery.objects.get().state == "withdrawn"

    def test_asks_for_a_fresh_factor(self, browse, omar):
        gate.close("Wait", omar)
        posted(browse(omar, factor="stale"), "resume")
        assert not gate.is_open()
        posted(browse(omar), "resume")
        assert gate.is_open()

    def test_refuses_a_message_that_is_not_on_the_list(self, browse, durham, mia, omar):
        gate.close(gate.RESTORED)
        Gate.objects.update(held_at=Now() - dt.timedelta(days=1))
        mailing = released(durham)
        posted(browse(omar), "resume", withdraw=[str(mailing.pk)])
        assert Delivery.objects.get().state == "queued"

    def test_e21_one_that_is_not_on_the_list_refuses_all_that_were_chosen(self, browse, durham, mia, omar):
        listed, stranger = released(durham), released(durham, reference="DUR-2026-0043")
        Mailing.objects.filter(pk=listed.pk).update(released_at=Now() - dt.timedelta(minutes=5))
        gate.close(gate.RESTORED)
        Gate.objects.update(held_at=Now() - dt.timedelta(minutes=1))
        page = posted(browse(omar), "resume", withdraw=[str(listed.pk), str(stranger.pk)]).content.decode()
        assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}
        assert not gate.is_open()
        assert stranger.reference not in page

    def test_goes_back_when_nothing_is_held(self, page):
        assert "Nothing is held." in page("resume")


class TestRetry:
    def test_of_one_mailing(self, browse, omar, failed):
        assert (
            "2 messages of DUR-2026-0042"
            in browse(omar).get(reverse("delivery:retry_mailing", args=[failed.pk])).content.decode()
        )
        posted(browse(omar), "retry_mailing", failed.pk)
        assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}

    def test_of_everything_says_how_much_that_is(self, page, failed):
        assert "2 messages that failed in the last 24 hours are owed again" in page("retry")
        Delivery.objects.update(finished_at=Now() - dt.timedelta(hours=25))
        shown = page("retry")
        assert "Nothing can be tried again" in shown
        assert "</form>" not in shown.partition("<main")[2]

    def test_of_everything(self, browse, omar, failed):
        assert "What failed is owed again." in posted(browse(omar), "retry").content.decode()

    def test_says_when_there_is_nothing(self, browse, omar):
        assert "Nothing that failed can be tried again." in posted(browse(omar), "retry").content.decode()


class TestTest:
    def test_shows_how_it_went(self, browse, omar, durham):
        shown = posted(browse(omar), "send_test").content.decode()
        assert "Your test" in shown
        assert "Queued" in shown

    def test_is_nobody_elses(self, browse, omar, durham):
        sent = running.send_test(factories.person("Olga Reyes", "operator"))
        assert browse(omar).get(reverse("delivery:test", args=[sent.pk])).status_code == 404

"""An operator holds the post and lets it go on, in a real browser, with the workers and the mail catcher of `./run`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import DESKTOP, faults_at_both_widths
from tests.browser.test_story import mailed_to, write_alert

Visit = Callable[..., Page]
TITLE = "Vans behind the bus depot"


@pytest.mark.deep
@pytest.mark.ci
class TestHoldingThePost:
    def test_a_release_waits_until_omar_lets_it_go_on_and_then_arrives(self, visit: Visit):
        omar, cora = visit("omar"), visit("cora")
        omar.get_by_role("navigation").get_by_role("link", name="Messages").click()
        expect(omar.get_by_role("heading", name="Messages", level=1)).to_be_visible()
        omar.get_by_role("button", name="Hold everything").click()
        omar.get_by_role("button", name="Hold everything").click()
        expect(omar.get_by_role("alert")).to_contain_text("Say why you are holding everything")
        omar.get_by_label("Why are you holding everything?").fill("The mail server sends links that do not work")
        omar.get_by_role("button", name="Hold everything").click()
        try:
            self.released_while_held(omar, cora)
        finally:
            omar.goto("/messages/operating/resume/")
            omar.get_by_role("button", name="Let everything go on").click()
        expect(omar.get_by_role("alert")).to_contain_text("Messages go on")
        caught = mailed_to(cora, TITLE, people=4)
        assert "mia@lantern.example" in caught
        omar.goto("/messages/operating/")
        expect(omar.get_by_role("heading", name="Nothing leaves")).to_have_count(0)
        expect(omar.get_by_role("table", name="Taken by the next server")).to_be_visible()

    @staticmethod
    def released_while_held(omar: Page, cora: Page) -> None:
        expect(omar.get_by_role("heading", name="Nothing leaves")).to_be_visible()
        reference = write_alert(cora, TITLE)
        cora.get_by_role("button", name="Release to 4 people").click()
        expect(cora.get_by_role("heading", name="Alert released")).to_be_visible()
        time.sleep(12)  # longer than the beat takes to ring again
        cora.goto("/demonstration/mail/")
        expect(cora.get_by_role("row").filter(has_text=TITLE)).to_have_count(0)
        omar.goto("/messages/operating/")
        shown = omar.get_by_role("main")
        expect(shown).to_contain_text(re.compile("Everything is held. [0-9]+ messages are owed"))
        expect(shown).not_to_contain_text(TITLE)
        expect(shown).not_to_contain_text("Mia")
        expect(cora.get_by_role("main")).to_be_visible()
        assert reference

    def test_updates_by_itself_when_asked_and_stops_when_asked(self, visit: Visit):
        omar = visit("omar")
        omar.goto("/messages/operating/")
        assert omar.locator("meta[http-equiv=refresh]").count() == 0
        omar.get_by_role("link", name="Update by itself").click()
        omar.wait_for_url(re.compile(r"live=\d+$"), timeout=15_000)
        omar.get_by_role("link", name="Stop").click()
        assert omar.locator("meta[http-equiv=refresh]").count() == 0


@pytest.mark.deep
@pytest.mark.ci
class TestATest:
    def test_goes_through_everything_and_the_page_says_so(self, visit: Visit):
        omar = visit("omar")
        omar.goto("/messages/operating/")
        omar.get_by_role("button", name="Send yourself a test").click()
        omar.get_by_role("button", name="Send a test").click()
        expect(omar.get_by_role("heading", name="Your test", level=1)).to_be_visible()
        for _ in range(40):
            if omar.get_by_role("row").filter(has_text="Sent").count():
                break
            time.sleep(0.5)
            omar.get_by_role("link", name="Look again").click()
        expect(omar.get_by_role("row").filter(has_text="Email")).to_contain_text("Sent")
        assert "omar@lantern.example" in mailed_to(omar, "Test of messages", people=1)


class TestWaysToBeReached:
    def test_a_webhook_is_added_and_ended(self, visit: Visit):
        mia = visit("mia", DESKTOP, bypass_csp=True)
        mia.goto("/messages/webhooks/add/")
        mia.get_by_label("Which system is told?").fill("Case system")
        mia.get_by_label("Where does it listen?").fill("https://hooks.haven.example/lantern")
        mia.get_by_role("button", name="Add the webhook").click()
        expect(mia.get_by_role("main")).to_contain_text("whsec_")
        assert not faults_at_both_widths(mia)
        mia.goto("/messages/webhooks/")
        expect(mia.get_by_role("main")).not_to_contain_text("whsec_")
        mia.get_by_role("link", name="Case system").first.click()
        assert not faults_at_both_widths(mia)
        mia.get_by_role("link", name="End this webhook").click()
        assert not faults_at_both_widths(mia)
        mia.get_by_role("button", name="End this webhook").click()
        expect(mia.get_by_role("main")).to_contain_text("Ended")


class TestThePromise:
    def test_is_where_a_coordinator_finds_it(self, visit: Visit):
        cora = visit("cora", viewport={"width": 390, "height": 800})
        cora.goto("/messages/promise/")
        expect(cora.get_by_role("heading", name="What we promise")).to_be_visible()
        expect(cora.get_by_role("heading", name="What was measured")).to_be_visible()
        assert cora.evaluate("document.documentElement.scrollWidth") <= 390

"""The whole job in a real browser, as people do it: warned, told, acknowledged, seen; adopted and published; booked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
SECRET = "They wait by stand seven from five in the morning."


def write_alert(page: Page, title: str, *, sensitive: bool = False) -> str:
    """Write an alert to the leads of Haven House and Harbour Advice as far as its release sheet; its reference."""
    page.goto("/alerts/new/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("What should people do?").fill("Look out for the vans, and ring 101.")
    page.get_by_label("What is known?").fill(SECRET)
    page.get_by_label("Act soon, within hours").check()
    page.get_by_label("Moderate: people may be harmed").check()
    page.get_by_label("It has happened or is happening").check()
    page.get_by_label("OFFICIAL-SENSITIVE" if sensitive else "OFFICIAL", exact=True).check()
    page.get_by_label("TLP:AMBER" if sensitive else "TLP:GREEN", exact=True).check()
    page.get_by_role("button", name="Save and choose who it is for").click()
    page.get_by_text("Add agencies by name").click()
    page.get_by_label("Haven House", exact=True).first.check()
    page.get_by_label("Harbour Advice", exact=True).first.check()
    page.get_by_role("button", name="Save and see who that is").click()
    found = re.search(r"/alerts/([A-Z]+-\d{4}-\d{4})/release/", page.url)
    assert found, page.url
    return found[1]


def mailed_to(page: Page, words: str, *, people: int) -> str:
    """The list of caught mail with these words in the subject, once there is one for each of so many people."""
    until = time.monotonic() + 40
    while time.monotonic() < until:
        page.goto("/demonstration/mail/")
        rows = page.get_by_role("row").filter(has_text=words)
        if rows.count() >= people:
            return "\n".join(rows.all_inner_texts())
        time.sleep(0.5)
    raise AssertionError(f"Mail about {words!r} did not come.")


class TestAnAlert:
    def test_goes_from_a_draft_to_acknowledged_and_its_coordinator_sees_it(self, visit: Visit):
        cora = visit("cora")
        reference = write_alert(cora, "Vans at the coach station")
        expect(cora.get_by_role("main")).to_contain_text("Mia Hughes")
        expect(cora.get_by_role("main")).to_contain_text("Lead of Haven House")
        cora.get_by_role("button", name="Release to 4 people").click()
        expect(cora.get_by_role("heading", name="Alert released")).to_be_visible()

        mia = visit("mia")
        expect(mia.get_by_role("link", name=f"{reference} Vans at the coach station")).to_be_visible()
        caught = mailed_to(mia, "Vans at the coach station", people=4)
        assert "mia@lantern.example" in caught
        assert "nell@lantern.example" not in caught

        mia.goto(f"/alerts/{reference}/")
        expect(mia.get_by_role("main")).to_contain_text(SECRET)
        mia.get_by_role("button", name="I have read this and will act").click()
        expect(mia.get_by_role("button", name="I have read this and will act")).to_have_count(0)

        cora.goto(f"/alerts/{reference}/board/")
        expect(cora.get_by_role("main")).to_contain_text("1 of 4 people; 1 of 2 agencies")
        shown = cora.get_by_role("row").filter(has_text="Mia Hughes")
        expect(shown).not_to_contain_text("Not yet")
        expect(cora.get_by_role("row").filter(has_text="Otto Lindqvist")).to_contain_text("Not yet")

    def test_that_is_sensitive_needs_asha_and_keeps_its_text_out_of_the_mail(self, visit: Visit):
        cora, asha = visit("cora"), visit("asha")
        reference = write_alert(cora, "A farm to look at again", sensitive=True)
        expect(cora.get_by_role("button", name=re.compile("^Release to"))).to_have_count(0)
        cora.get_by_role("button", name=re.compile("approv", re.IGNORECASE)).click()
        asha.goto(f"/alerts/{reference}/release/")
        asha.get_by_role("button", name=re.compile("^Release to")).click()
        expect(asha.get_by_role("heading", name="Alert released")).to_be_visible()
        mailed_to(asha, reference, people=4)
        asha.get_by_role("row").filter(has_text=reference).first.get_by_role("link").click()
        expect(asha.get_by_role("main")).to_contain_text("OFFICIAL-SENSITIVE")
        for secret in (SECRET, "A farm to look at again", "ring 101"):
            expect(asha.get_by_role("main")).not_to_contain_text(secret)

    def test_is_nowhere_for_nell(self, visit: Visit):
        reference = write_alert(visit("cora"), "Not for Nell")
        nell = visit("nell")
        answer = nell.goto(f"/alerts/{reference}/")
        assert answer is not None
        assert answer.status == 404
        nell.goto("/alerts/")
        expect(nell.get_by_role("main")).not_to_contain_text("DUR-")


class TestAnInvitation:
    def test_is_accepted_by_somebody_new(self, visit: Visit):
        """Browsers do with a form what a test client does not: they say where it comes from, or refuse to."""
        mia, address = visit("mia"), "jo.new@havenhouse.example"
        mia.goto("/network/people/invite/")
        mia.get_by_label("Work email address").fill(address)
        mia.get_by_role("button", name="Continue").click()
        mia.get_by_label("Agency", exact=True).select_option(label="Haven House")
        mia.get_by_label("Full name").fill("Jo New")
        mia.get_by_label("Member", exact=True).check()
        mia.get_by_label("I have checked that this address belongs to them").check()
        mia.get_by_role("button", name="Send the invitation").click()
        expect(mia.get_by_role("heading", name="Invitation of Jo New")).to_be_visible()

        jo = visit("nobody")
        mailed_to(jo, address, people=1)
        jo.get_by_role("row").filter(has_text=address).first.get_by_role("link").click()
        jo.get_by_role("main").get_by_role("link", name=re.compile("network.invitation")).click()
        jo.get_by_label("Choose a password").fill("seventeen wet badgers sing low")
        jo.get_by_role("button", name="Accept the invitation").click()
        expect(jo.get_by_role("heading", name="Protect your account")).to_be_visible()


class TestTheCharter:
    def test_takes_a_decision_from_the_officer_to_the_public_register(self, visit: Visit):
        cal = visit("cal")
        cal.goto("/charter/councils/DAL/adoption/")
        cal.get_by_label("Adopted its own charter").check()
        for part, value in {"Day": "26", "Month": "3", "Year": "2026"}.items():
            cal.get_by_label(part, exact=True).fill(value)
        cal.get_by_label(re.compile("^(Which )?[Mm]eeting")).fill("Full council, item 9")
        cal.get_by_label(re.compile("minutes", re.IGNORECASE)).fill("https://council.example/minutes/2026-03-26")
        cal.get_by_role("button", name="Continue").click()
        expect(cal.get_by_role("main")).to_contain_text("26 March 2026")
        cal.get_by_role("main").get_by_role("button").first.click()
        expect(cal).to_have_url(re.compile(r"/charter/councils/DAL/"))

        cal.goto("/charter/councils/DAL/commitments/3/")
        cal.get_by_label("In place", exact=True).check()
        cal.get_by_role("button", name="Save and return").click()
        expect(cal.get_by_role("main")).to_contain_text("In place")

        public = visit("nobody")
        public.goto("/charter/councils/DAL/")
        expect(public.get_by_role("main")).to_contain_text("26 March 2026")
        expect(public.get_by_role("main")).to_contain_text("Full council, item 9")
        public.goto("/charter/?q=Darlington")
        expect(public.get_by_role("main")).to_contain_text("Adopted its own charter")


class TestTraining:
    def test_gives_otto_a_place_and_takes_it_back(self, visit: Visit):
        otto = visit("otto", {"width": 390, "height": 844})
        otto.goto("/training/")
        otto.get_by_role("link", name=re.compile("Trauma-informed")).first.click()
        if otto.get_by_role("link", name="Cancel your place").count() == 0:
            otto.get_by_role("button", name="Book a place").click()
        expect(otto.get_by_role("main")).to_contain_text("You have a place")
        otto.get_by_role("link", name="Cancel your place").click()
        otto.get_by_role("main").get_by_role("button").first.click()
        expect(otto.get_by_role("button", name="Book a place")).to_be_visible()


class TestTheDirectory:
    def test_finds_whom_to_call_in_three_steps(self, visit: Visit):
        mia = visit("mia", {"width": 390, "height": 844})
        mia.get_by_role("searchbox", name="Find help now").fill("advice")
        mia.get_by_role("button", name="Search the directory").click()
        expect(mia.locator("main a[href^='tel:']").first).to_be_visible()

    def test_hides_the_concealed_refuge_from_otto_and_shows_it_to_ben(self, visit: Visit):
        ben, otto = visit("ben"), visit("otto")
        ben.goto("/directory/?q=haven")
        theirs = set(ben.locator("main h2 a, main h3 a").all_inner_texts())
        otto.goto("/directory/?q=haven")
        seen = set(otto.locator("main h2 a, main h3 a").all_inner_texts())
        (hidden,) = theirs - seen
        ben.get_by_role("link", name=hidden, exact=True).click()
        answer = otto.goto(ben.url)
        assert answer is not None
        assert answer.status == 404
        otto.goto(f"/directory/?q={hidden.split()[0]}")
        expect(otto.get_by_role("main")).not_to_contain_text(hidden)

    def test_lets_mia_correct_her_own_listing(self, visit: Visit):
        mia = visit("mia")
        mia.goto("/directory/?q=haven")
        mia.locator("main h2 a, main h3 a").first.click()
        mia.get_by_role("link", name=re.compile("^(Edit|Change)")).first.click()
        mia.get_by_label(re.compile("^Summary|in one line", re.IGNORECASE)).fill("Help for women, day and night.")
        mia.get_by_role("button", name=re.compile("^Save")).click()
        expect(mia.get_by_role("main")).to_contain_text("Help for women, day and night.")

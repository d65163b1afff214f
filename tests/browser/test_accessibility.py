"""axe over every page of the slice, for each of the cast, on a desktop and on a telephone: it finds nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from bootstrap.places import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
FOR_ALL = ["/", "/directory/", "/directory/?q=haven", "/alerts/", "/training/", "/charter/", "/audit/"]
PAGES = {
    "nobody": [
        "/account/sign-in/", "/account/password/reset/", "/charter/", "/charter/?kind=this", "/charter/councils/DAL/",
        "/accessibility/", "/privacy/", "/cookies/", "/nowhere/", "/demonstration/mail/",
    ],
    "cora": [*FOR_ALL, "/alerts/new/", "/alerts/lists/drafts/", "/training/courses/", "/training/courses/new/",
             "/reports/figures/"],
    "asha": [*FOR_ALL, "/reports/figures/"],
    "mia": [*FOR_ALL, "/network/keys/", "/api/v1/docs", "/account/password/change/"],
    "ben": FOR_ALL,
    "otto": [*FOR_ALL, "/alerts/new/"],
    "nell": FOR_ALL,
    "cal": [*FOR_ALL, "/charter/councils/DAL/record/", "/charter/councils/DAL/adoption/",
            "/charter/councils/DAL/commitments/1/", "/charter/councils/DAL/commitments/1/evidence/"],
    "faye": ["/", "/directory/", "/reports/figures/"],
    "dara": [*FOR_ALL, "/reports/figures/"],
    "nora": [*FOR_ALL, "/alerts/new/"],
    "omar": ["/", "/directory/", "/audit/"],
}  # fmt: skip
HEADED = "main h2 a, main h3 a"
OPENED = {"/directory/": HEADED, "/alerts/": HEADED, "/training/": HEADED}  # the first of the list is opened as well


def faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands, and whether it scrolls sideways."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        "axe.run().then(r => r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`))"
    )
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *(["scrolls sideways"] if wide else [])]


ON_THE_PHONE = ("nobody", "cora", "mia", "cal")  # together they meet every template


@pytest.mark.parametrize(
    ("name", "viewport"),
    [pytest.param(name, DESKTOP, id=f"{name}-desktop") for name in PAGES]
    + [pytest.param(name, PHONE, id=f"{name}-phone") for name in ON_THE_PHONE],
)
def test_finds_nothing(name, viewport, visit):
    page = visit(name, viewport, bypass_csp=True)  # axe itself is no part of the page
    found = {}
    for path in PAGES[name]:
        page.goto(path)
        found[path] = faults(page)
        first = page.locator(OPENED.get(path, "main h9"))
        if first.count():
            first.first.click()
            page.wait_for_load_state()
            found[page.url] = faults(page)
    assert not {path: problems for path, problems in found.items() if problems}


class TestThePages:
    def test_obey_their_own_security_policy(self, visit):
        """Nothing is blocked, nothing is asked of another host, nothing is complained of in the console."""
        page, complaints, hosts = visit("cora"), [], set()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("request", lambda asked: hosts.add(asked.url.split("/")[2]))
        for path in PAGES["cora"]:
            page.goto(path)
        assert not complaints
        assert len(hosts) == 1

    def test_work_without_javascript(self, visit):
        page = visit("mia", DESKTOP, java_script_enabled=False)
        page.goto("/directory/?q=advice")
        assert page.locator("main a[href^='tel:']").count()

    def test_are_not_shown_by_the_back_button_after_signing_out(self, visit):
        page = visit("mia")
        page.goto("/alerts/")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/account/sign-in/")
        page.evaluate("history.back()")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_role("heading", name="Alerts")).to_have_count(0)

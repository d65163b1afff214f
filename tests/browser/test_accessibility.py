"""axe over every page of the slice, for each of the cast, on a desktop and on a telephone: it finds nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

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
# From each of these, the first thing in the list is opened too: a listing, an alert, a session.
OPENED = {"/directory/": "main h2 a, main h3 a", "/alerts/": "main h2 a, main h3 a, main li a", "/training/": "main h2 a"}


def faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands, and whether it scrolls sideways."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        "axe.run().then(r => r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`))"
    )
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *(["scrolls sideways"] if wide else [])]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
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
        page.go_back()
        assert "/account/sign-in/" in page.url or page.get_by_role("button", name="Sign in").count()

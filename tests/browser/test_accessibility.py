"""axe over every page, on a desktop and on a telephone: it finds nothing."""

from __future__ import annotations

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Page, expect

from bootstrap.places import ROOT
from tests.browser.conftest import NAMES
from tests.browser.tours import NOT_TOURED, TRAILS, Guide, routes_toured
from tests.test_doors import DOORS

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands, and whether it scrolls sideways."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        "axe.run().then(r => r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`))"
    )
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *(["scrolls sideways"] if wide else [])]


def faults_at_both_widths(page: Page) -> list[str]:
    """The same for a desktop, where the page was opened, and for a telephone."""
    found = faults(page)
    page.set_viewport_size(PHONE)
    narrow = [f"{fault}, on a telephone" for fault in faults(page)]
    page.set_viewport_size(DESKTOP)
    return found + narrow


def tour(name: str, width: dict[str, int]) -> ParameterSet:
    """One person's pages at one width: in every run the pages that most people have, on a telephone, and with each
    change all of them."""
    marks = [] if width is PHONE and name in {"nobody", "mia"} else [pytest.mark.deep, pytest.mark.ci]
    return pytest.param(name, width, marks=marks, id=f"{name}-{'phone' if width is PHONE else 'desktop'}")


@pytest.mark.parametrize(("name", "width"), [tour(name, width) for name in TRAILS for width in (DESKTOP, PHONE)])
def test_finds_nothing(name, width, visit):
    """Every page once, at each width."""
    page = visit(name.split()[0], width, bypass_csp=True)  # axe itself is no part of the page
    guide, found = Guide(page.request), {}
    for trail in TRAILS[name]:
        address = next(guide.ends(*trail.split()), None)
        assert address, f"no link leads to the end of {trail!r}"
        answer = page.goto(address)
        assert answer.status == (404 if trail == "/nowhere/" else 200), trail
        found[trail] = faults(page)
    assert not {trail: problems for trail, problems in found.items() if problems}


@pytest.mark.deep
@pytest.mark.ci
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", NAMES)
def test_finds_nothing_wherever_links_lead_each_of_the_cast(name, viewport, visit):
    page = visit(name, viewport, bypass_csp=True)
    found = {}
    for address in Guide(page.request).reachable():
        page.goto(address)
        found[address] = faults(page)
    assert len(found) > 10
    assert not {address: problems for address, problems in found.items() if problems}


def test_tours_meet_every_page_there_is():
    """Every route that `tests/doors.txt` says somebody may open is opened, or is said to be left out and why."""
    pages = {door.route for door in DOORS if door.method == "get" and 200 in door.answers.values()}
    pages = {page for page in pages if not page.endswith("_csv") and not page.startswith("api:")}
    toured = routes_toured()
    assert pages - toured - set(NOT_TOURED) == set()
    assert toured & set(NOT_TOURED) == set()
    assert set(NOT_TOURED) <= pages


class TestThePages:
    def test_obey_their_own_security_policy(self, visit):
        """Nothing is blocked, nothing is asked of another host, nothing is complained of in the console."""
        page, complaints, hosts = visit("cora"), [], set()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("request", lambda asked: hosts.add(asked.url.split("/")[2]))
        for path in (trail for trail in TRAILS["cora"] if " " not in trail):
            page.goto(path)
        assert not complaints
        assert len(hosts) == 1

    def test_work_without_javascript(self, visit):
        page = visit("mia", DESKTOP, java_script_enabled=False)
        page.goto("/directory/?q=advice")
        assert page.locator("main a[href^='tel:']").count()

    def test_are_not_shown_by_the_back_button_after_signing_out(self, visit):
        page = visit("mia", anew=True)
        page.goto("/alerts/")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/account/sign-in/")
        page.evaluate("history.back()")
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="Alerts")).to_have_count(0)

"""“Who can see this, and why?”, from the listing to the preview of a change: axe finds nothing, wide or narrow."""

from __future__ import annotations

import pytest

from tests.browser.test_accessibility import DESKTOP, PHONE, faults

FROM_A_LISTING = [
    ("/directory/?q=outreach", "Who can see this, and why?"),
    ("/directory/?q=outreach", "Let fewer people see it"),
]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_finds_nothing(viewport, visit):
    page = visit("mia", viewport, bypass_csp=True)
    found = {}
    for address, link in FROM_A_LISTING:
        page.goto(address)
        page.locator("main h2 a, main h3 a").first.click()
        page.get_by_role("link", name=link).click()
        page.wait_for_load_state()
        found[link] = faults(page)
    page.go_back()
    page.get_by_role("link", name="Who can see this, and why?").click()
    page.get_by_role("link", name="Who could see it, and who did").click()
    page.wait_for_load_state()
    found["between"] = faults(page)
    assert not {link: problems for link, problems in found.items() if problems}

"""“Who can see this, and why?”, from the listing to the preview of a change: axe finds nothing, wide or narrow."""

from __future__ import annotations

import pytest

from tests.browser.test_accessibility import DESKTOP, PHONE, faults

HERS = "Women's outreach and resettlement"
FROM_A_LISTING = [
    (HERS, "Who can see this, and why?"),
    (HERS, "Let fewer people see it"),
]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_finds_nothing(viewport, visit):
    page = visit("mia", viewport, bypass_csp=True)
    found = {}
    for listing, link in FROM_A_LISTING:
        page.goto("/directory/?q=outreach")
        page.get_by_role("main").get_by_role("link", name=listing, exact=True).click()
        page.get_by_role("link", name=link).click()
        page.wait_for_load_state()
        found[link] = faults(page)
    page.go_back()
    page.get_by_role("link", name="Who can see this, and why?").click()
    page.get_by_role("link", name="Who could see it, and who did").click()
    page.wait_for_load_state()
    found["between"] = faults(page)
    assert not {link: problems for link, problems in found.items() if problems}

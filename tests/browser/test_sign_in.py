"""Signing in as people do it in a browser: setting up a passkey, using it, confirming, and the pages by axe."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from demonstration.people import PASSWORD
from tests.browser.test_accessibility import PHONE, faults
from tests.browser.test_story import mailed_to

Visit = Callable[..., Page]
OWN_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


pytestmark = [pytest.mark.deep, pytest.mark.ci]


@pytest.fixture
def device(lantern: str, browser: Browser) -> Iterator[Page]:
    """A browser on a device that can make passkeys. They belong to a name, so it visits `localhost`."""
    address = lantern.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=address, locale="en-GB", bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    line = context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": OWN_DEVICE})
    yield page
    context.close()


def code_shown(page: Page) -> str:
    """The code that the demonstration tells."""
    return page.locator(".govuk-inset-text strong").inner_text()


def code_of(secret: str) -> str:
    """What an app with this secret shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time() // 30))))


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


class TestAPasskey:
    def test_is_made_used_to_sign_in_and_taken_away(self, device: Page):
        device.goto("/account/sign-in/")
        device.get_by_role("button", name="Sign in as Ben Okafor").click()
        device.get_by_role("link", name="Your sign-in").click()
        device.get_by_role("button", name="Add a passkey").click()
        assert not faults(device)
        device.get_by_label("Name of this passkey").fill("Ward computer")
        device.get_by_role("button", name="Make the passkey").click()
        expect(device.get_by_role("heading", name="Ward computer")).to_be_visible()
        sign_out(device)

        device.get_by_role("button", name="Sign in with a passkey").click()
        expect(device.get_by_role("link", name="Your sign-in")).to_be_visible()
        sign_out(device)

        device.get_by_label("Email address").fill("ben@lantern.example")
        device.get_by_label("Password", exact=True).fill(PASSWORD)
        device.get_by_role("button", name="Sign in", exact=True).click()
        assert not faults(device)
        device.get_by_role("button", name="Use a passkey").click()
        expect(device.get_by_role("link", name="Your sign-in")).to_be_visible()

        device.goto("/account/your-sign-in/")
        device.get_by_role("link", name="Remove Ward computer").click()
        assert not faults(device)
        device.get_by_role("button", name="Remove it").click()
        expect(device.get_by_role("heading", name="Ward computer")).to_have_count(0)

    def test_says_so_when_it_was_stopped(self, device: Page):
        device.goto("/account/sign-in/")
        device.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no')) }")
        device.get_by_role("button", name="Sign in with a passkey").click()
        expect(device.get_by_role("alert")).to_contain_text("Try again")


class TestACode:
    def test_is_the_second_step_and_works_once(self, visit: Visit):
        page = visit("nobody", bypass_csp=True)
        page.goto("/account/sign-in/?next=/directory/")
        page.get_by_label("Email address").fill("dara@lantern.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        assert not faults(page)
        page.get_by_label("Code").fill("000000")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_contain_text("That code is not right")
        assert not faults(page)
        page.get_by_label("Code").fill(code_shown(page))
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/directory/")

    def test_can_be_had_without_javascript(self, visit: Visit):
        page = visit("nobody", java_script_enabled=False)
        page.goto("/account/sign-in/")
        page.get_by_label("Email address").fill("faye@lantern.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_label("Code").fill(code_shown(page))
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()


class TestTheFirstTime:
    """Rhona of the demonstration has followed her letter, and has no second factor yet."""

    def test_leads_through_setting_up_an_app_to_what_one_came_for(self, visit: Visit):
        page = visit("nobody", PHONE, bypass_csp=True)
        page.goto("/account/sign-in/?next=/network/agencies/")
        page.get_by_label("Email address").fill("rhona.blakeney@penninenightstop.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Protect your account")).to_be_visible()
        assert not faults(page)
        page.get_by_role("button", name="Set up an app").click()
        assert not faults(page)
        secret = page.locator("main .lantern-secret").inner_text().replace(" ", "")
        page.get_by_label("Code from the app").fill(code_of(secret))
        page.get_by_role("main").get_by_role("button").first.click()
        expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
        assert not faults(page)
        page.get_by_role("button", name="I have kept them").click()
        page.wait_for_url("**/network/agencies/")
        page.get_by_role("link", name=re.compile("Pennine Night Stop")).click()
        expect(page.get_by_role("main")).to_contain_text("Have two leads")
        assert not faults(page)


class TestAForgottenPassword:
    def test_is_replaced_by_the_link_in_the_letter(self, visit: Visit):
        page = visit("nobody", bypass_csp=True)
        page.goto("/account/password/reset/")
        page.get_by_label("Email address").fill("faye@lantern.example")
        page.get_by_role("main").get_by_role("button").first.click()
        mailed_to(page, "faye@lantern.example", people=1)
        page.get_by_role("row").filter(has_text="faye@lantern.example").first.get_by_role("link").click()
        page.get_by_role("main").get_by_role("link", name=re.compile("account.password")).click()
        assert not faults(page)
        expect(page.get_by_label(re.compile("password", re.IGNORECASE)).first).to_be_visible()


class TestTheAppAndTheRecoveryCodes:
    def test_are_shown_plainly(self, visit: Visit):
        page = visit("omar", PHONE, bypass_csp=True)
        for path in ("/account/your-sign-in/", "/account/your-sign-in/app/", "/account/your-sign-in/passkey/"):
            page.goto(path)
            assert not faults(page), path
        page.goto("/account/your-sign-in/app/")
        box = page.get_by_role("img", name=re.compile("QR code")).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 180
        page.goto("/account/your-sign-in/")
        page.get_by_role("button", name="Make new codes").click()
        expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
        expect(page.locator(".lantern-codes code")).to_have_count(10)
        assert not faults(page)
        with page.expect_download() as kept:
            page.get_by_role("button", name="Download").click()
        text = kept.value.path().read_text()
        assert text.split("\n")[0].strip() == page.locator(".lantern-codes code").first.inner_text()


class TestWhereOneIsSignedIn:
    def test_ends_from_another_device(self, visit: Visit):
        here, there = visit("asha", anew=True), visit("asha", anew=True)
        here.goto("/account/your-sign-in/")
        others = here.get_by_role("button", name=re.compile("Sign out there"))
        for left in reversed(range(others.count())):
            others.first.click()
            expect(here.get_by_role("alert")).to_contain_text("You are signed out there")
            expect(others).to_have_count(left)
        there.goto("/directory/")
        expect(there.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
        expect(there.get_by_role("main")).to_contain_text("You are not signed in any more")


class TestWriting:
    def test_keeps_the_sign_in_and_doing_nothing_does_not(self, visit: Visit):
        cora = visit("cora", anew=True)
        cora.clock.install()
        cora.goto("/alerts/new/")
        title, told = cora.get_by_label("Title"), []
        cora.on("request", lambda request: told.append(request.url) if request.method == "HEAD" else None)
        title.press_sequentially("Vans")
        cora.clock.fast_forward("25:00")
        assert not told
        with cora.expect_request(lambda request: request.method == "HEAD"):
            title.press_sequentially(" at")
        title.press_sequentially(" the coach station")
        assert len(told) == 1

"""Who opens which page in a browser: every page once, by the person who sees most of it, and home by each of the cast.

A trail is an address and the routes to follow from there, by the links on the pages: the last page is the one meant.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import APIRequestContext

AT_MOST = 40  # links to one route that are tried from one page
LINK = re.compile(r'<a\s[^>]*?href="([^"#]+)"')
LISTING = "/directory/ directory:listing"
REFUGE = "/directory/?q=haven directory:listing"
AGENCY = "/network/agencies/ network:agency"
ROSTER = "/network/people/ network:agency_people"
AGREEMENT = "/network/agreements/ network:agreement"
JOINING = "/network/agencies/?state=joining network:agency"
SUSPENDED = "/network/agencies/?state=suspended network:agency"
COUNCIL = "/charter/councils/DAL"
TRAILS = {
    "nobody": [
        "/account/sign-in/", "/account/password/reset/", "/account/password/reset/sent/",
        "/account/password/reset/done/", "/account/closed/", "/charter/", "/charter/?kind=this", f"{COUNCIL}/",
        "/accessibility/", "/privacy/", "/cookies/", "/nowhere/", "/demonstration/mail/",
    ],
    "cora": [
        "/", "/directory/", "/directory/?q=haven", LISTING, f"{LISTING} directory:agency", "/directory/sharing/",
        "/directory/covers/", "/directory/covers/ directory:end_grant", f"{LISTING} directory:edit_listing",
        f"{LISTING} directory:tighten", f"{LISTING} directory:shares", f"{LISTING} directory:who",
        f"{LISTING} directory:who directory:between", f"{LISTING} directory:agency directory:edit_agency",
        f"{LISTING} directory:agency directory:add_listing",
        "/alerts/", "/alerts/new/", "/alerts/lists/drafts/", "/alerts/ alerts:detail", "/ alerts:board",
        "/alerts/ alerts:detail alerts:who", "/alerts/ alerts:detail alerts:withdraw", "/ alerts:calls",
        "/ alerts:calls alerts:board alerts:ladder",
        "/training/courses/", "/training/courses/new/", "/training/courses/ training:session_new",
        "/training/ training:session training:attendees", "/training/ training:session training:call_off",
        "/training/ training:session training:address", "/ directory:loosening", "/manage/",
        "/messages/promise/",
    ],
    "asha": ["/", "/ alerts:detail alerts:return", "/ alerts:detail alerts:release", "/ alerts:detail alerts:edit",
             "/ alerts:detail alerts:address", "/ network:invitation"],
    "mia": [
        "/", "/network/keys/", "/api/v1/docs", "/account/password/change/", "/directory/viewings/",
        "/directory/sharing/ directory:end_share", "/training/", "/ training:session",
        "/ training:session training:cancel",
        AGREEMENT, f"{REFUGE} directory:grants", f"{REFUGE} directory:cover", f"{REFUGE} directory:safe_place",
        f"{REFUGE} directory:change_safe_place", "/ directory:safe_place_change", f"{AGREEMENT} network:agreement_sign",
        "/network/keys/ network:end_key", f"{ROSTER} network:invitation",
        "/network/people/ network:handover network:take_back_handover",
        "/messages/", "/messages/number/", "/messages/addresses/", "/messages/webhooks/", "/messages/webhooks/add/",
        "/training/ training:session delivery:why", "/alerts/ alerts:detail alerts:why_not",
    ],
    "ben": ["/", REFUGE, "/ network:handover", "/ network:handover network:decline_handover"],
    "otto": ["/", "/alerts/new/", f"{LISTING} directory:loosen", "/directory/sharing/",
             "/ network:succession", "/ network:succession network:succession_agree",
             "/ network:succession network:succession_refuse"],
    "nell": [
        "/", ROSTER, "/network/people/invite/", f"{ROSTER} network:person", f"{ROSTER} network:person reports:sees",
        f"{ROSTER} network:person network:close_account", f"{ROSTER} network:end_appointment",
        f"{ROSTER} network:appoint", f"{ROSTER} network:cover", f"{ROSTER} network:agency_leaver",
    ],
    "cal": ["/", f"{COUNCIL}/record/", f"{COUNCIL}/adoption/", f"{COUNCIL}/adoption/correct/",
            f"{COUNCIL}/adoption/remove/", f"{COUNCIL}/commitments/1/", f"{COUNCIL}/commitments/1/evidence/"],
    "faye": ["/", "/reports/figures/"],
    "dara": ["/", "/audit/", "/audit/ audit:entry", "/audit/export/"],
    "nora": ["/", "/alerts/new/"],
    "omar": [
        "/", "/network/networks/", "/network/networks/new/", "/network/networks/ network:network_edit",
        "/network/people/", "/network/people/ network:network_people",
        "/network/people/ network:network_people network:network_leaver",
        "/network/people/ network:network_people network:invite_into_network",
        "/account/your-sign-in/", "/account/your-sign-in/address/", "/account/your-sign-in/app/",
        "/account/your-sign-in/passkey/",
        "/messages/operating/", "/messages/operating/hold/", "/messages/operating/retry/",
        "/messages/operating/test/",
    ],
    "cora again": [
        "/network/agencies/", AGENCY, f"{AGENCY} network:agency_rename", f"{AGENCY} network:agency_suspend",
        f"{AGENCY} network:agency_leave", JOINING, f"{JOINING} network:agency_withdraw",
        SUSPENDED, f"{SUSPENDED} network:agency_let_back", "/network/agencies/ network:succession",
        "/network/agencies/ network:succession network:succession_drop",
        "/network/agencies/DUR/new/", "/network/agencies/DUR/plan/",
        "/network/agreements/", "/network/agreements/DUR/new/", f"{AGREEMENT} network:signatures",
    ],
}  # fmt: skip
NOT_TOURED = {
    "delivery:webhook": "only with a webhook: in the tests of ways to be reached",
    "delivery:end_webhook": "only with a webhook: in the tests of ways to be reached",
    "healthz": "for machines",
    "readyz": "for machines",
    "alerts:sent": "a moment after a release: in the story of an alert",
    "alerts:progress": "numbers for a script",
    "training:progress": "numbers for a script",
    "account_set_up": "only before a second factor is set up: in the tests of signing in",
    "account_remove_factor": "only with two factors: in the tests of signing in",
    "account_reset_password_from_key": "behind a link in a message: in the tests of signing in",
}


def route_of(address: str) -> str:
    """The name of the route of an address; none for a file or an address that is nowhere."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def routes_toured() -> set[str]:
    """The routes of the pages that somebody opens."""
    ends = [trail.split()[-1] for trails in TRAILS.values() for trail in trails]
    return {route_of(end) if end.startswith("/") else end for end in ends}


class Guide:
    """Finds the addresses at the ends of trails for the person whose requests these are."""

    def __init__(self, request: APIRequestContext) -> None:
        """Nothing is asked for yet."""
        self.request = request
        self.known: dict[str, list[str]] = {}

    def links(self, address: str) -> list[str]:
        """The addresses that the page there links to, each once; it is asked for once."""
        if address not in self.known:
            answer = self.request.get(address)
            shown = answer.ok and "html" in answer.headers.get("content-type", "")
            found = LINK.findall(answer.text()) if shown else []
            self.known[address] = list(dict.fromkeys(urljoin(address, html.unescape(each)) for each in found))
        return self.known[address]

    def ends(self, start: str, *routes: str) -> Iterator[str]:
        """Every address at which the trail may end, found one by one."""
        if not routes:
            yield start
            return
        for link in [each for each in self.links(start) if route_of(each) == routes[0]][:AT_MOST]:
            yield from self.ends(link, *routes[1:])

    def reachable(self) -> Iterator[str]:
        """One address of each route that links lead to from the first page."""
        waiting, met = ["/"], {"account_logout", ""}
        while waiting:
            address = waiting.pop(0)
            route = route_of(address)
            if route in met or not address.startswith("/") or route.endswith("_csv") or route == "api:schema":
                continue
            met.add(route)
            yield address
            waiting += self.links(address)

"""What surrounds every page: the menu and the numbers to call."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from directory.models import Helpline
from network import standing
from network.visibility import Role

EVERY_ROLE = frozenset(Role.values)
FIGURES_ONLY = frozenset({Role.REPORTS, Role.OPERATOR})
WARNED = EVERY_ROLE - FIGURES_ONLY  # alerts and training reach everyone but these
COUNTING = frozenset({Role.COORDINATOR, Role.APPROVER, Role.REPORTS, Role.AUDITOR, Role.NATIONAL})
WATCHING = frozenset(
    {Role.LEAD, Role.DEPUTY, Role.CHARTER, Role.COORDINATOR, Role.AUDITOR, Role.NATIONAL, Role.OPERATOR}
)
KEEPING = frozenset({Role.LEAD, Role.DEPUTY})


class Section(NamedTuple):
    """One place in the menu, and the roles it is shown to: what they may open, not more. One that says what it is
    about is opened now and then only: in a long menu it stands under “Manage”."""

    text: str
    address: str
    roles: frozenset[str] = EVERY_ROLE
    about: str = ""


SECTIONS = (
    Section("Home", "home"),
    Section("Directory", "directory:search"),
    Section("Sharing", "directory:sharing", WARNED),
    Section("Alerts", "alerts:inbox", WARNED),
    Section("Training", "training:sessions", WARNED),
    Section("Charter", "charter:register"),
    Section("Figures", "reports:figures", COUNTING),
    Section("Audit trail", "audit:trail", WATCHING, "Who did what, and when"),
    Section(
        "Agencies",
        "network:agencies",
        KEEPING | {Role.COORDINATOR, Role.APPROVER},
        "Their places in networks, agreements, and who joins, leaves or merges",
    ),
    Section("People", "network:people", EVERY_ROLE - {Role.REPORTS}, "Who has access, invitations, roles and cover"),
    Section("Networks", "network:networks", frozenset({Role.OPERATOR}), "Which there are, and where"),
    Section("Messages", "delivery:operating", frozenset({Role.OPERATOR}), "What is owed, held and failed"),
    Section(
        "How fast messages go",
        "delivery:promise",
        COUNTING - {Role.REPORTS},
        "What is promised of them, and what was measured",
    ),
    Section("API keys", "network:keys", KEEPING, "What your agency’s own systems read from here"),
    Section("Webhooks", "delivery:webhooks", KEEPING, "What your agency’s own systems are told"),
    Section("API", "api:docs", COUNTING - {Role.REPORTS}, "What a system can read, and how it asks"),
)
# The others stand for all pages of their package.
ALONE = frozenset({"home", "manage", "account_login", "reports:figures"})
SEVERAL = frozenset({"network", "delivery"})  # with several sections: each stands for the addresses below its own
# Addresses that stand below another section than the one of their package.
BELOW = dict.fromkeys(("directory:sharing", "directory:covers", "directory:viewings"), "directory:sharing")
MANAGE = Section("Manage", "manage")
MOST = 8  # as many fit on one line of a desktop, beside “Your sign-in” and “Sign out”
FOR_ANYONE = (Section("Charter register", "charter:register"), Section("Sign in", "account_login"))


def page_furniture(request: HttpRequest) -> dict[str, Any]:
    """The menu for this person, and the helplines: some at the foot of every page, all on the directory's. Two queries,
    one for nobody."""
    return {"navigation": _menu(request), "helplines": list(Helpline.objects.all())}


def to_manage(request: HttpRequest) -> list[dict[str, Any]]:
    """What this person opens now and then, as {text, url, about}. One query at most."""
    return [{**_item(section, request), "about": section.about} for section in _sections(request) if section.about]


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return [_item(section, request) for section in FOR_ANYONE]
    chosen = _sections(request)
    if len(chosen) <= MOST:
        return [_item(section, request) for section in chosen]
    inside = any(_item(section, request)["current"] for section in chosen if section.about)
    manage = _item(MANAGE, request)
    shown = [_item(section, request) for section in chosen if not section.about]
    return [*shown, {**manage, "current": manage["current"] or inside}]


def _sections(request: HttpRequest) -> list[Section]:
    held = standing.of(request.user).roles
    return [section for section in SECTIONS if section.address == "home" or section.roles & held]


@functools.cache
def _url(address: str) -> str:
    return reverse(address)


def _item(section: Section, request: HttpRequest) -> dict[str, Any]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    package, url = section.address.split(":")[0], _url(section.address)
    inside = here.split(":")[0] == package and section.address not in ALONE
    if package in SEVERAL:
        inside = request.path.startswith(url)
    if here in BELOW or section.address in BELOW:
        inside = BELOW.get(here) == section.address
    return {"text": section.text, "url": url, "current": here == section.address or inside}

"""What the first page says about agencies, their agreements and their places: one group each, or none."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from accounts.templatetags.lantern import day
from network import agreements
from network import joining as steps
from network.agreements import Terms
from network.dates import joining as begun
from network.dates import member
from network.models import Agency, Membership, Party, Succession
from network.standing import Standing
from network.visibility import INSIDERS, LEADS, Role
from reports.needs import SHOWN, Group, Task, group

CLOSED = "Restricted things and AMBER alerts"


def agreement(here: Standing) -> Group:
    """For an agency's people: that its agreement is not signed or lapses soon. Two queries; two more if so, and one
    for who is still joining."""
    pairs = {(row.network, row.agency) for row in here.rows if row.role in INSIDERS and row.network and row.agency}
    found = agreements.terms((network, agency) for network, agency in pairs if network and agency)
    amiss = {pair: terms for pair, terms in found.items() if _needs_signing(terms)}
    names = _names(here, {agency for _, agency in amiss}) if amiss else {}
    led = here.agencies(*LEADS)
    tasks = [
        Task(
            url=reverse("network:agreement", args=[terms.to_sign.pk]) if terms.to_sign else "",
            text=_closing(terms, leads=pair[1] in led),
            note=names.get(pair[1], ""),
        )
        for pair, terms in amiss.items()
    ]
    return group("Your agreement", [*_joining_tasks(here), *tasks], reverse("network:agreements"), "All agreements")


def plans(here: Standing) -> Group:
    """For leads: plans for agencies to follow each other that wait for their yes."""
    waiting = (
        Party.objects.visible_to(here)
        .filter(agency__in=here.agencies(*LEADS), agreed_at=None, succession__in=Succession.objects.open())
        .select_related("agency")
        .order_by("id")[: SHOWN + 1]
    )
    tasks = [
        Task(url=reverse("network:succession", args=[party.succession_id]), text=f"A plan for {party} waits for you")
        for party in waiting
    ]
    return group("Plans to agree to", tasks, reverse("network:agencies"), "Agencies")


def unsigned(here: Standing) -> Group:
    """For who coordinates: agencies that have not signed, or whose signature lapses soon."""
    rows = _places(here).filter(member())
    found = agreements.terms((row.network_id, row.agency_id) for row in rows)
    tasks = [
        Task(url=_url(row), text=row.agency.name, note=_state(found[row.network_id, row.agency_id]))
        for row in rows
        if _needs_signing(found[row.network_id, row.agency_id])
    ]
    more = f"{reverse('network:agencies')}?state=unsigned"
    return group("Agencies that have to sign the agreement", tasks, more, "All of them")


def joining(here: Standing) -> Group:
    """For who coordinates: agencies that join, and whose turn it is."""
    rows = list(_places(here).filter(begun())[: SHOWN + 1])
    found = steps.progress(rows) if rows else {}
    tasks = [
        Task(
            url=_url(row),
            text=row.agency.name,
            note="Ready to be admitted" if found[row.pk].is_ready else ", ".join(found[row.pk].missing).capitalize(),
        )
        for row in rows
    ]
    return group("Agencies that join", tasks, f"{reverse('network:agencies')}?state=joining", "All of them")


def _places(here: Standing) -> QuerySet[Membership]:
    rows = Membership.objects.visible_to(here).filter(network__in=here.networks(Role.COORDINATOR))
    return rows.select_related("agency", "network").order_by("agency__name")


def _joining_tasks(here: Standing) -> list[Task]:
    """A link to the list of what is to be done, while one's agency is joining."""
    own = {row.agency for row in here.rows if row.agency and row.network is None}
    if not own:
        return []
    rows = Membership.objects.visible_to(here).filter(begun(), agency__in=own).select_related("agency", "network")
    return [Task(url=_url(row), text=f"{row.agency.name} is joining {row.network.name}") for row in rows]


def _needs_signing(terms: Terms) -> bool:
    return not terms.signed or terms.lapses_soon


def _closing(terms: Terms, *, leads: bool) -> str:
    if not terms.signed:
        ask = "Sign the agreement to open them." if leads else "Ask a lead of your agency to sign the agreement."
        return f"{CLOSED} are closed to your agency. {ask}"
    return f"{CLOSED} close on {day(terms.closes_at)} unless {'you sign' if leads else 'a lead of your agency signs'}"


def _state(terms: Terms) -> str:
    return f"Lapses on {day(terms.closes_at)}" if terms.signed else "Not signed"


def _names(here: Standing, agencies: set[UUID]) -> dict[UUID, str]:
    return dict(Agency.objects.visible_to(here).filter(pk__in=agencies).values_list("pk", "name"))


def _url(row: Membership) -> str:
    return reverse("network:agency", args=[row.network.prefix, row.agency_id])

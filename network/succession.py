"""Carrying out a plan by which agencies end and others take over from them. It cannot be undone.

People move by new appointments, so that the old ones keep their dates; what agencies keep is moved by the floors that
hold it. Alerts, charter records and signatures stay with the agency that was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from network import above, joining, names, roles, standing
from network.dates import in_force, not_ended
from network.models import Agency, ApiKey, Appointment, Area, Handover, Invitation, Membership, Party, Succession

Side = Party.Side


def carry_out(plan: Succession, by: User) -> tuple[list[Agency], list[Agency]]:
    """End the agencies that end, and let the others take over. Returns both, the ended first. Call it inside a
    transaction, with the plan locked and agreed."""
    parties = list(plan.parties.select_related("agency"))
    ending = [party for party in parties if party.side == Side.ENDS]
    following = [party for party in parties if party.side == Side.FOLLOWS]
    old = [_agency(party) for party in ending]
    heirs = {str(party.pk): _heir(party, plan, old) for party in following}
    for party, agency in zip(ending, old, strict=True):
        _appoint(party, agency, heirs, by)
        above.follow(agency, list(heirs.values()), _chosen(party.moves.get("things", {}), heirs))
        _keep_places(agency, heirs.values(), plan)
        _close(agency)
    for heir in heirs.values():
        _inherit_names(heir, old)
    return old, list(heirs.values())


def may_say(party: Party, by: Any) -> bool:
    """Whether this person may agree for this agency, and refuse: its leads, or an approver of the network where nobody
    leads it, but not who prepared the plan."""
    here, plan = standing.of(by), party.succession
    if party.agency is not None and roles.may(here, "succession.agree", party.agency):
        return True
    stands_in = plan.prepared_by_id != here.person and roles.may(here, "succession.stand_in", plan)
    return stands_in and joining.is_leaderless(party.agency_id)


def require_say(party: Party, by: Any) -> None:
    """Pass for who may say yes or no for this agency; otherwise raise PermissionDenied."""
    if not may_say(party, by):
        raise PermissionDenied("Your role does not let you do this.")


def people_of(agencies: Iterable[UUID], among: QuerySet[Appointment]) -> dict[UUID, list[Appointment]]:
    """The live ones of these appointments in each of these agencies, by the person's name. One query."""
    rows = among.filter(in_force(), agency__in=list(agencies), person__is_active=True)
    found: dict[UUID, list[Appointment]] = defaultdict(list)
    for row in rows.select_related("person").order_by("person__name", "id"):
        if row.agency_id:
            found[row.agency_id].append(row)
    return found


def _agency(party: Party) -> Agency:
    assert party.agency is not None  # noqa: S101  the database holds it: only who follows may be new
    return party.agency


def _heir(party: Party, plan: Succession, old: list[Agency]) -> Agency:
    """The agency that takes over, made and admitted now if it is new."""
    if party.agency is not None:
        return party.agency
    domains = " ".join(dict.fromkeys(" ".join(agency.email_domains for agency in old).split()))
    heir = Agency.objects.create(
        name=party.name, kind=old[0].kind, email_domains=domains[:400], starts_on=timezone.localdate()
    )
    heir.areas.set(Area.objects.filter(agencies__in=old))
    Membership.objects.create(network=plan.network, agency=heir)
    Party.objects.filter(pk=party.pk).update(agency=heir)
    return heir


def _appoint(party: Party, agency: Agency, heirs: Mapping[str, Agency], by: User) -> None:
    """Each person chosen to come along has the same role in the heir from now on, unless they have it already."""
    chosen = _chosen(party.moves.get("people", {}), heirs)
    rows = [row for row in people_of([agency.pk], Appointment.objects.all())[agency.pk] if str(row.pk) in chosen]
    held = set(
        Appointment.objects.filter(in_force(), agency__in=[heir.pk for heir in heirs.values()]).values_list(
            "person", "role", "agency"
        )
    )
    for row in rows:
        heir = chosen[str(row.pk)]
        if (row.person_id, row.role, heir.pk) not in held:
            held.add((row.person_id, row.role, heir.pk))
            Appointment.objects.create(
                person_id=row.person_id,
                role=row.role,
                agency=heir,
                until_at=row.until_at,
                covers_id=row.covers_id,
                appointed_by=by,
            )


def _chosen(moves: Mapping[str, str], heirs: Mapping[str, Agency]) -> dict[str, Agency]:
    return {thing: heirs[party] for thing, party in moves.items() if party in heirs}


def _keep_places(old: Agency, heirs: Iterable[Agency], plan: Succession) -> None:
    """In the other networks that the old agency is a member of, its heirs begin to join: that is for those networks'
    coordinators to decide, and shows them nothing but the name."""
    elsewhere = Membership.objects.live().filter(agency=old).exclude(network=plan.network_id)
    for network in elsewhere.values_list("network", flat=True):
        for heir in heirs:
            if not Membership.objects.filter(not_ended(), network=network, agency=heir).exists():
                Membership.objects.create(network_id=network, agency=heir, from_at=None)


def _close(agency: Agency) -> None:
    """The agency has ended: its places, appointments, keys and open letters end with it."""
    to_come = Appointment.objects.filter(not_ended(), agency=agency, from_at__gt=Now())
    to_come.update(until_at=F("from_at"))
    Appointment.objects.filter(in_force(), agency=agency).update(until_at=Now())
    Membership.objects.filter(not_ended(), agency=agency).update(until_at=Now())
    ApiKey.objects.filter(agency=agency, ended_at=None).update(ended_at=Now())
    Invitation.objects.filter(agency=agency, accepted_at=None, ended_at=None).update(ended_at=Now())
    Handover.objects.filter(agency=agency, accepted_at=None, ended_at=None).update(ended_at=Now())
    Agency.objects.filter(pk=agency.pk).update(ends_on=timezone.localdate())


def _inherit_names(heir: Agency, old: list[Agency]) -> None:
    for agency in old:
        agency.successors.add(heir)
    known = [name for agency in old for name in (agency.former_names, agency.name)]
    heir.former_names = names.joined(heir.former_names, *known)
    heir.save(update_fields=["former_names"])
    above.reindex(heir)

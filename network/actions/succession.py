"""What people do to merge and split agencies: a coordinator prepares, every agency agrees, the coordinator carries out.

Whoever takes over comes to see what the other had concealed, so nobody can bring it about alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now

from accounts.factors import require_fresh
from accounts.models import User
from audit import trail
from network import joining, roles, succession
from network.dates import member
from network.models import Agency, Membership, Network, Party, Succession

Side = Party.Side


@transaction.atomic
def prepare(
    *, network: Network, ending: Sequence[Agency], following: Sequence[Agency], new: Sequence[str], by: User
) -> Succession:
    """Plan that some members of the network end and others, there already or new by name, take over. Returns the plan;
    nothing changes yet. The network's coordinators may.

    Raises PermissionDenied, also for an agency that is no live member; ValidationError when nobody ends or follows,
    for a name that is taken, or while one of the agencies is in another plan.
    """
    roles.require(by, "succession.prepare", network)
    _require_members(network, [*ending, *following])
    _require_sense(ending, following, new)
    for name in new:
        joining.require_free(network, name, but=ending)
    if Party.objects.filter(succession__in=Succession.objects.open(), agency__in=[*ending, *following]).exists():
        raise ValidationError("One of these agencies is in another plan. Carry that out or drop it first.")
    plan = Succession.objects.create(network=network, prepared_by=by)
    parties = [Party(succession=plan, side=Side.ENDS, agency=agency) for agency in ending]
    parties += [Party(succession=plan, side=Side.FOLLOWS, agency=agency) for agency in following]
    parties += [Party(succession=plan, side=Side.FOLLOWS, name=name.strip()) for name in new]
    Party.objects.bulk_create(parties)
    _note("succession.prepare", plan, by)
    return plan


@transaction.atomic
def agree(*, party: Party, people: Mapping[str, str], things: Mapping[str, str], by: User) -> Party:
    """Say yes for one agency of a plan, and for one that ends, who and what goes where: IDs of appointments and of
    things, each to the ID of a party that takes over. A person who is left out does not come along.

    Leads of the agency may, with a fresh second factor; for one that nobody leads, an approver of the network who did
    not prepare the plan. Raises PermissionDenied, FreshFactorNeeded; ValidationError when the plan is over, the agency
    has agreed already, or a choice is not among the plan's.
    """
    succession.require_say(party, by)
    require_fresh(by)
    plan = _open(party.succession)
    heirs = {str(pk) for pk in plan.parties.filter(side=Side.FOLLOWS).values_list("pk", flat=True)}
    if not {*people.values(), *things.values()} <= heirs:
        raise ValidationError("Choose among the agencies that take over.")
    moves = {"people": dict(people), "things": dict(things)} if party.side == Side.ENDS else {}
    held = Party.objects.filter(pk=party.pk, agreed_at=None)
    if not held.update(agreed_at=Now(), agreed_by=by, moves=moves):
        raise ValidationError("Your agency has agreed already.")
    party.refresh_from_db()
    trail.record("succession.agree", _place(plan, party.agency), by=by)
    return party


@transaction.atomic
def carry_out(*, plan: Succession, by: User) -> Succession:
    """Do what was planned, in one transaction, and return the plan. It cannot be undone. The network's coordinators
    may, with a fresh second factor, once every agency has agreed.

    Raises PermissionDenied, FreshFactorNeeded; ValidationError when it is over, an agency has not agreed or is no live
    member any more, or a new agency's name was taken meanwhile.
    """
    roles.require(by, "succession.prepare", plan)
    require_fresh(by)
    plan = _open(plan)
    parties = list(plan.parties.select_related("agency"))
    if not all(party.is_settled for party in parties):
        raise ValidationError("Not every agency has agreed.")
    _require_still(plan, parties)
    ended, heirs = succession.carry_out(plan, by)
    Succession.objects.filter(pk=plan.pk).update(carried_out_at=Now(), carried_out_by=by)
    plan.refresh_from_db()
    for agency in ended:
        trail.record("agency.end", _place(plan, agency), by=by, followed_by=[heir.name for heir in heirs])
    for agency in heirs:
        trail.record("agency.follow", _place(plan, agency), by=by, followed=[old.name for old in ended])
    return plan


@transaction.atomic
def drop(*, plan: Succession, reason: str, by: User) -> Succession:
    """Give the plan up, and say why to everyone who sees it. The network's coordinators may. Raises PermissionDenied;
    ValidationError without a reason, or when it is over."""
    roles.require(by, "succession.prepare", plan)
    plan = _dropped(plan, reason, by)
    _note("succession.drop", plan, by)
    return plan


@transaction.atomic
def refuse(*, party: Party, reason: str, by: User) -> Succession:
    """Say no for one agency, and why: the plan is dropped. Who may agree may refuse. Raises PermissionDenied;
    ValidationError without a reason, or when the plan is over."""
    succession.require_say(party, by)
    plan = _dropped(party.succession, reason, by)
    trail.record("succession.refuse", _place(plan, party.agency), by=by)
    return plan


def _dropped(plan: Succession, reason: str, by: User) -> Succession:
    found = _open(plan)
    if not reason.strip():
        raise ValidationError({"reason": "Enter why"})
    Succession.objects.filter(pk=found.pk).update(dropped_at=Now(), dropped_by=by, drop_reason=reason.strip())
    found.refresh_from_db()
    return found


def _note(verb: str, plan: Succession, by: User) -> None:
    trail.record(verb, plan, by=by, agencies=[str(party) for party in plan.parties.select_related("agency")])


def _open(plan: Succession) -> Succession:
    """The plan as it is now, locked: of two who press at once, the second finds it over."""
    rows = Succession.objects.open().select_for_update(of=("self",)).select_related("network")
    found = rows.filter(pk=plan.pk).first()
    if found is None:
        raise ValidationError("This plan is over: it was carried out, dropped, or is more than 30 days old.")
    return found


def _require_members(network: Network, agencies: Sequence[Agency]) -> None:
    asked = {agency.pk for agency in agencies}
    found = Membership.objects.filter(member(), network=network, agency__in=asked).values_list("agency", flat=True)
    if set(found) != asked:
        raise PermissionDenied("Your role does not let you do this.")


def _require_sense(ending: Sequence[Agency], following: Sequence[Agency], new: Sequence[str]) -> None:
    if not ending:
        raise ValidationError({"ending": "Select at least one agency that ends"})
    if not following and not any(name.strip() for name in new):
        raise ValidationError({"following": "Select or name at least one agency that takes over"})
    if {agency.pk for agency in ending} & {agency.pk for agency in following}:
        raise ValidationError({"following": "An agency that ends cannot take over"})
    if len({name.strip().casefold() for name in new}) < len(new):
        raise ValidationError({"new": "Give each new agency a name of its own"})


def _require_still(plan: Succession, parties: Sequence[Party]) -> None:
    still = set(Membership.objects.filter(member(), network=plan.network_id).values_list("agency", flat=True))
    ending = [party.agency for party in parties if party.agency and party.side == Side.ENDS]
    for party in parties:
        if party.agency is None:
            joining.require_free(plan.network, party.name, but=ending)
        elif party.agency_id not in still:
            raise ValidationError(f"{party} is not a live member any more. Drop the plan.")


def _place(plan: Succession, agency: Agency | None) -> Membership:
    """The agency's last place in the network: so the entry is read by its leads and by who runs the network,
    and not in other networks, which need not know who was here."""
    rows = Membership.objects.filter(network=plan.network_id, agency=agency).select_related("agency")
    return rows.order_by("-pk")[0]

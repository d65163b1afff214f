"""Who a message is for, and whether it may still go to them."""

from __future__ import annotations

from typing import Any

from tests.oracle.rows import Row, World


def addressed(world: World, audience: Row, *, strict: bool) -> set[Any]:
    """The people an audience means at this moment: with one of its roles, for an agency it means that is a live member
    of its network. What stays behind sign-in is for agencies bound by the network's agreement only."""
    return {
        one.person_id
        for one in world.all("appointment")
        if one.agency_id
        and one.role in audience.roles
        and one.agency_id not in audience.excluded
        and _means(world, audience, one.agency_id)
        and _speaks(world, one, audience.network_id, strict=strict)
    }


def may_go(world: World, recipient: Row) -> bool:
    """Whether what was addressed once may still be sent: who it is for speaks for the agency, and that is a member.
    What was for somebody because of a role in the network, or in the platform, needs that role."""
    mailing = world.get("mailing", recipient.mailing_id)
    if recipient.agency_id is None:
        held = world.some("appointment", person_id=recipient.person_id, agency_id=None, role=recipient.role)
        return any(_counts(world, one) and one.network_id in (None, mailing.network_id) for one in held)
    return any(
        _speaks(world, one, mailing.network_id, strict=mailing.withheld)
        for one in world.some("appointment", person_id=recipient.person_id, agency_id=recipient.agency_id)
        if one.agency_id
    )


def _means(world: World, audience: Row, agency: Any) -> bool:
    kind = world.get("agency", agency).kind
    return audience.everyone or agency in audience.agencies or kind in audience.kinds


def _speaks(world: World, one: Row, network: Any, *, strict: bool) -> bool:
    return (
        _counts(world, one)
        and network in world.networks_of(one.agency_id)
        and (not strict or world.has_signed(one.agency_id, network))
    )


def _counts(world: World, one: Row) -> bool:
    """An appointment in date, of somebody whose account is open; in a network that has not ended, if it is in one."""
    lives = one.network_id is None or world.network_lives(one.network_id)
    return lives and world.in_date(one) and world.get("person", one.person_id).is_active

"""Faults in what counts at a moment, where a reader stands, shares and grants; all the others are added below."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q
from django.db.models.functions import Now

from audit import visible
from directory import models as directory_models
from directory import rules
from network import dates, grants, standing
from network import visibility as network_rules
from network.models import Appointment, Signature
from network.standing import Standing
from tests.worlds import faults_by_kind, faults_in_sql
from tests.worlds.planting import ALL, everywhere, fault

__all__ = ["ALL", "faults_by_kind", "faults_in_sql"]
Role = Appointment.Role


# ── Dates ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _until(path: str, at: Any, how: str = "gt") -> Q:
    return Q(**{f"{path}until_at": None}) | Q(**{f"{path}until_at__{how}": at or Now()})


@fault("what begins later counts already", "listing", "agency")
def future_counts(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "in_force", lambda path="", at=None: _until(path, at) & ~Q(**{f"{path}from_at": None}))


@fault("what has ended still counts", "listing", "agency")
def past_counts(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "in_force", lambda path="", at=None: Q(**{f"{path}from_at__lte": at or Now()}))


@fault("the end itself is counted in", "listing")
def end_inclusive(patch: pytest.MonkeyPatch) -> None:
    right = lambda path="", at=None: _until(path, at, "gte") & Q(**{f"{path}from_at__lte": at or Now()})  # noqa: E731
    everywhere(patch, dates, "in_force", right)


@fault("the beginning itself is left out", "listing")
def start_exclusive(patch: pytest.MonkeyPatch) -> None:
    right = lambda path="", at=None: _until(path, at) & Q(**{f"{path}from_at__lt": at or Now()})  # noqa: E731
    everywhere(patch, dates, "in_force", right)


@fault("a suspended agency counts", "listing", "agency")
def suspended_counts(patch: pytest.MonkeyPatch) -> None:
    wrong = lambda path="", at=None: dates.in_force(path, at) & dates.going_on(f"{path}network__", at)  # noqa: E731
    everywhere(patch, dates, "member", wrong)


@fault("a suspension to come counts today", "listing", "agency")
def suspended_early(patch: pytest.MonkeyPatch) -> None:
    right = dates.member
    everywhere(patch, dates, "member", lambda path="", at=None: right(path, at) & Q(**{f"{path}suspended_at": None}))


@fault("a network that has ended counts", "listing", "network", "agency")
def ended_network_counts(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "going_on", lambda path="", at=None: Q())


@fault("a closed account counts", "listing", "agency")
def closed_account_counts(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "open_account", lambda path="", at=None: Q())


@fault("an agency that is joining has lost its own entry", "listing", "agency")
def joining_forgotten(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, dates, "joining", lambda path="": Q(pk__in=[]))


# ── Standing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@fault("an agreement that has lapsed binds for ever", "listing", "alert")
def lapsed_agreement_binds(patch: pytest.MonkeyPatch) -> None:
    def signatories_of(network: Any, *, at: Any = None) -> Any:
        return Signature.objects.filter(agreement__network=network).values("agency")

    everywhere(patch, standing, "signatories_of", signatories_of)


@fault("a signature under any network's agreement will do", "listing", "alert")
def any_agreement_will_do(patch: pytest.MonkeyPatch) -> None:
    def signatories_of(network: Any, *, at: Any = None) -> Any:
        return Signature.objects.filter(dates.in_force("agreement__", at)).values("agency")

    everywhere(patch, standing, "signatories_of", signatories_of)


@fault("nobody asks for the agreement", "listing", "alert")
def agreement_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "agreed", property(lambda self: self))


@fault("any role reaches its networks", "listing", "agency")
def role_forgotten_in_networks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "networks", lambda self, *roles: {row.network for row in self.rows if row.network})


@fault("any role speaks for its agency", "listing", "contact", "recipient")
def role_forgotten_in_agencies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "agencies", lambda self, *roles: {row.agency for row in self.rows if row.agency})


@fault("a platform role is taken for every role", "listing", "agency")
def holds_anything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "holds", lambda self, *roles: any(row.network is row.agency is None for row in self.rows))


@fault("an empty condition stands for “all”", "network", "agency")
def empty_condition(patch: pytest.MonkeyPatch) -> None:
    everywhere(patch, visible, "all_if", lambda opened: Q() if opened else visible.nothing())


# ── Shares and grants ─────────────────────────────────────────────────────────────────────────────────────────────────
Shares = type(directory_models.Share.objects.all())


@fault("a share counts before the other side has said yes", "listing")
def share_without_yes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Shares, "live", lambda self: self.filter(Q(until_at=None) | Q(until_at__gt=Now())))


@fault("a share never ends", "listing")
def share_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Shares, "live", lambda self: self.filter(accepted_at__lte=Now(), listing__access="restricted"))


@fault("a share with an agency is one with its networks", "listing")
def share_spreads(patch: pytest.MonkeyPatch) -> None:
    def shared(here: Standing) -> Any:
        near = standing.members_of(here.networks(standing.KEY, *network_rules.INSIDERS))
        return directory_models.Share.objects.live().filter(agency__in=near).values("listing")

    patch.setattr(rules, "_shared", shared)


@fault("a share with a network is looked for among agencies", "listing")
def share_mismatched(patch: pytest.MonkeyPatch) -> None:
    def shared(here: Standing) -> Any:
        own = Q(agency__in=here.agreed.agencies(*network_rules.INSIDERS))
        mixed = Q(network__in=here.agreed.agencies(*network_rules.INSIDERS))
        return directory_models.Share.objects.live().filter(own | mixed).values("listing")

    patch.setattr(rules, "_shared", shared)


@fault("a share opens what is concealed", "contact", "listing")
def share_opens_concealed(patch: pytest.MonkeyPatch) -> None:
    live = Q(until_at=None) | Q(until_at__gt=Now())
    patch.setattr(Shares, "live", lambda self: self.filter(live, accepted_at__lte=Now()))


def _held(*, mine: bool = True, **conditions: Any) -> Any:
    def held(model: Any, here: Standing) -> Any:
        whose = {"user": here.person} if mine else {}
        return grants._grants_on(model).filter(**whose, **conditions).values("content_object")

    return held


@fault("a grant never ends", "listing")
def grant_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "held", _held())


@fault("a grant's last moment is counted in", "listing")
def grant_end_inclusive(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "held", _held(until_at__gte=Now()))


@fault("anybody's grant will do", "listing")
def grant_of_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "held", _held(mine=False, until_at__gt=Now()))


@fault("a grant helps every role", "listing")
def grant_helps_everyone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "MAY_NEED_TO_KNOW", tuple(Role.values))


@fault("a grant helps people of an agency that never signed", "listing")
def grant_without_agreement(patch: pytest.MonkeyPatch) -> None:
    right = rules._concealed
    patch.setattr(Standing, "agreed", property(lambda self: self))
    patch.setattr(rules, "_shared", lambda here: directory_models.Share.objects.none().values("listing"))
    patch.setitem(rules.REACHES, "concealed", right)

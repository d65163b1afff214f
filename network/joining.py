"""What an agency must have done before a network admits it, and whose turn it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.utils import timezone

from network import above, agreements
from network.dates import in_force
from network.models import Agency, Appointment, Membership, Network

LEADS_NEEDED = 2  # so that one is always there


@dataclass(frozen=True)
class Step:
    """One thing to do: its name in an address, its words, whether it is done, and what is missing."""

    name: str
    title: str
    done: bool
    missing: str


@dataclass(frozen=True)
class Joining:
    """How far one agency has come. The coordinator's turn comes when everything else is done."""

    steps: list[Step]

    @property
    def missing(self) -> list[str]:
        """What has yet to be done, each in a few words."""
        return [step.missing for step in self.steps if not step.done]

    @property
    def is_ready(self) -> bool:
        """Whether the coordinator can admit it."""
        return not self.missing


def progress(memberships: Iterable[Membership]) -> dict[int, Joining]:
    """How far each of these has come, by its ID. The number of queries does not depend on how many there are."""
    rows = list(memberships)
    agencies = {row.agency_id for row in rows}
    terms = agreements.terms((row.network_id, row.agency_id) for row in rows)
    leads = leads_of(agencies)
    confirmed = _confirmed(agencies)
    return {
        row.pk: Joining(
            [
                _agreement(terms[row.network_id, row.agency_id].signed),
                _two_leads(leads.get(row.agency_id, 0)),
                _entry(row.agency_id in confirmed),
            ]
        )
        for row in rows
    }


def require_free(network: Network, name: str, but: Collection[Agency] = ()) -> None:
    """Pass, or raise ValidationError when an agency in the network, or joining it, goes by this name.

    Call it inside a transaction: until its end nobody else can take the name. `but` are agencies whose own it may be.
    Other networks are not looked at, so nothing is told of them.
    """
    Network.objects.select_for_update().get(pk=network.pk)
    held = Membership.objects.filter(until_at=None, network=network, agency__name__iexact=name.strip())
    if held.exclude(agency__in=but).exists():
        raise ValidationError({"name": "An agency of this name is in the network already"})


def leads_of(agencies: Iterable[UUID]) -> dict[UUID, int]:
    """How many people lead each of these agencies; those that nobody leads are left out. Somebody who only stands in
    does not count."""
    return dict(
        leading(agencies).filter(covers=None).order_by().values_list("agency").annotate(Count("person", distinct=True))
    )


def is_leaderless(agency: UUID | None) -> bool:
    """Whether nobody leads this agency any more, and nobody stands in for who did."""
    return agency is not None and not leading([agency]).exists()


def leading(agencies: Iterable[UUID]) -> QuerySet[Appointment]:
    """The appointments of those who lead these agencies or stand in for who does, also while the agency is joining."""
    return Appointment.objects.filter(
        in_force(), agency__in=list(agencies), role__in=Appointment.LEAD_ROLES, person__is_active=True
    )


def _confirmed(agencies: set[UUID]) -> set[UUID]:
    """Those whose own details, or one of whose listings, somebody has confirmed."""
    own = Agency.objects.filter(pk__in=agencies, assured_on__lte=timezone.localdate())
    return set(own.values_list("pk", flat=True)) | above.assured(agencies)


def _agreement(done: bool) -> Step:  # noqa: FBT001  it is all it says
    return Step("agreement", "Sign the information-sharing agreement", done, "the agreement is not signed")


def _two_leads(number: int) -> Step:
    missing = "it has nobody who leads it" if not number else "it has only one lead"
    return Step("leads", "Have two leads", number >= LEADS_NEEDED, missing)


def _entry(done: bool) -> Step:  # noqa: FBT001  it is all it says
    return Step("entry", "Confirm the agency’s entry", done, "its entry is not confirmed")

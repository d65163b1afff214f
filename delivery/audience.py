"""Who a message is for: from the rule that somebody chose to the people, each with the reason, in one statement."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, Concat, RowNumber

from delivery.models import Audience
from network.models import Agency, Appointment, Area, Membership, Network
from network.standing import signatories_of
from network.visibility import LEADS, Role

STRENGTH = (Role.LEAD, Role.DEPUTY, Role.CHARTER, Role.MEMBER)
DEFAULT_ROLES = tuple(role.value for role in LEADS)

_covers = Agency.areas.through.objects
_inside = Area.within.through.objects


class Named(NamedTuple):
    """One person of an audience, as the release sheet shows them."""

    person_id: UUID
    name: str
    agency_id: UUID
    agency: str
    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody chose on the form, ready to become an Audience."""

    everyone: bool = False
    roles: Iterable[str] = DEFAULT_ROLES
    kinds: Iterable[str] = ()
    areas: Iterable[Area] = field(default_factory=tuple)
    agencies: Iterable[Agency] = field(default_factory=tuple)
    excluded: Iterable[Agency] = field(default_factory=tuple)


@transaction.atomic
def save(network: Network, choice: Choice, existing: Audience | None = None) -> Audience:
    """Write the rule down, in the row given or in a new one, and return it.

    Who may choose, and whether these agencies and areas may be chosen, is asked by the form and by the action.
    """
    audience = existing or Audience()
    audience.network, audience.everyone = network, choice.everyone
    audience.roles, audience.kinds = list(choice.roles), list(choice.kinds)
    audience.full_clean(exclude=["network"])
    audience.save()
    for name in ("areas", "agencies", "excluded"):
        getattr(audience, name).set(getattr(choice, name))
    return audience


def people(audience: Audience, *, strict: bool = False) -> QuerySet[Appointment]:
    """One row for each person the audience means: their strongest live appointment, with `reason` worked out.

    Only people who are active, and only agencies that are live members of the audience's own network at this moment;
    of a `strict` message only those that have signed the network's agreement. It is lazy and has no order; filter it
    further by person only.
    """
    nth = Window(RowNumber(), partition_by="person", order_by=[strength(), "agency__name", "pk"])
    chosen = Appointment.objects.live().filter(role__in=audience.roles, agency__in=_agencies(audience))
    if strict:
        chosen = chosen.filter(agency__in=signatories_of(audience.network_id))
    return chosen.annotate(reason=_reason(audience), nth=nth).filter(nth=1)


def agencies(audience: Audience, *, strict: bool = False) -> QuerySet[Agency]:
    """The agencies the audience means at this moment, also where nobody has one of its roles; of a `strict` message
    those that have signed."""
    meant = Agency.objects.filter(pk__in=_agencies(audience))
    return meant.filter(pk__in=signatories_of(audience.network_id)) if strict else meant


def unsigned(audience: Audience) -> list[str]:
    """Names of the agencies that the rule means and a strict message leaves out, until they sign the agreement."""
    meant = agencies(audience).exclude(pk__in=signatories_of(audience.network_id))
    return list(meant.order_by("name").values_list("name", flat=True))


def named(audience: Audience, *, strict: bool = False) -> list[Named]:
    """The people by name, ordered by agency and name, in one query: what the release sheet shows."""
    columns: tuple[Any, ...] = ("person", "person__name", "agency", "agency__name", "role", "reason")
    rows = people(audience, strict=strict).order_by("agency__name", "person__name", "person")
    return [Named(*row) for row in rows.values_list(*columns)]


def fingerprint(found: Iterable[Named]) -> str:
    """What binds a release to these very people: SHA-256 over their sorted identifiers."""
    return hashlib.sha256("\n".join(sorted(str(row.person_id) for row in found)).encode()).hexdigest()


def describe(audience: Audience) -> str:
    """The rule in words: “Leads of charities covering Darlington, and Harbour Advice; not Riverbank”."""
    rule, extra = _rule_in_words(audience), _names(audience.agencies)
    what = ", and ".join(part for part in (rule, extra) if part) or "nobody yet"
    left_out = _names(audience.excluded)
    who = _and([ROLE_WORDS[Role(role)] for role in STRENGTH if role in audience.roles]) or "Nobody"
    return f"{who[0].upper()}{who[1:]} of {what}{f'; not {left_out}' if left_out else ''}"


ROLE_WORDS = {
    Role.LEAD: "leads",
    Role.DEPUTY: "deputy leads",
    Role.CHARTER: "charter officers",
    Role.MEMBER: "members",
}
KIND_WORDS = {
    Agency.Kind.POLICE: "police forces",
    Agency.Kind.COUNCIL: "councils",
    Agency.Kind.HEALTH: "health bodies",
    Agency.Kind.CHARITY: "charities and voluntary groups",
    Agency.Kind.FIRE: "fire and rescue services",
    Agency.Kind.PROBATION: "probation services",
    Agency.Kind.HOUSING: "housing bodies",
    Agency.Kind.EDUCATION: "schools, colleges and universities",
    Agency.Kind.FAITH: "faith groups",
    Agency.Kind.CENTRAL: "central government bodies",
    Agency.Kind.BUSINESS: "businesses and unions",
    Agency.Kind.COMMISSIONER: "commissioners and funders",
}


def _rule_in_words(audience: Audience) -> str:
    if audience.everyone:
        return f"all agencies in {audience.network}"
    kinds = [KIND_WORDS[kind] for kind in Agency.Kind if kind in audience.kinds]
    areas = _names(audience.areas)
    if not kinds and not areas:
        return ""
    return f"{_and(kinds) or 'agencies'}{f' covering {areas}' if areas else ''}"


def _names(rows: Any) -> str:
    return _and(list(rows.order_by("name").values_list("name", flat=True)))


def _and(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _agencies(audience: Audience) -> QuerySet[Any]:
    """IDs of the agencies the rule means."""
    members = Membership.objects.live().filter(network=audience.network_id)
    left_out = Audience.excluded.through.objects.filter(audience=audience.pk).values("agency")
    found = members.exclude(agency__in=left_out)
    return (found if audience.everyone else found.filter(_meant(audience))).values("agency")


def _meant(audience: Audience) -> Q:
    """Chosen by name, or by the rule of kinds and areas, where one of these was given."""
    by_name = Q(agency__in=Audience.agencies.through.objects.filter(audience=audience.pk).values("agency"))
    areas = _areas(audience)
    asked = Q(Exists(areas))
    covering = asked & Q(agency__in=_covers.filter(_whole(areas) | _part(areas)).values("agency"))
    if not audience.kinds:
        return by_name | covering
    return by_name | (Q(agency__kind__in=audience.kinds) & (~asked | covering))


def _areas(audience: Audience) -> QuerySet[Any]:
    return Audience.areas.through.objects.filter(audience=audience.pk).values("area")


def _whole(areas: QuerySet[Any]) -> Q:
    """What an agency covers is a chosen area, or something that a chosen area lies within."""
    return Q(area__in=areas) | Q(area__in=_inside.filter(from_area__in=areas).values("to_area"))


def _part(areas: QuerySet[Any]) -> Q:
    """What an agency covers lies within a chosen area."""
    return Q(area__in=_inside.filter(to_area__in=areas).values("from_area"))


def strength() -> Case:
    """Of appointments: the strongest first."""
    ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(STRENGTH)]
    return Case(*ranks, default=Value(len(STRENGTH)), output_field=models.IntegerField())


def _reason(audience: Audience) -> Any:
    """“deputy lead of Haven House, which covers Darlington”. The area is named when the rule asked for one."""
    area = [] if audience.everyone else [_because_of_area(_areas(audience))]
    return Concat(*in_words(), *area, output_field=models.TextField())


def in_words() -> list[Any]:
    """Of appointments in an agency: “deputy lead of Haven House”, in parts for `Concat`; with the person for whom
    somebody stands in."""
    roles = [When(role=role, then=Value(role.label.lower())) for role in STRENGTH]
    of = [Case(*roles, default=F("role"), output_field=models.TextField()), Value(" of "), F("agency__name")]
    stands_in = Concat(Value(", standing in for "), F("covers__name"), output_field=models.TextField())
    covering = Case(When(covers__isnull=False, then=stands_in), default=Value(""), output_field=models.TextField())
    return [*of, covering]


def _because_of_area(areas: QuerySet[Any]) -> Any:
    """The first chosen area that the agency covers; nothing for an agency that was chosen by name."""
    chosen = Area.objects.filter(pk__in=areas).order_by("name")
    lies_within = _inside.filter(to_area__in=_own_areas(depth=3)).values("from_area")
    holds = _inside.filter(from_area__in=_own_areas(depth=3)).values("to_area")
    whole = chosen.filter(Q(pk__in=_own_areas(depth=2)) | Q(pk__in=lies_within))
    return Coalesce(
        _first_name(whole, ", which covers "),
        _first_name(chosen.filter(pk__in=holds), ", which covers part of "),
        Value(""),
        output_field=models.TextField(),
    )


def _own_areas(depth: int) -> QuerySet[Any]:
    """The areas of the agency of the appointment that stands so many statements further out."""
    agency: Any = "agency"
    for _ in range(depth):
        agency = OuterRef(agency)
    return _covers.filter(agency=agency).values("area")


def _first_name(areas: QuerySet[Any], lead_in: str) -> Subquery:
    words = Concat(Value(lead_in), F("name"), output_field=models.TextField())
    return Subquery(areas.annotate(words=words).values("words")[:1])

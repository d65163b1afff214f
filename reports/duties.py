"""What the first page says about people and their roles: one group each, one query each."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from audit.visible import all_if
from network.joining import LEADS_NEEDED
from network.models import Agency, Appointment, Handover, Invitation
from network.standing import Standing, members_of
from network.visibility import LEADS, Role
from reports.needs import SHOWN, Group, Task, group


def to_agree(here: Standing) -> Group:
    """For approvers, the nation and operators: invitations into networks that wait for their yes."""
    mine = Q(network__in=here.networks(Role.APPROVER)) | all_if(here.holds(Role.NATIONAL, Role.OPERATOR))
    asked = Invitation.objects.visible_to(here).awaiting_yes().filter(mine).exclude(invited_by=here.person)
    tasks = [
        Task(
            url=reverse("network:invitation", args=[row.pk]),
            text=f"{row.name}, {row}",
            note="Asked on",
            at=row.invited_at,
        )
        for row in asked.select_related("network").order_by("id")[: SHOWN + 1]
    ]
    return group("Invitations that wait for your yes", tasks, reverse("network:people"), "People")


def to_accept(here: Standing) -> Group:
    """What somebody leaves, and this person is asked to take over."""
    asked = Handover.objects.visible_to(here).open().filter(successor=here.person)
    tasks = [
        Task(
            url=reverse("network:handover", args=[row.pk]),
            text=f"What {row.leaver.name} leaves at {row.place}",
            note="Asked on",
            at=row.asked_at,
        )
        for row in asked.select_related("leaver", "agency", "network").order_by("id")[: SHOWN + 1]
    ]
    return group("You are asked to take over", tasks, reverse("network:people"), "People")


def too_few_leads(here: Standing) -> Group:
    """For who coordinates: agencies with fewer than two leads, or whose leads are all away, the worst first."""
    own = Agency.objects.visible_to(here).filter(pk__in=members_of(here.networks(Role.COORDINATOR)))
    leads = Appointment.objects.live().filter(agency=OuterRef("pk"), role__in=LEADS, covers=None)
    cover = Appointment.objects.live().filter(agency=OuterRef("agency"), covers=OuterRef("person"))
    counted = own.annotate(leads=_number(leads), there=_number(leads.filter(~Exists(cover))))
    amiss = counted.filter(Q(leads__lt=LEADS_NEEDED) | Q(there=0)).order_by("there", "leads", "name")
    rows = amiss.values_list("pk", "name", "leads", "there")[: SHOWN + 1]
    tasks = [
        Task(url=reverse("network:agency_people", args=[pk]), text=name, note=_why(leads, there))
        for pk, name, leads, there in rows
    ]
    return group("Agencies that need another lead", tasks, reverse("network:people"), "All agencies")


def _number(rows: QuerySet[Appointment]) -> Coalesce:
    """How many people, for the agency of the outer query."""
    people = rows.order_by().values("agency").annotate(people=Count("person", distinct=True)).values("people")
    return Coalesce(Subquery(people), 0)


def _why(leads: int, there: int) -> str:
    if not leads:
        return "It has no lead"
    return "It has one lead only" if there else "Everybody who leads it is away"

"""Who has access to an agency or a network: the list that people read on the page, on paper and in a sheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.exports import safe_cell
from network import appointing
from network.appointing import Place, scope
from network.joining import LEADS_NEEDED
from network.models import Agency, Appointment, Invitation

HEAD = ("Name", "Email", "Role", "Since", "Last day", "Stands in for", "Last confirmed", "Confirmed by")


@dataclass(frozen=True)
class Line:
    """One appointment of the list, and what the reader may do about it."""

    appointment: Appointment
    begun: bool
    may_end: bool
    is_own: bool
    last_day: dt.date | None


@dataclass
class Somebody:
    """One person of the list, with what they hold there and who stands in for them."""

    person: User
    lines: list[Line] = field(default_factory=list)
    cover: list[Line] = field(default_factory=list)
    is_own: bool = False

    @property
    def away(self) -> list[Line]:
        """Who stands in for them now."""
        return [line for line in self.cover if line.begun]

    @property
    def may_leave(self) -> bool:
        """Whether the reader may end all that the person holds there."""
        return bool(self.lines) and all(line.may_end for line in self.lines)


def of(place: Place, reader: User) -> list[Somebody]:
    """Everyone with an appointment there that has not ended, by name. A fixed number of queries."""
    rows = list(
        Appointment.objects.visible_to(reader)
        .filter(appointing.not_over(), person__is_active=True, **scope(place))
        .select_related("person", "covers", "confirmed_by", "agency", "network")
        .order_by("person__name", "person", "role")
    )
    one_of_each = {row.role: row for row in rows if row.person_id != reader.pk}
    may = {role: appointing.may_end(reader, row) for role, row in one_of_each.items()}
    found: dict[Any, Somebody] = {}
    for row in rows:
        who = found.setdefault(row.person_id, Somebody(row.person, is_own=row.person_id == reader.pk))
        who.lines.append(line(row, reader, may_end=may.get(row.role, False)))
    for who in list(found.values()):
        for each in who.lines:
            if each.appointment.covers_id in found:
                found[each.appointment.covers_id].cover.append(each)
    return list(found.values())


def line(row: Appointment, reader: User, *, may_end: bool) -> Line:
    """One appointment for this reader; nobody ends their own."""
    own = row.person_id == reader.pk
    return Line(row, row.from_at <= timezone.now(), may_end and not own, own, last_day(row.until_at))


def last_day(until_at: dt.datetime | None) -> dt.date | None:
    """The last day of what ends at this moment: midnight belongs to the day before."""
    return timezone.localtime(until_at - dt.timedelta(seconds=1)).date() if until_at else None


def first_moment(day: dt.date) -> dt.datetime:
    """The moment at which a day begins, in London."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def after(day: dt.date) -> dt.datetime:
    """The moment at which a day is over, in London."""
    return first_moment(day + dt.timedelta(days=1))


def leads(people: Iterable[Somebody]) -> list[Somebody]:
    """The leads and deputies in office among them, without who only stands in."""
    return [
        who
        for who in people
        if any(
            each.begun and each.appointment.role in Appointment.LEAD_ROLES and not each.appointment.covers_id
            for each in who.lines
        )
    ]


def concern(place: Place, people: list[Somebody]) -> str:
    """What a coordinator should look at: no lead, one only, or all of them away; empty when all is well."""
    found = leads(people)
    if not isinstance(place, Agency) or (len(found) >= LEADS_NEEDED and not all(who.away for who in found)):
        return ""
    if not found:
        return "This agency has no lead. Nobody keeps its entry or acknowledges alerts for it."
    if all(who.away for who in found):
        return "Everybody who leads this agency is away. Who stands in receives its alerts."
    return "This agency has only one lead. Two are needed, so that one is always there."


def as_csv(people: Iterable[Somebody]) -> str:
    """The list as a sheet, one appointment a row; no cell can start a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for who in people:
        for each in who.lines:
            row = each.appointment
            cells = (who.person.name, who.person.email, row.get_role_display(), _day(row.from_at), each.last_day or "",
                     row.covers or "", _day(row.confirmed_at), row.confirmed_by or "")  # fmt: skip
            writer.writerow([safe_cell(cell) for cell in map(str, cells)])
    return out.getvalue()


def status_of(invitation: Invitation) -> tuple[str, str, str]:
    """How an invitation fares, in a word, the word's colour, and a sentence. It must have come `with_letter`."""
    over = {"Accepted": invitation.accepted_at, "Cancelled": invitation.ended_at}
    for word, moment in over.items():
        if moment:
            return word, "green" if word == "Accepted" else "grey", ""
    return _status_of_open(invitation)


def _status_of_open(invitation: Any) -> tuple[str, str, str]:
    if invitation.is_over:
        return "Expired", "grey", "Send it again to give seven days more."
    if invitation.needs_yes:
        return "Waits for a yes", "yellow", "A second person has to agree before the letter leaves."
    if invitation.letter_sent_at:
        return "Sent", "blue", ""
    if invitation.letter_due_at:
        again = f"{invitation.letter_problem} We keep trying." if invitation.letter_problem else ""
        return "Waiting to be sent", "yellow", again
    return (
        "Not sent",
        "red",
        f"{invitation.letter_problem} Check the address; then send it again, or cancel it.".strip(),
    )


def _day(moment: dt.datetime | None) -> str:
    return timezone.localtime(moment).date().isoformat() if moment else ""

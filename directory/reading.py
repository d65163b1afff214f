"""Reading listings fast: the lists, searches, counts and numbers to call of the directory, for one reader.

One statement says the rule of `directory/rules.py` in SQL, written by hand: building the same through the ORM takes
several times what its rows take. Everything that is listed goes through here; one row, and every other model, goes
through `visible_to`. `tests/directory/test_reading.py` holds both to the same answer in made-up worlds. No other module
may say a rule about who sees what in SQL.

The statement reads for itself where the reader stands, so that nothing is known from before; a standing that the
request has asked for already is handed in instead. It runs as it is on both engines.
"""

# ruff: noqa: S608  the statement is made of constants of this file; what anybody typed goes by name
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models

from directory.filters import Counts, Wanted
from directory.opening import Span
from directory.rules import MAY_NEED_TO_KNOW
from network import statements
from network.models import ApiKey, Appointment
from network.standing import KEY, Standing
from network.visibility import INSIDERS, RUNNERS, STAFF, Role

MOST_COUNTED = 1000


class Row(NamedTuple):
    """What a list says of a listing."""

    id: UUID
    name: str
    summary: str
    agency_id: UUID
    agency_name: str
    agency_kind: str
    access: str
    languages: str
    not_taking_until: dt.date | None
    assured_on: dt.date | None
    updated_at: dt.datetime


class Number(NamedTuple):
    """A function to ring."""

    function: str
    phone: str


class Around(NamedTuple):
    """By listing: the first number to ring, of those that name nobody; and when it is open, where that is known."""

    numbers: dict[UUID, Number]
    hours: dict[UUID, list[Span]]


def _roles(*roles: str) -> str:
    return ", ".join(f"'{role}'" for role in roles)


# The database's clock, as `django.db.models.functions.Now` asks for it.
NOW = {"postgresql": "STATEMENT_TIMESTAMP()", "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')"}
UUIDS = {"postgresql": "uuid", "sqlite": "text"}

BEGUN = "{0}.from_at <= {{now}} AND ({0}.until_at IS NULL OR {0}.until_at > {{now}})"
MEMBER = f"{BEGUN.format('m')} AND (m.suspended_at IS NULL OR m.suspended_at > {{now}})"
RUNNING = "(n.ended_at IS NULL OR n.ended_at > {now})"
# `OFFSET 0` keeps PostgreSQL from collecting every signature, share and grant first: it asks about a row at a time.
ONE = "LIMIT 1 OFFSET 0"
SIGNED = f"""EXISTS (
    SELECT 1 FROM network_signature s JOIN network_agreement g ON g.id = s.agreement_id
    WHERE s.agency_id = m.agency_id AND g.network_id = m.network_id AND {BEGUN.format("g")} {ONE})"""

# Where the reader stands: `network.standing.of`, for a person and for a key.
PERSON = f"""here AS (
    SELECT a.role, a.agency_id AS agency,
        COALESCE(a.network_id, CASE WHEN m.from_at IS NOT NULL THEN m.network_id END) AS network,
        (a.agency_id IS NULL OR (m.from_at IS NOT NULL AND {SIGNED})) AS agreed
    FROM network_appointment a
    JOIN accounts_user u ON u.id = a.person_id AND u.is_active
    LEFT JOIN network_membership m ON m.agency_id = a.agency_id
    LEFT JOIN network_network n ON n.id = COALESCE(a.network_id, m.network_id)
    WHERE a.person_id = %(person)s AND {BEGUN.format("a")} AND (
        a.role IN ({_roles(*Appointment.PLATFORM_ROLES)})
        OR (a.network_id IS NOT NULL AND {RUNNING})
        OR (a.agency_id IS NOT NULL AND {MEMBER} AND {RUNNING})
        OR (m.network_id IS NOT NULL AND m.from_at IS NULL AND m.until_at IS NULL AND {RUNNING})))"""
MACHINE = f"""here AS (
    SELECT '{KEY}' AS role, m.agency_id AS agency, m.network_id AS network, {SIGNED} AS agreed
    FROM network_membership m JOIN network_network n ON n.id = m.network_id
    WHERE m.agency_id = %(holder)s AND {MEMBER} AND {RUNNING})"""

# The agencies one's roles reach: one's own, and the live members of one's networks, which have not ended.
REACH = f"""reach AS (
    SELECT h.role, m.agency_id AS agency, FALSE AS own
    FROM here h JOIN network_membership m ON m.network_id = h.network WHERE {MEMBER}
    UNION ALL SELECT role, agency, TRUE FROM here WHERE agency IS NOT NULL)"""

# `directory.rules`, access by access. An access that is not named here opens nothing.
NATION = f"EXISTS (SELECT 1 FROM here WHERE role = '{Role.NATIONAL}')"
RULE = f"""CASE {{access}}
    WHEN 'public' THEN TRUE
    WHEN 'network' THEN {NATION} OR l.agency_id IN (
        SELECT agency FROM reach WHERE (own AND role IN ({_roles(*INSIDERS)}))
            OR (NOT own AND role IN ({_roles(KEY, *INSIDERS, *RUNNERS, Role.AUDITOR)})))
    WHEN 'restricted' THEN {NATION} OR l.agency_id IN (
        SELECT agency FROM reach WHERE (own AND role IN ({_roles(*STAFF)}))
            OR (NOT own AND role IN ({_roles(Role.COORDINATOR, Role.AUDITOR)})))
        OR (l.access = 'restricted' AND EXISTS (
            SELECT 1 FROM directory_share s JOIN here h
            ON (h.agency = s.agency_id AND h.role IN ({_roles(KEY, *INSIDERS)}))
                OR (h.network = s.network_id AND h.role IN ({_roles(KEY, *INSIDERS, *RUNNERS)}))
            WHERE s.listing_id = l.id AND h.agreed AND s.accepted_at <= {{now}}
                AND (s.until_at IS NULL OR s.until_at > {{now}}) {ONE}) AND EXISTS (
            SELECT 1 FROM network_membership m JOIN network_network n ON n.id = m.network_id
            WHERE m.agency_id = l.agency_id AND {MEMBER} AND {RUNNING} {ONE}))
    WHEN 'concealed' THEN l.agency_id IN (SELECT agency FROM reach WHERE own AND role IN ({_roles(*STAFF)}))
        OR (EXISTS (SELECT 1 FROM here WHERE agreed AND role IN ({_roles(*MAY_NEED_TO_KNOW)})) AND EXISTS (
            SELECT 1 FROM directory_listinggrant g
            WHERE g.content_object_id = l.id AND g.user_id = %(person)s AND g.until_at > {{now}} {ONE}))
    END"""
PUBLIC = "{access} = 'public'"

ID, TEXT, NUMBER, DAY = models.UUIDField(), models.CharField(), models.IntegerField(), models.DateField()
CLOCK, MOMENT = models.TimeField(), models.DateTimeField()
SHAPE = (ID, TEXT, TEXT, ID, TEXT, TEXT, TEXT, TEXT, DAY, DAY, MOMENT)
COLUMNS = """l.id, l.name, l.summary, l.agency_id, a.name, a.kind, l.access, l.languages, l.not_taking_until,
    l.assured_on, l.updated_at"""
ALONE = "FROM directory_listing l"
LISTINGS = f"{ALONE} JOIN network_agency a ON a.id = l.agency_id"
# The row itself comes first, which shows that it is in the list. `name >= …` alone, before the rest, is where both
# engines can begin to read the index.
FROM_ROW = """ AND l.name {way}= (SELECT name FROM directory_listing WHERE id = %(row)s) AND (
    l.name {way} (SELECT name FROM directory_listing WHERE id = %(row)s) OR l.id {way}= %(row)s)"""


class Found:
    """The listings that a reader (a person, a key, nobody, or a standing asked for in this request) sees, and of them
    those that are wanted. Each method is one statement."""

    def __init__(self, reader: Any, wanted: Wanted = Wanted()) -> None:  # noqa: B008  it is frozen
        self._given, self._rule, self._params = _stands(reader)
        self._where, params = wanted.condition
        self._params |= params

    def by_name(self, limit: int) -> list[Row]:
        """The first so many, by name."""
        return self._rows(f"ORDER BY l.name, l.id LIMIT {limit:d}")

    def on_from(self, row: UUID, limit: int) -> list[Row]:
        """So many by name, from this row on: it comes first if it is among them at all."""
        return self._rows(f"{FROM_ROW.format(way='>')} ORDER BY l.name, l.id LIMIT {limit:d}", row=row)

    def back_from(self, row: UUID, limit: int) -> list[Row]:
        """So many by name backwards, from this row on: it comes first if it is among them at all."""
        return self._rows(f"{FROM_ROW.format(way='<')} ORDER BY l.name DESC, l.id DESC LIMIT {limit:d}", row=row)

    def by_id(self, limit: int, after: UUID | None = None) -> list[Row]:
        """So many by ID, after this one if one is named."""
        beyond = " AND l.id > %(row)s" if after else ""
        return self._rows(f"{beyond} ORDER BY l.id LIMIT {limit:d}", **({"row": after} if after else {}))

    def counts(self) -> Counts:
        """How many there are, where 1,001 stands for more than 1,000; and, of up to 1,000, how many each further answer
        would leave."""
        few = f"(SELECT COUNT(*) FROM found) <= {MOST_COUNTED:d}"
        rows = self._read(
            f"""SELECT '', '', COUNT(*) FROM found
            UNION ALL SELECT 'agency', a.kind, COUNT(*) FROM found
                JOIN network_agency a ON a.id = found.agency_id WHERE {few} GROUP BY a.kind
            UNION ALL SELECT t.kind, t.code, COUNT(*) FROM found
                JOIN directory_listing_terms f ON f.listing_id = found.id JOIN directory_term t ON t.id = f.term_id
                WHERE {few} GROUP BY t.kind, t.code""",
            first=f"found AS ({self._some})",
        )
        terms = {f"{sort}:{code}": n for sort, code, n in rows if sort not in {"", "agency"}}
        kinds = {code: n for sort, code, n in rows if sort == "agency"}
        return Counts(next(n for sort, _, n in rows if not sort), terms, kinds)

    def around(self, listings: Sequence[UUID]) -> Around:
        """What a list says beside each of these listings, as far as this reader may see."""
        numbers: dict[UUID, Number] = {}
        hours: dict[UUID, list[Span]] = {}
        asked, params = _among(listings)
        for listing, _, function, _, phone, *span in self._read(
            f"""SELECT c.listing_id, c."order", c.function, c.id, c.phone, NULL, NULL, NULL
            FROM directory_contact c JOIN seen l ON l.id = c.listing_id
            WHERE c.officer = '' AND c.phone <> '' AND {self._rule.replace("{access}", "c.access")}
            UNION ALL SELECT o.listing_id, NULL, NULL, NULL, NULL, o.weekday, o.opens, o.closes
            FROM directory_openinghours o JOIN seen l ON l.id = o.listing_id
            ORDER BY 2, 3, 4""",
            (ID, NUMBER, TEXT, ID, TEXT, NUMBER, CLOCK, CLOCK),
            f"""seen AS (
                SELECT l.id, l.agency_id, l.access FROM directory_listing l
                WHERE l.id IN ({asked}) AND {self._rule.replace("{access}", "l.access")})""",
            **params,
        ):
            if phone:
                numbers.setdefault(listing, Number(function, phone))
            else:
                hours.setdefault(listing, []).append(Span(*span))
        return Around(numbers, hours)

    @property
    def _some(self) -> str:
        """As many of them as are ever counted."""
        rule = self._rule.replace("{access}", "l.access")
        return f"SELECT l.id, l.agency_id {ALONE} WHERE {rule} {self._where} LIMIT {MOST_COUNTED + 1:d}"

    def _rows(self, rest: str, **params: Any) -> list[Row]:
        rule = self._rule.replace("{access}", "l.access")
        statement = f"SELECT {COLUMNS} {LISTINGS} WHERE {rule} {self._where} {rest}"
        return [Row(*row) for row in self._read(statement, SHAPE, **params)]

    def _read(
        self, statement: str, fields: Sequence[models.Field[Any, Any]] = (), first: str = "", **params: Any
    ) -> list[tuple[Any, ...]]:
        given = ", ".join(filter(None, (*self._given, first)))
        sql = f"{'WITH ' * bool(given)}{given} {statement}".replace("{now}", NOW[connection.vendor])
        return statements.read(sql, self._params | params, fields)


def _stands(reader: Any) -> tuple[tuple[str, ...], str, dict[str, Any]]:
    """What the statement has worked out first, the rule in it, and what both are told."""
    key = reader.key if isinstance(reader, Standing) else reader if isinstance(reader, ApiKey) else None
    if key is not None and ApiKey.Scope.DIRECTORY not in key.scopes:
        return (), PUBLIC, {}
    if isinstance(reader, Standing):
        here, params = _handed_in(reader)
        return ((here, REACH), RULE, params) if here else ((), PUBLIC, {})
    if key is not None:
        return (MACHINE, REACH), RULE, {"holder": key.agency_id, "person": None}
    if not reader.is_authenticated:
        return (), PUBLIC, {}
    return (PERSON, REACH), RULE, {"person": reader.pk}


def _handed_in(here: Standing) -> tuple[str, dict[str, Any]]:
    """The rows of a standing as a table; nothing where it has none."""
    kind, params, rows = UUIDS[connection.vendor], {"person": here.person}, []
    for n, seat in enumerate(here.rows):
        rows.append(f"(%(role{n})s, CAST(%(agency{n})s AS {kind}), CAST(%(network{n})s AS {kind}), %(agreed{n})s)")
        params |= {f"{name}{n}": value for name, value in seat._asdict().items()}
    return f"here(role, agency, network, agreed) AS (VALUES {', '.join(rows)})" if rows else "", params


def _among(listings: Sequence[UUID]) -> tuple[str, dict[str, UUID]]:
    names = {f"listing{n}": pk for n, pk in enumerate(listings)}
    return ", ".join(f"%({name})s" for name in names) or "NULL", names

"""The trail can be added to and read, and nothing else: the database itself refuses to change or delete its rows.

Installed by a migration. Whoever owns the database can lift this, which is why the trail is sealed as well
(`audit.sealing`): lifting it leaves a trace that `audit.checker` finds. In the product nothing lifts it; the tests do,
because a test database is emptied between tests. A migration that rebuilds one of these tables on SQLite (which every
change of a column does) has to call `install` again, because the rebuilt table has no triggers.
"""

from __future__ import annotations

from typing import Any

# Each table with the columns by which a row could be replaced: SQLite's `INSERT OR REPLACE` fires no DELETE trigger.
TABLES = {"audit_entry": ("id",), "audit_sealedentry": ("sequence", "entry_id"), "audit_seal": ("number", "previous")}
REFUSAL = "The audit trail is append-only."


def install(connection: Any) -> None:
    """From now on these tables refuse UPDATE and DELETE, and TRUNCATE where there is such a thing."""
    _run(connection, _on_postgresql() if connection.vendor == "postgresql" else _on_sqlite())


def lift(connection: Any) -> None:
    """Let the tables be changed again: for going back behind the migration, and for tests."""
    if connection.vendor == "postgresql":
        tables = [f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}" for table in TABLES]
        _run(connection, [*tables, "DROP FUNCTION IF EXISTS audit_append_only()"])
        return
    kinds = ("update", "delete", "replace")
    _run(connection, [f"DROP TRIGGER IF EXISTS {table}_refuses_{kind}" for table in TABLES for kind in kinds])


def _on_postgresql() -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
            for table in TABLES
        ),
    ]


def _on_sqlite() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    found = []
    for table, keys in TABLES.items():
        same = " OR ".join(f"{key} = NEW.{key}" for key in keys)
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  names from the table above
        found += [
            f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} WHEN {there} {refuse}",
        ]
    return found


def _run(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

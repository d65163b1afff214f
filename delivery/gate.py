"""The gate before every way out. An operator closes and opens it; it closes by itself when the database was restored.

A backup holds messages as owed that have long been sent, so after a restore nothing leaves before somebody has looked.
What a database is, it says itself: PostgreSQL by the identity of its cluster, its timeline (which a restored or
promoted server begins anew) and its own number; SQLite by the file it is in.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connection
from django.db.models.functions import Now

from delivery.models import Gate

ONE = 1  # the row's key
RESTORED = "The database has changed: it was restored from a backup, moved or copied."
_WHO = """
SELECT system.system_identifier || '/' || checkpoint.timeline_id || '/' || database.oid
FROM pg_control_system() system, pg_control_checkpoint() checkpoint, pg_database database
WHERE database.datname = current_database()
"""


def is_open() -> bool:
    """Whether anything may leave now. Closes the gate when this is not the database that sent last."""
    known, here = Gate.objects.filter(pk=ONE).first(), database()
    if known is None:
        known, _ = Gate.objects.get_or_create(pk=ONE, defaults={"database": here})
    if known.database != here:
        close(RESTORED)
        return False
    return known.held_at is None


def close(reason: str, by: object = None) -> None:
    """Nothing leaves from here on. What a server is being handed at this moment may still arrive."""
    Gate.objects.get_or_create(pk=ONE, defaults={"database": database()})
    Gate.objects.filter(pk=ONE).update(held_at=Now(), held_by=by, reason=reason, database=database())


def open_again() -> bool:
    """Let everything go on; false when nothing was held."""
    held = Gate.objects.filter(pk=ONE, held_at__isnull=False)
    return bool(held.update(held_at=None, held_by=None, reason="", database=database()))


def database() -> str:
    """What this database is, in a line."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_WHO)
            return str(cursor.fetchone()[0])
    file = Path(str(connection.settings_dict["NAME"]))
    return f"{file.stat().st_dev}/{file.stat().st_ino}" if file.exists() else "in memory"

"""The gate before every way out. An operator closes and opens it; it closes by itself when the database was restored.

A backup holds messages as owed that have long been sent, so after a restore nothing leaves before somebody has looked.
Two things tell of one. What the database is, it says itself: PostgreSQL by the identity of its cluster, its timeline
(which a promoted or recovered server begins anew), its own number and that of a table of ours (which a restored dump
makes anew); SQLite by the file it is in. And where all of that is the same, as with a volume set back to an earlier
day, the last message that it knows of is older than the one remembered outside it (`delivery.waymark`).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import F, Q, Subquery
from django.db.models.functions import Now

from delivery import waymark
from delivery.models import Delivery, Gate

ONE = 1  # the row's key
RESTORED = "The database has changed: it was restored from a backup, moved or copied."
SLACK = dt.timedelta(minutes=1)  # what a database may forget when it crashes; no backup is as young
_WHO = """
SELECT system.system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || '/'
    || database.oid || '/' || to_regclass('delivery_gate')::oid
FROM pg_control_system() system, pg_database database
WHERE database.datname = current_database()
"""


def is_open() -> bool:
    """Whether anything may leave now. Closes the gate when this is not the database that sent last."""
    known, here = Gate.objects.filter(pk=ONE).first(), database()
    if known is None:
        known, _ = Gate.objects.get_or_create(pk=ONE, defaults={"database": here})
    if known.database != here:
        close(RESTORED)
        Gate.objects.filter(pk=ONE).update(database=here)
        return False
    return known.held_at is None


def looks_right() -> bool:
    """As `is_open`, asked at the start of a round: first compare what this database knows of the last message with what
    is remembered outside it, and remember how far it has got."""
    remembered = waymark.read()  # before the row is: whoever is ahead of us has written the row first
    known = Gate.objects.filter(pk=ONE).first()
    if known is None:  # nothing was ever sent from here: what is remembered is of another database
        waymark.forget()
    elif remembered and (known.sent_up_to is None or remembered > known.sent_up_to + SLACK):
        close(RESTORED)
        waymark.forget()
    elif known.sent_up_to and known.sent_up_to != remembered:
        waymark.write(known.sent_up_to)
    _note_last()
    return is_open()


def close(reason: str, by: Any = None) -> None:
    """Nothing leaves from here on. What a server is being handed at this moment may still arrive."""
    Gate.objects.get_or_create(pk=ONE, defaults={"database": database()})
    Gate.objects.filter(pk=ONE).update(held_at=Now(), held_by=by, reason=reason)


def open_again() -> bool:
    """Let everything go on; false when nothing was held. A change of the database that was not noticed yet still is."""
    held = Gate.objects.filter(pk=ONE, held_at__isnull=False)
    return bool(held.update(held_at=None, held_by=None, reason=""))


def database() -> str:
    """What this database is, in a line."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_WHO)
            return str(cursor.fetchone()[0])
    file = Path(str(connection.settings_dict["NAME"]))
    return f"{file.stat().st_dev}/{file.stat().st_ino}" if file.exists() else "in memory"


def _note_last() -> None:
    newest = Delivery.objects.filter(sent_at__isnull=False).order_by("-sent_at").values("sent_at")[:1]
    behind = Gate.objects.filter(pk=ONE).annotate(newest=Subquery(newest)).filter(newest__isnull=False)
    behind.filter(Q(sent_up_to=None) | Q(sent_up_to__lt=F("newest"))).update(sent_up_to=Subquery(newest))

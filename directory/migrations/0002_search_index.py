"""On PostgreSQL, the index that word searches use. SQLite needs none: it reads the words one listing after another."""

from __future__ import annotations

from typing import Any

from django.db import migrations

MAKE = """
    CREATE INDEX listing_by_word ON directory_listing
    USING gin (array_to_tsvector(string_to_array(btrim(search_text), ' ')))
"""
DROP = "DROP INDEX listing_by_word"


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(MAKE)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_first_tables")]
    operations = [migrations.RunPython(make, drop)]

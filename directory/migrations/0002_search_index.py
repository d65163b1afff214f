"""On PostgreSQL, the words of each listing as its index takes them, kept right by the database itself.

SQLite needs neither: it reads the words one listing after another.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

COLUMN = """
    ALTER TABLE directory_listing ADD COLUMN search_words tsvector
    GENERATED ALWAYS AS (array_to_tsvector(string_to_array(btrim(search_text), ' '))) STORED
"""
INDEX = "CREATE INDEX listing_by_word ON directory_listing USING gin (search_words)"
DROP = "ALTER TABLE directory_listing DROP COLUMN search_words"


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(COLUMN)
        schema_editor.execute(INDEX)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_first_tables")]
    operations = [migrations.RunPython(make, drop)]

from __future__ import annotations

from django.db import migrations

from audit import append_only


def install(apps, schema_editor):
    append_only.install(schema_editor.connection)


def lift(apps, schema_editor):
    append_only.lift(schema_editor.connection)


class Migration(migrations.Migration):
    """The trail can be added to and read, and nothing else."""

    dependencies = [("audit", "0001_first_tables")]
    operations = [migrations.RunPython(install, lift)]

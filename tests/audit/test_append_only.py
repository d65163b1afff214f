from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from audit import append_only, sealing, trail
from audit.models import Entry, Seal, SealedEntry
from tests.append_only import lifted
from tests.test_house_rules import PACKAGES

pytestmark = pytest.mark.django_db
MODELS = [Entry, Seal, SealedEntry]


@pytest.fixture
def sealed(haven):
    entry = trail.record("agency.edit", haven)
    sealing.sweep()
    return entry


def refused(sql: str) -> str:
    """What the database said to this, done as the owner of the tables would."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return str(refusal.value)


@pytest.mark.parametrize("model", MODELS)
class TestInstall:
    def test_refuses_to_change_a_row(self, model, sealed):
        column = model._meta.pk.column
        assert append_only.REFUSAL in refused(f"UPDATE {model._meta.db_table} SET {column} = {column} + 1")

    def test_refuses_to_delete_a_row(self, model, sealed):
        assert append_only.REFUSAL in refused(f"DELETE FROM {model._meta.db_table}")
        assert model.objects.count() == 1

    def test_refuses_through_the_models_too(self, model, sealed):
        pk = model._meta.pk.name
        for change in (model.objects.all().delete, lambda: model.objects.update(**{pk: 7}), model.objects.get().delete):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                change()

    def test_refuses_to_put_another_row_in_its_place(self, model, sealed):
        columns = ", ".join(field.column for field in model._meta.local_concrete_fields)
        table = model._meta.db_table
        if connection.vendor == "postgresql":
            pk = model._meta.pk.column
            again = f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({pk}) DO UPDATE SET {pk} = EXCLUDED.{pk}"
        else:
            again = f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"
        assert append_only.REFUSAL in refused(again)

    def test_refuses_to_empty_the_table(self, model, sealed):
        if connection.vendor == "postgresql":
            assert append_only.REFUSAL in refused(f"TRUNCATE {model._meta.db_table}")

    def test_lets_rows_be_added(self, model, sealed, haven):
        trail.record("agency.edit", haven)
        sealing.sweep()
        assert model.objects.count() == 2


class TestLift:
    def test_is_called_by_the_migration_only(self):
        root = Path(append_only.__file__).resolve().parent.parent
        product = [path for folder in PACKAGES for path in (root / folder).rglob("*.py")]
        callers = {
            path.relative_to(root).as_posix()
            for path in product
            if re.search(r"import append_only|DROP TRIGGER|_refuses_", path.read_text(encoding="utf-8"))
        }
        assert callers == {"audit/append_only.py", "audit/migrations/0002_append_only.py"}

    def test_can_be_undone_and_done_again(self, sealed):
        with lifted():
            assert Entry.objects.update(actor_name="Somebody else") == 1
        assert append_only.REFUSAL in refused("DELETE FROM audit_entry")

    @pytest.mark.django_db(transaction=True)
    def test_leaves_nothing_behind_when_a_test_is_flushed(self, durham):
        trail.record("agency.edit", durham)
        sealing.sweep()
        assert Seal.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_is_back_after_a_flush(self, durham):
        assert not Entry.objects.exists()
        trail.record("agency.edit", durham)
        assert append_only.REFUSAL in refused("DELETE FROM audit_entry")

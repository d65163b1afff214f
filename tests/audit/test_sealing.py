from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from audit import checker, exports, sealing, tasks, trail
from audit.models import Entry, Seal, SealedEntry

pytestmark = pytest.mark.django_db


class TestSweep:
    def test_seals_what_is_there_and_then_nothing(self, haven):
        for number in range(3):
            trail.record("agency.edit", haven, number=number)
        assert sealing.sweep() == 3
        assert sealing.sweep() == 0
        seal = Seal.objects.get()
        assert (seal.number, seal.first, seal.last, seal.count) == (1, 1, 3, 3)
        assert seal.previous == "0" * 64

    def test_goes_on_from_the_seal_before(self, honest):
        first, second, third = Seal.objects.order_by("number")
        assert (second.previous, third.previous) == (first.digest, second.digest)
        assert (second.first, third.first) == (4, 7)
        assert first.sealed_at <= second.sealed_at <= third.sealed_at

    def test_touches_no_entry(self, haven):
        trail.record("agency.edit", haven)
        before = list(Entry.objects.values())
        sealing.sweep()
        assert list(Entry.objects.values()) == before

    def test_makes_batches(self, haven, monkeypatch):
        monkeypatch.setattr(sealing, "BATCH", 2)
        for number in range(5):
            trail.record("agency.edit", haven, number=number)
        assert sealing.sweep() == 5
        assert [seal.count for seal in Seal.objects.order_by("number")] == [2, 2, 1]

    def test_stops_after_so_many_batches_and_goes_on_at_the_next_bell(self, haven, monkeypatch):
        monkeypatch.setattr(sealing, "BATCH", 2)
        monkeypatch.setattr(sealing, "ROUNDS", 2)
        for number in range(5):
            trail.record("agency.edit", haven, number=number)
        assert sealing.sweep() == 4
        assert sealing.sweep() == 1

    def test_takes_an_entry_that_was_committed_late(self, haven):
        """IDs are handed out in one order and committed in another: the place is given at sealing."""
        late = trail.record("agency.edit", haven).pk + 1
        Entry.objects.create(pk=late + 1, verb="agency.edit", subject_type="network.agency", subject_id="x")
        sealing.sweep()
        Entry.objects.create(pk=late, verb="agency.edit", subject_type="network.agency", subject_id="x")
        sealing.sweep()
        assert list(SealedEntry.objects.values_list("entry_id", flat=True)) == [late - 1, late + 1, late]
        assert not checker.check(list(exports.whole())).findings

    def test_finds_one_from_long_ago_only_when_it_looks_at_everything(self, haven, monkeypatch):
        monkeypatch.setattr(sealing, "LOOK_BACK", 1)
        pk = trail.record("agency.edit", haven).pk
        Entry.objects.create(pk=pk + 9, verb="agency.edit", subject_type="network.agency", subject_id="x")
        sealing.sweep()
        Entry.objects.create(pk=pk + 3, verb="agency.edit", subject_type="network.agency", subject_id="x")
        assert sealing.sweep() == 0
        tasks.seal_everything()
        assert SealedEntry.objects.get(entry_id=pk + 3).sequence == 3

    def test_leaves_nothing_half_done(self, haven, monkeypatch):
        trail.record("agency.edit", haven)
        monkeypatch.setattr(checker, "seal_digest", lambda seal: 1 / 0)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            sealing.sweep()
        assert not SealedEntry.objects.exists()
        monkeypatch.undo()
        assert sealing.sweep() == 1

    def test_cannot_fork_the_chain(self, honest):
        """Even without the turn that is taken: one seal follows each seal, and one place is given to each entry."""
        one = Seal.objects.get(number=2)
        with pytest.raises(IntegrityError), transaction.atomic():
            Seal.objects.create(
                number=9,
                previous=one.previous,
                first=10,
                last=10,
                count=1,
                root="0",
                sealed_at=one.sealed_at,
                digest="1",
            )
        with pytest.raises(IntegrityError), transaction.atomic():
            SealedEntry.objects.create(sequence=99, entry_id=honest[0].pk, salt="", digest="")

    def test_does_not_go_back_in_time_when_the_clock_does(self, honest, monkeypatch):
        last = sealing.newest().sealed_at
        monkeypatch.setattr(sealing, "_take_turn", lambda: last - dt.timedelta(hours=3))
        sealing.sweep()
        assert sealing.newest().sealed_at == last
        assert not checker.check(list(exports.whole())).findings

    def test_costs_the_same_however_many_there_are(self, haven, django_assert_num_queries):
        trail.record("agency.edit", haven)
        sealing.sweep()
        for number in range(200):
            trail.record("agency.edit", haven, number=number)
        statements = 1 if connection.vendor == "postgresql" else -(-200 * 4 // 999)
        with django_assert_num_queries(2 + 8 + statements - 1):
            sealing.sweep()

    @pytest.mark.django_db(transaction=True)
    def test_lets_two_at_once_seal_each_entry_once(self, durham):
        for number in range(40):
            trail.record("network.load", durham, number=number)
        gate, problems = threading.Barrier(4), []

        def seal() -> None:
            try:
                gate.wait()
                sealing.sweep()
            except Exception as problem:
                problems.append(problem)
            finally:
                connection.close()

        threads = [threading.Thread(target=seal) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        # SQLite's database in memory, which only tests have, refuses a second writer where a file would let it wait.
        assert not problems or connection.vendor == "sqlite"
        sealing.sweep()
        assert Seal.objects.count() == 1
        assert list(SealedEntry.objects.values_list("sequence", flat=True)) == list(range(1, 41))


class TestFacts:
    def test_are_every_column_in_the_form_that_the_document_says(self, haven, mia):
        """Worked out here by hand, as docs/audit-trail.md tells somebody else to."""
        entry = trail.record("agency.edit", haven, by=mia, words="é", count=3)
        sealing.sweep()
        place, seal = SealedEntry.objects.get(), Seal.objects.get()
        at = entry.__class__.objects.get().at.astimezone(dt.UTC)
        facts = {
            "actor_id": str(mia.pk),
            "actor_name": "Mia Hughes",
            "agency_id": str(haven.pk),
            "at": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z",
            "concealed": False,
            "details": {"words": "é", "count": 3},
            "id": entry.pk,
            "network_id": None,
            "subject_id": str(haven.pk),
            "subject_name": "Haven House",
            "subject_type": "network.agency",
            "verb": "agency.edit",
        }
        assert set(facts) == {field.attname for field in Entry._meta.concrete_fields}
        text = json.dumps({"entry": facts, "salt": place.salt, "sequence": 1}, sort_keys=True, separators=(",", ":"))
        assert "\\u00e9" in text
        assert place.digest == hashlib.sha256(text.encode()).hexdigest()
        assert seal.root == hashlib.sha256(place.digest.encode()).hexdigest()

    def test_gives_each_entry_its_own_salt(self, honest):
        salts = set(SealedEntry.objects.values_list("salt", flat=True))
        assert len(salts) == 9
        assert all(len(salt) == 32 for salt in salts)

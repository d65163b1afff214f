"""An honest trail passes. Each way of tampering with the real table, the refusal lifted, is found and named."""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import checker, exports, sealing, trail
from audit.models import Entry, Seal, SealedEntry
from tests.audit.conftest import reseal

pytestmark = pytest.mark.django_db
CHECKER = Path(checker.__file__)


@pytest.fixture
def mailed(honest) -> tuple[int, str]:
    """The seal that the auditors were sent."""
    return 3, Seal.objects.get(number=3).digest


class TestHonestTrail:
    def test_passes(self, honest, checked, mailed):
        assert checked(mailed) == []

    def test_passes_when_there_is_nothing(self, db, checked):
        assert checked() == []

    def test_says_how_far_it_reaches(self, honest):
        report = checker.check(list(exports.whole()))
        assert (report.entries, report.hidden, report.unsealed, len(report.seals)) == (9, 0, 1, 3)

    def test_passes_where_the_reader_may_not_see_everything(self, honest, mia, mailed):
        report = checker.check(list(exports.for_checker(Entry.objects.visible_to(mia))), [mailed])
        assert not report.findings
        assert (report.entries, report.hidden, report.unsealed) == (9, 5, 1)


class TestEdit:
    @pytest.mark.parametrize(
        ("column", "value"),
        [("actor_name", "Somebody else"), ("verb", "agency.end"), ("subject_name", ""), ("at", "2026-01-01 00:00:00Z")],
    )
    def test_of_an_entry_is_found_and_named(self, column, value, honest, forger, checked):
        forger(f"UPDATE audit_entry SET {column} = %s WHERE id = %s", value, honest[4].pk)
        ((kind, words),) = checked()
        assert kind == "edited"
        assert words.startswith("Entry 5 (")

    def test_of_details_is_found(self, honest, forger, checked):
        forger("UPDATE audit_entry SET details = %s WHERE id = %s", '{"number": 7}', honest[4].pk)
        assert [kind for kind, _ in checked()] == ["edited"]

    def test_with_its_digest_worked_out_anew_is_found_at_the_seal(self, honest, forger, checked):
        forger("UPDATE audit_entry SET actor_name = 'X' WHERE id = %s", honest[4].pk)
        place = SealedEntry.objects.get(sequence=5)
        row = Entry.objects.values_list(*sealing.COLUMNS).get(pk=honest[4].pk)
        digest = checker.entry_digest(5, place.salt, sealing.facts_of(row))
        forger("UPDATE audit_sealedentry SET digest = %s WHERE sequence = 5", digest)
        assert checked() == [("edited", "Entries 4 to 6 are not those that seal 2 was put on.")]

    def test_of_a_seal_is_found(self, honest, forger, checked):
        forger("UPDATE audit_seal SET sealed_at = %s WHERE number = 2", Seal.objects.get(number=3).sealed_at)
        assert checked() == [("edited", "Seal 2 was edited: its digest does not fit what it says.")]

    def test_with_one_seal_worked_out_anew_is_found_at_the_next(self, honest, forger, checked):
        forger("UPDATE audit_seal SET sealed_at = %s WHERE number = 2", Seal.objects.get(number=3).sealed_at)
        seal = Seal.objects.get(number=2)
        facts = {name: getattr(seal, name) for name in checker.SEAL_COLUMNS}
        digest = checker.seal_digest(facts | {"sealed_at": checker.moment(seal.sealed_at)})
        forger("UPDATE audit_seal SET digest = %s WHERE number = 2", digest)
        assert checked() == [("rewritten", "Seal 3 does not follow from seal 2: one of them was rewritten.")]

    def test_with_everything_worked_out_anew_is_found_by_the_mailed_seal_only(self, honest, forger, checked, mailed):
        """What the chain alone cannot prove: that is why a seal leaves the building each day."""
        first = 1, Seal.objects.get(number=1).digest
        forger("UPDATE audit_entry SET actor_name = 'X' WHERE id = %s", honest[4].pk)
        reseal(forger, 2)
        assert checked() == []
        assert checked(first, mailed) == [
            ("rewritten", "Seal 3 is not the one you were sent: the trail up to it was rewritten.")
        ]


class TestDelete:
    def test_of_an_entry_is_found_and_named(self, honest, forger, checked):
        forger("DELETE FROM audit_entry WHERE id = %s", honest[4].pk)
        ((kind, words),) = checked()
        assert (kind, words.split(" is ")[0]) == ("deleted", "Entry 5")

    def test_with_its_place_is_found_too(self, honest, forger, checked):
        forger("DELETE FROM audit_entry WHERE id = %s", honest[4].pk)
        forger("DELETE FROM audit_sealedentry WHERE sequence = 5")
        assert checked() == [("deleted", "Entry 5 is missing: it was deleted.")]

    def test_of_a_seal_is_found(self, honest, forger, checked):
        forger("DELETE FROM audit_seal WHERE number = 2")
        assert checked() == [("deleted", "Seal 2 is missing: seal 3 comes after seal 1.")]

    def test_of_a_seal_with_its_entries_is_found(self, honest, forger, checked):
        forger("DELETE FROM audit_seal WHERE number = 2")
        forger("DELETE FROM audit_entry WHERE id IN (%s, %s, %s)", *(entry.pk for entry in honest[3:6]))
        forger("DELETE FROM audit_sealedentry WHERE sequence BETWEEN 4 AND 6")
        assert [kind for kind, _ in checked()] == ["deleted"]


class TestReorder:
    def test_of_two_places_is_found_and_both_are_named(self, honest, forger, checked):
        for old, new in ((4, 99), (6, 4), (99, 6)):
            forger("UPDATE audit_sealedentry SET sequence = %s WHERE sequence = %s", new, old)
        found = checked()
        assert [kind for kind, _ in found] == ["reordered"] * 2
        assert "was sealed as entry 6" in found[0][1]
        assert "was sealed as entry 4" in found[1][1]

    def test_across_seals_is_found(self, honest, forger, checked):
        for old, new in ((2, 99), (8, 2), (99, 8)):
            forger("UPDATE audit_sealedentry SET sequence = %s WHERE sequence = %s", new, old)
        assert [kind for kind, _ in checked()] == ["reordered"] * 2

    def test_of_what_stands_at_two_places_is_found(self, honest, forger, checked):
        one, two = honest[3].pk, honest[5].pk
        for entry, sequence in ((-1, 4), (one, 6), (two, 4)):
            forger("UPDATE audit_sealedentry SET entry_id = %s WHERE sequence = %s", entry, sequence)
        found = checked()
        assert [kind for kind, _ in found] == ["reordered"] * 2
        assert "what was sealed here is entry 6 now" in found[0][1]


class TestTruncate:
    def test_of_the_last_seal_and_its_entries_is_found_by_the_mailed_seal(self, honest, forger, checked, mailed):
        forger("DELETE FROM audit_seal WHERE number = 3")
        forger("DELETE FROM audit_sealedentry WHERE sequence > 6")
        forger("DELETE FROM audit_entry WHERE id >= %s", honest[6].pk)
        assert checked() == []
        assert checked(mailed) == [("truncated", "You were sent seal 3, but the trail is cut short: it ends at 2.")]

    def test_of_everything_is_found_by_the_mailed_seal(self, honest, forger, checked, mailed):
        for table in ("audit_seal", "audit_sealedentry", "audit_entry"):
            forger(f"DELETE FROM {table}")
        assert [kind for kind, _ in checked(mailed)] == ["truncated"]

    def test_of_seals_alone_is_found_at_once(self, honest, forger, checked):
        forger("DELETE FROM audit_seal WHERE number = 3")
        assert checked() == [
            ("truncated", "Entries 7 to 9 have a place but no seal: the chain was cut short before it.")
        ]

    def test_of_entries_alone_is_found_at_once(self, honest, forger, checked):
        forger("DELETE FROM audit_sealedentry WHERE sequence > 7")
        forger("DELETE FROM audit_entry WHERE id >= %s", honest[7].pk)
        assert checked() == [("deleted", "Entries 8 to 9 were deleted.")]


class TestBackdate:
    def test_of_a_new_entry_is_found_and_named(self, honest, checked):
        """No trigger stands in the way of adding: the clock of the seals does."""
        Entry.objects.create(verb="grant.give", subject_type="x", subject_id="1", at="2026-01-05T10:00Z")
        assert [kind for kind, _ in checked()] == ["inserted"]
        sealing.sweep()
        ((kind, words),) = checked()
        assert kind == "backdated"
        assert words.startswith("Entry 11 (grant.give, 2026-01-05T10:00:00.000000Z) says")

    def test_to_the_future_is_found(self, honest, checked):
        Entry.objects.create(verb="grant.give", subject_type="x", subject_id="1", at="2096-01-05T10:00Z")
        sealing.sweep()
        assert [kind for kind, _ in checked()] == ["backdated"]

    def test_of_a_seal_is_found(self, honest, forger, checked):
        forger("UPDATE audit_seal SET sealed_at = '2026-01-01 00:00:00Z' WHERE number = 3")
        assert ("backdated", "Seal 3 says that it is older than seal 2.") in checked()


class TestInsert:
    def insert(self, forger, sequence: int, harbour) -> None:
        entry = trail.record("agency.edit", harbour)
        sql = "INSERT INTO audit_sealedentry (sequence, entry_id, salt, digest) VALUES (%s, %s, %s, %s)"
        row = Entry.objects.values_list(*sealing.COLUMNS).get(pk=entry.pk)
        digest = checker.entry_digest(sequence, "00" * 16, sealing.facts_of(row))
        forger(sql, sequence, entry.pk, "00" * 16, digest)

    def test_between_two_entries_is_found(self, honest, forger, checked, harbour):
        for sequence in range(9, 4, -1):
            forger("UPDATE audit_sealedentry SET sequence = sequence + 1 WHERE sequence = %s", sequence)
        self.insert(forger, 5, harbour)
        assert {kind for kind, _ in checked()} >= {"reordered"}

    def test_in_place_of_another_is_found(self, honest, forger, checked, harbour):
        forger("DELETE FROM audit_sealedentry WHERE sequence = 5")
        forger("DELETE FROM audit_entry WHERE id = %s", honest[4].pk)
        self.insert(forger, 5, harbour)
        assert checked() == [("edited", "Entries 4 to 6 are not those that seal 2 was put on.")]

    def test_after_the_last_seal_is_found(self, honest, forger, checked, harbour):
        self.insert(forger, 10, harbour)
        assert [kind for kind, _ in checked()] == ["truncated"]

    def test_before_the_first_is_found(self, honest, forger, checked, harbour):
        self.insert(forger, 0, harbour)
        # Places begin at 1; one before that is in no export, and its entry counts as not sealed.
        assert len(checker.check(list(exports.whole())).seals) == 3


class TestAnyByte:
    """Change any byte of an export: it is found, whichever it is."""

    @pytest.fixture
    def file(self, honest, dara) -> bytes:
        return b"".join(exports.for_checker(Entry.objects.visible_to(dara)))

    @settings(
        max_examples=400,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(data=st.data())
    def test_that_is_changed_removed_or_added_is_found(self, file, data):
        place = data.draw(st.integers(0, len(file) - 1), label="where")
        byte = data.draw(st.integers(0, 255), label="what")
        how = data.draw(st.sampled_from(["change", "remove", "add"]), label="how")
        middle = {"change": bytes([byte]), "remove": b"", "add": bytes([byte]) + file[place : place + 1]}[how]
        changed = file[:place] + middle + file[place + 1 :]
        if changed == file:
            return
        with pytest.raises(checker.Unreadable):
            checker.check(changed.splitlines(keepends=True))

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_of_what_was_sealed_is_found_even_when_the_file_is_made_to_fit(self, file, data):
        """A forger who writes the export anew, so that it looks well made: any one value of any sealed line."""
        lines = [json.loads(line) for line in file.splitlines()]
        at = data.draw(
            st.sampled_from([n for n, line in enumerate(lines) if line["kind"] in {"entry", "hidden", "seal"}])
        )
        line = lines[at]
        whole = line.get("entry", line)
        name = data.draw(st.sampled_from(sorted(set(whole) - {"kind", "entry"})), label="column")
        target = whole if data.draw(st.booleans()) or name not in line else line
        other = data.draw(st.one_of(st.integers(-5, 99), st.text(max_size=70), st.none(), st.booleans()))
        if json.dumps(other) == json.dumps(target[name]):
            return
        target[name] = other
        report = None
        try:
            report = checker.check(made_to_fit(lines))
        except checker.Unreadable:
            return
        assert report.findings

    def test_or_line_that_is_left_out_is_found_even_then(self, file):
        lines = [json.loads(line) for line in file.splitlines()]
        last = max(n for n, line in enumerate(lines) if line["kind"] == "seal")
        for at in range(1, last):
            assert checker.check(made_to_fit(lines[:at] + lines[at + 1 :])).findings, lines[at]

    def test_or_line_that_is_put_elsewhere_is_found_even_then(self, file):
        lines = [json.loads(line) for line in file.splitlines()]
        last = max(n for n, line in enumerate(lines) if line["kind"] == "seal")
        for at in range(1, last):
            swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
            assert checker.check(made_to_fit(swapped)).findings, lines[at]


def made_to_fit(lines: list[dict]) -> list[bytes]:
    """The lines as an export that looks well made."""
    written = [checker.canonical(line) + b"\n" for line in lines[:-1]]
    whole = checker.hashlib.sha256(b"".join(written)).hexdigest()
    return [*written, checker.canonical({"kind": "end", "lines": len(written), "digest": whole}) + b"\n"]


class TestMain:
    """As an auditor runs it: one file, nothing else of ours in reach."""

    @pytest.fixture
    def run(self, tmp_path, honest):
        (tmp_path / "checker.py").write_bytes(CHECKER.read_bytes())
        (tmp_path / "export.jsonl").write_bytes(b"".join(exports.whole()))
        command = [sys.executable, "-I", "checker.py", "export.jsonl"]
        return functools.partial(self.said, tmp_path, command)

    @staticmethod
    def said(folder, command, *more) -> tuple[int, str]:
        done = subprocess.run([*command, *more], cwd=folder, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_needs_the_standard_library_only(self):
        tree = ast.parse(CHECKER.read_text(encoding="utf-8"))
        used = {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
        used |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name.partition(".")[0] for name in used} <= set(sys.stdlib_module_names)

    def test_says_that_nothing_is_wrong(self, run, mailed):
        code, said = run("--seal", f"3:{Seal.objects.get(number=3).fingerprint}")
        assert code == 0
        assert "Read 9 sealed entries under 3 seals, and 1 not sealed yet." in said
        assert "Nothing is wrong up to seal 3" in said
        assert "--seal" not in said

    def test_asks_for_a_seal_when_it_has_none(self, run):
        assert "Compare with a seal you were sent" in run()[1]

    def test_says_what_is_wrong(self, run):
        code, said = run("--seal", f"4:{'0' * 64}")
        assert code == 1
        assert said.startswith("TRUNCATED: You were sent seal 4")

    def test_does_not_read_just_anything(self, run, tmp_path):
        for content in (b"", b"hello\n", b"[]\n", b"\xff\xfe\n", b'{"kind":"export"}\n', b"[" * 100_000 + b"\n"):
            (tmp_path / "export.jsonl").write_bytes(content)
            code, said = run()
            assert (code, said[:10]) == (2, "UNREADABLE")

    def test_takes_no_half_fingerprint(self, run):
        for wrong in ("3", "3:abc", "x:" + "0" * 64):
            assert run("--seal", wrong)[0] == 2

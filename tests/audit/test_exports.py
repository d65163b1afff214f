from __future__ import annotations

import io
import json
import os

import pytest
from django.core.management import CommandError, call_command

from audit import checker, exports, sealing, trail
from audit.models import Entry, SealedEntry

pytestmark = pytest.mark.django_db


def kinds(lines) -> list[str]:
    return [json.loads(line)["kind"] for line in lines]


class TestForChecker:
    def test_puts_each_seal_after_its_entries(self, honest):
        found = kinds(exports.whole())
        assert found == ["export", *(["entry"] * 3 + ["seal"]) * 3, "unsealed", "end"]

    def test_goes_chunk_by_chunk(self, honest, monkeypatch):
        before = list(exports.whole())[1:-1]
        monkeypatch.setattr(exports, "CHUNK", 2)
        assert list(exports.whole())[1:-1] == before

    def test_tells_a_hidden_entry_from_one_that_is_gone(self, honest, forger):
        forger("DELETE FROM audit_entry WHERE id = %s", honest[1].pk)
        nothing = Entry.objects.none()
        assert kinds(exports.for_checker(nothing))[1:5] == ["hidden", "missing", "hidden", "seal"]

    def test_keeps_to_one_moment_while_others_seal(self, honest, haven):
        """A batch that is sealed while the export is being read is in it as not sealed, or not at all."""
        lines = exports.whole()
        read = [next(lines), next(lines)]
        trail.record("agency.edit", haven)
        sealing.sweep()
        report = checker.check([*read, *lines])
        assert not report.findings
        assert (len(report.seals), report.unsealed) == (3, 2)
        assert SealedEntry.objects.count() == 11

    def test_is_plain_ascii_in_canonical_form(self, honest):
        for line in exports.whole():
            assert line.isascii()
            assert line == checker.canonical(json.loads(line)) + b"\n"


class TestExportTrail:
    def test_writes_a_file_for_its_owner_only(self, honest, tmp_path):
        path = tmp_path / "trail.jsonl"
        call_command("export_trail", to=str(path))
        assert not checker.check(path.read_bytes().splitlines(keepends=True)).findings
        assert os.stat(path).st_mode & 0o077 == 0

    def test_overwrites_nothing(self, honest, tmp_path):
        path = tmp_path / "trail.jsonl"
        path.write_text("kept")
        with pytest.raises((FileExistsError, CommandError)):
            call_command("export_trail", to=str(path))
        assert path.read_text() == "kept"

    def test_writes_to_the_standard_output(self, honest, monkeypatch):
        out = io.TextIOWrapper(io.BytesIO())
        monkeypatch.setattr("sys.stdout", out)
        call_command("export_trail")
        assert kinds(out.buffer.getvalue().splitlines())[-1] == "end"


class TestSafeCell:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  ="])
    def test_disarms_what_a_spreadsheet_would_run(self, start):
        assert exports.safe_cell(f"{start}1+1") == f"'{start}1+1"

    def test_leaves_plain_text_alone(self):
        assert exports.safe_cell("Full council") == "Full council"
        assert exports.safe_cell(None) == ""

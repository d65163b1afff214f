"""What docs/audit-trail.md tells others to work out is what comes out."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from audit import checker

TEXT = (Path(__file__).resolve().parent.parent.parent / "docs" / "audit-trail.md").read_text(encoding="utf-8")


class TestTheExample:
    def test_comes_out_as_it_says(self):
        written = re.search(r"```json\n(.*)\n```", TEXT)[1]
        entry = json.loads(written)
        assert checker.canonical(entry).decode() == written
        digest, root, seal = re.findall(r"`([0-9a-f]{64})`", TEXT)
        text = '{"entry":' + written + ',"salt":"' + "0" * 32 + '","sequence":1}'
        assert hashlib.sha256(text.encode()).hexdigest() == digest == checker.entry_digest(1, "0" * 32, entry)
        assert hashlib.sha256(digest.encode()).hexdigest() == root
        facts = {"number": 1, "previous": "0" * 64, "first": 1, "last": 1, "count": 1, "root": root}
        assert checker.seal_digest({**facts, "sealed_at": "2026-11-22T17:31:00.000000Z"}) == seal

    def test_names_every_finding(self):
        kinds = set(re.findall(r'report\.add\(\s*"(\w+)"', Path(checker.__file__).read_text(encoding="utf-8")))
        assert kinds == {kind.lower() for kind in re.findall(r"^\| ([A-Z]+) \|", TEXT, re.MULTILINE)}

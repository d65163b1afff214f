from __future__ import annotations

from bootstrap.results import account, read

REPORT = """<?xml version="1.0"?>
<testsuites><testsuite>
<testcase classname="tests.a" name="one"/>
<testcase classname="tests.a" name="two"><failure message="no">…</failure></testcase>
<testcase classname="tests.a" name="three"><error message="no">…</error></testcase>
<testcase classname="tests.a" name="four"><skipped message="no browser here"/></testcase>
<testcase classname="tests.a" name="five"><skipped message="no browser here"/></testcase>
</testsuite></testsuites>"""


class TestAccount:
    def test_adds_up_all_rounds_in_its_last_line_and_gives_the_reasons(self, tmp_path):
        report = tmp_path / "report.xml"
        report.write_text(REPORT)
        told = account([read("SQLite", report, 1), read("PostgreSQL", report, 1)]).splitlines()
        assert told[-1] == "2 passed, 4 failed, 4 skipped"
        assert "On SQLite: 1 passed, 2 failed, 2 skipped" in told
        assert "    failed: tests.a.two" in told
        assert "    skipped 2: no browser here" in told

    def test_counts_a_pytest_that_broke_as_a_failure(self, tmp_path):
        results = read("SQLite", tmp_path / "missing.xml", 3)
        assert (results.passed, results.failed) == (0, 1)

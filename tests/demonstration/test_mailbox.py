from __future__ import annotations

import pytest

from demonstration import mailbox

CONTENT = b"From: a@lantern.example\r\nTo: team@haven.example\r\nSubject: Caf\xc3\xa9\r\n\r\nPlain.\r\n"


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR = tmp_path


class TestKeep:
    def test_keeps_the_message_unchanged_behind_its_envelope(self):
        name = mailbox.keep(
            "bounces@lantern.example", ["mia@haven.example", "ben@haven.example"], CONTENT, into=mailbox.folder()
        )
        raw = (mailbox.folder() / f"{name}.eml").read_bytes()
        assert raw.endswith(CONTENT)
        caught = mailbox.find(name)
        assert caught.sender == "bounces@lantern.example"
        assert caught.recipients == ("mia@haven.example", "ben@haven.example")
        assert caught.text.strip() == "Plain."
        assert caught.html == ""


class TestNewest:
    def test_lists_the_newest_first_and_counts_them_all(self):
        names = [
            mailbox.keep("a@lantern.example", [f"{n}@x.example"], CONTENT, into=mailbox.folder()) for n in range(5)
        ]
        shown, total = mailbox.newest(limit=3)
        assert [caught.name for caught in shown] == names[:1:-1]
        assert total == 5


class TestFind:
    @pytest.mark.parametrize("name", ["../secret-key", "", "0", "x" * 53])
    def test_finds_nothing_outside_the_folder(self, name, tmp_path):
        (tmp_path / "secret-key.eml").write_text("Subject: secret\n\n")
        assert mailbox.find(name) is None

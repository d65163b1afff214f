from __future__ import annotations

import os
import runpy

import pytest
from django.core.exceptions import ImproperlyConfigured

from bootstrap.places import ROOT
from tests.delivery import notify

pytestmark = pytest.mark.once


@pytest.fixture
def read(monkeypatch):
    """`read(NOTIFY_KEY=…)` reads these settings anew, here, in production; raises ImproperlyConfigured."""

    def settings(**changes: str) -> dict[str, object]:
        for name in [name for name in os.environ if name.startswith("LANTERN_")]:
            monkeypatch.delenv(name)
        for name, value in changes.items():
            monkeypatch.setenv(f"LANTERN_{name}", value)
        return runpy.run_path(str(ROOT / "config" / "outside.py"))

    return settings


class TestOutside:
    def test_is_off_unless_set(self, read):
        found = read()
        for name in ("NOTIFY_KEY", "NOTIFY_CALLBACK_TOKEN", "BOUNCE_DOMAIN", "BOUNCE_ADDRESS", "RETURNS_TOKEN"):
            assert found[name] == ""
        assert found["BOUNCE_IMAP_HOST"] == ""

    def test_reads_what_is_set(self, read, tmp_path):
        (tmp_path / "key").write_text(f"{notify.KEY}\n")
        found = read(NOTIFY_KEY_FILE=str(tmp_path / "key"), NOTIFY_TEMPLATE=notify.TEMPLATE, RETURNS_TOKEN="x" * 32)
        assert found["NOTIFY_KEY"] == notify.KEY
        assert found["RETURNS_TOKEN"] == "x" * 32

    @pytest.mark.parametrize(
        "changes",
        [
            {"NOTIFY_KEY": notify.KEY},
            {"NOTIFY_TEMPLATE": notify.TEMPLATE},
            {"NOTIFY_KEY": notify.SECRET, "NOTIFY_TEMPLATE": notify.TEMPLATE},
            {"NOTIFY_KEY": notify.KEY, "NOTIFY_TEMPLATE": "alert"},
            {"NOTIFY_URL": "http://api.notify.example"},
            {"NOTIFY_CALLBACK_TOKEN": "short"},
            {"RETURNS_TOKEN": "short"},
            {"BOUNCE_DOMAIN": "b.example", "BOUNCE_ADDRESS": "b@b.example"},
            {"BOUNCE_DOMAIN": "b.example>\r\nRCPT TO:<x@y.example"},
            {"BOUNCE_ADDRESS": "bounces+plus@b.example"},
            {"BOUNCE_ADDRESS": "much-too-long-before-the-at@b.example"},
        ],
    )
    def test_refuses_half_a_setting_and_what_cannot_work(self, read, changes):
        with pytest.raises(ImproperlyConfigured):
            read(**changes)

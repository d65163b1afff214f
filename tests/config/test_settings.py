from __future__ import annotations

import os
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from bootstrap.places import ROOT

pytestmark = pytest.mark.once
GOOD = {
    "LANTERN_MODE": "production",
    "LANTERN_SECRET_KEY": "k9!xQ2vLr7#mZp4Tb8@wYc3Nf6Jh1Gd5Ks0Rt-Ue-Va-Wi-Xo-Yu",
    "LANTERN_SEALING_KEYS": "Yu-Xo-Wi-Va-Ue!Rt0Ks5Gd1Jh6Nf3Yc@w8Tb4Zp#m7Lr2vQ9kx,"
    "k9!xQ2vLr7#mZp4Tb8@wYc3Nf6Jh1Gd5Ks0Rt-Ue-Va-Wi-Xo-Yz",
    "LANTERN_ALLOWED_HOSTS": "lantern.example",
    "LANTERN_BASE_URL": "https://lantern.example",
    "LANTERN_CACHE_URL": "redis://localhost:6379/1",
    "LANTERN_BROKER_URL": "redis://localhost:6379/0",
}


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own, in production unless told otherwise."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LANTERN_")}
    chosen = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env={**kept, **chosen},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def read(monkeypatch):
    """`read(LANTERN_BASE_URL=…)` reads the settings anew, here, in production; raises ImproperlyConfigured."""

    def settings(**changes: str | None) -> dict[str, object]:
        for name in [name for name in os.environ if name.startswith("LANTERN_")]:
            monkeypatch.delenv(name)
        for name, value in {**GOOD, **changes}.items():
            if value is not None:
                monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / "settings.py"))

    return settings


class TestProduction:
    def test_starts_with_everything_it_needs(self, read):
        assert start().returncode == 0
        assert read()["PRODUCTION"] is True

    def test_is_what_you_get_without_saying(self):
        stopped = start(LANTERN_MODE=None, LANTERN_SECRET_KEY=None)
        assert stopped.returncode != 0
        assert "LANTERN_SECRET_KEY" in stopped.stderr

    @pytest.mark.parametrize("name", sorted(set(GOOD) - {"LANTERN_MODE"}))
    def test_stops_when_something_is_missing_and_names_it(self, name, read):
        with pytest.raises(ImproperlyConfigured, match=name):
            read(**{name: None})

    @pytest.mark.parametrize(
        "secret",
        [
            "short",
            "x" * 60,
            "django-insecure-" + "abcdefghijklmnop" * 4,
            "only-for-development-and-tests-never-for-production-use",
        ],
    )
    def test_refuses_a_short_weak_or_known_secret(self, secret, read):
        with pytest.raises(ImproperlyConfigured, match="LANTERN_SECRET_KEY"):
            read(LANTERN_SECRET_KEY=secret)

    def test_refuses_a_weak_key_among_good_ones(self, read):
        with pytest.raises(ImproperlyConfigured, match="LANTERN_SEALING_KEYS"):
            read(LANTERN_SEALING_KEYS=f"{GOOD['LANTERN_SEALING_KEYS']},short")

    def test_reads_a_secret_from_a_file(self, tmp_path, read):
        (tmp_path / "key").write_text(GOOD["LANTERN_SECRET_KEY"] + "\n")
        settings = read(LANTERN_SECRET_KEY=None, LANTERN_SECRET_KEY_FILE=str(tmp_path / "key"))
        assert settings["SECRET_KEY"] == GOOD["LANTERN_SECRET_KEY"]
        with pytest.raises(ImproperlyConfigured, match="cannot be read"):
            read(LANTERN_SECRET_KEY=None, LANTERN_SECRET_KEY_FILE=str(tmp_path / "gone"))

    def test_refuses_a_plain_http_address(self, read):
        with pytest.raises(ImproperlyConfigured, match="https://"):
            read(LANTERN_BASE_URL="http://lantern.example")

    def test_refuses_a_word_that_is_neither_yes_nor_no(self, read):
        with pytest.raises(ImproperlyConfigured, match="yes or no"):
            read(LANTERN_SMTP_TLS="perhaps")

    def test_does_not_know_the_demonstration(self):
        answer = subprocess.run(
            [sys.executable, "-c", "import django; django.setup(); import demonstration"],
            env={**os.environ, **GOOD, "DJANGO_SETTINGS_MODULE": "config.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode != 0
        assert "production" in answer.stderr

from __future__ import annotations

import os
import subprocess
import sys

import pytest

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


class TestProduction:
    def test_starts_with_everything_it_needs(self):
        assert start().returncode == 0

    def test_is_what_you_get_without_saying(self):
        assert "LANTERN_SECRET_KEY" in start(LANTERN_MODE=None, LANTERN_SECRET_KEY=None).stderr

    @pytest.mark.parametrize("name", sorted(set(GOOD) - {"LANTERN_MODE"}))
    def test_stops_when_something_is_missing_and_names_it(self, name):
        answer = start(**{name: None})
        assert answer.returncode != 0
        assert name in answer.stderr

    @pytest.mark.parametrize(
        "secret",
        [
            "short",
            "x" * 60,
            "django-insecure-" + "abcdefghijklmnop" * 4,
            "only-for-development-and-tests-never-for-production-use",
        ],
    )
    def test_refuses_a_short_weak_or_known_secret(self, secret):
        assert start(LANTERN_SECRET_KEY=secret).returncode != 0

    def test_refuses_a_weak_key_among_good_ones(self):
        assert start(LANTERN_SEALING_KEYS=f"{GOOD['LANTERN_SEALING_KEYS']},short").returncode != 0

    def test_reads_a_secret_from_a_file(self, tmp_path):
        (tmp_path / "key").write_text(GOOD["LANTERN_SECRET_KEY"] + "\n")
        assert start(LANTERN_SECRET_KEY=None, LANTERN_SECRET_KEY_FILE=str(tmp_path / "key")).returncode == 0
        gone = start(LANTERN_SECRET_KEY=None, LANTERN_SECRET_KEY_FILE=str(tmp_path / "gone"))
        assert "cannot be read" in gone.stderr

    def test_refuses_a_plain_http_address(self):
        assert start(LANTERN_BASE_URL="http://lantern.example").returncode != 0

    def test_refuses_a_word_that_is_neither_yes_nor_no(self):
        assert "yes or no" in start(LANTERN_SMTP_TLS="perhaps").stderr

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

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bootstrap.checking import production
from bootstrap.places import ROOT


def python(program: str, **env: str) -> subprocess.CompletedProcess[str]:
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **env}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=told, capture_output=True, text=True, check=False
    )


@pytest.mark.once
class TestDemonstration:
    def test_refuses_to_be_imported_in_production(self):
        for module in ("demonstration", "demonstration.mailbox", "demonstration.views", "demonstration.catcher"):
            done = python(f"import {module}", **production())
            assert done.returncode == 1
            assert "production does not import it" in done.stderr

    def test_may_be_imported_elsewhere(self):
        assert python("import demonstration", LANTERN_MODE="test").returncode == 0

    def test_has_no_address_in_production(self):
        done = python(
            "import django; django.setup(); from config.urls import urlpatterns; print(urlpatterns)", **production()
        )
        assert done.returncode == 0, done.stderr
        assert "demonstration" not in done.stdout

from __future__ import annotations

import re

import pytest

from bootstrap.places import REQUIREMENTS

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((REQUIREMENTS / name).read_text()))


class TestLists:
    def test_hold_the_same_versions_so_that_one_includes_the_other(self):
        serve, demo, dev = pins("serve.txt"), pins("demo.txt"), pins("dev.txt")
        assert len(serve) > 20
        assert serve.items() <= demo.items() <= dev.items()

    @pytest.mark.parametrize("name", ["serve.txt", "demo.txt", "dev.txt", "node.txt"])
    def test_hold_a_hash_for_each_package_and_no_address(self, name):
        text = (REQUIREMENTS / name).read_text()
        blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        assert all("==" in block and "--hash=sha256:" in block for block in blocks)
        assert "://" not in text

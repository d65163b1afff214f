from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery import targets
from delivery.targets import Target, Unfit, addresses, is_public, parsed

# Written out here, from IANA's registries, so that they do not come from the library that is tested.
NOT_PUBLIC_4 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip
NOT_PUBLIC_6 = [
    "::/128", "::1/128", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48", "2001:10::/28",
    "2001:20::/28", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8",
]  # fmt: skip
PRIVATE_4 = [ipaddress.ip_network(text) for text in NOT_PUBLIC_4]


def somewhere_in(networks: list[str]) -> st.SearchStrategy:
    return st.sampled_from(networks).flatmap(lambda text: st.ip_addresses(network=text))


def answering(monkeypatch, *answers: list[str]) -> list[str]:
    """A name service that gives these answers, one after another; returns the names it was asked for."""
    asked: list[str] = []
    left = list(answers)

    def lookup(host, port, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in left.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


class TestIsPublic:
    @given(somewhere_in(NOT_PUBLIC_4))
    @example(ipaddress.ip_address("169.254.169.254"))
    @example(ipaddress.ip_address("168.63.129.16"))
    def test_never_of_addresses_for_special_purposes(self, address):
        assert not is_public(str(address))

    @given(somewhere_in(NOT_PUBLIC_4))
    def test_nor_of_one_that_carries_such_an_address_inside(self, inner):
        for outer in (0xFFFF << 32, 0x64FF9B << 96, 0, 0xFFFF << 48):
            assert not is_public(str(ipaddress.IPv6Address(outer | int(inner))))
        assert not is_public(str(ipaddress.IPv6Address(0x2002 << 112 | int(inner) << 80)))
        assert not is_public(str(ipaddress.IPv6Address(0x20010000 << 96 | int(inner) ^ 0xFFFFFFFF)))

    @given(somewhere_in(NOT_PUBLIC_6))
    @example(ipaddress.ip_address("fd00:ec2::254"))
    def test_never_of_ipv6_for_special_purposes(self, address):
        assert not is_public(str(address))

    @given(st.ip_addresses(v=6).filter(lambda address: int(address) >> 125 != 1))
    def test_never_of_ipv6_that_is_not_given_out(self, address):
        inner = ipaddress.ip_address(int(address) & 0xFFFFFFFF)
        may_be = address.ipv4_mapped or address in ipaddress.ip_network("64:ff9b::/96")
        assert not is_public(str(address)) or (may_be and is_public(str(inner)))

    @given(st.ip_addresses(v=4))
    def test_agrees_with_the_registry_about_all_the_rest(self, address):
        special = any(address in network for network in PRIVATE_4) or str(address) == "168.63.129.16"
        assert is_public(str(address)) is not special

    @pytest.mark.parametrize("written", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
    def test_of_public_ones(self, written):
        assert is_public(written)

    @given(st.text(max_size=40))
    @example("127.1")
    @example("0x7f000001")
    @example("2130706433")
    @example("fe80::1%eth0")
    def test_never_of_what_is_no_address(self, text):
        try:
            ipaddress.ip_address(text)
        except ValueError:
            assert not is_public(text)
        else:
            assert text.startswith("fe80") is False or not is_public(text)


class TestParsed:
    def test_takes_an_address_apart(self):
        assert parsed("https://Hooks.Haven.example/in/x?a=1&b=2") == Target(
            True, "hooks.haven.example", 443, "/in/x?a=1&b=2"
        )
        assert parsed("https://hooks.haven.example:8443").authority == "hooks.haven.example:8443"
        assert parsed("https://hooks.haven.example").path == "/"

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("", "without spaces"),
            ("hooks.haven.example", "begins with https"),
            ("http://hooks.haven.example/", "begins with https"),
            ("ftp://hooks.haven.example/", "begins with https"),
            ("file:///etc/passwd", "begins with https"),
            ("https://mia:secret@hooks.haven.example/", "user name and password"),
            ("https://@hooks.haven.example/", "user name and password"),
            ("https://hooks.haven.example/#part", "after #"),
            ("https://hooks.haven.example/a b", "without spaces"),
            ("https://hooks.haven.example/\r\nX-Evil: 1", "without spaces"),
            ("https://hooks.haven.example\\@10.0.0.1/", "without spaces"),
            ("https://hööks.haven.example/", "special letters"),
            ("https:///in", "full name"),
            ("https://localhost/", "full name"),
            ("https://intranet/", "full name"),
            ("https://127.0.0.1/", "full name"),
            ("https://8.8.8.8/", "full name"),
            ("https://127.1/", "full name"),
            ("https://0x7f.1/", "full name"),
            ("https://2130706433/", "full name"),
            ("https://[::1]/", "full name"),
            ("https://[fe80::1%25eth0]/", "full name"),
            ("https://[bad/", "such as"),
            ("https://hooks..example/", "full name"),
            ("https://hooks.haven.example:22/", "port 443"),
            ("https://hooks.haven.example:0/", "port 443"),
            ("https://hooks.haven.example:99999/", "such as"),
        ],
    )
    def test_refuses_in_words(self, url, words):
        with pytest.raises(Unfit, match=words):
            parsed(url)

    @given(st.text(max_size=60))
    def test_never_breaks_on_what_is_typed(self, text):
        for url in (text, f"https://{text}", f"https://hooks.haven.example{text}"):
            try:
                target = parsed(url)
            except Unfit:
                continue
            assert target.secure
            assert "." in target.host
            assert not set(target.host + target.path + target.authority) & set("\r\n \x00")

    def test_lets_this_machine_be_called_only_where_a_setting_says_so(self, settings):
        settings.WEBHOOKS_TO_LOOPBACK = True
        assert parsed("http://127.0.0.1:8080/in") == Target(False, "127.0.0.1", 8080, "/in")
        assert parsed("http://localhost").authority == "localhost"
        with pytest.raises(Unfit):
            parsed("http://10.0.0.1/")


class TestAddresses:
    TARGET = Target(True, "hooks.haven.example", 443, "/")

    def test_are_all_that_the_name_means(self, monkeypatch):
        asked = answering(monkeypatch, ["8.8.8.8", "8.8.4.4", "8.8.8.8"])
        assert addresses(self.TARGET) == ["8.8.8.8", "8.8.4.4"]
        assert asked == ["hooks.haven.example"]

    @pytest.mark.parametrize("hidden", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "100.64.1.1", "::1", "fd00::1"])
    def test_one_that_is_not_public_spoils_them_all(self, hidden, monkeypatch):
        answering(monkeypatch, ["8.8.8.8", hidden])
        with pytest.raises(Unfit, match="not a public one"):
            addresses(self.TARGET)

    def test_of_an_unknown_name_there_are_none(self, monkeypatch):
        answering(monkeypatch, [])
        with pytest.raises(Unfit, match="could not be found"):
            addresses(self.TARGET)

    def test_a_slow_name_service_is_not_waited_for(self, monkeypatch):
        monkeypatch.setattr(targets, "LOOKING_UP", 0.05)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(2) or [])
        began = time.monotonic()
        with pytest.raises(Unfit, match="could not be found"):
            addresses(self.TARGET)
        assert time.monotonic() - began < 1

    def test_without_tls_nothing_but_this_machine_is_called(self, settings, monkeypatch):
        settings.WEBHOOKS_TO_LOOPBACK = True
        answering(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
        plain = Target(False, "localhost", 80, "/")
        with pytest.raises(Unfit):
            addresses(plain)
        assert addresses(plain) == ["127.0.0.1"]


@pytest.mark.once
def test_production_does_not_start_with_this_machine_open():
    secret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
    secrets = {f"LANTERN_{name}": secret for name in ("SECRET_KEY", "SEALING_KEYS")}
    told = {
        **os.environ,
        **secrets,
        "LANTERN_MODE": "production",
        "LANTERN_ALLOWED_HOSTS": "lantern.example",
        "LANTERN_BASE_URL": "https://lantern.example",
        "LANTERN_CACHE_URL": "redis://127.0.0.1:1/0",
        "LANTERN_BROKER_URL": "redis://127.0.0.1:1/0",
        "LANTERN_WEBHOOKS_TO_LOOPBACK": "yes",
    }
    done = subprocess.run([sys.executable, "-c", "import config.settings"], env=told, capture_output=True, check=False)
    assert done.returncode
    assert b"not in production" in done.stderr

"""Where webhooks may go: to a public address, by https, and to the very address that was checked.

What an agency's lead writes down is an address that this server calls, so it could be made to call what only it can
reach: itself, its neighbours, the cloud's own services (CWE-918). Hence a name is looked up once, each address that
comes back must be public, and the call goes to one of these and not to the name, which may mean something else by then.

Sources: IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890), which `ipaddress` follows; what
is named here besides is refused on every version of Python.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOKING_UP = 5.0  # seconds
HTTPS = 443
LOWEST_OWN_PORT = 1024  # below it other services listen, which may understand more of a request than they should
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"({_LABEL}\.)*[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")  # the last label begins with a letter: no number
_PLAIN = re.compile(r"[!-~]+")  # printable ASCII without spaces: nothing that could end a line
_REFUSED = [
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",  # shared by carriers, RFC 6598
        "168.63.129.16/32",  # a cloud's service for its own machines, although the address is a public one
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "2001::/23",  # protocol assignments, Teredo among them, RFC 2928 and 4380
        "2001:db8::/32",  # examples, RFC 3849
        "2002::/16",  # 6to4, RFC 7526
        "3fff::/20",  # examples, RFC 9637
    )
]
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given out, RFC 4291 section 2.4
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64, RFC 6052: an IPv4 address in its last 32 bits


class Unfit(ValueError):  # noqa: N818
    """Not where a webhook may go; says why in words for whoever wrote it down."""


class Target(NamedTuple):
    """Where a call goes, taken apart."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The header `Host`: the name, and the port unless it is the usual one."""
        return self.host if self.port == (HTTPS if self.secure else 80) else f"{self.host}:{self.port}"


def parsed(url: str) -> Target:
    """The address taken apart, without asking anybody what its name means. Raises Unfit."""
    if not _PLAIN.fullmatch(url) or "\\" in url:
        raise Unfit("Enter an address without spaces or special letters")
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise Unfit("Enter an address such as https://hooks.example.org/lantern") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOKS_TO_LOOPBACK):
        raise Unfit("Enter an address that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise Unfit("Leave the user name and password out of the address. Messages are signed instead")
    if parts.fragment:
        raise Unfit("Leave out the part of the address after #")
    secure = parts.scheme == "https"
    port = port if port is not None else HTTPS if secure else 80
    _check_host(name, port)
    return Target(secure, name, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def addresses(target: Target) -> list[str]:
    """What the name means at this moment, looked up once; all of it may be called. Raises Unfit."""
    found = list(dict.fromkeys(_looked_up(target)))
    if not found:
        raise Unfit("The name of the server could not be found.")
    if not all(_may_call(address, target) for address in found):
        raise Unfit("The address is not a public one, so it is not called.")
    return found


def is_public(written: str) -> bool:
    """Whether this is an address of the public internet. One that carries an IPv4 address inside is judged by that, and
    tunnels, whose far end cannot be known, are refused."""
    try:
        address = _inner(ipaddress.ip_address(written))
    except ValueError:
        return False
    if any(address in network for network in _REFUSED):  # never true across versions
        return False
    if address.version == 6 and address not in _GLOBAL_UNICAST:
        return False
    odd = (address.is_multicast, address.is_reserved, address.is_unspecified, address.is_loopback, address.is_private)
    return address.is_global and not any(odd)


def _inner(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _check_host(name: str, port: int) -> None:
    here = settings.WEBHOOKS_TO_LOOPBACK and (name == "localhost" or _is_loopback(name))
    if here:
        return
    if not _NAME.fullmatch(name) or "." not in name or len(name) > 253:
        raise Unfit("Enter an address with the full name of a server, not a number")
    if port != HTTPS and not LOWEST_OWN_PORT <= port <= 65535 and not settings.WEBHOOKS_TO_LOOPBACK:
        raise Unfit("Use port 443, or one from 1024")


def _may_call(address: str, target: Target) -> bool:
    if settings.WEBHOOKS_TO_LOOPBACK and _is_loopback(address):
        return True
    return target.secure and is_public(address)


def _is_loopback(address: str) -> bool:
    with suppress(ValueError):
        return _inner(ipaddress.ip_address(address)).is_loopback
    return False


def _looked_up(target: Target) -> list[str]:
    """In a thread of its own, because the system's own limit on looking up a name is long and cannot be set."""
    answer: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    threading.Thread(target=lambda: answer.put(_asked(target)), daemon=True).start()
    try:
        return answer.get(timeout=LOOKING_UP)
    except queue.Empty:
        return []


def _asked(target: Target) -> list[str]:
    try:
        rows = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(row[4][0]) for row in rows]

"""What the machine does with keys: finds the one that a secret opens, from where it may be used, and notes its use."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.tokens import digest_of
from network.models import ApiKey

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
NOTED = timedelta(hours=1)  # how exactly a key's last use is known: a read should not cost a write
MAPPED = 96  # bits of an IPv6 address before the IPv4 address that it carries, RFC 4291 section 2.5.5.2


def holding(secret: str, *, address: str | None = None) -> ApiKey | None:
    """The live key with this secret, used from this address; None for one that is unknown, ended or expired, that may
    not be used from there, whose owner no longer leads its agency, or whose agency is no live member of a network. One
    query, and once an hour one more that notes the use."""
    key = ApiKey.objects.live().filter(digest=digest_of(secret)).first()
    if key is None or not may_come_from(key.allowed_from, address):
        return None
    _note_use(key)
    return key


def may_come_from(allowed: object, address: str | None) -> bool:
    """Whether the address is in one of these networks; true for any where there are none. What cannot be read, on
    either side, opens nothing."""
    if allowed == []:
        return True
    try:
        networks = [network_of(str(text)) for text in allowed] if isinstance(allowed, list) else []
        caller = network_of(str(address).strip())
    except ValueError:
        return False
    return any(caller.version == network.version and _within(caller, network) for network in networks)


def network_of(text: str) -> IPNetwork:
    """`192.0.2.0/24`, `2001:db8::/32` or one address, with IPv4 addresses that are written as IPv6 taken for what they
    are. Raises ValueError for anything else, and for a network with bits set behind its mask."""
    network = ipaddress.ip_network(text)
    mapped = network.network_address.ipv4_mapped if isinstance(network, ipaddress.IPv6Network) else None
    if mapped is None or network.prefixlen < MAPPED:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - MAPPED))


def _within(caller: IPNetwork, network: IPNetwork) -> bool:
    return caller.network_address in network


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is not None and now - NOTED < key.last_used_at <= now:
        return
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=Now() - NOTED) | Q(last_used_at__gt=Now())
    ApiKey.objects.filter(long_ago, pk=key.pk).update(last_used_at=Now())

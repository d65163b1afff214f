"""Where a person may be sent on to: addresses of this site that exist, and nothing else."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

# One slash, then what an address is made of. No backslash, no control character, no second slash that makes it a host.
PART = r"[A-Za-z0-9\-._~!$&'()*+,;=:@%]"
PATH = re.compile(rf"/(?:{PART}(?:{PART}|/)*)?(?:\?(?:{PART}|[/?])*)?")


def is_ours(there: str) -> bool:
    """Whether it is the path of an address that this site answers. An address with a host in it never is, not even
    our own."""
    if not PATH.fullmatch(there) or not url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        return False
    try:
        resolve(unquote(urlsplit(there).path))
    except Resolver404:
        return False
    return True


def ours_or_home(there: str) -> str:
    """The address, if it is ours; else the home page."""
    return there if is_ours(there) else "/"

"""What the domain of an email address says about whose it is. It suggests an agency, and never grants anything.

Domains are compared by whole labels, in any case of letters, in the form that DNS uses (IDNA, RFC 5890):
`durham.gov.uk` is the domain of `childrens.durham.gov.uk`, and not of `notdurham.gov.uk`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from network.models import Agency

ALIKE = 0.8  # of 1: how much of two different domains must be the same to take one for the other


def domain_of(email: str) -> str:
    """The address's domain, as DNS writes it; empty where there is none."""
    return _normal(email.rpartition("@")[2])


def belongs(email: str, agency: Agency) -> bool:
    """Whether the address is at one of the agency's domains, or below one."""
    domain = domain_of(email)
    return bool(domain) and any(_is_or_below(domain, own) for own in _domains(agency))


def suggested(email: str, agencies: Iterable[Agency]) -> list[Agency]:
    """The agencies the address seems to belong to, the closest domain first."""
    found = [
        (len(own), agency) for agency in agencies for own in _domains(agency) if _is_or_below(domain_of(email), own)
    ]
    ranked = sorted(found, key=lambda pair: -pair[0])
    return list(dict.fromkeys(agency for _, agency in ranked))


def doubt(email: str, agency: Agency) -> str:
    """What to look at before inviting this address to this agency, in a sentence; empty when it is at the agency's own
    domain, or the agency has named none and nothing is odd about it."""
    domain, own = domain_of(email), _domains(agency)
    if belongs(email, agency):
        return ""
    if any(_looks_like(domain, one) for one in own):
        return f"The address ends in {domain}, which looks like a domain of {agency} and is not."
    if not domain.isascii() or "xn--" in domain:
        return f"The address ends in {domain}, which has letters that can be mistaken for others."
    return f"The address ends in {domain}, which is not a domain of {agency}." if own else ""


def same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses are the same mailbox, whatever stands after a plus sign."""
    return _mailbox(one) == _mailbox(other)


def _mailbox(email: str) -> tuple[str, str]:
    local = email.rpartition("@")[0].lower()
    return local.partition("+")[0] or local, domain_of(email)


def _domains(agency: Agency) -> list[str]:
    """A single label, such as `uk`, would mean everybody: it counts for nothing."""
    found = [_normal(word) for word in agency.email_domains.replace(",", " ").split()]
    return [domain for domain in found if "." in domain]


def _normal(domain: str) -> str:
    plain = domain.strip().strip(".").lstrip("@").lower()
    try:
        return plain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _is_or_below(domain: str, own: str) -> bool:
    return domain == own or domain.endswith(f".{own}")


def _looks_like(domain: str, own: str) -> bool:
    return own in domain or SequenceMatcher(None, domain, own).ratio() >= ALIKE

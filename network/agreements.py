"""How agencies stand to their networks' information-sharing agreements: signed, about to lapse, or not signed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from network.dates import not_ended
from network.models import Agreement, Signature

WARNED = dt.timedelta(days=30)
REST = dt.timedelta(days=1)  # between two reminders to the same agency
Pair = tuple[UUID, UUID]  # a network and an agency


@dataclass(frozen=True)
class Terms:
    """Where one agency stands in one network. `closes_at` is when its signatures stop to count, if they do; `to_sign`
    is the newest version if it has yet to be signed."""

    signed: bool = False
    closes_at: dt.datetime | None = None
    to_sign: Agreement | None = None

    @property
    def lapses_soon(self) -> bool:
        """Whether what rests on the signature closes within thirty days."""
        return self.signed and self.closes_at is not None and self.closes_at - timezone.now() <= WARNED

    @property
    def state(self) -> str:
        """In a word or two."""
        if not self.signed:
            return "Not signed"
        return "Lapses soon" if self.lapses_soon else "Signed"


def terms(pairs: Iterable[Pair]) -> dict[Pair, Terms]:
    """Where each agency stands in each network. Two queries, however many there are."""
    asked = set(pairs)
    versions: dict[UUID, list[Agreement]] = {}
    for agreement in _binding().filter(network__in={network for network, _ in asked}):
        versions.setdefault(agreement.network_id, []).append(agreement)
    held = Signature.objects.filter(agency__in={agency for _, agency in asked}, agreement__in=_binding().values("pk"))
    signed = set(held.values_list("agreement", "agency"))
    return {pair: _terms(versions.get(pair[0], []), pair[1], signed) for pair in asked}


def fingerprint(agreement: Agreement) -> str:
    """What a signature is bound to: the digest of the version, its title and its text."""
    whole = "\0".join((str(agreement.version), agreement.title, agreement.text))
    return hashlib.sha256(whole.encode()).hexdigest()


def _binding() -> QuerySet[Agreement]:
    """Versions in force and to come, newest first."""
    begun = ExpressionWrapper(Q(from_at__lte=Now()), output_field=BooleanField())
    rows = Agreement.objects.filter(not_ended())
    return rows.annotate(begun=begun).order_by("-version")


def _terms(versions: list[Agreement], agency: UUID, signed: set[Pair]) -> Terms:
    mine = [agreement for agreement in versions if (agreement.pk, agency) in signed]
    newest = versions[0] if versions and versions[0] not in mine else None
    if not any(agreement.begun for agreement in mine):  # type: ignore[attr-defined]  # annotated
        return Terms(to_sign=newest)
    return Terms(True, _end_of(mine), newest)


def _end_of(mine: list[Agreement]) -> dt.datetime | None:
    """Until when one of these, or the next of them, is in force without a gap; None: without an end."""
    end = timezone.now()
    for agreement in sorted(mine, key=lambda row: row.from_at):
        if agreement.from_at <= end:
            if agreement.until_at is None:
                return None
            end = max(end, agreement.until_at)
    return end


def is_over(agreement: Agreement) -> bool:
    """Whether the version has ended, so that nobody can sign it any more."""
    return agreement.until_at is not None and agreement.until_at <= timezone.now()


def may_be_reminded() -> ExpressionWrapper[Q]:
    """Whether a place in a network was not reminded to sign within the last day, by the database's clock."""
    rested = Q(reminded_at=None) | Q(reminded_at__lte=Now() - REST)
    return ExpressionWrapper(rested, output_field=BooleanField())


def in_words(agreement: Agreement) -> tuple[str, str]:
    """The version's state in a few words, and a colour that repeats it."""
    if is_over(agreement):
        return "Ended", "grey"
    return ("To come", "blue") if agreement.from_at > timezone.now() else ("In force", "green")

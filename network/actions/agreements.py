"""What people do about information-sharing agreements. A published text is never changed: a new version follows it."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit import trail
from network import above, agreements, roles
from network.dates import joining, member, not_ended
from network.joining import is_leaderless
from network.models import Agency, Agreement, Membership, Network, Signature

REMINDER = (
    "{agency} has not signed {title}, version {n}, of {network}. Where no signature is in force, restricted things and "
    "strict alerts of others are closed to the agency. A lead or deputy can sign in a few minutes."
)


@transaction.atomic
def publish(
    *,
    network: Network,
    title: str,
    text: str,
    from_at: dt.datetime | None = None,
    former_until: dt.datetime | None = None,
    by: User,
) -> Agreement:
    """Publish the next version of the network's agreement and return it. It counts from now or a moment to come; what
    was signed before counts until `former_until`, or until the new one begins.

    The network's coordinators may. Raises PermissionDenied; ValidationError for an empty text, a beginning in the past,
    or a former version that would end before the new one begins.
    """
    roles.require(by, "agreement.publish", network)
    Network.objects.select_for_update().get(pk=network.pk)  # versions are numbered one at a time
    begins = _beginning(from_at)
    ends = former_until or begins
    if ends < begins:
        raise ValidationError({"former_until": "The former version must count until the new one begins, or longer"})
    former = Agreement.objects.filter(network=network)
    made = Agreement(
        network=network,
        version=(former.aggregate(last=Max("version"))["last"] or 0) + 1,
        title=title.strip(),
        text=text.strip(),
        from_at=begins,
        published_by=by,
    )
    made.full_clean()
    former.filter(Q(until_at=None) | Q(until_at__gt=ends), from_at__lte=ends).update(until_at=ends)
    former.filter(from_at__gt=ends).update(until_at=F("from_at"))  # overtaken before it began
    made.save(force_insert=True)
    trail.record("agreement.publish", made, by=by, version=made.version, digest=agreements.fingerprint(made))
    return made


@transaction.atomic
def sign(
    *, agreement: Agreement, agency: Agency, signed_as: str, position: str, digest: str = "", by: User
) -> Signature:
    """Sign a version for an agency, and return the signature; what rests on it opens at once. The agency's leads may.

    `digest` is of the text that was on the page: what is signed is what was read. Raises PermissionDenied;
    ValidationError without a name and a position, when the agency has signed it already or is no live or joining member
    of the network, and when the version has ended.
    """
    roles.require(by, "agreement.sign", agency)
    _require_place(agreement, agency, by)
    found = agreements.fingerprint(agreement)
    if digest and digest != found:
        raise ValidationError("This is not the text that was on the page. Read it again, then sign.")
    if Signature.objects.filter(agreement=agreement, agency=agency).exists():
        raise ValidationError(f"{agency} has signed this version already.")
    made = Signature(
        agreement=agreement, agency=agency, signed_by=by, signed_as=signed_as.strip(), position=position.strip()
    )
    if not (made.signed_as and made.position):
        raise ValidationError("Enter the name and the position of who signs.")
    made.full_clean(exclude=["signed_by"])
    made.save(force_insert=True)
    trail.record("agreement.sign", made, by=by, version=agreement.version, digest=found)
    return made


@transaction.atomic
def remind(*, agreement: Agreement, place: Membership, by: User) -> Membership:
    """Remind those who lead a member of the network that their agency has yet to sign this version: a notice, at most
    one a day to an agency. The network's coordinators may.

    Raises PermissionDenied, also for an agency that is no live member there; ValidationError when it has signed, when
    nobody leads it, when the version has ended, and when it was reminded within a day.
    """
    roles.require(by, "agreement.remind", agreement)
    places = Membership.objects.filter(member(), pk=place.pk, network=agreement.network_id).select_related("agency")
    found = places.select_related("network").first()
    if found is None:
        raise PermissionDenied("Your role does not let you do this.")
    _require_unsigned(agreement, found)
    again = Membership.objects.filter(agreements.may_be_reminded(), pk=found.pk)
    if not again.update(reminded_at=Now()):
        raise ValidationError(f"{found.agency} was reminded within the last day. Telephone, or wait until tomorrow.")
    found.refresh_from_db(fields=["reminded_at"])
    above.tell_leads(
        found.agency,
        found.network,
        subject=f"{found.agency} has yet to sign the agreement",
        text=REMINDER.format(agency=found.agency, network=found.network, title=agreement.title, n=agreement.version),
        path=reverse("network:agreement", args=[agreement.pk]),
    )
    trail.record("agreement.remind", found, by=by, version=agreement.version)
    return found


def _require_unsigned(agreement: Agreement, place: Membership) -> None:
    if agreements.is_over(agreement):
        raise ValidationError("This version has ended: nobody can sign it any more.")
    if Signature.objects.filter(agreement=agreement, agency=place.agency_id).exists():
        raise ValidationError(f"{place.agency} has signed this version.")
    if is_leaderless(place.agency_id):
        raise ValidationError(f"Nobody leads {place.agency}, so nobody can sign. Invite a lead first.")


def _beginning(asked: dt.datetime | None) -> dt.datetime:
    now = timezone.now()
    if asked is not None and asked < now:
        raise ValidationError({"from_at": "The day it begins must be in the future"})
    return asked or now


def _require_place(agreement: Agreement, agency: Agency, by: User) -> None:
    """The agency belongs there now, and the version can still be signed: one that ended is not even seen."""
    current = Agreement.objects.visible_to(by).filter(not_ended(), pk=agreement.pk)
    place = Membership.objects.filter(joining() | member(), network=agreement.network_id, agency=agency)
    if not place.exists():
        raise PermissionDenied("Your role does not let you do this.")
    if not current.exists():
        raise ValidationError("This version is not in force any more. Sign the one that followed it.")

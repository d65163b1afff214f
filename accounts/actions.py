"""What people do to their own way in, and what is done to an account. Each deed is one transaction and one entry."""

from __future__ import annotations

from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from accounts import codes, factors, moving, notices, sessions
from accounts.factors import Kind, require_fresh
from accounts.models import AddressChange, Identity, Notice, SignIn, User
from audit import trail

ADDED = {Kind.TOTP: Notice.Kind.APP_ADDED, Kind.WEBAUTHN: Notice.Kind.PASSKEY_ADDED}
REMOVED = {Kind.TOTP: Notice.Kind.APP_REMOVED, Kind.WEBAUTHN: Notice.Kind.PASSKEY_REMOVED}


class Added(NamedTuple):
    """A new factor, and the recovery codes where it is the first: told here and never again."""

    factor: Authenticator
    recovery_codes: list[str]


@transaction.atomic
def add_app(*, secret: str, period: int, by: User) -> Added:
    """Make the app that holds this secret a factor of yours; it takes the place of the app before it.

    `period` is the one whose code was checked, which counts as used. A first factor may be set up by whoever has just
    signed in with the password; any other only after a fresh one. Raises FreshFactorNeeded, a PermissionDenied.
    """
    _may_add(by)
    Authenticator.objects.filter(user=by, type=Kind.TOTP).delete()
    return _added(codes.keep_app(by, secret, period), by)


@transaction.atomic
def add_passkey(*, name: str, credential: dict[str, Any], by: User) -> Added:
    """Make this passkey, which has been checked, a factor of yours. Raises FreshFactorNeeded, a PermissionDenied,
    as `add_app` does."""
    _may_add(by)
    data = {"name": name, "credential": credential}
    return _added(Authenticator.objects.create(user=by, type=Kind.WEBAUTHN, data=data), by)


@transaction.atomic
def remove_factor(*, factor: Authenticator, by: User) -> Authenticator:
    """Take away a factor of yours. Raises FreshFactorNeeded; ValidationError for the last one, without which you could
    not come in; PermissionDenied for somebody else's."""
    require_fresh(by)
    _hold(by)
    if factor.user_id != by.pk or factor.type not in factors.MAIN:
        raise PermissionDenied("Only your own passkeys and app can be removed.")
    if len(factors.of(by)) < 2:
        raise ValidationError("You cannot remove your only second factor. Add another one first")
    kind, _ = factor.type, factor.delete()
    notices.owe(REMOVED[Kind(kind)], by)
    trail.record("factor.remove", by, by=by, kind=str(kind))
    return factor


@transaction.atomic
def renew_recovery_codes(*, by: User) -> list[str]:
    """Ten new recovery codes; those from before end. Raises FreshFactorNeeded; PermissionDenied without a factor."""
    require_fresh(by)
    _hold(by)
    if not factors.has_any(by):
        raise PermissionDenied("Set up a second factor first.")
    made = codes.keep_recovery_codes(by)
    notices.owe(Notice.Kind.CODES_RENEWED, by)
    trail.record("recovery_codes.renew", by, by=by)
    return made


@transaction.atomic
def end_sign_in(*, sign_in: SignIn, by: User) -> None:
    """End one of the places where you are signed in. Raises PermissionDenied for somebody else's."""
    if sign_in.person_id != by.pk:
        raise PermissionDenied("You can end your own sign-ins only.")
    sessions.end(sign_in)
    trail.record("sign_in.end", by, by=by)


@transaction.atomic
def sign_out_everywhere(*, by: User) -> None:
    """End every sign-in of yours, this one as well. Raises PermissionDenied where that is nobody's."""
    if not isinstance(by, User):
        raise PermissionDenied
    sessions.end_all(by)
    trail.record("sign_in.end_all", by, by=by)


@transaction.atomic
def link_identity(*, issuer: str, subject: str, by: User) -> Identity:
    """Let this account at your organisation stand in for your password. Raises FreshFactorNeeded, a PermissionDenied;
    ValidationError where it is somebody else's already, or you have linked another one."""
    require_fresh(by)
    _hold(by)
    if Identity.objects.filter(issuer=issuer).filter(Q(subject=subject) | Q(person=by)).exists():
        raise ValidationError("That account, or another one of yours, is linked already")
    linked = Identity.objects.create(person=by, issuer=issuer, subject=subject)
    notices.owe(Notice.Kind.LINKED, by)
    trail.record("identity.link", by, by=by)
    return linked


@transaction.atomic
def unlink_identity(*, identity: Identity, by: User) -> None:
    """Let it stand in no more. Raises FreshFactorNeeded; PermissionDenied for somebody else's."""
    require_fresh(by)
    if identity.person_id != by.pk:
        raise PermissionDenied("You can unlink your own account only.")
    identity.delete()
    notices.owe(Notice.Kind.UNLINKED, by)
    trail.record("identity.unlink", by, by=by)


@transaction.atomic
def close(*, person: User, by: User) -> User:
    """Close an account: from this moment the person can neither come in nor be answered as anybody.

    In the same transaction end their sessions, second factors, password and linked accounts (a phone that a leaver kept
    opens nothing, also not after the account is opened again by an invitation), and everything that the floors above
    name in `ENDED_WITH_PERSON`. Who may is decided above, by `MAY_CLOSE`. Closing what is closed changes nothing.
    Raises PermissionDenied, also for one's own account.
    """
    _require_may_close(person, by)
    held = _hold(person)
    if not held.is_active:
        return held
    held.set_unusable_password()
    User.objects.filter(pk=held.pk).update(is_active=False, password=held.password, closed_at=Now())
    sessions.end_all(held)
    Authenticator.objects.filter(user=held).delete()
    held.identities.all().delete()
    for path in settings.ENDED_WITH_PERSON:
        import_string(path)(held, by)
    notices.owe(Notice.Kind.CLOSED, held)
    trail.record("account.close", held, by=by)
    held.refresh_from_db()
    return held


@transaction.atomic
def ask_address(*, email: str, by: User) -> AddressChange:
    """Ask that your account go by this address: a link is sent to it, and a notice to the one you have. Nothing changes
    before the link has been followed. Whether somebody else has the address is told to nobody.

    Raises FreshFactorNeeded, a PermissionDenied; ValidationError for an address that is none, or yours, and after five
    in a day.
    """
    require_fresh(by)
    held = _hold(by)
    change = AddressChange(person=held, old=held.email, new=email.strip().lower())
    change.clean_fields(exclude=["digest"])
    if change.new == held.email:
        raise ValidationError({"email": "This is your address already"})
    if AddressChange.objects.filter(person=held, asked_at__gt=Now() - AddressChange.LASTS).count() >= moving.ENOUGH:
        raise ValidationError("You have asked for too many changes. Try again tomorrow")
    moving.end_all(held)
    change.save(force_insert=True)
    notices.owe(Notice.Kind.ADDRESS_CONFIRM, held, email=change.new, change=change)
    notices.owe(Notice.Kind.ADDRESS_ASKED, held)
    trail.record("address.ask", held, by=by)
    return change


@transaction.atomic
def give_up_address(*, change: AddressChange, by: User) -> None:
    """The link that was sent to the new address opens nothing any more. Raises PermissionDenied for somebody else's."""
    if change.person_id != by.pk:
        raise PermissionDenied("You can give up a change of your own address only.")
    moving.end_all(by)
    trail.record("address.give_up", by, by=by)


@transaction.atomic
def change_address(*, digest: str, here: str | None = None, by: User) -> User:
    """Let your account go by the address to which the secret with this digest was sent. You are signed out everywhere
    but in the session with the key `here`, and the old address is told.

    An organisation's own sign-in stays linked: it knows you by its subject and never by an address. Raises
    FreshFactorNeeded; PermissionDenied, in the same words, for a secret that opens nothing, or not for you, and for an
    address that is taken.
    """
    require_fresh(by)
    held = _hold(by)
    change = moving.opened_by(digest, held)
    if change is None or not held.is_active:
        raise PermissionDenied("This link does not work.")
    try:
        with transaction.atomic():
            User.objects.filter(pk=held.pk).update(email=change.new)
    except IntegrityError as taken:
        raise PermissionDenied("This link does not work.") from taken
    AddressChange.objects.filter(pk=change.pk).update(ended_at=Now(), made_at=Now(), digest=None)
    EmailAddress.objects.filter(user=held).delete()  # allauth's copy, by which the old one would still sign in
    sessions.end_all(held, but=here)
    for path in settings.ENDED_WITH_ADDRESS:
        import_string(path)(held, change.old)
    notices.owe(Notice.Kind.ADDRESS_CHANGED, held, email=change.old)
    trail.record("address.change", held, by=by)
    held.refresh_from_db()
    return held


def _added(factor: Authenticator, by: User) -> Added:
    is_first = not Authenticator.objects.filter(user=by, type=Kind.RECOVERY_CODES).exists()
    made = codes.keep_recovery_codes(by) if is_first else []
    notices.owe(ADDED[Kind(factor.type)], by)
    trail.record("factor.add", by, by=by, kind=str(factor.type))
    return Added(factor, made)


def _may_add(by: User) -> None:
    """A first factor needs the password only; whoever has one must have given it just now."""
    _hold(by)
    if factors.has_any(by):
        require_fresh(by)


def _hold(person: User) -> User:
    """The person's row, locked, so that two deeds at once come one after the other."""
    held: User = User.objects.select_for_update().get(pk=person.pk)
    return held


def _require_may_close(person: User, by: User) -> None:
    if not isinstance(by, User) or by.pk == person.pk:
        raise PermissionDenied("Nobody closes their own account.")
    if not settings.MAY_CLOSE:
        raise PermissionDenied("Nobody may close accounts here.")
    import_string(settings.MAY_CLOSE)(person, by)

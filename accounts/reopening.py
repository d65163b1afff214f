"""A closed account is opened again: for somebody who comes back, or was closed by mistake."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from accounts import notices, sessions
from accounts.models import Notice, User
from audit import trail


def begin_anew(person: User, *, name: str, password: str | None) -> User | None:
    """Open this closed account again, as if it had just been made; None where it is open.

    What ended with it stays ended: no session, no second factor, no linked account, no password and no role of before
    comes back. Call it inside the transaction of an action that has decided that the person may come in, by a proof
    that the mailbox is theirs.
    """
    held: User = User.objects.select_for_update().get(pk=person.pk)
    if held.is_active:
        return None
    sessions.end_all(held)
    Authenticator.objects.filter(user=held).delete()
    held.identities.all().delete()
    held.name, held.is_active, held.closed_at = name, True, None
    held.set_password(password)
    held.clean_fields(exclude=["password"])
    held.save(update_fields=["name", "is_active", "closed_at", "password"])
    notices.owe(Notice.Kind.REOPENED, held)
    trail.record("account.reopen", held, by=held if password else None)
    return held

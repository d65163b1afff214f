"""Letters about invitations, handovers and agencies without a lead: written here, away from any page.

The row of a letter is the queue, and bells carry nothing. A letter is claimed by a conditional UPDATE; whether it may
still go is decided anew at that moment. The secret of an invitation's link is made here, when the letter is handed
over: the database gets its digest and the broker nothing, and every new letter ends the link in the one before.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import letterbox
from accounts.tokens import digest_of
from network import dates, inviting, joining
from network.models import Invitation, Letter

Kind = Letter.Kind
SUBJECTS = {
    Kind.INVITATION: "You are invited to join Lantern",
    Kind.ASK_YES: "An invitation waits for your yes",
    Kind.HANDOVER: "Somebody’s duties wait for your yes",
    Kind.DECLINED: "A handover came back to you",
    Kind.NO_LEAD: "An agency has lost its last lead",
    Kind.JOINING: "Your agency has yet to finish joining",
}


def owe(kind: Kind, **about: Any) -> Letter:
    """Write down that a letter is to be sent. Call it inside the action's transaction, and ring when it has ended."""
    return Letter.objects.create(kind=kind, **about)


def drop(letters: QuerySet[Letter]) -> None:
    """These are no longer wanted. What the mail server is being handed at this moment may still arrive."""
    letters.filter(due_at__isnull=False).update(due_at=None, lease_until=None)


def waiting() -> list[int]:
    """The letters that are due and that nobody is sending, oldest first."""
    return list(letterbox.free(Letter.objects.order_by("pk")).values_list("pk", flat=True)[:100])


def send(pk: int) -> bool:
    """Send this letter, if it is due, still wanted, and nobody else is sending it. True if it was handed over."""
    if not letterbox.claim(Letter.objects.filter(pk=pk)):
        return False
    letter = Letter.objects.select_related("person", "invitation", "handover", "agency").get(pk=pk)
    address, facts = _address(letter), _facts(letter)
    if address is None or facts is None:
        drop(Letter.objects.filter(pk=pk))
        return False
    if problem := letterbox.hand_over(_message(Kind(letter.kind), address, facts), letter.kind):
        _later(letter, problem)
        return False
    Letter.objects.filter(pk=pk).update(sent_at=Now(), due_at=None, lease_until=None, problem="")
    return True


def _address(letter: Letter) -> str | None:
    """Where to; None for somebody who may not sign in any more."""
    if letter.kind == Kind.INVITATION:
        return letter.invitation.email if letter.invitation else None
    return letter.person.email if letter.person and letter.person.is_active else None


def _facts(letter: Letter) -> dict[str, Any] | None:
    """What the letter says; None when there is nothing to say any more."""
    if letter.kind == Kind.INVITATION:
        return _invitation(letter.invitation)
    if letter.kind == Kind.NO_LEAD and letter.agency:
        path = reverse("network:agency_people", args=[letter.agency.pk])
        return {"agency": str(letter.agency), "link": settings.BASE_URL + path}
    if letter.kind == Kind.JOINING and letter.agency:
        return _joining(letter)
    if letter.invitation and Invitation.objects.awaiting_yes().filter(pk=letter.invitation.pk).exists():
        return {"link": settings.BASE_URL + reverse("network:invitation", args=[letter.invitation.pk])}
    if letter.handover and _still_to_tell(letter):
        return {"link": settings.BASE_URL + reverse("network:handover", args=[letter.handover.pk])}
    return None


def _joining(letter: Letter) -> dict[str, Any] | None:
    """None once the agency joins no more, or the person does not lead it any more."""
    assert letter.agency is not None  # noqa: S101  asked by the caller
    leads = joining.leading([letter.agency.pk]).filter(person=letter.person_id)
    if not leads.exists() or not letter.agency.memberships.filter(dates.joining()).exists():
        return None
    return {"agency": str(letter.agency), "link": settings.BASE_URL + reverse("network:agencies")}


def _still_to_tell(letter: Letter) -> bool:
    handover = letter.handover
    assert handover is not None  # noqa: S101  asked by the caller
    over = bool(handover.accepted_at or handover.ended_at)
    return over if letter.kind == Kind.DECLINED else not over


def _invitation(invitation: Invitation | None) -> dict[str, Any] | None:
    """The link with a secret made now. Its digest is written first, so that no link is out that nobody knows of."""
    if invitation is None or not inviting.holds(invitation):
        return None
    token = secrets.token_urlsafe(32)
    if not Invitation.objects.open().filter(pk=invitation.pk).update(digest=digest_of(token)):
        return None
    return {
        "name": invitation.name,
        "inviter": str(invitation.invited_by),
        "role": invitation.get_role_display().lower(),
        "place": str(invitation.place),
        "until": invitation.expires_at,
        "link": settings.BASE_URL + reverse("network:open_invitation", args=[token]),
    }


def _message(kind: Kind, address: str, facts: dict[str, Any]) -> EmailMessage:
    text = render_to_string(f"email/network/{kind}.txt", facts)
    return EmailMessage(SUBJECTS[kind], text, None, [address], headers={"Auto-Submitted": "auto-generated"})


def _later(letter: Letter, problem: letterbox.Problem) -> None:
    due = letterbox.next_try(letter.tries, problem)
    Letter.objects.filter(pk=letter.pk).update(
        due_at=due, lease_until=None, tries=letter.tries + 1, problem=problem.words
    )

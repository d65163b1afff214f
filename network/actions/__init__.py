"""What people do to networks, agencies, the people who speak for them, and their keys."""

from network.actions.invitations import accept, agree, cancel_invitation, invite, join, send_again
from network.actions.keys import end_key, issue_key
from network.actions.leaving import accept_handover, ask_handover, decline_handover, leave, take_back_handover
from network.actions.people import appoint, confirm_people, cover, end_appointment

__all__ = [
    "accept",
    "accept_handover",
    "agree",
    "appoint",
    "ask_handover",
    "cancel_invitation",
    "confirm_people",
    "cover",
    "decline_handover",
    "end_appointment",
    "end_key",
    "invite",
    "issue_key",
    "join",
    "leave",
    "send_again",
    "take_back_handover",
]

"""What people do with alerts: their life from draft to withdrawal, and what follows where nobody acknowledges."""

from alerts.actions.climbing import note_call, set_ladder, take_back_call
from alerts.actions.life import (
    acknowledge,
    address,
    draft,
    edit,
    release,
    return_to_author,
    submit,
    withdraw,
)

__all__ = [
    "acknowledge",
    "address",
    "draft",
    "edit",
    "note_call",
    "release",
    "return_to_author",
    "set_ladder",
    "submit",
    "take_back_call",
    "withdraw",
]

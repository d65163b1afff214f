"""What people do in the directory. Each deed asks whether they may, is one transaction and leaves one entry."""

from directory.actions.listings import add, confirm, edit, edit_agency, tighten
from directory.actions.loosening import ask_to_loosen, end_loosening, loosen
from directory.actions.protected import (
    ask_safe_place,
    confirm_safe_place,
    end_safe_place_change,
    name_cover,
    reveal_mobile,
    reveal_safe_place,
    review_safe_place,
)
from directory.actions.sharing import accept_share, end_share, offer_share

__all__ = [
    "accept_share",
    "add",
    "ask_safe_place",
    "ask_to_loosen",
    "confirm",
    "confirm_safe_place",
    "edit",
    "edit_agency",
    "end_loosening",
    "end_safe_place_change",
    "end_share",
    "loosen",
    "name_cover",
    "offer_share",
    "reveal_mobile",
    "reveal_safe_place",
    "review_safe_place",
    "tighten",
]

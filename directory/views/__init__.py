"""The directory's pages. What a person may not see answers as what does not exist."""

from directory.views.listings import (
    add_listing,
    agency,
    confirm,
    edit_agency,
    edit_listing,
    listing,
    search,
    tighten,
)
from directory.views.loosening import loosen, loosening
from directory.views.needs import end_grant, grants
from directory.views.protected import (
    change_safe_place,
    cover,
    covers,
    reveal_mobile,
    safe_place,
    safe_place_change,
    viewings,
    viewings_csv,
)
from directory.views.sharing import accept_share, end_share, shares, sharing

__all__ = [
    "accept_share",
    "add_listing",
    "agency",
    "change_safe_place",
    "confirm",
    "cover",
    "covers",
    "edit_agency",
    "edit_listing",
    "end_grant",
    "end_share",
    "grants",
    "listing",
    "loosen",
    "loosening",
    "reveal_mobile",
    "safe_place",
    "safe_place_change",
    "search",
    "shares",
    "sharing",
    "tighten",
    "viewings",
    "viewings_csv",
]

"""What agencies offer: listings and what hangs on them, whom they are opened to, and the reference tables.

Who may see each is in `directory/rules.py`, one `seen_by` a model.
"""

from directory.models.granted import Grant, ListingGrant, SafePlaceGrant
from directory.models.listings import ASSURED_FOR, Access, Contact, Listing, OpeningHours, Place, Term
from directory.models.protected import Cover, Mobile, SafePlace, SafePlaceChange
from directory.models.shared import Loosening, Share, Shares
from directory.models.tables import FirstResponder, Helpline

__all__ = [
    "ASSURED_FOR",
    "Access",
    "Contact",
    "Cover",
    "FirstResponder",
    "Grant",
    "Helpline",
    "Listing",
    "ListingGrant",
    "Loosening",
    "Mobile",
    "OpeningHours",
    "Place",
    "SafePlace",
    "SafePlaceChange",
    "SafePlaceGrant",
    "Share",
    "Shares",
    "Term",
]

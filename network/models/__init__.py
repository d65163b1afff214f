"""Networks, the places they cover, the agencies in them, and who speaks for each."""

from network.models.machines import ApiKey
from network.models.people import Appointment, Handover, Invitation, Letter
from network.models.places import Agency, Agreement, Area, Dated, Membership, Network, Signature, Suspension
from network.models.successions import Party, Succession

__all__ = [
    "Agency",
    "Agreement",
    "ApiKey",
    "Appointment",
    "Area",
    "Dated",
    "Handover",
    "Invitation",
    "Letter",
    "Membership",
    "Network",
    "Party",
    "Signature",
    "Succession",
    "Suspension",
]

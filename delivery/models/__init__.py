"""The ledger: what is sent, to whom and why, how it went by each channel, and what people asked for."""

from delivery.models.deliveries import Deliveries, Delivery, Report
from delivery.models.gates import Breaker, Gate
from delivery.models.messages import Audience, Mailing, Recipient, Recipients, is_strict, one_line
from delivery.models.ways import Endpoint, Number, NumberCode, Preference, Quiet, SetAside

__all__ = [
    "Audience",
    "Breaker",
    "Deliveries",
    "Delivery",
    "Endpoint",
    "Gate",
    "Mailing",
    "Number",
    "NumberCode",
    "Preference",
    "Quiet",
    "Recipient",
    "Recipients",
    "Report",
    "SetAside",
    "is_strict",
    "one_line",
]

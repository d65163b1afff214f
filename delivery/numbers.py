"""Mobile numbers as people type them, and as they are kept and shown."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from phonenumbers import NumberParseException, PhoneNumberFormat

HERE = "GB"
MOBILE_HERE = ("7",)  # after the country code; Ofcom's numbering plan: 07 numbers, of which 070 and 076 are no mobiles
NOT_MOBILE = ("70", "76")
LENGTH_HERE = 10
EXAMPLE = "07700 900123"


def mobile(typed: str) -> str:
    """The number in E.164, from the way somebody typed it: a British one without a country code, any other with one.

    Raises ValidationError for what cannot be a mobile number. Whether it exists is for a message to show: numbers that
    are set aside for films would not pass for valid ones, and new ranges not yet.
    """
    try:
        number = phonenumbers.parse(typed, HERE)
    except NumberParseException:
        raise ValidationError(f"Enter a mobile number, like {EXAMPLE}") from None
    if number.extension or not phonenumbers.is_possible_number(number):
        raise ValidationError(f"Enter a whole mobile number, like {EXAMPLE}")
    national = phonenumbers.national_significant_number(number)
    if number.country_code == phonenumbers.country_code_for_region(HERE) and not _is_mobile_here(national):
        raise ValidationError(f"Enter a mobile number, like {EXAMPLE}. Other numbers cannot get text messages")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def masked(number: str) -> str:
    """As it may be shown: it is to be recognised, not read."""
    return f"ends in {number[-3:]}"


def _is_mobile_here(national: str) -> bool:
    return len(national) == LENGTH_HERE and national.startswith(MOBILE_HERE) and not national.startswith(NOT_MOBILE)

"""What is typed about the number for text messages."""

from __future__ import annotations

from django import forms

from accounts.forms import CodeField
from accounts.rendering import Form
from delivery import numbers

WRONG = "This is not the code that we sent last. Check it, or send another code"


class NumberForm(Form):
    """A mobile number, as people write it. The action says what it means."""

    number = forms.CharField(
        label="Your mobile number",
        max_length=30,
        help_text=f"For example, {numbers.EXAMPLE}. "
        "For a number from abroad, begin with its country code, such as +353",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "govuk-input--width-20"}),
        error_messages={"required": "Enter your mobile number", "max_length": "Enter a mobile number"},
    )

    def clean_number(self) -> str:
        """The number in E.164."""
        return numbers.mobile(self.cleaned_data["number"])


class NumberCodeForm(Form):
    """The code that was sent to the number."""

    code = CodeField(
        label="Code from the text message",
        help_text="6 digits",
        error_messages={"required": "Enter the code from the text message", "max_length": WRONG},
    )

"""Signing in, passwords and second factors: our forms, and django-allauth's in our look and words (`ACCOUNT_FORMS` in
the settings)."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as theirs
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts import codes, factors
from accounts.models import User
from accounts.rendering import Form, Plain

HOW_TO_CHOOSE = (
    "At least 10 characters. It can be a few words you will remember. You can paste it from a password manager."
)


class SignInForm(Plain, theirs.LoginForm):  # type: ignore[misc]
    """Email address and password. Which of the two was wrong is never said."""

    labels: ClassVar[dict[str, str]] = {"login": "Email address", "password": "Password"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(autocomplete="username", spellcheck="false")
        self.fields["password"].help_text = ""


class ForgottenForm(Form):
    """Asks for a link. Nobody is looked up, so the answer cannot tell who has an account."""

    email = forms.EmailField(
        label="Email address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class AddressForm(Form):
    """The address that an account is to go by. Nobody is looked up, so the answer cannot tell who has an account."""

    email = forms.EmailField(
        label="New email address",
        help_text="We send a link to it. Use an address that only you read.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )


class ResetPasswordKeyForm(Plain, theirs.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, typed once: it can be shown, so it need not be typed twice."""

    labels: ClassVar[dict[str, str]] = {"password1": "New password"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"].help_text = HOW_TO_CHOOSE


class ChangePasswordForm(Plain, theirs.ChangePasswordForm):  # type: ignore[misc]
    """The password until now, and the new one, typed once."""

    labels: ClassVar[dict[str, str]] = {"oldpassword": "Current password", "password1": "New password"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = HOW_TO_CHOOSE


class CodeField(forms.CharField):
    """Six digits of an app, or eight of a recovery code, typed with or without spaces."""

    def __init__(self, **kwargs: Any) -> None:
        shape = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        css = "govuk-input--width-10 govuk-input--extra-letter-spacing"
        super().__init__(max_length=20, widget=forms.TextInput(attrs={**shape, "class": css}), **kwargs)


class ConfirmForm(Form):
    """The second step of signing in, and “Confirm that it is you”: a code or a passkey's answer. `factor` is what was
    given; a code is used up by being right."""

    code = CodeField(
        label="Code", required=False, help_text="6 numbers from your authenticator app, or a recovery code"
    )
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)
    mark_optional = False

    def __init__(self, *args: Any, request: HttpRequest, person: User, **kwargs: Any) -> None:
        self.request, self.person = request, person
        self.factor: Authenticator | None = None
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """One of the two, checked."""
        cleaned = super().clean() or self.cleaned_data
        try:
            self.factor = self._given(cleaned)
        except ValidationError as problem:
            self.add_error("code", problem)
        return cleaned

    def _given(self, cleaned: dict[str, Any]) -> Authenticator:
        if cleaned.get("credential"):
            return factors.check_passkey(self.request, self.person, cleaned["credential"])
        if not cleaned.get("code"):
            raise ValidationError("Enter a code")
        return factors.check_code(self.request, self.person, cleaned["code"])


class AppForm(Form):
    """The first code of an authenticator app that is being set up. `period` is when it was made."""

    code = CodeField(label="Code from the app", help_text="6 numbers. They change every half minute")

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        self.secret, self.period = secret, 0
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """The code, if it is one of this secret."""
        period = codes.period_of(self.secret, self.cleaned_data["code"])
        if period is None:
            raise ValidationError("That code is not right. Check that your phone’s clock is set by itself")
        self.period = period
        return str(self.cleaned_data["code"])


class NewPasskeyForm(Plain, passkeys.AddWebAuthnForm):  # type: ignore[misc]
    """A passkey that the browser has just made, and a name to know it by."""

    labels: ClassVar[dict[str, str]] = {"name": "Name of this passkey"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)
        self.fields["name"] = forms.CharField(
            label="Name of this passkey",
            max_length=60,
            help_text="So that you know it in a list, such as “Work laptop” or “My phone”",
            error_messages={"required": "Enter a name for this passkey"},
        )
        self.fields["credential"].error_messages["required"] = "The passkey was not made. Try again"

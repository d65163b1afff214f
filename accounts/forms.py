"""Signing in and passwords: django-allauth's forms in our look and words (`ACCOUNT_FORMS` in the settings)."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as theirs

from accounts.rendering import Plain

HOW_TO_CHOOSE = (
    "At least 10 characters. It can be a few words you will remember. You can paste it from a password manager."
)


class SignInForm(Plain, theirs.LoginForm):  # type: ignore[misc]
    """E-mail address and password. Which of the two was wrong is never said."""

    labels: ClassVar[dict[str, str]] = {"login": "Email address", "password": "Password"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(autocomplete="username", spellcheck="false")
        self.fields["password"].help_text = ""


class ResetPasswordForm(Plain, theirs.ResetPasswordForm):  # type: ignore[misc]
    """Asks for a link. The answer is the same whether or not the address is known."""

    labels: ClassVar[dict[str, str]] = {"email": "Email address"}


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

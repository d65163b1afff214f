"""Signing in, second factors, passwords and sessions: the views of django-allauth that are used here, and our own.

The names are allauth's where it looks for them. There is none for signing up: people are invited.
"""

from __future__ import annotations

from allauth.account import views as allauth
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path

from accounts.views import addresses, confirm, factors, organisations, sessions, sign_in

urlpatterns = [
    path("sign-in/", allauth.login, name="account_login"),
    path("sign-in/code/", sign_in.second_step, name="mfa_authenticate"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/organisation/", organisations.begin, name="account_organisation"),
    path("sign-in/organisation/back/", organisations.back, name="account_organisation_back"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("confirm/", confirm.confirm, name="account_confirm"),
    path("set-up/", factors.set_up, name="account_set_up"),
    path("your-sign-in/", factors.overview, name="account_overview"),
    path("your-sign-in/app/", factors.app, name="account_app"),
    path("your-sign-in/passkey/", factors.passkey, name="account_passkey"),
    path("your-sign-in/recovery-codes/", factors.recovery_codes, name="account_recovery_codes"),
    path("your-sign-in/factors/<int:number>/remove/", factors.remove, name="account_remove_factor"),
    path("your-sign-in/organisation/", organisations.link, name="account_link_organisation"),
    path("your-sign-in/organisation/<int:number>/unlink/", organisations.unlink, name="account_unlink_organisation"),
    path("your-sign-in/places/<int:number>/end/", sessions.end, name="account_end_place"),
    path("your-sign-in/places/end/", sessions.end_all, name="account_end_all"),
    path("your-sign-in/address/", addresses.ask, name="account_address"),
    path("your-sign-in/address/give-up/", addresses.give_up, name="account_give_up_address"),
    path("your-sign-in/address/confirm/", addresses.confirm, name="account_confirm_address"),
    path("address/<str:token>/", addresses.open_link, name="account_open_address"),
    path("closed/", allauth.account_inactive, name="account_inactive"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("password/set/", sign_in.set_password, name="account_set_password"),
    path("password/reset/", sign_in.forgotten, name="account_reset_password"),
    path("password/reset/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path("password/reset/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]

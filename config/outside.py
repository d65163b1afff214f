"""Settings of what is beyond the mail server: text messages, and what comes back. All of it is off unless set."""

from __future__ import annotations

import re

from django.core.exceptions import ImproperlyConfigured

from config import environment as env

_PRODUCTION = env.text("MODE", "production") == "production"
SHORTEST_TOKEN = 32


def _token(name: str) -> str:
    """A token that somebody else's system shows; empty when there is none."""
    value = env.text(name)
    if value and _PRODUCTION and len(value) < SHORTEST_TOKEN:
        raise ImproperlyConfigured(f"LANTERN_{name} must be {SHORTEST_TOKEN} or more unpredictable characters.")
    return value


# ── Text messages, by GOV.UK Notify ───────────────────────────────────────────────────────────────────────────────────
# The key as Notify shows it, once: its name, the service's ID and the secret, with hyphens between them.
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NOTIFY_KEY = env.text("NOTIFY_KEY")
NOTIFY_TEMPLATE = env.text("NOTIFY_TEMPLATE")
NOTIFY_URL = env.text("NOTIFY_URL", "https://api.notifications.service.gov.uk").rstrip("/")
NOTIFY_CALLBACK_TOKEN = _token("NOTIFY_CALLBACK_TOKEN")
if bool(NOTIFY_KEY) != bool(NOTIFY_TEMPLATE):
    raise ImproperlyConfigured("Set both of LANTERN_NOTIFY_KEY and LANTERN_NOTIFY_TEMPLATE, or neither.")
if NOTIFY_KEY and not re.fullmatch(f".+-{_UUID}-{_UUID}", NOTIFY_KEY):
    raise ImproperlyConfigured("LANTERN_NOTIFY_KEY is not a key of GOV.UK Notify: its name, an ID and a secret.")
if NOTIFY_TEMPLATE and not re.fullmatch(_UUID, NOTIFY_TEMPLATE):
    raise ImproperlyConfigured("LANTERN_NOTIFY_TEMPLATE must be the ID of a template of GOV.UK Notify.")
if _PRODUCTION and not NOTIFY_URL.startswith("https://"):
    raise ImproperlyConfigured("LANTERN_NOTIFY_URL must be an https:// address.")

# ── What comes back ───────────────────────────────────────────────────────────────────────────────────────────────────
# Mail that cannot be delivered is returned to an address of its own for each message: any name at this domain, or, with
# a plus sign, this one address.
BOUNCE_DOMAIN = env.text("BOUNCE_DOMAIN")
BOUNCE_ADDRESS = env.text("BOUNCE_ADDRESS")
if BOUNCE_DOMAIN and BOUNCE_ADDRESS:
    raise ImproperlyConfigured("Set LANTERN_BOUNCE_DOMAIN or LANTERN_BOUNCE_ADDRESS, not both.")
if BOUNCE_DOMAIN and not re.fullmatch(r"[A-Za-z0-9.-]+", BOUNCE_DOMAIN):
    raise ImproperlyConfigured("LANTERN_BOUNCE_DOMAIN must be a domain in ASCII, such as bounces.example.org.")
if BOUNCE_ADDRESS and not re.fullmatch(r"[A-Za-z0-9._-]{1,16}@[A-Za-z0-9.-]+", BOUNCE_ADDRESS):
    raise ImproperlyConfigured("LANTERN_BOUNCE_ADDRESS must be a short address without a plus sign.")
BOUNCE_IMAP_HOST = env.text("BOUNCE_IMAP_HOST")
BOUNCE_IMAP_PORT = env.number("BOUNCE_IMAP_PORT", 993)
BOUNCE_IMAP_USER = env.text("BOUNCE_IMAP_USER")
BOUNCE_IMAP_PASSWORD = env.text("BOUNCE_IMAP_PASSWORD")
BOUNCE_IMAP_FOLDER = env.text("BOUNCE_IMAP_FOLDER", "INBOX")
RETURNS_TOKEN = _token("RETURNS_TOKEN")

"""Letters leave without the name of the machine they leave from, which would stand in their headers for all to read."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from email.utils import make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend


class Backend(EmailBackend):
    """Django's own, which greets and signs with the sender's domain in place of the machine's name."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many the mail server took. Each has an identifier at the sender's domain, if it had none."""
        for message in email_messages:
            message.extra_headers.setdefault("Message-ID", make_msgid(domain=_domain()))
        return super().send_messages(email_messages) or 0

    @property
    def connection_class(self) -> Any:
        """What opens a line to the mail server; Django hands it the machine's name."""
        usual = super().connection_class

        def opened(host: str, port: int, **how: Any) -> smtplib.SMTP:
            return usual(host, port, **{**how, "local_hostname": _domain()})

        return opened


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]

"""Mail as mail servers write it when a message cannot be delivered, in the shapes of RFC 3464 and of plain words."""

from __future__ import annotations

from delivery import envelopes
from delivery.models import Delivery

DOMAIN = "bounces.lantern.example"


def token_of(row: Delivery, address: str = "") -> str:
    """The name that this delivery went by."""
    return envelopes.token(row.pk, address or row.recipient.person.email)


def bounce(
    token: str, *, action: str = "failed", status: str = "5.1.1", words: str = "", key: str = "one", to: str = ""
) -> bytes:
    """A report as Postfix and Exchange write it."""
    said = words or f"550 {status} <mia@lantern.example>: Recipient address rejected"
    return f"""Return-Path: <>
Received: from mx.lantern.example by lantern.example; Sun, 22 Nov 2026 09:30:00 +0000
Date: Sun, 22 Nov 2026 09:30:00 +0000
From: MAILER-DAEMON@mx.lantern.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to or f"{token}@{DOMAIN}"}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"
Message-ID: <{key}@mx.lantern.example>

This is a MIME-encapsulated message.

--edge
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.lantern.example
Arrival-Date: Sun, 22 Nov 2026 09:29:59 +0000

Final-Recipient: rfc822; mia@lantern.example
Original-Recipient: rfc822; mia@lantern.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--edge
Content-Type: message/rfc822

Return-Path: <{token}@{DOMAIN}>
From: Lantern <alerts@lantern.example>
To: mia@lantern.example
Subject: OFFICIAL: White van near the marina
Message-ID: <ours@lantern.example>

A white van was seen.

--edge--
""".replace("\n", "\r\n").encode()


def plain(token: str, words: str, **headers: str) -> bytes:
    """A message with nothing but words in it."""
    usual = {
        "Return-Path": "<>",
        "From": "Mail Delivery System <mailer-daemon@old.example>",
        "To": f"{token}@{DOMAIN}",
        "Subject": "failure notice",
        "Message-ID": "<plain@old.example>",
    }
    told = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{head}\r\n{words}\r\n".encode()

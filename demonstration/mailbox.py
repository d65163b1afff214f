"""The folder of caught mail: one file a message, named so that sorting by name sorts by time."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[0-9]{20}-[0-9a-f]{32}")
SHOWN = 100


@dataclass(frozen=True)
class Caught:
    """One message as it arrived: who it was for by its envelope, and what it says."""

    name: str
    sender: str
    recipients: tuple[str, ...]
    arrived_at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject, or words that say there is none."""
        return str(self.message["subject"] or "No subject")

    @property
    def text(self) -> str:
        """The plain text part, empty when there is none."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part, empty when there is none."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        return str(body.get_content()) if body is not None else ""


def folder() -> Path:
    """Where caught mail is kept; made when it is not there."""
    path: Path = settings.VAR / "mail"
    path.mkdir(parents=True, exist_ok=True)
    return path


def keep(sender: str, recipients: Sequence[str], content: bytes, *, into: Path) -> str:
    """Keep one accepted message, its envelope in front of it as final delivery writes it; return its name."""
    name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
    envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {each}" for each in recipients)]
    scratch = into / f".{name}"
    scratch.write_bytes("".join(f"{line}\r\n" for line in envelope).encode() + content)
    os.replace(scratch, into / f"{name}.eml")
    return name


def newest(limit: int = SHOWN) -> tuple[list[Caught], int]:
    """The newest messages, newest first, and how many there are in all."""
    names = sorted((entry.name for entry in os.scandir(folder()) if entry.name.endswith(".eml")), reverse=True)
    return [_read(folder() / name) for name in names[:limit]], len(names)


def find(name: str) -> Caught | None:
    """The message of that name, or None. The name is never taken for a path."""
    path = folder() / f"{name}.eml"
    return _read(path) if NAME.fullmatch(name) and path.is_file() else None


def _read(path: Path) -> Caught:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    arrived = datetime.fromtimestamp(int(path.stem.split("-")[0]) / 1e9, tz=UTC)
    recipients = tuple(str(each) for each in message.get_all("Delivered-To", []))
    return Caught(path.stem, str(message["Return-Path"] or "").strip("<>"), recipients, arrived, message)

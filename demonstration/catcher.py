"""An SMTP server for development: it accepts every message and keeps it, so that mail can be read and none leaves.

python -m demonstration.catcher --port 1025
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from demonstration.mailbox import folder, keep

HOST = "127.0.0.1"
LARGEST = 30 * 1024 * 1024


class Keeper:
    """What happens to a message: it is kept, then accepted."""

    def __init__(self, into: Path) -> None:
        self.into = into

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message and only then say so."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        keep(envelope.mail_from or "", envelope.rcpt_tos, content, into=self.into)
        return "250 Kept, not sent on"


async def catch(port: int, into: Path) -> None:
    """Listen on loopback until this process is told to stop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: SMTP(Keeper(into), data_size_limit=LARGEST, enable_SMTPUTF8=True, ident="Lantern mail catcher"),
        HOST,
        port,
    )
    async with server:
        await stop.wait()


def main(words: Sequence[str] | None = None) -> None:
    """Catch mail on the port given, into `mail` in the folder for state."""
    parser = argparse.ArgumentParser(description="Keeps all mail and sends none on.")
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(catch(parser.parse_args(words).port, folder()))


if __name__ == "__main__":
    main()

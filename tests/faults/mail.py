"""A mail server that misbehaves, seeded, and keeps the one list that counts: what it accepted, for whom and when."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from tests.servers import free_port

END = b"\r\n.\r\n"
BAD_FOR_GOOD = 97  # every so manieth address is refused for ever
SLOW = 0.8  # seconds for which an answer comes late

# How often each happens, of a thousand. At the beginning of a line:
AT_BANNER = {"421 busy": 60, "stall": 60, "hang up": 60}
# … for one recipient:
AT_RCPT = {"450 mailbox busy": 15, "451 try later": 15, "452 too much": 10}
# … when the whole message has been taken:
AT_END = {"421 closing": 3, "552 too big for now": 0, "drop": 6, "keep and drop": 6, "late": 4, "drip": 2}


class Accepted(NamedTuple):
    """One message taken: for whom, under which Message-ID, and when."""

    address: str
    message_id: str
    at: float


class Mail:
    """The server's account, and what it does to whom."""

    def __init__(self, seed: int, *, calm: bool = False) -> None:
        self.random = random.Random(seed)
        self.calm = calm
        self.accepted: list[Accepted] = []
        self.did: Counter[str] = Counter()
        self.port = free_port()

    def chosen(self, odds: Mapping[str, int]) -> str:
        """What goes wrong this time; empty when nothing does."""
        drawn = self.random.randrange(1000)
        for what, often in odds.items():
            if drawn < often and not self.calm:
                self.did[what.split()[0]] += 1
                return what
            drawn -= often
        return ""

    def is_bad(self, address: str) -> bool:
        """Whether this address is refused for good: by its number, so that a second look finds the same."""
        number = re.search(r"\d+", address)
        return not self.calm and number is not None and int(number[0]) % BAD_FOR_GOOD == 0

    async def line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from the greeting to its end."""
        try:
            if await self._greets(writer):
                await self._talks(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _greets(self, writer: asyncio.StreamWriter) -> bool:
        trouble = self.chosen(AT_BANNER)
        if trouble == "stall":
            await asyncio.sleep(SLOW * 5)
        elif trouble:
            if trouble != "hang up":
                writer.write(f"{trouble}\r\n".encode())
            return False
        writer.write(b"220 here\r\n")
        return True

    async def _talks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = ""
        while words := await reader.readline():
            said = words.upper()
            if said.startswith(b"RCPT"):
                address = words.split(b"<")[1].split(b">")[0].decode()
                answer = "550 no such person" if self.is_bad(address) else self.chosen(AT_RCPT)
                address = "" if answer else address
                writer.write(f"{answer or '250 ok'}\r\n".encode())
            elif said.startswith(b"DATA") and not address:
                writer.write(b"503 nobody to send to\r\n")
            elif said.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                if not await self._takes(reader, writer, address):
                    return
                address = ""
            elif said.startswith(b"QUIT"):
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250-here\r\n250 PIPELINING\r\n" if said.startswith(b"EHLO") else b"250 ok\r\n")
            await writer.drain()

    async def _takes(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> bool:
        """A message, after DATA; whether the line goes on."""
        await writer.drain()
        body = await reader.readuntil(END)
        trouble = self.chosen(AT_END)
        if trouble == "drop":
            return False
        if trouble.startswith("421"):
            writer.write(b"421 closing\r\n")
            return False
        found = re.search(rb"^Message-ID: <([^>]+)>", body, re.MULTILINE)
        assert found
        self.accepted.append(Accepted(address, found[1].decode(), time.time()))
        if trouble == "keep and drop":
            return False
        if trouble == "late":
            await asyncio.sleep(SLOW)
        if trouble == "drip":
            for each in b"250 slowly\r\n":
                writer.write(bytes([each]))
                await writer.drain()
                await asyncio.sleep(0.3)
            return True
        writer.write(b"250 taken\r\n")
        return True


class Switch:
    """Turns the listening off and on: connections are refused meanwhile, and those that are open break."""

    def __init__(self, mail: Mail) -> None:
        self.mail, self._loop = mail, asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncio.Server | None = None

    def on(self) -> None:
        self._server = self._do(asyncio.start_server(self.mail.line, "127.0.0.1", self.mail.port, limit=2**20))

    def off(self) -> None:
        if self._server:
            self._loop.call_soon_threadsafe(self._server.close)
            self._server = None

    def end(self) -> None:
        self.off()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _do(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)


@contextmanager
def running(seed: int, *, calm: bool = False) -> Iterator[Switch]:
    """The server, listening on loopback in a thread of its own."""
    switch = Switch(Mail(seed, calm=calm))
    switch.on()
    try:
        yield switch
    finally:
        switch.end()

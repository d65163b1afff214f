"""A mail server that only counts: it accepts everything, keeps nothing, and remembers when the first and last came.

python -m tests.benchmarks.sink PORT PORT PORT: the second offers pipelining, and so does the third, which answers as
late as if it were far away. Saying `COUNT` instead of mail gets the figures of all as JSON and starts them afresh.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

ANSWERS = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
END = b"\r\n.\r\n"
ROUND_TRIP = 0.02  # seconds to the one that is far away, and back


class Counter:
    """What has come so far."""

    def __init__(self) -> None:
        self.count, self.first, self.last = 0, 0.0, 0.0

    def add(self) -> None:
        self.last = time.time()
        self.first = self.first or self.last
        self.count += 1


counter = Counter()


class Sink(asyncio.Protocol):
    """One connection."""

    hello = b"250 sink\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.in_body = transport, b"", False
        self.say(b"220 sink\r\n")

    def say(self, answer: bytes) -> None:
        self.transport.write(answer)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.body() if self.in_body else self.command():
            pass

    def body(self) -> bool:
        end = self.buffer.find(END)
        if end < 0:
            return False
        self.buffer, self.in_body = self.buffer[end + len(END) :], False
        counter.add()
        self.say(b"250 counted\r\n")
        return True

    def command(self) -> bool:
        line, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return False
        word = line[:4].upper()
        self.buffer, self.in_body = rest, word == b"DATA"
        if word == b"COUN":
            self.say(figures())
        else:
            self.say(self.hello if word == b"EHLO" else ANSWERS.get(word, b"250 OK\r\n"))
        if word == b"QUIT":
            self.transport.close()
        return True


class Pipelining(Sink):
    """One connection to the port that takes several commands at once."""

    hello = b"250-sink\r\n250 PIPELINING\r\n"


class FarAway(Pipelining):
    """One connection to the port that is far away: what arrives together is answered together, later."""

    def say(self, answer: bytes) -> None:
        asyncio.get_running_loop().call_later(ROUND_TRIP, self.transport.write, answer)


def figures() -> bytes:
    answer = json.dumps(vars(counter)).encode() + b"\r\n"
    counter.__init__()  # type: ignore[misc]
    return answer


async def listen(plain: int, pipelining: int, far: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(FarAway, "127.0.0.1", far, backlog=200)
    await loop.create_server(Pipelining, "127.0.0.1", pipelining, backlog=200)
    server = await loop.create_server(Sink, "127.0.0.1", plain, backlog=200)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(listen(*(int(port) for port in sys.argv[1:4])))

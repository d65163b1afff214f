"""A mail server that only counts: it accepts everything, keeps nothing, and remembers when the first and last came.

python -m tests.benchmarks.sink PORT PORT: the second offers pipelining. Saying `COUNT` instead of mail gets the
figures of both as JSON and starts them afresh.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

ANSWERS = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
END = b"\r\n.\r\n"


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
        transport.write(b"220 sink\r\n")

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
        self.transport.write(b"250 counted\r\n")
        return True

    def command(self) -> bool:
        line, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return False
        word = line[:4].upper()
        self.buffer, self.in_body = rest, word == b"DATA"
        if word == b"COUN":
            self.transport.write(figures())
        else:
            self.transport.write(self.hello if word == b"EHLO" else ANSWERS.get(word, b"250 OK\r\n"))
        if word == b"QUIT":
            self.transport.close()
        return True


class Pipelining(Sink):
    """One connection to the port that takes several commands at once."""

    hello = b"250-sink\r\n250 PIPELINING\r\n"


def figures() -> bytes:
    answer = json.dumps(vars(counter)).encode() + b"\r\n"
    counter.__init__()  # type: ignore[misc]
    return answer


async def listen(plain: int, pipelining: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(Pipelining, "127.0.0.1", pipelining, backlog=200)
    server = await loop.create_server(Sink, "127.0.0.1", plain, backlog=200)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(listen(*(int(port) for port in sys.argv[1:3])))

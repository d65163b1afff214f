"""A real HTTP server that receives webhooks, checks each signature by itself and answers as a test says."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANG_UP = "hang up"  # read all of it and close without a word
DRIP = "drip"  # the head of the answer a byte at a time
DRIP_BODY = "drip body"  # the head at once, and then a byte at a time
CANARY = "canary-in-the-answer-7d3e"  # stands in the body and the reason of each answer


class Call(NamedTuple):
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The `webhook-id`."""
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        """The body, read."""
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Whether the signature is right, by the specification and without the library that made it."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.key}.{self.headers['webhook-timestamp']}.".encode() + self.body
        right = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return right in self.headers["webhook-signature"].split()


class Receiver:
    """`answers` are given one after another, the last for ever: a status, a word of the above, or seconds to wait."""

    def __init__(self) -> None:
        self.answers: list[Any] = [200]
        self.calls: list[Call] = []
        self.connections = 0
        self.port = 0
        self.host = "127.0.0.1"
        self.scheme = "http"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://{self.host}:{self.port}/in?from=lantern"

    def answer(self) -> Any:
        """What is said next."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.receiver.connections += 1
        super().setup()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.calls.append(Call(self.path, dict(self.headers.items()), body))
        what = self.receiver.answer()
        if what == HANG_UP:
            self.close_connection = True
            return
        if what in {DRIP, DRIP_BODY}:
            self.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" if what == DRIP_BODY else b"HTTP/1.1 2")
            return
        if isinstance(what, float):
            time.sleep(what)
        status = what if isinstance(what, int) else 200
        self.send_response(status, CANARY)
        if 300 <= status < 400:
            self.send_header("Location", self.receiver.url)
        self.send_header("Content-Length", str(len(CANARY)))
        self.end_headers()
        self.wfile.write(CANARY.encode())

    def drip(self, begun: bytes) -> None:
        try:
            self.wfile.write(begun)
            for byte in b"0" * 60:
                self.wfile.write(bytes([byte]))
                time.sleep(0.1)
        except OSError:
            return
        finally:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # somebody hung up


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """The receiver on a free port of loopback, in a thread of its own; with TLS where it is told how."""
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        receiver.scheme, receiver.host = "https", "localhost"
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate for these names that it made itself, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "trusted.pem", folder / "private.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)

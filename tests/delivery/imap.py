"""A mailbox behind TLS, as far as Lantern asks for one: LOGIN, SELECT, SEARCH, FETCH of a part, STORE, LOGOUT.

No package index has a real IMAP server as a wheel, so this speaks the few commands of RFC 9051 that are used, over a
socket with a certificate of its own, and holds the client to their exact words.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bounces", "between us 1"


class Mailbox:
    """`messages` by UID; `seen` are those marked as such."""

    def __init__(self) -> None:
        self.messages: dict[int, bytes] = {}
        self.seen: set[int] = set()
        self.folder = "INBOX"
        self.port = 0

    def put(self, *messages: bytes) -> None:
        """Mail that arrives."""
        for message in messages:
            self.messages[len(self.messages) + 1] = message


def _talk(mailbox: Mailbox, line: ssl.SSLSocket) -> None:
    said = line.makefile("rb")
    line.sendall(b"* OK ready\r\n")
    while heard := said.readline():
        tag, _, command = heard.decode().strip().partition(" ")
        untagged, result = _answer(mailbox, command)
        line.sendall(untagged + f"{tag} {result}\r\n".encode())
        if command == "LOGOUT":
            return


def _answer(mailbox: Mailbox, command: str) -> tuple[bytes, str]:
    if found := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
        raw = mailbox.messages[int(found[1])][: int(found[2])]
        return f"* 1 FETCH (UID {found[1]} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n", "OK done"
    if found := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
        mailbox.seen.add(int(found[1]))
        return b"", "OK done"
    new = " ".join(str(uid) for uid in mailbox.messages if uid not in mailbox.seen)
    known = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1",
        f'LOGIN {USER} "{PASSWORD}"': "* OK come in",
        f'SELECT "{mailbox.folder}"': f"* {len(mailbox.messages)} EXISTS",
        "UID SEARCH UNSEEN": f"* SEARCH {new}".strip(),
        "LOGOUT": "* BYE",
    }
    return (f"{known[command]}\r\n".encode(), "OK done") if command in known else (b"", "NO not that")


@contextmanager
def running(folder: Path) -> Iterator[tuple[Mailbox, Path]]:
    """The mailbox on a free port, and the certificate by which it is known."""
    mailbox, certificate = Mailbox(), _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    mailbox.port = listener.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(line, server_side=True) as secure:
                    _talk(mailbox, secure)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield mailbox, certificate
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailbox")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "mailbox.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path

"""Runs the post from the server: how it is doing, hold, let go on, try again, send a test."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from delivery import by_server, operating, telling
from delivery.operating import Account

TO_LOOK_AT = 1  # exit code of `status` when something is held, stuck or failing


class Command(BaseCommand):
    """`post status`, `post hold "Why"`, `post resume`, `post retry`, `post test omar@example.org`, on the server."""

    help = "Say how the post is doing, hold it, let it go on, try again what failed, or send an operator a test."

    def add_arguments(self, parser: CommandParser) -> None:
        """One word for each deed."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        status = deeds.add_parser("status", help="what is owed, sent and failed; exit code 1 when somebody should look")
        status.add_argument("--json", action="store_true", help="for machines")
        hold = deeds.add_parser("hold", help="let nothing leave")
        hold.add_argument("reason")
        resume = deeds.add_parser("resume", help="let everything go on; after a restore look at `status` first")
        resume.add_argument(
            "--withdraw", nargs="+", default=[], metavar="REFERENCE", help="after a restore: what was sent before"
        )
        retry = deeds.add_parser("retry", help="try again what failed in the last 24 hours, or of one message")
        retry.add_argument("reference", nargs="?", default="")
        test = deeds.add_parser("test", help="send a test")
        test.add_argument("email", help="an operator's address")

    def handle(self, *args: Any, **options: Any) -> None:
        """One call; what was wrong is said in plain words."""
        try:
            getattr(self, options["deed"])(options)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None

    def status(self, options: dict[str, Any]) -> None:
        """Says it, and ends with 1 when somebody should look."""
        found = operating.account()
        if options["json"]:
            self.stdout.write(json.dumps(_as_dict(found), cls=DjangoJSONEncoder, indent=2))
        else:
            self.stdout.write("\n".join(telling.in_lines(found, operating.may_repeat())))
        if not found.is_fine:
            sys.exit(TO_LOOK_AT)

    def hold(self, options: dict[str, Any]) -> None:
        """Holds everything."""
        by_server.hold(options["reason"])
        self.stdout.write("Everything is held. Nothing leaves until you let it go on.")

    def resume(self, options: dict[str, Any]) -> None:
        """Lets everything go on."""
        many = by_server.resume(options["withdraw"])
        self.stdout.write(f"Messages go on. {many} {'was' if many == 1 else 'were'} withdrawn.")

    def retry(self, options: dict[str, Any]) -> None:
        """Owes again what failed."""
        owed = by_server.retry(options["reference"])
        self.stdout.write(f"Owed again: {owed.messages} of {owed.mailings} released.")

    def test(self, options: dict[str, Any]) -> None:
        """Sends a test."""
        by_server.send_test(options["email"])
        self.stdout.write("A test is on its way.")


def _as_dict(found: Account) -> dict[str, Any]:
    rows = {name: [row._asdict() for row in getattr(found, name)] for name in ("owed", "rates", "failed", "troubles")}
    held = dataclasses.asdict(found.hold) if found.hold else None
    counts = {"fine": found.is_fine, "total": found.total, "stuck": found.stuck, "oldest": found.oldest}
    return {**counts, "hold": held, **rows, "retryable": [row._asdict() for row in found.retryable]}

"""Takes one bounce from a mail server's pipe."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error

from delivery import returns
from delivery.bounces import LARGEST
from delivery.returns import Verdict


class Command(BaseCommand):
    """For `|` in a mail server's aliases, or its pipe transport."""

    help = "Read one message from standard input and act on it, if it is a bounce. Says nothing; exits with 0."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it. Exits with 75 (EX_TEMPFAIL), so that the mail server tries again, when it is too early or the database
        cannot be reached."""
        try:
            verdict = returns.take_in(sys.stdin.buffer.read(LARGEST))
        except Error:
            sys.exit(os.EX_TEMPFAIL)
        if verdict is Verdict.EARLY:
            sys.exit(os.EX_TEMPFAIL)

"""What people do to networks, agencies, the people who speak for them, and their keys."""

from network.actions.keys import end_key, issue_key

__all__ = ["end_key", "issue_key"]

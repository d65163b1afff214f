"""Pages about agencies, the people who speak for them, and their keys."""

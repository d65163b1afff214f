"""The demonstration's story: who is who, and what has happened to them in the last years, always told up to today."""

"""Pages: what everybody may read, and where a charter officer keeps their council's record."""

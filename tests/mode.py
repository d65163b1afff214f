"""Loaded by pytest before anything else: the tests run in the mode made for them, whoever starts them."""

import os

os.environ.setdefault("LANTERN_MODE", "test")

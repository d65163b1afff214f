"""Loaded by pytest before anything else: the tests run in the mode made for them, whoever starts them."""

import gc
import os

os.environ.setdefault("LANTERN_MODE", "test")

# Django's rules are made of many small objects that live for one query. Looking for rings among them after every seven
# hundred costs an eighth of the whole run.
gc.set_threshold(100_000, 20, 100)

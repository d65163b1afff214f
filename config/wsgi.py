"""The WSGI application that the web server runs."""

from __future__ import annotations

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # every view, before anybody waits for it
# What is loaded stays until the process ends. Unless told, the collector walks all of it again whenever a page makes
# many objects: “Who can see this?” for 10,000 people takes twice as long then.
gc.collect()
gc.freeze()

"""The Celery application: it rings bells; the database keeps the work."""

from __future__ import annotations

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun, worker_before_create_process
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lantern")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def mend_connections(**_: Any) -> None:
    """Drop a database connection that broke. Connections are kept from task to task (`CELERY_DB_REUSE_MAX`), and one
    that died with the database would fail every task after it."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred and not connection.is_usable():
            connection.close()


@worker_before_create_process.connect
def share_memory(**_: Any) -> None:
    """Keep the collector away from what is loaded: by marking it, it would give each child a copy of its own."""
    gc.freeze()

"""The usual way, for comparison only: a task for each recipient, which builds its message and opens its connections."""

from __future__ import annotations

from celery import shared_task
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone

from delivery.channels.letter import render, subject_of
from delivery.models import Delivery


@shared_task
def send_one(delivery_id: int, *, keeps_connection: bool) -> None:
    """Build the message for one person with Django and send it. Celery's own default keeps no database connection from
    task to task; our settings do."""
    row = Delivery.objects.select_related("recipient__person", "mailing__network").get(pk=delivery_id)
    personal = {"name": row.recipient.person.name, "reason": row.recipient.reason}
    message = EmailMultiAlternatives(
        subject_of(row.mailing), render(row.mailing, "plain", **personal), to=[row.recipient.person.email]
    )
    message.attach_alternative(render(row.mailing, "html", **personal), "text/html")
    message.send()
    row.state, row.finished_at = Delivery.State.SENT, timezone.now()
    row.save(update_fields=["state", "finished_at"])
    if not keeps_connection:
        connection.close()

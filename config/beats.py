"""What beat rings for, and how often. A bell carries nothing, may ring twice and may be lost."""

from __future__ import annotations

from celery.schedules import crontab

from config.outside import BOUNCE_IMAP_HOST

CELERY_BEAT_SCHEDULE = {
    "letters": {"task": "network.tasks.send_letters", "schedule": 60.0, "options": {"expires": 60}},
    "password links": {"task": "accounts.tasks.answer_waiting", "schedule": 60.0, "options": {"expires": 60}},
    "account notices": {"task": "accounts.tasks.send_notices", "schedule": 60.0, "options": {"expires": 60}},
    "codes for numbers": {"task": "delivery.tasks.send_codes", "schedule": 60.0, "options": {"expires": 60}},
    "ended sessions": {
        "task": "accounts.tasks.forget_ended",
        "schedule": 3600.0,
        "options": {"queue": "upkeep"},
    },
    "seal the trail": {"task": "audit.tasks.seal", "schedule": 60.0, "options": {"queue": "upkeep", "expires": 60}},
    "seal everything": {
        "task": "audit.tasks.seal_everything",
        "schedule": crontab(hour="3", minute="20"),
        "options": {"queue": "upkeep", "expires": 3600},
    },
    "mail the seal": {
        "task": "network.tasks.mail_seal",
        "schedule": crontab(hour="7-23", minute="5,20,35,50"),
        "options": {"queue": "upkeep", "expires": 900},
    },
    "daily summaries": {  # made once a day; the later bells make good a lost one
        "task": "delivery.tasks.summarise",
        "schedule": crontab(hour="7-11", minute="30"),
        "options": {"queue": "routine", "expires": 3600},
    },
    "alerts that climb": {
        "task": "alerts.tasks.climb",
        "schedule": 60.0,
        "options": {"queue": "immediate", "expires": 60},
    },
    "dispatch": {"task": "delivery.tasks.dispatch", "schedule": 10.0, "options": {"queue": "immediate", "expires": 10}},
}
if BOUNCE_IMAP_HOST:
    CELERY_BEAT_SCHEDULE["bounces"] = {
        "task": "delivery.tasks.fetch_bounces",
        "schedule": 300.0,
        "options": {"queue": "upkeep", "expires": 300},
    }

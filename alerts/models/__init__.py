"""Alerts, and how those that nobody acknowledges go on to others."""

from alerts.models.alerts import Alert, Alerts, Revision, Series
from alerts.models.climbing import LATEST, SOONEST, Call, Ladder, Step, Steps

__all__ = ["LATEST", "SOONEST", "Alert", "Alerts", "Call", "Ladder", "Revision", "Series", "Step", "Steps"]

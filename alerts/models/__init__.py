"""Alerts, and how those that nobody acknowledges go on to others."""

from alerts.models.alerts import Alert, Alerts, Revision, Series
from alerts.models.climbing import Call, Ladder, Step, Steps

__all__ = ["Alert", "Alerts", "Call", "Ladder", "Revision", "Series", "Step", "Steps"]

"""The REST endpoints of events, of who hears of them, and of their deliveries."""

from till.deliveries.api import events, subscriptions

ENDPOINTS = (*subscriptions.ENDPOINTS, *events.ENDPOINTS)

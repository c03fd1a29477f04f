"""The REST endpoints of events and of their deliveries."""

from till.deliveries.api import events

ENDPOINTS = (*events.ENDPOINTS,)

"""The REST endpoints of events, of who hears of them, and of their deliveries."""

from till.deliveries.api import deliveries, events, life, logs, replay, stats, subscriptions

ENDPOINTS = (
    *subscriptions.ENDPOINTS,
    *life.ENDPOINTS,
    *deliveries.ENDPOINTS,
    *replay.ENDPOINTS,
    *stats.ENDPOINTS,
    *events.ENDPOINTS,
    *logs.ENDPOINTS,
)

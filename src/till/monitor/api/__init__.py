"""The REST endpoints by which an app sees how it fares. Additive: Genstore promises them, without a path."""

from till.monitor.api import health, requests, statistics

ENDPOINTS = (*statistics.ENDPOINTS, *health.ENDPOINTS, *requests.ENDPOINTS)

"""The REST endpoints by which an app sees how it fares. Additive: Genstore promises them, without a path."""

from till.monitor.api.health import ENDPOINTS as HEALTH
from till.monitor.api.requests import ENDPOINTS as REQUESTS
from till.monitor.api.statistics import ENDPOINTS as STATISTICS

ENDPOINTS = (*STATISTICS, *HEALTH, *REQUESTS)

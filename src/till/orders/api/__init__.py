"""The REST endpoints of orders and of all that happens to them."""

from till.orders.api import life, money, refunds, returns, shipping, six, timeline

ENDPOINTS = (
    *six.ENDPOINTS,
    *life.ENDPOINTS,
    *money.ENDPOINTS,
    *shipping.ENDPOINTS,
    *refunds.ENDPOINTS,
    *returns.ENDPOINTS,
    *timeline.ENDPOINTS,
)

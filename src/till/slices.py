"""The table of what there is: every endpoint and every topic, read by server, docs and tests."""

from till.apps import api as apps
from till.customers import api as customers
from till.deliveries import api as deliveries
from till.deliveries.catalog import KINDS
from till.monitor import api as monitor
from till.orders import api as orders
from till.privacy import api as privacy
from till.storefront import api as storefront
from till.themes import api as themes
from till.web.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *orders.ENDPOINTS,
    *customers.ENDPOINTS,
    *privacy.ENDPOINTS,
    *apps.ENDPOINTS,
    *themes.ENDPOINTS,
    *storefront.ENDPOINTS,
    *deliveries.ENDPOINTS,
    *monitor.ENDPOINTS,
)
TOPICS = tuple((kind.name, kind.scopes) for kind in KINDS.values())

"""The table of what there is: every endpoint and every topic, read by server, docs and tests."""

from till.customers import api as customers
from till.orders import api as orders
from till.orders.topics import TOPICS as ORDER_TOPICS
from till.web.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (*orders.ENDPOINTS, *customers.ENDPOINTS)
TOPICS = tuple((topic.name, topic.scopes) for topic in ORDER_TOPICS)

"""The statements of sending again: which events and deliveries, and what is kept of them."""

from till.webhooks.forms import TEST

LATEST_OF = """
    SELECT number FROM events WHERE shop_id = :shop_id AND topic = :topic AND number > :after
    ORDER BY number DESC LIMIT 1
"""
# Other deliveries of an event to the same subscription; its resource tells soonest which those are.
OTHERS = f"""
    SELECT 1 FROM deliveries r WHERE r.shop_id = d.shop_id AND r.resource_id = d.resource_id
        AND +r.subscription_id = d.subscription_id AND r.event_number = d.event_number
        AND r.form NOT LIKE '{TEST}%'
"""
SIZE = "COALESCE(length(e.payload), length(c.payload))"
COLUMNS = f"""
    d.id, d.event_number, d.topic, d.resource_id, d.form, d.state, c.occurred_at, {SIZE},
        EXISTS (SELECT 1 FROM event_forms f
            WHERE f.shop_id = d.shop_id AND f.number = d.event_number AND f.form = d.form)
"""
TABLES = """
    deliveries d
    LEFT JOIN events e ON e.shop_id = d.shop_id AND e.number = d.event_number
    LEFT JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
"""
AMONG = f"""
        AND d.replay_of IS NULL AND d.form NOT LIKE '{TEST}%'
        AND d.id > :after AND d.created_at >= :since AND d.created_at <= :until
    ORDER BY d.id LIMIT :limit
"""
# What failed, unless its event has arrived since or is on its way.
FAILED = f"""
    SELECT {COLUMNS} FROM {TABLES}
    WHERE d.shop_id = :shop_id AND d.subscription_id = :subscription_id AND d.state >= 3
        AND d.state IN (:state_0, :state_1, :state_2) AND NOT EXISTS ({OTHERS} AND r.state <= 2) {AMONG}
"""
# The same, and what arrived, unless its event is on its way once more.
ENDED = f"""
    SELECT {COLUMNS} FROM {TABLES}
    WHERE d.shop_id = :shop_id AND d.subscription_id = :subscription_id
        AND (d.state = 2 AND NOT EXISTS ({OTHERS} AND r.state <= 1)
            OR d.state IN (:state_0, :state_1, :state_2) AND NOT EXISTS ({OTHERS} AND r.state <= 2)) {AMONG}
"""
NAMED = f"""
    SELECT {COLUMNS} FROM {TABLES}
    WHERE d.shop_id = :shop_id AND d.subscription_id = :subscription_id AND d.id = :id
"""
OF_EVENT = """
    FROM deliveries r WHERE r.shop_id = e.shop_id AND r.resource_id = c.resource_id
        AND +r.subscription_id = :subscription_id AND r.event_number = e.number
"""
MISSING = f"""
    SELECT e.number, c.resource_id, {SIZE}, (SELECT r.id {OF_EVENT} ORDER BY r.id DESC LIMIT 1)
    FROM events e JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id AND e.number > :after AND e.number <= :upto AND e.topic = :topic
        AND c.occurred_at >= :since AND c.occurred_at <= :until
        AND (c.installation_id IS NULL OR c.installation_id = :reader)
        AND NOT EXISTS (SELECT 1 {OF_EVENT} AND r.state <= 2 AND r.form NOT LIKE '{TEST}%')
    ORDER BY e.number LIMIT :limit
"""
PAYLOAD = """
    SELECT COALESCE(e.payload, c.payload)
    FROM events e JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id AND e.number = :number
"""
# The event at or after a number.
NEXT = "SELECT number, id FROM events WHERE shop_id = :shop_id AND number >= :number ORDER BY number LIMIT 1"
BY_ID = """
    SELECT e.number FROM events e JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id AND e.number >= :first AND e.number < :last
        AND (e.id = :id OR c.id = :id AND e.topic = :topic)
    ORDER BY e.number LIMIT 1
"""
CROWDED = """
    SELECT 1 FROM deliveries WHERE shop_id = :shop_id AND state <= 1 LIMIT 1 OFFSET :most
"""

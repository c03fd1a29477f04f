"""The statements of sending again: which events and deliveries, and how they are kept."""

from till.webhooks.forms import TEST

LATEST_OF = """
    SELECT number FROM events WHERE shop_id = :shop_id AND topic = :topic AND number > :after
    ORDER BY number DESC LIMIT 1
"""
KEEP_FORM = """
    INSERT INTO event_forms (shop_id, number, form, payload) VALUES (:shop_id, :number, :form, :payload)
    ON CONFLICT (shop_id, number, form) DO NOTHING
"""
HAS_FORM = "SELECT 1 FROM event_forms WHERE shop_id = :shop_id AND number = :number AND form = :form"
# An event is there already once it was delivered; which delivery of it that was, its resource tells soonest.
ARRIVED = """
    EXISTS (SELECT 1 FROM deliveries r WHERE r.shop_id = d.shop_id AND r.resource_id = d.resource_id
        AND +r.subscription_id = d.subscription_id AND r.event_number = d.event_number AND r.state = 2)
"""
COLUMNS = "d.id, d.event_number, d.topic, d.resource_id, d.form, d.state"
FAILED = f"""
    SELECT {COLUMNS} FROM deliveries d
    WHERE d.shop_id = :shop_id AND d.subscription_id = :subscription_id AND d.state >= 3
        AND d.state IN (:state_0, :state_1, :state_2) AND d.replay_of IS NULL AND d.form NOT LIKE '{TEST}%'
        AND d.id > :after AND d.created_at >= :since AND d.created_at <= :until AND NOT {ARRIVED}
    ORDER BY d.id LIMIT :limit
"""
ENDED = f"""
    SELECT {COLUMNS} FROM deliveries d
    WHERE d.shop_id = :shop_id AND d.subscription_id = :subscription_id
        AND (d.state = 2 OR d.state IN (:state_0, :state_1, :state_2) AND NOT {ARRIVED})
        AND d.replay_of IS NULL AND d.form NOT LIKE '{TEST}%'
        AND d.id > :after AND d.created_at >= :since AND d.created_at <= :until
    ORDER BY d.id LIMIT :limit
"""
NAMED = f"""
    SELECT {COLUMNS} FROM deliveries d
    WHERE d.shop_id = :shop_id AND d.subscription_id = :subscription_id AND d.id = :id
"""
OF_EVENT = """
    FROM deliveries r WHERE r.shop_id = e.shop_id AND r.resource_id = c.resource_id
        AND +r.subscription_id = :subscription_id AND r.event_number = e.number
"""
MISSING = f"""
    SELECT e.number, c.resource_id, COALESCE(e.payload, c.payload),
        (SELECT r.id {OF_EVENT} ORDER BY r.id DESC LIMIT 1)
    FROM events e JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id AND e.number > :after AND e.number <= :upto AND e.topic = :topic
        AND c.occurred_at >= :since AND c.occurred_at <= :until
        AND (c.installation_id IS NULL OR c.installation_id = :reader)
        AND NOT EXISTS (SELECT 1 {OF_EVENT} AND r.state <= 2 AND r.form NOT LIKE '{TEST}%')
    ORDER BY e.number LIMIT :limit
"""
BY_CHANGE = """
    SELECT e.number FROM events e JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id AND e.topic = :topic AND c.id = :id
"""
CROWDED = """
    SELECT 1 FROM deliveries WHERE shop_id = :shop_id AND state <= 1 LIMIT 1 OFFSET :most
"""

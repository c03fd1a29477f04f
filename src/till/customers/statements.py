"""The SQL that customers are kept by.

Works of one shop may run in turns within one transaction (till.db.port), so nothing here writes what
follows from what was read before: keys are claimed, and totals added to, by statements that do both at once.
"""

from till.customers import rows
from till.customers.keys import EXACT
from till.db.port import Dialect

OWNER = "(SELECT number FROM customer_keys WHERE shop_id = :shop_id AND kind = '{0}' AND value = :key_{0})"
OWNERS = ", ".join(OWNER.format(kind) for kind in EXACT)
NAMED_OWNERS = ", ".join(f"{OWNER.format(kind)} AS owner_{kind}" for kind in EXACT)
# In SQL of both stores: that one text is not in another.
LACKS = "replace({0}, {1}, '') = {0}"
LATER = "CASE WHEN {0} > {1} THEN {0} ELSE {1} END"
# A known customer's order: found by its keys, strongest first, and counted, in one statement.
COUNT_IN = f"""
    UPDATE customers SET orders_count = orders_count + 1,
        total_spent = total_spent + CASE WHEN currency = :currency THEN CAST(:spent AS BIGINT) ELSE 0 END,
        last_order_id = :order_id, updated_at = {LATER.format("updated_at", "CAST(:at AS BIGINT)")}
    WHERE shop_id = :shop_id AND number = COALESCE({OWNERS})
    RETURNING {rows.COLUMNS}, {NAMED_OWNERS}
"""
# What nobody has goes to the customer whom the strongest key names, else to a new one. `told` is a list of
# kinds and hexadecimal values; a new customer's own id, and the end of a word, is the number of who has it.
CLAIMING = f"""
    INSERT INTO customer_keys (shop_id, kind, value, number)
    SELECT CAST(:shop_id AS BIGINT), kind, {{value}}, owner
    FROM (SELECT {{kind}} AS kind, {{hex}} AS hex, COALESCE({OWNERS}, CAST(:fresh AS BIGINT)) AS owner
        FROM {{told}}) claimed
    WHERE owner IS NOT NULL
    ON CONFLICT (shop_id, kind, value) DO UPDATE SET value = excluded.value
    RETURNING kind, number
"""
CLAIM = {
    Dialect.SQLITE: CLAIMING.format(
        value="""CASE WHEN hex IS NULL THEN CAST(CAST(owner AS TEXT) AS BLOB)
            WHEN kind IN ('n', 'm') THEN unhex(hex || printf('%016x', owner)) ELSE unhex(hex) END""",
        kind="json_extract(value, '$[0]')",
        hex="json_extract(value, '$[1]')",
        told="json_each(:told)",
    ),
    Dialect.POSTGRESQL: CLAIMING.format(
        value="""CASE WHEN hex IS NULL THEN convert_to(CAST(owner AS TEXT), 'UTF8')
            WHEN kind IN ('n', 'm') THEN decode(hex, 'hex') || int8send(owner) ELSE decode(hex, 'hex') END""",
        kind="item ->> 0",
        hex="item ->> 1",
        told="jsonb_array_elements(CAST(:told AS jsonb)) AS each (item)",
    ),
}
# Works of one transaction come here in the order of their claims: who brought the number makes the row.
PUT = f"""
    INSERT INTO customers (shop_id, words, {rows.COLUMNS})
    VALUES (:shop_id, :words, {", ".join(f":{name}" for name in rows.COLUMNS.split(", "))})
    ON CONFLICT (shop_id, number) DO UPDATE SET
        orders_count = customers.orders_count + excluded.orders_count,
        total_spent = customers.total_spent
            + CASE WHEN customers.currency = excluded.currency THEN excluded.total_spent ELSE 0 END,
        last_order_id = excluded.last_order_id,
        words = customers.words || CASE WHEN {LACKS.format("customers.words", "excluded.words")}
            THEN excluded.words ELSE '' END,
        updated_at = {LATER.format("customers.updated_at", "excluded.updated_at")},
        {", ".join(f"{name} = COALESCE(customers.{name}, excluded.{name})" for name in rows.PROFILE)}
    RETURNING {rows.COLUMNS}
"""
NUMBER_OF = "SELECT number FROM customer_keys WHERE shop_id = :shop_id AND kind = 'i' AND value = :key"
STANDING = "orders_count, total_spent, currency"
LOOK = f"SELECT {STANDING} FROM customers WHERE shop_id = :shop_id AND number = ({NUMBER_OF})"
MOVE = f"""
    UPDATE customers SET orders_count = orders_count - :fewer,
        total_spent = total_spent + CASE WHEN currency = :currency THEN CAST(:spent AS BIGINT) ELSE 0 END,
        last_order_id = CASE WHEN last_order_id = CAST(:gone AS BIGINT) THEN NULL ELSE last_order_id END,
        updated_at = {LATER.format("updated_at", "CAST(:at AS BIGINT)")}
    WHERE shop_id = :shop_id AND number = ({NUMBER_OF})
    RETURNING {STANDING}
"""
GET = f"SELECT {rows.COLUMNS} FROM customers WHERE shop_id = :shop_id AND number = ({NUMBER_OF})"

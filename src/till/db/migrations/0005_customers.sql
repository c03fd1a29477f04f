-- Who buys: one row a customer, with the totals of their orders, and what each is found by.

-- `number` is minted here and orders them; `id` is the channel's own where it gave one; `words` is all that a search
-- compares, for a word that so many have that its keys are no help.
CREATE TABLE customers (
    shop_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    currency TEXT NOT NULL,
    orders_count BIGINT NOT NULL,
    total_spent BIGINT NOT NULL,
    last_order_id BIGINT,
    first_name TEXT,
    last_name TEXT,
    email TEXT,
    phone TEXT,
    note TEXT,
    tags TEXT,
    state TEXT,
    verified_email INTEGER,
    tax_exempt INTEGER,
    tax_exemptions TEXT,
    subscribed_at BIGINT,
    addresses TEXT,
    words TEXT NOT NULL,
    PRIMARY KEY (shop_id, number)
);

CREATE INDEX customers_by_creation ON customers (shop_id, created_at, number);

CREATE INDEX customers_by_update ON customers (shop_id, updated_at, number);

-- What a customer is found by (till.customers.keys): ids, e-mails and telephone numbers, each of one customer, and
-- words, which end in the customer's number so that many can have the same. Values are bytes, which every
-- database sorts alike.
CREATE TABLE customer_keys (
    shop_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value BYTEA NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (shop_id, kind, value)
);

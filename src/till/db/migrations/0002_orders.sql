-- One order, one row: what is searched, sorted and locked by are columns; `answer` is its REST form and `body` the aggregate.
-- The answer stands first, for SQLite reads the pages of a long row in their order and reads want the answer.

-- What a shop counts: the last order number and the last event number. A write to a shop locks its row first.
CREATE TABLE counters (
    shop_id BIGINT PRIMARY KEY,
    order_number BIGINT NOT NULL,
    event_number BIGINT NOT NULL
);

CREATE TABLE orders (
    shop_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    status INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    processed_at BIGINT NOT NULL,
    source_name TEXT,
    due_at BIGINT,
    rendering INTEGER NOT NULL,
    answer BYTEA NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX orders_by_creation ON orders (shop_id, created_at, id, status);

CREATE INDEX orders_by_update ON orders (shop_id, updated_at, id, status);

-- When the next authorization of an order lapses; null while nothing is held.
CREATE INDEX orders_by_due ON orders (shop_id, due_at) WHERE due_at IS NOT NULL;

-- How many orders a shop has of each status, in all (day -1) and by the UTC day of their creation.
CREATE TABLE order_counts (
    shop_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    status INTEGER NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (shop_id, day, status)
);

-- Every change that was worth telling, with the resource as it was then; its number is that of its first event.
CREATE TABLE changes (
    shop_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    id BYTEA NOT NULL,
    resource_id BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (shop_id, number)
);

-- What each change is told as, one topic a row, in the order of its shop, without gaps. A payload of its own tells what
-- is not the resource of the change: a refund's event tells the refund.
CREATE TABLE events (
    shop_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    id BYTEA NOT NULL,
    change_number BIGINT NOT NULL,
    topic TEXT NOT NULL,
    payload BYTEA,
    PRIMARY KEY (shop_id, number)
);

-- Answers kept for Idempotency-Keys; status 0 while the request is being worked on.
CREATE TABLE kept_answers (
    shop_id BIGINT NOT NULL,
    installation_id BIGINT NOT NULL,
    target TEXT NOT NULL,
    key TEXT NOT NULL,
    request BYTEA NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, installation_id, target, key)
);

CREATE INDEX kept_answers_by_age ON kept_answers (shop_id, created_at);

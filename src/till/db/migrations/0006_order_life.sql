-- Which order a fulfillment, a refund or a return is part of. A channel names its own fulfillments, so an id may stand
-- with several orders.
CREATE TABLE order_parts (
    shop_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    order_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, kind, id, order_id)
);

CREATE INDEX order_parts_by_age ON order_parts (shop_id, kind, created_at, id);

-- What happened to an order, one row a change or a note, in the order of their ids; never changed.
CREATE TABLE order_timeline (
    shop_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (shop_id, order_id, id)
);

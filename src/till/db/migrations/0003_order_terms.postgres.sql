-- The words an order is found by, each with its shop before it (till.orders.terms).

CREATE TABLE order_terms (
    shop_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    terms TSVECTOR NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX order_terms_words ON order_terms USING gin (terms);

ALTER TABLE orders ALTER COLUMN body SET COMPRESSION lz4;

ALTER TABLE orders ALTER COLUMN answer SET COMPRESSION lz4;

ALTER TABLE changes ALTER COLUMN payload SET COMPRESSION lz4;

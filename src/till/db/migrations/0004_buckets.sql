-- How much of the token bucket of each installation was used, where several processes serve one database.

CREATE TABLE buckets (
    shop_id BIGINT NOT NULL,
    installation_id BIGINT NOT NULL,
    used DOUBLE PRECISION NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, installation_id)
);

-- Who hears of what, what is owed to whom, and what became of each attempt. Times are microseconds since 1970 in UTC.

-- 0 while a shop has no subscription; else a random number, another one whenever what is owed to whom has changed, so
-- that a change knows without a statement of its own whether what it remembers of the subscriptions still holds.
ALTER TABLE counters ADD COLUMN subscriptions_version BIGINT NOT NULL DEFAULT 0;

-- Whom alone a change is told, where it concerns one installation; null where all may hear of it.
ALTER TABLE changes ADD COLUMN installation_id BIGINT;

-- After a rotation the old secret is good for a while (till.deliveries.signature).
ALTER TABLE apps ADD COLUMN previous_secret BYTEA;

ALTER TABLE apps ADD COLUMN previous_until BIGINT;

ALTER TABLE apps ADD COLUMN compat_previous INTEGER NOT NULL DEFAULT 0;

-- Whether a subscription is served is `state`, why not is `reason`; `failures` counts since its last success.
CREATE TABLE subscriptions (
    shop_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    installation_id BIGINT NOT NULL,
    topic TEXT NOT NULL,
    address TEXT NOT NULL,
    options TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    since BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_success_at BIGINT,
    failing_since BIGINT,
    failures BIGINT NOT NULL DEFAULT 0,
    warned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (shop_id, id)
);

CREATE UNIQUE INDEX subscriptions_once ON subscriptions (shop_id, installation_id, topic, address);

-- An event as some subscribers see it: with documented scalars, without protected data, cut to some fields.
CREATE TABLE event_forms (
    shop_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    form TEXT NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (shop_id, number, form)
);

-- One event owed to one subscription. `state` and what follows from it: till.deliveries.delivery. What is pending or
-- leased may be claimed from `run_at` on, which for a lease is its end; `token` rises with each claim.
CREATE TABLE deliveries (
    shop_id BIGINT NOT NULL,
    id BYTEA NOT NULL,
    subscription_id BIGINT NOT NULL,
    installation_id BIGINT NOT NULL,
    event_number BIGINT NOT NULL,
    topic TEXT NOT NULL,
    resource_id BIGINT NOT NULL,
    form TEXT NOT NULL,
    address TEXT NOT NULL,
    ordered INTEGER NOT NULL,
    state INTEGER NOT NULL,
    reason TEXT,
    run_at BIGINT NOT NULL,
    token BIGINT NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    replay_of BYTEA,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX deliveries_due ON deliveries (shop_id, subscription_id, run_at) WHERE state <= 1;

CREATE INDEX deliveries_in_order ON deliveries (shop_id, subscription_id, resource_id, event_number)
    WHERE state <= 1 AND ordered = 1;

CREATE INDEX deliveries_of_subscription ON deliveries (shop_id, subscription_id, id);

CREATE INDEX deliveries_of_installation ON deliveries (shop_id, installation_id, id);

CREATE INDEX deliveries_failed ON deliveries (shop_id, subscription_id, id) WHERE state >= 3;

CREATE INDEX deliveries_of_resource ON deliveries (shop_id, resource_id, id);

-- One post of a delivery: `error` is its class or null, `details` the request's headers, the answer's, and the times
-- it took, as JSON; `response` the first bytes of the answer's body.
CREATE TABLE attempts (
    shop_id BIGINT NOT NULL,
    delivery_id BYTEA NOT NULL,
    number INTEGER NOT NULL,
    subscription_id BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    status INTEGER,
    error TEXT,
    counted INTEGER NOT NULL,
    bytes_read BIGINT NOT NULL,
    details BYTEA NOT NULL,
    response BYTEA,
    PRIMARY KEY (shop_id, delivery_id, number)
);

-- How many attempts of a subscription ended how, by the hour and by how long they took (till.deliveries.tallies).
CREATE TABLE delivery_counts (
    shop_id BIGINT NOT NULL,
    subscription_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    n BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    PRIMARY KEY (shop_id, subscription_id, hour, outcome, bucket)
);

-- How much of its rate each subscription that has one has used (till.deliveries.queue).
CREATE TABLE lane_rates (
    shop_id BIGINT NOT NULL,
    subscription_id BIGINT NOT NULL,
    used DOUBLE PRECISION NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, subscription_id)
);

-- Which subscription or host is left alone for now, and until when; `level` is how often in a row it was.
CREATE TABLE breakers (
    name TEXT PRIMARY KEY,
    level INTEGER NOT NULL,
    until BIGINT NOT NULL,
    probe_until BIGINT NOT NULL,
    successes INTEGER NOT NULL,
    reason TEXT NOT NULL
);

-- Apps as their developers configure them, how they come by their tokens, who consents, and how they fare.
-- Times are microseconds since 1970 in UTC.

-- `redirect_urls` is a JSON list, `webhooks` a JSON object of addresses by topic: what every installation is told
-- without having subscribed. `protected` are the kinds of personal data that a partner app asks for.
ALTER TABLE apps ADD COLUMN handle TEXT;

ALTER TABLE apps ADD COLUMN application_url TEXT;

ALTER TABLE apps ADD COLUMN redirect_urls TEXT NOT NULL DEFAULT '[]';

ALTER TABLE apps ADD COLUMN embedded INTEGER NOT NULL DEFAULT 0;

ALTER TABLE apps ADD COLUMN protected TEXT NOT NULL DEFAULT '';

ALTER TABLE apps ADD COLUMN webhooks TEXT NOT NULL DEFAULT '{}';

ALTER TABLE apps ADD COLUMN preinstalled INTEGER NOT NULL DEFAULT 0;

-- Since when the secret before the present one is kept beside it.
ALTER TABLE apps ADD COLUMN previous_since BIGINT;

CREATE UNIQUE INDEX apps_by_handle ON apps (handle) WHERE handle IS NOT NULL;

-- `redact_at` is when an app that was uninstalled is told to forget the shop; null once it was, or came back.
-- `asked` are the kinds of protected data, and read_all_orders, that the merchant has decided about, granted or not.
ALTER TABLE installations ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

ALTER TABLE installations ADD COLUMN asked TEXT NOT NULL DEFAULT '';

ALTER TABLE installations ADD COLUMN redact_at BIGINT;

CREATE INDEX installations_to_forget ON installations (redact_at) WHERE redact_at IS NOT NULL;

CREATE INDEX installations_of_app ON installations (client_id, shop_id);

-- What became of an app in a shop: installed, granted other scopes, uninstalled; by whom and why. Never changed.
CREATE TABLE app_history (
    shop_id BIGINT NOT NULL,
    id BYTEA NOT NULL,
    client_id TEXT NOT NULL,
    installation_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    by TEXT NOT NULL,
    reason TEXT,
    note TEXT,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX app_history_of_app ON app_history (client_id, at);

-- Where a subscription comes from: its app (0), the app's configuration (1), or an app that was uninstalled and is
-- told that (2), signed with the `secret` of that moment.
ALTER TABLE subscriptions ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;

ALTER TABLE subscriptions ADD COLUMN secret BYTEA;

DROP INDEX subscriptions_once;

CREATE UNIQUE INDEX subscriptions_once ON subscriptions (shop_id, installation_id, topic, address, origin);

-- `kind` is custom, offline or online; an online token is of a person and ends. `code` is what it was given for.
ALTER TABLE tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'custom';

ALTER TABLE tokens ADD COLUMN person_id BIGINT;

ALTER TABLE tokens ADD COLUMN expires_at BIGINT;

ALTER TABLE tokens ADD COLUMN code BYTEA;

CREATE INDEX tokens_of_code ON tokens (code) WHERE code IS NOT NULL;

-- Authorization codes, each good for one exchange.
CREATE TABLE codes (
    digest BYTEA PRIMARY KEY,
    shop_id BIGINT NOT NULL,
    installation_id BIGINT NOT NULL,
    person_id BIGINT,
    redirect_url TEXT,
    challenge TEXT,
    online INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX codes_of_shop ON codes (shop_id, expires_at);

-- People who sign in; `password` is an argon2 hash, null until it was set.
CREATE TABLE people (
    id BIGINT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password TEXT,
    created_at BIGINT NOT NULL,
    deactivated_at BIGINT
);

CREATE TABLE memberships (
    shop_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, person_id)
);

CREATE INDEX memberships_of_person ON memberships (person_id, shop_id);

-- A link by which somebody becomes staff of a shop, or, where no shop is named, the owner of all there are.
CREATE TABLE invitations (
    digest BYTEA PRIMARY KEY,
    shop_id BIGINT,
    email TEXT,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE sessions (
    digest BYTEA PRIMARY KEY,
    person_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_of_person ON sessions (person_id);

-- Who failed to sign in, by account and by address, and until when they are not heard.
CREATE TABLE sign_in_failures (
    name TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at BIGINT NOT NULL,
    until BIGINT NOT NULL
);

-- Whose a subscription was that is not there any more, for as long as what it was sent is counted.
CREATE TABLE former_subscriptions (
    shop_id BIGINT NOT NULL,
    installation_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, installation_id, id)
);

-- Beside attempts, `delivery_counts` holds attempts after the first and deliveries that came to nothing (outcomes
-- retried, exhausted, blocked, cancelled; without a time), for their rows are pruned sooner than the sums.
INSERT INTO delivery_counts (shop_id, subscription_id, hour, outcome, bucket, n, micros)
SELECT a.shop_id, a.subscription_id, a.started_at / 3600000000, 'retried', -1, count(*), 0 FROM attempts a
    JOIN deliveries d ON d.shop_id = a.shop_id AND d.id = a.delivery_id
    WHERE a.number > 1 AND COALESCE(a.error, '') <> 'ours' AND d.form NOT LIKE 'test%'
    GROUP BY a.shop_id, a.subscription_id, a.started_at / 3600000000;

INSERT INTO delivery_counts (shop_id, subscription_id, hour, outcome, bucket, n, micros)
SELECT shop_id, subscription_id, ended_at / 3600000000,
    CASE state WHEN 3 THEN 'exhausted' WHEN 4 THEN 'blocked' ELSE 'cancelled' END, -1, count(*), 0
    FROM deliveries WHERE state >= 3 AND ended_at IS NOT NULL AND form NOT LIKE 'test%'
    GROUP BY shop_id, subscription_id, ended_at / 3600000000, state;

-- How many calls of an app ended how, by the hour, by endpoint and by how long they took.
CREATE TABLE api_counts (
    shop_id BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    hour BIGINT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    version TEXT NOT NULL,
    status INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    n BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    PRIMARY KEY (shop_id, client_id, hour, method, path, version, status, bucket)
);

CREATE INDEX api_counts_of_app ON api_counts (client_id, hour);

-- The last batch of calls that each process wrote down, so that one whose word was lost is not counted twice.
CREATE TABLE counted_batches (
    process BYTEA PRIMARY KEY,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL
);

-- The requests of an app, many a row: `body` holds them as they came (till.monitor).
CREATE TABLE request_log (
    shop_id BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    id BYTEA NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    n INTEGER NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (shop_id, client_id, id)
);

-- Wishes about a customer's personal data (till.privacy): that it be erased, or be handed over. An erasure is carried
-- out at `due_at`, at once and whatever was bought since where it is `forced`; `next_at` is when it is looked at
-- next, null once nothing is left to do. `change_number` is the change that told the apps, `reason` goes with the data.
CREATE TABLE erasures (
    shop_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    customer BIGINT NOT NULL,
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    reason TEXT,
    forced INTEGER NOT NULL,
    requested_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    next_at BIGINT,
    ended_at BIGINT,
    revoked_by TEXT,
    change_number BIGINT,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX erasures_due ON erasures (next_at) WHERE next_at IS NOT NULL;

CREATE INDEX erasures_of_customer ON erasures (shop_id, customer, id);

-- Who there is: shops, apps, their installations and tokens. Times are microseconds since 1970 in UTC.

CREATE TABLE shops (
    id BIGINT PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    currency TEXT NOT NULL,
    timezone TEXT NOT NULL,
    settings TEXT NOT NULL,
    rendering INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE apps (
    client_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    partner INTEGER NOT NULL,
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE installations (
    shop_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    protected TEXT NOT NULL,
    fidelity TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    uninstalled_at BIGINT,
    PRIMARY KEY (shop_id, id)
);

-- An app is installed at most once in a shop; what was uninstalled stays as history.
CREATE UNIQUE INDEX installations_live ON installations (shop_id, client_id)
    WHERE uninstalled_at IS NULL;

CREATE TABLE tokens (
    digest BYTEA PRIMARY KEY,
    shop_id BIGINT NOT NULL,
    installation_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE INDEX tokens_of_installation ON tokens (shop_id, installation_id);

-- Which process mints ids as which node, and until when (till.ids).
CREATE TABLE nodes (
    node INTEGER PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);

-- Facts about this database itself, such as the fingerprint of the key its secrets are sealed with.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Themes (till.themes): `version` is the one that is shown, 0 before the files have arrived; `revision` rises with every
-- change, for events are told of it; `reason` says why an upload failed.
CREATE TABLE themes (
    shop_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id)
);

-- All that was ever in a theme: `manifest` is its files by name, packed (till.themes.manifest); the numbers count what
-- became of files since the version before.
CREATE TABLE theme_versions (
    shop_id BIGINT NOT NULL,
    theme_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by TEXT NOT NULL,
    kind TEXT NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    manifest BYTEA NOT NULL,
    PRIMARY KEY (shop_id, theme_id, number)
);

-- What visitors see: one theme a shop, by the publication that made it so.
CREATE TABLE current_theme (
    shop_id BIGINT PRIMARY KEY,
    theme_id BIGINT NOT NULL,
    publication BIGINT NOT NULL
);

-- Whatever visitors were shown: one row each time that changed. `previous` is what they saw before, 0 for nothing.
CREATE TABLE publications (
    shop_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    theme_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    previous BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    by TEXT NOT NULL,
    PRIMARY KEY (shop_id, number)
);

-- The content of files by its SHA-256; `packed` is 1 where `body` is compressed (zlib), `size` is of the content itself.
CREATE TABLE blobs (
    shop_id BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    size BIGINT NOT NULL,
    packed INTEGER NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (shop_id, digest)
);

-- Zips that wait to be unpacked: sent along (`file`), or to be fetched from `src`. Who works on one holds it until
-- `leased_until`; `token` tells two holders apart.
CREATE TABLE theme_uploads (
    shop_id BIGINT NOT NULL,
    theme_id BIGINT NOT NULL,
    src TEXT,
    file BYTEA,
    by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    leased_until BIGINT NOT NULL,
    token BYTEA,
    PRIMARY KEY (shop_id, theme_id)
);

CREATE INDEX theme_uploads_due ON theme_uploads (leased_until);

-- Carts of the preview storefront, by the digest of the cookie that names them; `order_id` is what one became.
CREATE TABLE carts (
    shop_id BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    body BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    order_id BIGINT,
    PRIMARY KEY (shop_id, digest)
);

CREATE INDEX carts_by_age ON carts (shop_id, updated_at);

CREATE INDEX carts_of_order ON carts (shop_id, order_id) WHERE order_id IS NOT NULL;

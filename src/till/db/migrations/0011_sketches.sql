-- Themes as editors show them before they are saved (till.themes.sketches): the files that were changed, packed, by their
-- SHA-256. Nothing refers to one but the signed link of who made it; they are kept for hours, and few of them.
CREATE TABLE sketches (
    shop_id BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    theme_id BIGINT NOT NULL,
    body BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, digest)
);

CREATE INDEX sketches_by_age ON sketches (shop_id, at);

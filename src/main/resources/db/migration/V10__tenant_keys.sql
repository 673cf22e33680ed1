-- Each tenant has a key of its own, sealed under the master key, that its secrets take beside it: without it they open nowhere.

CREATE TABLE tenant_keys (
    tenant_id               text        NOT NULL,
    key_id                  text        NOT NULL,
    encrypted_key           text        NOT NULL,
    created_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, key_id)
);

CREATE TABLE shredded_tenants (
    tenant_id               text PRIMARY KEY,
    shredded_by             text        NOT NULL,
    shredded_at             timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX idx_shredded_tenants_news ON shredded_tenants (shredded_at);

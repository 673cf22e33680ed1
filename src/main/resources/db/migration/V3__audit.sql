-- The audit trail: what a line says beside its operation, and the chain in which a change of the trail shows.

ALTER TABLE audit_events
    ADD COLUMN subject           text,                       -- the API key, OAuth client, connect session or route it happened to
    ADD COLUMN source            text,                       -- the address that the call came from
    ADD COLUMN token_version     bigint,
    ADD COLUMN times             bigint NOT NULL DEFAULT 1,  -- equal events of one minute share a line
    ADD COLUMN token_fingerprint text;                       -- of a handed-out token: <key id>.<HMAC>; never the token

CREATE INDEX idx_audit_events_credential ON audit_events (credential_id, event_id) WHERE credential_id IS NOT NULL;
CREATE INDEX idx_audit_events_fingerprint ON audit_events (token_fingerprint) WHERE token_fingerprint IS NOT NULL;
CREATE INDEX idx_audit_events_time ON audit_events USING brin (happened_at);

-- One entry for each line, written behind it: the HMAC of the line, of its place and of the entry before.
CREATE TABLE audit_chain (
    seq                     bigint PRIMARY KEY,              -- without gaps
    event_id                bigint NOT NULL UNIQUE,
    key_id                  text   NOT NULL,
    mac                     text   NOT NULL
);

-- Where the chain starts since its oldest entries were deleted by age.
CREATE TABLE audit_checkpoints (
    seq                     bigint PRIMARY KEY,              -- the last entry that was deleted
    event_id                bigint      NOT NULL,
    chain_mac               text        NOT NULL,            -- of that entry
    key_id                  text        NOT NULL,
    mac                     text        NOT NULL,            -- of this row
    made_at                 timestamptz NOT NULL DEFAULT clock_timestamp()
);

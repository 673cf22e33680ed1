-- Who is signed in to the pages. The cookie itself is nowhere, and a row that the service did not write signs nobody in.

CREATE TABLE page_sessions (
    session_digest          text PRIMARY KEY,                -- SHA-256 of the cookie's 256 random bits
    key_id                  text,                            -- the API key that was shown; 'bootstrap' for that of the file
    identity                text,                            -- or what an identity provider said, as JSON
    terms_digest            text        NOT NULL,            -- <key id>.<HMAC> of digest, API key, identity and expiry
    created_at              timestamptz NOT NULL,
    expires_at              timestamptz NOT NULL,
    CHECK (num_nonnulls(key_id, identity) = 1)
);
CREATE INDEX idx_page_sessions_expiry ON page_sessions (expires_at);

-- For the refreshes of a day on the first page: a tenant does not read what the others did.
CREATE INDEX idx_audit_events_refreshes ON audit_events (tenant_id, happened_at)
    WHERE operation IN ('token_refreshed', 'reauthorization_required');

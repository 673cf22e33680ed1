-- What the service keeps. Secrets are sealed before they come here (text of the form <key id>.<Fernet token>);
-- scopes and roles are space-separated (RFC 6749 section 3.3); maps are JSON objects in text.

CREATE TABLE oauth_credentials (
    credential_id           uuid PRIMARY KEY,
    tenant_id               text        NOT NULL,
    provider                text        NOT NULL,
    user_email              text        NOT NULL,                    -- compared exactly, never case-folded
    status                  text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'reauth_required', 'revoked')),
    encrypted_access_token  text CHECK (encrypted_access_token IS NOT NULL OR status = 'revoked'),
    encrypted_refresh_token text,
    token_type              text        NOT NULL DEFAULT 'Bearer',
    scopes                  text        NOT NULL DEFAULT '',
    expires_at              timestamptz,
    expiry_assumed          boolean     NOT NULL DEFAULT false,
    issued_at               timestamptz NOT NULL,
    next_refresh_at         timestamptz,
    client_id               text,
    account_id              text,
    account_label           text,
    metadata                text        NOT NULL DEFAULT '{}',

    token_version           bigint      NOT NULL DEFAULT 1,          -- +1 on every change of token material
    token_epoch             bigint      NOT NULL DEFAULT 0,          -- lease epoch under which the stored token was obtained
    lease_epoch             bigint      NOT NULL DEFAULT 0,          -- fence: +1 per claim, revocation and reconnect
    lease_attempt           uuid,
    lease_owner             text,
    lease_until             timestamptz,
    unresolved              integer     NOT NULL DEFAULT 0,          -- attempts whose fate is unknown
    quarantine_ms           integer     NOT NULL DEFAULT 0,          -- from the provider's profile
    failures                integer     NOT NULL DEFAULT 0,
    last_error              text,
    last_failed_at          timestamptz,
    last_attempt            uuid,

    created_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_refreshed_at       timestamptz,
    revoked_at              timestamptz,
    last_used_at            timestamptz,
    created_by              text,
    CONSTRAINT uq_oauth_credential UNIQUE (tenant_id, provider, user_email)
) WITH (fillfactor = 70);                                            -- claims stay HOT: no index on a lease column

CREATE INDEX idx_oauth_credentials_due ON oauth_credentials (provider, next_refresh_at)
    WHERE status = 'active' AND encrypted_refresh_token IS NOT NULL;
CREATE INDEX idx_oauth_credentials_page ON oauth_credentials (tenant_id, created_at, credential_id);

CREATE TABLE oauth_clients (
    tenant_id               text        NOT NULL,
    provider                text        NOT NULL,
    client_id               text        NOT NULL,
    encrypted_client_secret text,
    scopes                  text        NOT NULL DEFAULT '',
    redirect_uri            text,
    vars                    text        NOT NULL DEFAULT '{}',
    created_at              timestamptz NOT NULL,
    updated_at              timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, provider)
);

CREATE TABLE connect_sessions (
    session_id              uuid PRIMARY KEY,
    link_digest             text        NOT NULL UNIQUE,             -- of the one-time link's secret
    tenant_id               text        NOT NULL,
    provider                text        NOT NULL,
    user_email              text        NOT NULL,
    scopes                  text        NOT NULL DEFAULT '',
    return_url              text,
    accept_other_account    boolean     NOT NULL DEFAULT false,
    created_by              text        NOT NULL,
    status                  text        NOT NULL DEFAULT 'created'
        CHECK (status IN ('created', 'started', 'exchanging', 'connected', 'failed')),
    error                   text,
    browser_digest          text,                                    -- of the cookie of the browser that opened the link
    state_digest            text UNIQUE,
    encrypted_code_verifier text,
    redirect_uri            text,
    credential_id           uuid,
    created_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at              timestamptz NOT NULL
);
CREATE INDEX idx_connect_sessions_expiry ON connect_sessions (expires_at);

CREATE TABLE api_keys (
    key_id                  text PRIMARY KEY,
    tenant_id               text        NOT NULL,
    name                    text        NOT NULL,
    roles                   text        NOT NULL,
    digest                  text        NOT NULL,                    -- keyed digest: a writer of the database cannot make one
    created_by              text        NOT NULL,
    created_at              timestamptz NOT NULL,
    expires_at              timestamptz NOT NULL,
    revoked_at              timestamptz
);
CREATE INDEX idx_api_keys_tenant ON api_keys (tenant_id, key_id);

CREATE TABLE audit_events (
    event_id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    tenant_id               text        NOT NULL,
    operation               text        NOT NULL,
    credential_id           uuid,
    provider                text,
    user_email              text,
    actor                   text        NOT NULL,
    detail                  text
);
CREATE INDEX idx_audit_events_tenant ON audit_events (tenant_id, event_id);

-- Grants that are revoked here and still have to be revoked at the provider. The secrets stay sealed for the credential's place.
CREATE TABLE revocation_outbox (
    revocation_id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    credential_id           uuid        NOT NULL,
    tenant_id               text        NOT NULL,
    provider                text        NOT NULL,
    user_email              text        NOT NULL,
    client_id               text,
    encrypted_access_token  text        NOT NULL,
    encrypted_refresh_token text,
    token_type              text        NOT NULL,
    metadata                text        NOT NULL DEFAULT '{}',
    attempts                integer     NOT NULL DEFAULT 0,
    next_attempt_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at              timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX idx_revocation_outbox_due ON revocation_outbox (next_attempt_at);

CREATE TABLE credential_usage (
    credential_id           uuid        NOT NULL,
    day                     date        NOT NULL,
    handouts                bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (credential_id, day)
);

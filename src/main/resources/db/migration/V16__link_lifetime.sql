-- A link may wait for days in a mail. Its state at the provider, and the PKCE verifier of it, live for an hour since the last start.
ALTER TABLE connect_sessions ADD COLUMN state_expires_at timestamptz;

CREATE INDEX idx_connect_sessions_exchanging ON connect_sessions ((COALESCE(state_expires_at, expires_at)))
    WHERE status = 'exchanging';

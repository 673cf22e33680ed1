-- Machine connections (RFC 6749 section 4.4): the token request that the service repeats, as JSON. NULL is the grant of a person.
ALTER TABLE oauth_credentials ADD COLUMN token_request text;

-- The service can get a new token with a refresh token or with a token request. So the indexes of V1 and V18 get a new condition;
-- the statements of the service before this version match it too. The expressions are those of store/StateSql.
DROP INDEX idx_oauth_credentials_due;
CREATE INDEX idx_oauth_credentials_due ON oauth_credentials (provider, next_refresh_at)
    WHERE status = 'active' AND (encrypted_refresh_token IS NOT NULL OR token_request IS NOT NULL);

DROP INDEX idx_oauth_credentials_ends;
CREATE INDEX idx_oauth_credentials_ends ON oauth_credentials (tenant_id,
    (CASE WHEN encrypted_refresh_token IS NULL AND token_request IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END))
    WHERE status = 'active' AND (CASE WHEN encrypted_refresh_token IS NULL AND token_request IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END) IS NOT NULL;

DROP STATISTICS stats_oauth_credentials_ends;
CREATE STATISTICS stats_oauth_credentials_ends ON
    (CASE WHEN encrypted_refresh_token IS NULL AND token_request IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END)
    FROM oauth_credentials;

-- The machine connections of the configuration that are not created yet: one replica at a time tries each.
CREATE TABLE configured_connections (
    name                    text PRIMARY KEY,                -- in the configuration
    tries                   integer     NOT NULL,
    next_try_at             timestamptz NOT NULL
);

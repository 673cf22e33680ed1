-- The service can get a new token with a refresh token or with a token request. So the indexes of V1 and V18 get a new condition. The
-- expressions are those of store/StateSql. While an index is built, reads go on and writes wait, as with V18.
-- The due statement of the version before this one matches the new index, too; its filter by state loses its index until the rollout ends.
CREATE INDEX idx_oauth_credentials_renewable ON oauth_credentials (provider, next_refresh_at)
    WHERE status = 'active' AND (encrypted_refresh_token IS NOT NULL OR token_request IS NOT NULL);

CREATE INDEX idx_oauth_credentials_final ON oauth_credentials (tenant_id,
    (CASE WHEN encrypted_refresh_token IS NULL AND token_request IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END))
    WHERE status = 'active' AND (CASE WHEN encrypted_refresh_token IS NULL AND token_request IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END) IS NOT NULL;

CREATE STATISTICS stats_oauth_credentials_final ON
    (CASE WHEN encrypted_refresh_token IS NULL AND token_request IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END)
    FROM oauth_credentials;

-- Last, because these need the table for themselves, for an instant.
DROP INDEX idx_oauth_credentials_due;
DROP INDEX idx_oauth_credentials_ends;
DROP STATISTICS stats_oauth_credentials_ends;

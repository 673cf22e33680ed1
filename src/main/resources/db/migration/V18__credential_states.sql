-- The filter `state` of the list of credentials. The states are defined in credential/CredentialState and store/StateSql.

-- Revoked credentials, and those whose grant the provider ended, in the order of the list.
CREATE INDEX idx_oauth_credentials_inactive ON oauth_credentials (tenant_id, status, created_at, credential_id)
    WHERE status <> 'active';

-- Expired ones, and valid ones where most are expired. The one index here that each refresh writes.
CREATE INDEX idx_oauth_credentials_expiry ON oauth_credentials (tenant_id, expires_at)
    WHERE status = 'active';

-- Those with an end beyond which no refresh helps: without a refresh token, or with one whose end is known.
CREATE INDEX idx_oauth_credentials_ends ON oauth_credentials (tenant_id,
    (CASE WHEN encrypted_refresh_token IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END))
    WHERE status = 'active' AND (CASE WHEN encrypted_refresh_token IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END) IS NOT NULL;

-- The planner takes no statistics of an expression from a partial index. Without them it estimates a third of all rows.
CREATE STATISTICS stats_oauth_credentials_ends ON
    (CASE WHEN encrypted_refresh_token IS NULL THEN expires_at
      WHEN refresh_expires_at > expires_at THEN refresh_expires_at
      WHEN refresh_expires_at IS NOT NULL THEN expires_at END)
    FROM oauth_credentials;

-- The list of credentials by user, and by the beginning of a user. Its order is that of the bytes, so that a beginning is a range.
CREATE INDEX idx_oauth_credentials_user ON oauth_credentials (tenant_id, user_email COLLATE "C", credential_id);

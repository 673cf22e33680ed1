-- The epoch of the last revocation. A response of an earlier lease was born across it, also when a new grant is stored by now: its
-- tokens are revoked at the provider. Zero when there was none, or when a revocation would end the new grant.
ALTER TABLE oauth_credentials ADD COLUMN revoked_epoch bigint NOT NULL DEFAULT 0;

-- What the refresh protocol keeps beside its lease.

ALTER TABLE oauth_credentials
    ADD COLUMN suspected_at     timestamptz,                 -- the provider said once that the grant is over; not yet confirmed
    ADD COLUMN reported_version bigint NOT NULL DEFAULT 0;   -- the newest version that a caller reported as rejected

-- How many grants of one client came under suspicion lately: only these few rows are read, however many grants ended in the past.
CREATE INDEX idx_oauth_credentials_suspects ON oauth_credentials (provider, suspected_at)
    WHERE suspected_at IS NOT NULL;

ALTER TABLE oauth_clients
    ADD COLUMN encrypted_second_secret text;                 -- tried once when the first is refused: secrets are rotated without a gap

-- When the refresh token expires, if the provider or its profile says so, and since when that end is known: an end that moves with each
-- refresh is no end of the grant.
ALTER TABLE oauth_credentials
    ADD COLUMN refresh_expires_at timestamptz,
    ADD COLUMN refresh_end_since  timestamptz;

-- Nothing here reads the table, so its lock is short. A long transaction of another program must not make every replica queue behind it.
SET LOCAL lock_timeout = '5s';

-- Machine connections (RFC 6749 section 4.4): the token request that the service repeats, as JSON. NULL is the grant of a person.
ALTER TABLE oauth_credentials ADD COLUMN token_request text;

-- A replica of the version before this one does not know the column. It must not put the grant of a person into a machine connection.
ALTER TABLE oauth_credentials ADD CONSTRAINT ck_oauth_credentials_kind
    CHECK (token_request IS NULL OR encrypted_refresh_token IS NULL) NOT VALID;

-- The machine connections of the configuration that are not created yet: one replica at a time tries each.
CREATE TABLE configured_connections (
    name                    text PRIMARY KEY,                -- in the configuration
    tries                   integer     NOT NULL,
    next_try_at             timestamptz NOT NULL
);

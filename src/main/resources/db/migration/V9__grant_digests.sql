-- What a stored key or policy grants is under a keyed digest: whoever writes into these tables grants nobody anything.
-- Rows from before have none and grant nothing: keys are made anew, policies stored anew.

ALTER TABLE api_keys
    ADD COLUMN terms_digest text;                            -- <key id>.<HMAC> of id, tenant, name, roles, digest and expiry

ALTER TABLE access_policies
    ADD COLUMN digest text;                                  -- <key id>.<HMAC> of name and document

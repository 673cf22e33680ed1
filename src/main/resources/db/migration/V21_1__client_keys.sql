-- How an OAuth client authenticates, and the keys that sign its assertions. A key is published under key_set from its insertion to
-- retires_at, and signs from active_from on.
ALTER TABLE oauth_clients ADD COLUMN auth_method text;
ALTER TABLE oauth_clients ADD COLUMN auth_algorithm text;
ALTER TABLE oauth_clients ADD COLUMN auth_audience text;
ALTER TABLE oauth_clients ADD COLUMN key_set uuid;
CREATE UNIQUE INDEX idx_oauth_clients_key_set ON oauth_clients (key_set) WHERE key_set IS NOT NULL;

CREATE TABLE client_keys (
    key_id        uuid PRIMARY KEY,
    tenant_id     text NOT NULL,
    provider      text NOT NULL,
    client_vars   text NOT NULL,
    public_jwk    text NOT NULL,
    encrypted_key text NOT NULL,
    brought       boolean NOT NULL,
    active_from   timestamptz NOT NULL,
    retires_at    timestamptz,
    FOREIGN KEY (tenant_id, provider) REFERENCES oauth_clients ON DELETE CASCADE
);
CREATE INDEX idx_client_keys_client ON client_keys (tenant_id, provider);

CREATE OR REPLACE FUNCTION enable_row_level_security(tenant_role text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept text;
    own  text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['oauth_credentials', 'oauth_clients', 'client_keys', 'connect_sessions', 'api_keys', 'audit_events',
        'revocation_outbox', 'tenant_counts', 'credential_usage']
    LOOP
        own := CASE kept
            WHEN 'credential_usage'
                THEN 'EXISTS (SELECT FROM oauth_credentials c WHERE c.credential_id = credential_usage.credential_id)'
            ELSE 'tenant_id = current_setting(''nexus_oauth.tenant'', true)' END; -- null where nobody was named: no row then
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', kept);
        EXECUTE format('DROP POLICY IF EXISTS every_row ON %I', kept);
        EXECUTE format('DROP POLICY IF EXISTS own_tenant ON %I', kept);
        EXECUTE format('CREATE POLICY every_row ON %I USING (true)', kept);
        EXECUTE format('CREATE POLICY own_tenant ON %I AS RESTRICTIVE TO %I USING (%s)', kept, tenant_role, own);
        EXECUTE format('GRANT SELECT ON %I TO %I', kept, tenant_role);
    END LOOP;
    EXECUTE format('GRANT UPDATE ON oauth_credentials TO %I', tenant_role);
    EXECUTE format('GRANT INSERT ON audit_events, revocation_outbox TO %I', tenant_role);
    EXECUTE format('GRANT INSERT, UPDATE ON tenant_counts TO %I', tenant_role);
END $$;

-- Where row-level security is on, the tenant's role reads the new table as well.
DO $$
DECLARE
    tenant_role text;
BEGIN
    FOR tenant_role IN
        SELECT r.rolname FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles)
        WHERE p.polname = 'own_tenant' AND p.polrelid = 'oauth_clients'::regclass
    LOOP
        PERFORM enable_row_level_security(tenant_role);
    END LOOP;
END $$;

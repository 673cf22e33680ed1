-- A second net below the conditions in the statements: what is sent for one tenant sees that tenant's rows only, whatever it says.
-- Nothing is on until an operator calls this once, as the owner of the tables, for a role that the service's user is a member of; again
-- does no harm. The owner, superusers and every other role see all rows as before: the policy that narrows is for that one role.
CREATE FUNCTION enable_row_level_security(tenant_role text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept text;
    own  text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['oauth_credentials', 'oauth_clients', 'connect_sessions', 'api_keys', 'audit_events',
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

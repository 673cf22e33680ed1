-- How much a tenant may store. The limits are settings of the service, so whoever writes here by hand has none.

-- Credentials that are not revoked. Kept by triggers: counting the rows for each new one would cost more the more there are.
CREATE TABLE tenant_counts (
    tenant_id               text PRIMARY KEY,
    credentials             bigint NOT NULL
);

-- Adds to a tenant's count and refuses what is above the limit of this transaction. The count's row stays locked until the transaction
-- ends, so of any number of new credentials exactly as many come in as there is room for.
CREATE FUNCTION count_credentials(tenant text, step bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    most    bigint := NULLIF(current_setting('nexus_oauth.credentials_per_tenant', true), '')::bigint;
    present bigint;
BEGIN
    INSERT INTO tenant_counts AS t (tenant_id, credentials) VALUES (tenant, step)
    ON CONFLICT (tenant_id) DO UPDATE SET credentials = t.credentials + EXCLUDED.credentials
    RETURNING credentials INTO present;
    IF step > 0 AND present > most THEN
        RAISE EXCEPTION 'the tenant has all the credentials that it may have' USING ERRCODE = 'NX001';
    END IF;
END $$;

-- For each statement and not for each row: many rows of one tenant that come at once change its count once.
CREATE FUNCTION count_changed_credentials() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step   bigint := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    change record;
BEGIN
    FOR change IN
        SELECT tenant_id, count(*) AS rows FROM changed WHERE status <> 'revoked' GROUP BY tenant_id ORDER BY tenant_id
    LOOP
        PERFORM count_credentials(change.tenant_id, step * change.rows);
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION count_revoked_credential() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_credentials(NEW.tenant_id, CASE NEW.status WHEN 'revoked' THEN -1 ELSE 1 END);
    RETURN NULL;
END $$;

CREATE FUNCTION forget_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tenant_counts;
    RETURN NULL;
END $$;

CREATE TRIGGER credentials_came AFTER INSERT ON oauth_credentials
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_changed_credentials();
CREATE TRIGGER credentials_went AFTER DELETE ON oauth_credentials
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_changed_credentials();
CREATE TRIGGER credential_revoked AFTER UPDATE OF status ON oauth_credentials FOR EACH ROW
    WHEN ((OLD.status = 'revoked') <> (NEW.status = 'revoked')) EXECUTE FUNCTION count_revoked_credential();
CREATE TRIGGER credentials_emptied AFTER TRUNCATE ON oauth_credentials
    FOR EACH STATEMENT EXECUTE FUNCTION forget_counts();

-- After the triggers: making them waits for the writers of before and keeps the ones of after out until the count is there.
INSERT INTO tenant_counts (tenant_id, credentials)
SELECT tenant_id, count(*) FROM oauth_credentials WHERE status <> 'revoked' GROUP BY tenant_id;

CREATE INDEX idx_connect_sessions_pending ON connect_sessions (tenant_id, expires_at) WHERE status IN ('created', 'started');

-- Whether one more connect session may be made: refusal names the limit that is reached, wait_ms is the time until the next of the
-- sessions ends. Whoever may be admitted waits for whoever asked before until that transaction ends, and looks again; who is over the
-- limit at the first look waits for nobody and holds no connection up.
CREATE FUNCTION admit_connect_session(
    tenant text, at_provider text, of_user text, caller text, most_of_tenant bigint, most_of_caller bigint, most_credentials bigint,
    OUT refusal text, OUT wait_ms bigint
) LANGUAGE plpgsql AS $$
DECLARE
    pending record;
BEGIN
    IF (SELECT credentials FROM tenant_counts WHERE tenant_id = tenant) >= most_credentials
        AND NOT EXISTS (SELECT FROM oauth_credentials
            WHERE tenant_id = tenant AND provider = at_provider AND user_email = of_user AND status <> 'revoked')
    THEN
        refusal := 'credentials_per_tenant';
        RETURN;
    END IF;
    FOR look IN 1..2 LOOP
        SELECT count(*) AS of_tenant, min(expires_at) AS tenant_next,
               count(*) FILTER (WHERE created_by = caller) AS of_caller,
               min(expires_at) FILTER (WHERE created_by = caller) AS caller_next
        INTO pending
        FROM connect_sessions
        WHERE tenant_id = tenant AND status IN ('created', 'started') AND expires_at > clock_timestamp();
        IF pending.of_caller >= most_of_caller THEN
            refusal := 'connect_sessions_per_caller';
            wait_ms := GREATEST(0, EXTRACT(EPOCH FROM pending.caller_next - clock_timestamp()) * 1000);
            RETURN;
        ELSIF pending.of_tenant >= most_of_tenant THEN
            refusal := 'connect_sessions_per_tenant';
            wait_ms := GREATEST(0, EXTRACT(EPOCH FROM pending.tenant_next - clock_timestamp()) * 1000);
            RETURN;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('connect_sessions/' || tenant, 0));
    END LOOP;
END $$;

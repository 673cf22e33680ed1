-- The variables that an OAuth client had when a grant was made with it, or a browser was sent off: they decide to which host its secrets
-- may go, and are part of what the secrets are sealed with, so that whoever changes them here opens nothing. Rows from before were
-- sealed without any and count as made without any. Where their client has variables, nothing of theirs is sent: their accounts are
-- connected again, and the client is stored anew with its secret, whose seal names its variables from now on as well.

ALTER TABLE oauth_credentials
    ADD COLUMN client_vars text NOT NULL DEFAULT '{}';

ALTER TABLE revocation_outbox
    ADD COLUMN client_vars text NOT NULL DEFAULT '{}';

ALTER TABLE connect_sessions
    ADD COLUMN client_vars text NOT NULL DEFAULT '{}';

-- Base scopes of the provider that an OAuth client does not request.
ALTER TABLE oauth_clients ADD COLUMN omitted_scopes text NOT NULL DEFAULT '';

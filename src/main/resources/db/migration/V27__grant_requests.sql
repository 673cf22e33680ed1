-- What a link asks for beside scopes: APIs (RFC 8707), separated by spaces, and authorization details (RFC 9396) as a JSON array. A replica
-- of the version before asks for neither.
ALTER TABLE connect_sessions ADD COLUMN resources text;
ALTER TABLE connect_sessions ADD COLUMN authorization_details text;

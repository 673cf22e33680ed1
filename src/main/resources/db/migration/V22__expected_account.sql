-- A link may be for one account at the provider only: its stable id there, or its verified address.
ALTER TABLE connect_sessions ADD COLUMN expected_account text;

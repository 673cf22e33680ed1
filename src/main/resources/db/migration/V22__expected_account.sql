-- A link may be for one account at the provider only: its stable id there, or a name that only this account has.
ALTER TABLE connect_sessions ADD COLUMN expected_account text;

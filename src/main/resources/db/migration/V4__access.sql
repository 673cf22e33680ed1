-- Who may call: grants of callers that are no API keys, and when a key was last used.

ALTER TABLE api_keys
    ADD COLUMN last_used_at timestamptz;                     -- written in batches

CREATE TABLE access_policies (
    policy_name             text PRIMARY KEY,
    document                text        NOT NULL,            -- JSON in one line
    updated_by              text        NOT NULL,
    updated_at              timestamptz NOT NULL
);

-- Which master keys the replicas hold, and how far their rotation is.

-- A replica says every 15 s what it holds; all times are the database's clock.
CREATE TABLE replicas (
    replica_id              text PRIMARY KEY,
    key_ids                 text[]      NOT NULL,            -- every key that opens there
    sealing_id              text        NOT NULL,
    journal_key_ids         text[]      NOT NULL,            -- keys of answers on its disk: they outlive the process
    journal_place           text        NOT NULL,            -- whoever uses the same disk takes them over
    seen_at                 timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The newest rotation. One replica works at a time: the lease is its fence, cursor and counts are saved with each batch.
CREATE TABLE key_rotation (
    only_one                boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    key_id                  text        NOT NULL,            -- what everything is sealed under in the end
    state                   text        NOT NULL CHECK (state IN ('running', 'done')),
    table_name              text        NOT NULL,
    cursor_a                text        NOT NULL,            -- the last primary key that was looked at
    cursor_b                text        NOT NULL,
    total                   bigint,                          -- rows under other keys at the beginning; null until counted
    done                    bigint      NOT NULL DEFAULT 0,
    moved                   bigint      NOT NULL DEFAULT 0,  -- in this pass: changed while they were sealed, for the next pass
    skipped                 bigint      NOT NULL DEFAULT 0,  -- in this pass: do not open and were left as they are
    started_by              text        NOT NULL,
    tenant_id               text        NOT NULL,            -- whose audit trail says so
    started_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at                timestamptz,
    lease_owner             text,
    lease_until             timestamptz
);

-- Which copy of the database this is, and which replicas have replayed their journals into it.

-- A copy begins with a failover or a restore; the newest row is the present one. A copy without the latest commits is also
-- without what was recorded after them.
CREATE TABLE database_copies (
    copy_id                 uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    number                  bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    server                  text        NOT NULL,            -- system identifier and timeline
    started_at              bigint      NOT NULL,            -- of the server with which it came, in microseconds since 1970
    first_seen_at           timestamptz NOT NULL,
    awaited                 text[]      NOT NULL,            -- replicas that had not stopped when it was first seen
    UNIQUE (server, started_at)
);

ALTER TABLE replicas
    ADD COLUMN replayed_copy    uuid,                                  -- the copy into which it has replayed its journal
    ADD COLUMN has_left         boolean     NOT NULL DEFAULT false;    -- it said that it stopped

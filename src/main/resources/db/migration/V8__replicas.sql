-- What replicas have to know of each other to agree on a key, and to tell when nothing more comes under an old one.

ALTER TABLE replicas
    ADD COLUMN joined_at        timestamptz NOT NULL DEFAULT clock_timestamp(), -- whose keys have none in common with those of older ones waits
    ADD COLUMN sealing_since    timestamptz NOT NULL DEFAULT clock_timestamp(); -- since when it has said the present sealing_id

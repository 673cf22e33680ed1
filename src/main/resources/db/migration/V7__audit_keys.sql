-- Which master keys the chain of seals was written under: the chain itself is too long to be counted.

CREATE TABLE audit_chain_keys (
    key_id                  text PRIMARY KEY,
    last_seq                bigint NOT NULL                  -- the last entry under it; needed while that is behind the checkpoint
);

INSERT INTO audit_chain_keys (key_id, last_seq)
SELECT key_id, max(seq) FROM audit_chain GROUP BY key_id;

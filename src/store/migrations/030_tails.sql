-- What a run that goes on adds, step by step, stands in tables of its own, which stay small; what nobody writes to any more is settled in journal
-- and effect, many rows as one (store/bundle.h). bundled: how many there are in a row, compressed; 0: it is one itself. Of a bundle, position, number, first
-- entry and time are those of its first.
ALTER TABLE journal ADD COLUMN bundled bigint NOT NULL DEFAULT 0;
ALTER TABLE effect ADD COLUMN bundled bigint NOT NULL DEFAULT 0;

CREATE TABLE journal_tail (
    position ROW_KEY,
    organization bigint NOT NULL,
    first_entry bigint NOT NULL,
    n_entries bigint NOT NULL,
    time_us bigint NOT NULL,
    checksum bigint NOT NULL,
    bytes bytea NOT NULL
);

CREATE TABLE effect_tail (
    organization bigint NOT NULL,
    run bigint NOT NULL,
    number bigint NOT NULL,
    finished bigint NOT NULL,
    kind bigint NOT NULL,
    site bigint NOT NULL,
    tries bigint NOT NULL DEFAULT 0,
    effect_key text NOT NULL,
    result bytea NOT NULL,
    PRIMARY KEY (run, number)
) CLUSTERED;

-- Of runs that have not ended.
INSERT INTO effect_tail (organization, run, number, finished, kind, site, tries, effect_key, result)
SELECT organization, run, number, finished, kind, site, tries, effect_key, result FROM effect
WHERE run IN (SELECT key FROM run WHERE state < 5);
DELETE FROM effect WHERE run IN (SELECT key FROM run WHERE state < 5);

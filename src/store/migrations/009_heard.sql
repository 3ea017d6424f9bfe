-- Effects are kept: what a run heard from outside (results, errors, answers, timers) reproduces it.
ALTER TABLE effect RENAME COLUMN failed TO kind;
ALTER TABLE effect ADD COLUMN site bigint NOT NULL DEFAULT 0;
-- How many of them stand before the snapshot.
ALTER TABLE snapshot ADD COLUMN effects bigint NOT NULL DEFAULT 0;

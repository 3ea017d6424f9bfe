-- Server processes at work on this database, each by a number that is never given twice. lease_us: until when it is held
-- to be alive, by the database's own clock.
CREATE TABLE node (
    key GROWING_KEY,
    lease_us bigint NOT NULL,
    start_us bigint NOT NULL
);

-- Counts the changes of who may do what, so that each process sees when what it remembers is true no longer.
CREATE TABLE tenancy (
    key ROW_KEY,
    generation bigint NOT NULL
);

-- Which process carries the run out; 0: none has to (it is parked, at its end, or only one process works here).
ALTER TABLE run ADD COLUMN node bigint NOT NULL DEFAULT 0;
DROP INDEX run_going;
CREATE INDEX run_going ON run (node, timer_parked, timer_us) WHERE state IN (0, 1, 3) AND children_open = 0;

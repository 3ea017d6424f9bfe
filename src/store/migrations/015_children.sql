-- Child runs: one for each item of a loop at the same time. Lists of runs show those that are nobody's child.
ALTER TABLE run ADD COLUMN parent bigint NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN top bigint NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN parent_effect bigint NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN parent_item bigint NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN in_pool bigint NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN children_open bigint NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN parent_run text NOT NULL DEFAULT '';
CREATE INDEX run_child ON run (parent, create_us) WHERE parent > 0;
CREATE INDEX run_below ON run (top) WHERE top > 0;
DROP INDEX run_newest;
DROP INDEX run_of_automation;
DROP INDEX run_state;
CREATE INDEX run_newest ON run (organization, workspace, create_us) WHERE parent = 0;
CREATE INDEX run_of_automation ON run (organization, workspace, automation, parent, create_us);
CREATE INDEX run_state ON run (organization, workspace, state, create_us) WHERE parent = 0;
-- Loops whose children have not all come to their end.
CREATE TABLE child_loop (
    run ROW_KEY,
    organization bigint NOT NULL,
    first_effect bigint NOT NULL,
    first_item bigint NOT NULL,
    total bigint NOT NULL,
    started bigint NOT NULL,
    running bigint NOT NULL,
    ended bigint NOT NULL
);

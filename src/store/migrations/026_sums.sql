-- The newest quarter of an hour of each automation stays beside its sums of all time (start_us -1) until the next one begins; only then is it
-- added to the sums of quarters and longer spans. open_us is its beginning.
ALTER TABLE run_rollup ADD COLUMN open_us bigint NOT NULL DEFAULT 0;
ALTER TABLE run_rollup ADD COLUMN open_total bigint NOT NULL DEFAULT 0;
ALTER TABLE run_rollup ADD COLUMN open_completed bigint NOT NULL DEFAULT 0;
ALTER TABLE run_rollup ADD COLUMN open_manual bigint NOT NULL DEFAULT 0;
ALTER TABLE run_rollup ADD COLUMN open_failed bigint NOT NULL DEFAULT 0;

-- How many exceptions each automation has in each state and group.
CREATE TABLE exception_sum (
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    state bigint NOT NULL,
    automation bigint NOT NULL,
    group_name text NOT NULL,
    automation_id text NOT NULL,
    exceptions bigint NOT NULL,
    PRIMARY KEY (organization, workspace, state, automation, group_name)
) CLUSTERED;

INSERT INTO exception_sum (organization, workspace, state, automation, group_name, automation_id, exceptions)
SELECT organization, workspace, state, automation, group_name, max(automation_id), count(*) FROM exception
GROUP BY organization, workspace, state, automation, group_name;

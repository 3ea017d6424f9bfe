-- When automations run by themselves: one row an automation, and what became of the times that were due.

CREATE TABLE schedule (
    automation ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    enabled bigint NOT NULL,
    next_us bigint NOT NULL,
    fired bigint NOT NULL,
    last_run bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    automation_id text NOT NULL,
    config text NOT NULL
);
CREATE INDEX schedule_next ON schedule (next_us) WHERE next_us > 0;

CREATE TABLE schedule_fire (
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    automation bigint NOT NULL,
    due_us bigint NOT NULL,
    outcome bigint NOT NULL,
    run_id text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (automation, due_us)
) CLUSTERED;

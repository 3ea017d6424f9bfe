-- What one completed run of an automation saves, as people estimate it.
CREATE TABLE estimate (
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    automation bigint NOT NULL,
    cost_micros bigint NOT NULL,
    time_saved_s bigint NOT NULL,
    PRIMARY KEY (organization, workspace, automation)
) CLUSTERED;

-- How organizations and workspaces write figures and dates. Workspace 0: the organization's own. 0, "" and, for the
-- number of places, -1 stand for what is inherited. support_access: 1 no, 2 yes.
CREATE TABLE preferences (
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    time_zone text NOT NULL,
    time_format bigint NOT NULL,
    date_format bigint NOT NULL,
    decimal_symbol bigint NOT NULL,
    decimal_places bigint NOT NULL,
    measurement bigint NOT NULL,
    support_access bigint NOT NULL,
    update_us bigint NOT NULL,
    PRIMARY KEY (organization, workspace)
) CLUSTERED;

-- What held when the run began, packed (value/locale.h): a run that is taken up again reads as it read at first.
ALTER TABLE run_input ADD COLUMN locale text NOT NULL DEFAULT '';

-- What starts runs from outside: messages that are posted to secret addresses, and what came of them.
-- number: of the newest event; events of a trigger are numbered from 1.
CREATE TABLE workspace_trigger (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    automation bigint NOT NULL,
    enabled bigint NOT NULL,
    is_signed bigint NOT NULL,
    secret_salt bigint NOT NULL,
    version bigint NOT NULL,
    number bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    id text NOT NULL,
    automation_id text NOT NULL,
    display_name text NOT NULL,
    filter_text text NOT NULL,
    input_mapping text NOT NULL,
    hash bytea NOT NULL
);
CREATE UNIQUE INDEX workspace_trigger_id ON workspace_trigger (organization, workspace, id);
CREATE UNIQUE INDEX workspace_trigger_hash ON workspace_trigger (hash);
CREATE INDEX workspace_trigger_newest ON workspace_trigger (organization, workspace, create_us);
CREATE INDEX workspace_trigger_automation ON workspace_trigger (automation);

-- outcome: 0 started, 1 filtered, 2 inactive, 3 refused. origin: the sender's id of the message.
CREATE TABLE trigger_event (
    key GROWING_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    starter bigint NOT NULL,
    number bigint NOT NULL,
    outcome bigint NOT NULL,
    size_bytes bigint NOT NULL,
    create_us bigint NOT NULL,
    id text NOT NULL,
    origin text NOT NULL,
    run_id text NOT NULL,
    reason text NOT NULL
);
CREATE UNIQUE INDEX trigger_event_number ON trigger_event (starter, number);
CREATE INDEX trigger_event_oldest ON trigger_event (create_us);

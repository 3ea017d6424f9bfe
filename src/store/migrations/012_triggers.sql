-- What automations have to do with the triggers of other services.
CREATE TABLE automation_trigger (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    automation bigint NOT NULL,
    phase bigint NOT NULL,
    source bigint NOT NULL,
    active bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    trigger_id text NOT NULL,
    input_mapping text NOT NULL
);
CREATE UNIQUE INDEX automation_trigger_id ON automation_trigger (organization, automation, trigger_id);
CREATE INDEX automation_trigger_oldest ON automation_trigger (organization, automation, create_us);

-- Threads in which automations are written; what is said in them are events like those of a run's thread.
CREATE TABLE authoring_thread (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    automation bigint NOT NULL,
    generating_until_us bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    id text NOT NULL,
    automation_id text NOT NULL,
    agent_id text NOT NULL,
    title text NOT NULL,
    user_id text NOT NULL,
    pending text NOT NULL
);
CREATE UNIQUE INDEX authoring_thread_id ON authoring_thread (organization, workspace, id);
CREATE INDEX authoring_thread_order ON authoring_thread (organization, workspace, agent_id, key);
CREATE INDEX authoring_thread_automation ON authoring_thread (automation, agent_id, key);
ALTER TABLE thread_event ADD COLUMN thread bigint NOT NULL DEFAULT 0;
CREATE INDEX thread_event_authoring ON thread_event (thread, key) WHERE thread > 0;

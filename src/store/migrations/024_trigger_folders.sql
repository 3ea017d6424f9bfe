-- Triggers that watch a folder. folder: where, within the workspace's part of the server's root; '' for those with an
-- address. pattern: of the names of files; '' for all. keeps_files: files stay where they were found.
-- wait_us: of those with an address, how long an answer waits for the end of the run.
ALTER TABLE workspace_trigger ADD COLUMN folder text NOT NULL DEFAULT '';
ALTER TABLE workspace_trigger ADD COLUMN pattern text NOT NULL DEFAULT '';
ALTER TABLE workspace_trigger ADD COLUMN keeps_files bigint NOT NULL DEFAULT 0;
ALTER TABLE workspace_trigger ADD COLUMN wait_us bigint NOT NULL DEFAULT 0;
CREATE INDEX workspace_trigger_folder ON workspace_trigger (key) WHERE folder <> '';

-- Files in watched folders that something came of already. hash: of a file's name, number, size and time of change.
CREATE TABLE folder_file (
    starter bigint NOT NULL,
    outcome bigint NOT NULL,
    create_us bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (starter, hash)
);

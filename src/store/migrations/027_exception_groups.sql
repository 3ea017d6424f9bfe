-- What a workspace says of a group of exceptions: who is given new ones, and how long an answer may take. due_us is a length; 0: none.
CREATE TABLE exception_group (
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    id text NOT NULL,
    assignee text NOT NULL,
    due_us bigint NOT NULL,
    update_us bigint NOT NULL,
    PRIMARY KEY (organization, workspace, id)
);

-- When an exception should be answered; 0: there is no such time.
ALTER TABLE exception ADD COLUMN due_us bigint NOT NULL DEFAULT 0;

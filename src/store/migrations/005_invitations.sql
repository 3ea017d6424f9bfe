-- Invitations by link. hash: SHA-256 of the link's secret. role: its number. Times that have not come are 0.
CREATE TABLE invitation (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    id text NOT NULL,
    email text NOT NULL,
    role bigint NOT NULL,
    hash bytea NOT NULL UNIQUE,
    create_us bigint NOT NULL,
    expire_us bigint NOT NULL,
    accept_us bigint NOT NULL,
    revoke_us bigint NOT NULL
);
CREATE UNIQUE INDEX invitation_id ON invitation (organization, id);
CREATE INDEX invitation_newest ON invitation (organization, workspace, create_us);

-- 0: it is there.
ALTER TABLE workspace ADD COLUMN delete_us bigint NOT NULL DEFAULT 0;

-- Servers that automations call by a name, and who calls: sealed is the credential, encrypted with a key that the
-- database does not hold.
CREATE TABLE connection (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    auth bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    name text NOT NULL,
    book text NOT NULL,
    url text NOT NULL,
    user_name text NOT NULL,
    sender text NOT NULL,
    sealed bytea NOT NULL
);
CREATE UNIQUE INDEX connection_name ON connection (organization, workspace, name);

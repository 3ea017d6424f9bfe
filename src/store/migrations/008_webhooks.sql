-- Who is told when runs move, and what is on its way to them.

CREATE TABLE webhook (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    id text NOT NULL,
    display_name text NOT NULL,
    url text NOT NULL,
    events bigint NOT NULL,
    automation_id text NOT NULL,
    enabled bigint NOT NULL,
    problem text NOT NULL,
    secret_salt bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL
);
CREATE UNIQUE INDEX webhook_id ON webhook (organization, workspace, id);
CREATE INDEX webhook_newest ON webhook (organization, workspace, create_us);

-- state: 0 pending, 1 delivered, 2 dead. next_us: 0 while there is nothing to try.
CREATE TABLE webhook_delivery (
    key GROWING_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    webhook bigint NOT NULL,
    id text NOT NULL,
    event bigint NOT NULL,
    run_name text NOT NULL,
    body text NOT NULL,
    state bigint NOT NULL,
    attempts bigint NOT NULL,
    next_us bigint NOT NULL,
    end_us bigint NOT NULL,
    status bigint NOT NULL,
    problem text NOT NULL,
    create_us bigint NOT NULL
);
CREATE UNIQUE INDEX webhook_delivery_id ON webhook_delivery (webhook, id);
CREATE INDEX webhook_delivery_newest ON webhook_delivery (webhook, key);
CREATE INDEX webhook_delivery_next ON webhook_delivery (next_us, webhook) WHERE next_us > 0;
CREATE INDEX webhook_delivery_end ON webhook_delivery (end_us) WHERE end_us > 0;

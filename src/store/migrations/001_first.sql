-- The schema, in words that SQLite and PostgreSQL share (GROWING_KEY, ROW_KEY and CLUSTERED: database.h).
-- Each table leads with its organization. Text and numbers are never NULL: "" and 0 stand for absence.
-- Times are microseconds since 1970.

CREATE TABLE setting (
    name text NOT NULL PRIMARY KEY,
    value bytea NOT NULL
) CLUSTERED;

-- ---- who ----

CREATE TABLE organization (
    key ROW_KEY,
    id text NOT NULL UNIQUE,
    title text NOT NULL,
    logo_data_uri text NOT NULL,
    owner_display_name text NOT NULL,
    owner_email text NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL
);

CREATE TABLE workspace (
    key ROW_KEY,
    organization bigint NOT NULL,
    id text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    icon text NOT NULL,
    icon_color text NOT NULL,
    creator_display_name text NOT NULL,
    creator_email text NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL
);
CREATE UNIQUE INDEX workspace_id ON workspace (organization, id);
CREATE INDEX workspace_newest ON workspace (organization, create_us);

CREATE TABLE account (
    key ROW_KEY,
    id text NOT NULL UNIQUE,
    display_name text NOT NULL,
    email text NOT NULL,
    email_folded text NOT NULL UNIQUE,
    create_us bigint NOT NULL
);

CREATE TABLE member (
    organization bigint NOT NULL,
    account bigint NOT NULL,
    workspace bigint NOT NULL,
    role bigint NOT NULL,
    PRIMARY KEY (organization, account, workspace)
) CLUSTERED;
CREATE INDEX member_account ON member (account, organization);

CREATE TABLE token (
    key GROWING_KEY,
    organization bigint NOT NULL,
    account bigint NOT NULL,
    id text NOT NULL,
    organization_id text NOT NULL,
    display_name text NOT NULL,
    prefix text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    workspaces text NOT NULL,
    permissions text NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    expire_us bigint NOT NULL,
    last_used_us bigint NOT NULL
);
CREATE UNIQUE INDEX token_id ON token (account, id);
CREATE INDEX token_newest ON token (account, create_us);

-- ---- what runs ----

CREATE TABLE automation (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    id text NOT NULL,
    draft_revision bigint NOT NULL,
    published_revision bigint NOT NULL,
    version_major bigint NOT NULL,
    version_minor bigint NOT NULL,
    published_major bigint NOT NULL,
    published_minor bigint NOT NULL,
    display_name text NOT NULL,
    activation bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    delete_us bigint NOT NULL,
    purge_us bigint NOT NULL,
    publish_us bigint NOT NULL,
    author_id text NOT NULL,
    update_user_id text NOT NULL,
    publish_user_id text NOT NULL,
    etag text NOT NULL
);
CREATE UNIQUE INDEX automation_id ON automation (organization, id);
CREATE INDEX automation_newest ON automation (organization, workspace, update_us);

CREATE TABLE revision (
    key ROW_KEY,
    organization bigint NOT NULL,
    automation bigint NOT NULL,
    version_major bigint NOT NULL,
    version_minor bigint NOT NULL,
    published bigint NOT NULL,
    discarded bigint NOT NULL,
    display_name text NOT NULL,
    description text NOT NULL,
    english text NOT NULL,
    code text NOT NULL,
    source_spelling bigint NOT NULL,
    code_mapping text NOT NULL,
    input_specs text NOT NULL,
    connections text NOT NULL,
    default_inputs text NOT NULL,
    marked_outputs text NOT NULL,
    artifacts text NOT NULL,
    valid bigint NOT NULL,
    create_us bigint NOT NULL,
    user_id text NOT NULL,
    restored_major bigint NOT NULL,
    restored_minor bigint NOT NULL,
    restore_us bigint NOT NULL,
    restore_user_id text NOT NULL
);
CREATE UNIQUE INDEX revision_version ON revision (automation, version_major, version_minor) WHERE discarded = 0;
CREATE INDEX revision_newest ON revision (automation, create_us);

-- A run's row is written at each of its moves and so holds only what is small; its inputs lie beside it.
CREATE TABLE run (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    automation bigint NOT NULL,
    revision bigint NOT NULL,
    state bigint NOT NULL,
    stage bigint NOT NULL,
    version_major bigint NOT NULL,
    version_minor bigint NOT NULL,
    source bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    state_us bigint NOT NULL,
    timer_us bigint NOT NULL,
    timer_parked bigint NOT NULL,
    deadline_us bigint NOT NULL,
    location_start bigint NOT NULL,
    location_end bigint NOT NULL,
    id text NOT NULL,
    execution_id text NOT NULL,
    automation_id text NOT NULL,
    user_id text NOT NULL,
    trigger_id text NOT NULL,
    previous_run text NOT NULL,
    reason text NOT NULL,
    error_id text NOT NULL,
    exception_id text NOT NULL,
    description text NOT NULL,
    outputs text NOT NULL
);
CREATE UNIQUE INDEX run_id ON run (organization, id);
CREATE INDEX run_newest ON run (organization, workspace, create_us);
CREATE INDEX run_of_automation ON run (organization, workspace, automation, create_us);
CREATE INDEX run_state ON run (organization, workspace, state, create_us);
CREATE INDEX run_execution ON run (organization, execution_id) WHERE execution_id <> '';
CREATE INDEX run_going ON run (timer_us) WHERE state IN (0, 1, 3);
CREATE INDEX run_timer ON run (timer_us) WHERE timer_us > 0;

CREATE TABLE run_input (
    run ROW_KEY,
    organization bigint NOT NULL,
    inputs text NOT NULL,
    code text NOT NULL
);

CREATE TABLE snapshot (
    run ROW_KEY,
    organization bigint NOT NULL,
    bytes bytea NOT NULL
);

-- position: the run's key times 2^24 plus the batch's number, so that a run's batches lie together.
CREATE TABLE journal (
    position ROW_KEY,
    organization bigint NOT NULL,
    first_entry bigint NOT NULL,
    n_entries bigint NOT NULL,
    time_us bigint NOT NULL,
    checksum bigint NOT NULL,
    bytes bytea NOT NULL
);

CREATE TABLE effect (
    organization bigint NOT NULL,
    run bigint NOT NULL,
    number bigint NOT NULL,
    finished bigint NOT NULL,
    failed bigint NOT NULL,
    effect_key text NOT NULL,
    result bytea NOT NULL,
    PRIMARY KEY (run, number)
) CLUSTERED;

CREATE TABLE request (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    request_id text NOT NULL,
    hash bigint NOT NULL,
    create_us bigint NOT NULL,
    response text NOT NULL
);
CREATE UNIQUE INDEX request_id ON request (organization, workspace, request_id);

-- ---- what people are asked and answered ----

CREATE TABLE exception (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    run bigint NOT NULL,
    automation bigint NOT NULL,
    state bigint NOT NULL,
    stage bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    resolve_us bigint NOT NULL,
    location_start bigint NOT NULL,
    location_end bigint NOT NULL,
    sentence_hash bigint NOT NULL,
    id text NOT NULL,
    run_id text NOT NULL,
    automation_id text NOT NULL,
    execution_id text NOT NULL,
    group_name text NOT NULL,
    assignee text NOT NULL,
    resolver text NOT NULL,
    guide_entry_id text NOT NULL,
    kind text NOT NULL,
    missing text NOT NULL,
    message text NOT NULL,
    description text NOT NULL,
    extra text NOT NULL
);
CREATE UNIQUE INDEX exception_id ON exception (organization, id);
CREATE INDEX exception_newest ON exception (organization, workspace, create_us);
CREATE INDEX exception_state ON exception (organization, workspace, state, create_us);
CREATE INDEX exception_of_automation ON exception (organization, workspace, automation_id, create_us);
CREATE INDEX exception_of_run ON exception (organization, workspace, run_id, create_us);

CREATE TABLE thread_event (
    key ROW_KEY,
    organization bigint NOT NULL,
    run bigint NOT NULL,
    kind bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    id text NOT NULL,
    agent_id text NOT NULL,
    exception_id text NOT NULL,
    payload text NOT NULL
);
CREATE UNIQUE INDEX thread_event_id ON thread_event (run, id);
CREATE INDEX thread_event_order ON thread_event (run, agent_id, key);

CREATE TABLE guide_entry (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    automation bigint NOT NULL,
    state bigint NOT NULL,
    version_major bigint NOT NULL,
    version_minor bigint NOT NULL,
    sentence_hash bigint NOT NULL,
    hits bigint NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL,
    delete_us bigint NOT NULL,
    id text NOT NULL,
    automation_id text NOT NULL,
    kind text NOT NULL,
    missing text NOT NULL,
    title text NOT NULL,
    root_cause text NOT NULL,
    answer text NOT NULL,
    condition text NOT NULL,
    notes text NOT NULL,
    source_exception_id text NOT NULL,
    source_run_id text NOT NULL
);
CREATE UNIQUE INDEX guide_entry_id ON guide_entry (organization, id);
CREATE INDEX guide_entry_newest ON guide_entry (organization, workspace, create_us);
CREATE INDEX guide_entry_of_automation ON guide_entry (organization, workspace, automation, create_us);
CREATE INDEX guide_entry_match ON guide_entry (automation, sentence_hash, kind, missing);

-- ---- files ----

CREATE TABLE file (
    key GROWING_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    id text NOT NULL,
    filename text NOT NULL,
    mime_type text NOT NULL,
    hash bytea NOT NULL,
    size_bytes bigint NOT NULL,
    create_us bigint NOT NULL
);
CREATE UNIQUE INDEX file_id ON file (organization, id);
CREATE INDEX file_hash ON file (hash);

-- Hashes whose bytes were to be removed after a commit; emptied at each start.
CREATE TABLE deleted_file (
    hash bytea NOT NULL PRIMARY KEY
) CLUSTERED;

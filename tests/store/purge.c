/* Tests of src/store/purge.c and tenant_purge.c. Unlike their neighbours they look into the tables themselves: whatever
 * table speaks of automations, runs, workspaces or organizations must be empty of a purged one, also a table that is
 * added tomorrow. */
#include "store/fixture.h"

#include <string.h>

#include "base/clock.h"
#include "store/internal.h"
#include "store/purge.h"
#include "store/tables.h"
#include "store/tenant_purge.h"

typedef struct Table {
    Str name, columns, values;          /* of a row that belongs to the automation and its run */
    Str condition;                      /* finds such rows; "" when they belong to neither */
    bool in_workspace, in_organization; /* they have such a column */
} Table;

typedef struct Purging {
    Fixture *f;
    RunRow run;
    Purge purge;
    int64_t now_us, soonest_us;
    bool found;
    bool whole; /* an organization, else its workspace */
    int64_t delete_us;
    Table tables[TABLES_MOST];
    int n_tables;
} Purging;

/* ---- any table ---- */

static Str value_of(const Purging *p, Str column, ColumnKind kind)
{
    Arena *arena = &p->f->arena;
    const struct {
        Str column;
        int64_t value;
    } numbers[] = {
        {S("organization"), p->f->scope.organization},
        {S("workspace"), p->f->scope.workspace},
        {S("automation"), p->f->automation.key},
        {S("run"), p->run.key},
        {S("position"), p->run.key << 24},
        {S("thread"), 0},
        {S("exceptions"), 1}, /* as many as there are */
    };
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (str_eq(column, numbers[i].column))
            return str_printf(arena, "%lld", (long long)numbers[i].value);
    }
    if (str_eq(column, S("run_id")) || str_eq(column, S("automation_id")))
        return str_printf(arena, "'%.*s'", STR_ARG(str_eq(column, S("run_id")) ? p->run.id : p->f->automation.id));
    return kind == COLUMN_TEXT ? S("'x'") : kind == COLUMN_BYTES ? S("''") : S("7");
}

static Str condition_of(const Purging *p, Str column)
{
    static const Str tells[] = {S_INIT("run"), S_INIT("automation"), S_INIT("position")};
    for (size_t i = 0; i < COUNT_OF(tells); i++) {
        if (str_eq(column, tells[i]))
            return str_printf(&p->f->arena, "%.*s = %.*s", STR_ARG(column),
                              STR_ARG(value_of(p, column, COLUMN_NUMBER)));
    }
    return (Str){0};
}

static void add_column(const Purging *p, Table *table, const StoredColumn *column)
{
    if (str_eq(column->name, S("key"))) /* the database hands it out */
        return;
    const char *comma = table->columns.len > 0 ? ", " : "";
    table->columns = str_printf(&p->f->arena, "%.*s%s%.*s", STR_ARG(table->columns), comma, STR_ARG(column->name));
    table->values = str_printf(&p->f->arena, "%.*s%s%.*s", STR_ARG(table->values), comma,
                               STR_ARG(value_of(p, column->name, column->kind)));
    if (table->condition.len == 0)
        table->condition = condition_of(p, column->name);
    table->in_workspace = table->in_workspace || str_eq(column->name, S("workspace"));
    table->in_organization = table->in_organization || str_eq(column->name, S("organization"));
}

static void read_schema(Purging *p)
{
    Tables tables;
    Tx *tx = read_begin(p->f);
    tables_list(tx->database, str_from_c(p->f->database), &p->f->arena, &tables);
    read_end(tx);
    p->n_tables = tables.n;
    for (int i = 0; i < tables.n; i++) {
        p->tables[i] = (Table){.name = tables.rows[i].name};
        for (int k = 0; k < tables.rows[i].n_columns; k++)
            add_column(p, &p->tables[i], &tables.rows[i].columns[k]);
    }
}

static bool execute(Tx *tx, Str sql, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    return query_open_text(&query, tx->database, sql, err) && query_run(&query, err);
}

/* The fixture made a run, an automation and its revision; everything else gets a row. */
static bool fill(Tx *tx, void *argument, Error *err)
{
    Purging *p = argument;
    for (int i = 0; i < p->n_tables; i++) {
        const Table *table = &p->tables[i];
        bool belongs = table->condition.len > 0 || table->in_organization || str_eq(table->name, S("folder_file"));
        if (!belongs || str_eq(table->name, S("run")) || str_eq(table->name, S("revision")) ||
            str_eq(table->name, S("automation")) || str_eq(table->name, S("workspace")))
            continue;
        if (!execute(tx,
                     str_printf(&p->f->arena, "INSERT INTO %.*s (%.*s) VALUES (%.*s) ON CONFLICT DO NOTHING",
                                STR_ARG(table->name), STR_ARG(table->columns), STR_ARG(table->values)),
                     err))
            return false;
    }
    static const Str belongings[] = {
        S_INIT("INSERT INTO thread_event (organization, run, kind, create_us, update_us, id, agent_id, exception_id, "
               "payload, thread) SELECT organization, 0, 1, 1, 1, 't', 'quill', '', '{}', key FROM authoring_thread"),
        S_INIT("UPDATE trigger_event SET starter = (SELECT key FROM workspace_trigger)"),
        S_INIT("UPDATE folder_file SET starter = (SELECT key FROM workspace_trigger)"),
        S_INIT("UPDATE webhook_delivery SET webhook = (SELECT key FROM webhook)"),
    };
    for (size_t i = 0; i < COUNT_OF(belongings); i++) {
        if (!execute(tx, belongings[i], err))
            return false;
    }
    return true;
}

static int64_t count(Fixture *f, Str table, Str condition)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    int64_t n = -1;
    Tx *tx = read_begin(f);
    Str sql = str_printf(&f->arena, "SELECT count(*) FROM %.*s WHERE %.*s", STR_ARG(table), STR_ARG(condition));
    assert_works(f, query_open_text(&query, tx->database, sql, &f->err));
    assert_works(f, query_one_i64(&query, &found, &n, &f->err));
    query_done(&query);
    query = (Query){0};
    read_end(tx);
    return n;
}

/* ---- purging ---- */

static bool delete_automation(Tx *tx, void *argument, Error *err)
{
    Fixture *f = ((Purging *)argument)->f;
    f->automation.delete_us = 1000;
    f->automation.purge_us = 2000;
    return store_automation_update(tx, &f->scope, &f->automation, err);
}

/* As the engine does, runs_at_once at a time. */
static bool purge_some(Tx *tx, void *argument, Error *err)
{
    Purging *p = argument;
    PurgeRun *runs;
    Purge *due;
    int n;
    if (!store_purge_due(tx, &p->f->arena, p->now_us, 1, &due, &n, err))
        return false;
    p->found = n > 0;
    if (!p->found)
        return true;
    p->purge = due[0];
    if ((!p->purge.begun && !store_purge_begin(tx, &p->purge, err)) ||
        !store_purge_runs(tx, &p->f->arena, &p->purge, 2, &runs, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        if (!store_purge_run(tx, &p->purge, &runs[i], err))
            return false;
    }
    return (n > 0 || store_purge_finish(tx, &p->purge, err)) &&
           store_purge_soonest(tx, STORE_PURGE_ANY, &p->soonest_us, err);
}

static bool soonest(Tx *tx, void *argument, Error *err)
{
    return store_purge_soonest(tx, STORE_PURGE_ANY, &((Purging *)argument)->soonest_us, err);
}

static bool is_kept(Str table)
{
    return str_eq(table, S("run_rollup")) || str_eq(table, S("estimate"));
}

static void test_purge__leaves_nothing_but_sums(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Purging p = {.f = &f, .run = insert_run(&f), .now_us = 2000};
    read_schema(&p);
    assert_works(&f, write_with(&f, fill, &p));
    assert_works(&f, write_with(&f, delete_automation, &p));
    for (int i = 0; i < 3; i++)
        assert_works(&f, write_with(&f, purge_some, &p));
    assert_int_equal(p.soonest_us, 0);
    int n_seen = 0;
    for (int i = 0; i < p.n_tables; i++) {
        const Table *table = &p.tables[i];
        if (table->condition.len == 0 || str_eq(table->name, S("revision")))
            continue;
        n_seen++;
        if ((count(&f, table->name, table->condition) > 0) != is_kept(table->name))
            fail_msg("rows of the automation in %.*s", STR_ARG(table->name));
    }
    assert_true(n_seen >= 14);
    assert_int_equal(count(&f, S("thread_event"), S("thread > 0")), 0);
    assert_int_equal(count(&f, S("trigger_event"), S("1 = 1")), 0);
    assert_int_equal(count(&f, S("folder_file"), S("1 = 1")), 0);
    assert_int_equal(count(&f, S("revision"), S("english <> '' OR code <> ''")), 0);
    assert_int_equal(count(&f, S("automation"), S("display_name <> ''")), 0);
    fixture_end(&f);
}

static void test_purge__is_for_those_whose_time_has_come(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Purging p = {.f = &f, .run = insert_run(&f), .now_us = 1999};
    Automation found;
    ListQuery query = {.limit = 10, .show_deleted = true};
    Automation *rows;
    ListEnd end;
    int n;
    assert_works(&f, write_with(&f, soonest, &p));
    assert_int_equal(p.soonest_us, 0);
    assert_works(&f, write_with(&f, purge_some, &p));
    assert_false(p.found);
    assert_works(&f, write_with(&f, delete_automation, &p));
    assert_works(&f, write_with(&f, soonest, &p));
    assert_int_equal(p.soonest_us, 2000);
    assert_works(&f, write_with(&f, purge_some, &p));
    assert_false(p.found);
    p.now_us = 2000;
    assert_works(&f, write_with(&f, purge_some, &p));
    assert_true(p.found && !p.purge.begun);
    assert_int_equal(p.soonest_us, 1);
    Tx *tx = read_begin(&f);
    assert_refused(&f, NOT_FOUND, store_automation_get(tx, &f.arena, &f.scope, S("a1"), true, &found, &f.err));
    assert_works(&f, store_automation_list(tx, &f.arena, &f.scope, &query, &rows, &n, &end, &f.err));
    assert_int_equal(n, 0);
    read_end(tx);
    fixture_end(&f);
}

static void test_purge__leaves_the_runs_of_others(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Purging p = {.f = &f, .now_us = 2000};
    for (int i = 0; i < 5; i++)
        p.run = insert_run(&f);
    f.automation.key++;
    RunRow other = insert_run(&f);
    f.automation.key--;
    assert_works(&f, write_with(&f, delete_automation, &p));
    for (p.soonest_us = 1; p.soonest_us;)
        assert_works(&f, write_with(&f, purge_some, &p));
    assert_int_equal(count(&f, S("run"), S("key > 0")), 1);
    assert_int_equal(count(&f, S("run"), str_printf(&f.arena, "key = %lld", (long long)other.key)), 1);
    fixture_end(&f);
}

static void test_purge__those_behind_are_found_when_the_first_is_passed_over(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Purging p = {.f = &f, .run = insert_run(&f), .now_us = 2000};
    Purge *due;
    int n;
    int64_t soonest_us;
    assert_works(&f, write_with(&f, delete_automation, &p));
    Tx *tx = read_begin(&f);
    assert_works(&f, store_purge_due(tx, &f.arena, 2000, 5, &due, &n, &f.err));
    assert_int_equal(n, 1);
    assert_int_equal(due[0].automation, f.automation.key);
    assert_works(&f, store_purge_soonest(tx, 1999, &soonest_us, &f.err));
    assert_int_equal(soonest_us, 2000);
    assert_works(&f, store_purge_soonest(tx, 2000, &soonest_us, &f.err));
    assert_int_equal(soonest_us, 0);
    read_end(tx);
    fixture_end(&f);
}

/* ---- workspaces and organizations ---- */

static bool delete_tenant(Tx *tx, void *argument, Error *err)
{
    const Purging *p = argument;
    return execute(tx,
                   str_printf(&p->f->arena, "UPDATE %s SET delete_us = %lld WHERE key = %lld",
                              p->whole ? "organization" : "workspace", (long long)p->delete_us,
                              (long long)(p->whole ? p->f->scope.organization : p->f->scope.workspace)),
                   err);
}

/* A piece, as the engine does it; p->found: something was due. */
static bool purge_tenant(Tx *tx, void *argument, Error *err)
{
    Purging *p = argument;
    TenantPurge *due;
    bool changed, waits;
    int n, n_runs;
    PurgeRun *runs;
    if (!purge_some(tx, p, err))
        return false;
    if (p->found)
        return true;
    if (!store_tenant_purge_due(tx, &p->f->arena, p->now_us, 1, &due, &n, err))
        return false;
    p->found = n > 0;
    if (!p->found)
        return store_tenant_purge_soonest(tx, STORE_PURGE_ANY, &p->soonest_us, err);
    const Purge executions = {.organization = due->organization, .workspace = due->workspace};
    if (!store_tenant_purge_begin(tx, due, &changed, err) || !store_tenant_purge_waits(tx, due, &waits, err))
        return false;
    if (changed || waits)
        return true;
    if (!store_purge_runs(tx, &p->f->arena, &executions, 2, &runs, &n_runs, err))
        return false;
    for (int i = 0; i < n_runs; i++) {
        if (!store_purge_run(tx, &executions, &runs[i], err))
            return false;
    }
    return n_runs > 0 ||
           (store_tenant_purge_rows(tx, due, 2, &n, err) && (n > 0 || store_tenant_purge_finish(tx, due, err)));
}

/* What is another organization's, or another workspace's. */
static int64_t count_others(Purging *p, const Table *table)
{
    const Scope *scope = &p->f->scope;
    Str condition;
    if (p->whole && table->in_organization)
        condition = str_printf(&p->f->arena, "organization NOT IN (0, %lld)", (long long)scope->organization);
    else if (!p->whole && table->in_workspace)
        condition = str_printf(&p->f->arena, "workspace <> %lld", (long long)scope->workspace);
    else /* of whom it is, no column tells */
        condition = S("1 = 0");
    return count(p->f, table->name, condition);
}

static bool insert_this_run(Tx *tx, void *argument, Error *err)
{
    return store_run_insert(tx, argument, err);
}

/* Another workspace with a run and a file, and another organization with as much. */
static bool make_others(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    Organization organization = {.id = S("o2"), .title = S("Other")};
    Workspace second = {.organization = f->scope.organization, .id = S("w2")}, third = {.id = S("w3")};
    if (!store_organization_create(tx, &organization, err) || !store_workspace_create(tx, &second, err))
        return false;
    third.organization = organization.key;
    if (!store_workspace_create(tx, &third, err))
        return false;
    const Scope scopes[] = {{second.organization, second.key, S("o1"), S("w2")},
                            {organization.key, third.key, S("o2"), S("w3")},
                            {organization.key, 0, S("o2"), S("")}};
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        RunRow run = run_of(f);
        FileRow file = {.scope = scopes[i], .id = new_id(f), .size_bytes = 7};
        run.scope = scopes[i];
        run.automation = run.revision = 0;
        if (!store_run_insert(tx, &run, err) || !store_file_insert(tx, &file, err) ||
            !store_member_put(tx, scopes[i].organization, scopes[i].workspace, f->user.key, ROLE_VIEWER, err))
            return false;
    }
    return true;
}

/* Of a workspace: what has its key; of an organization too, and what is of no workspace. */
static int64_t count_of_tenant(Purging *p, const Table *table)
{
    Str condition = p->whole ? str_printf(&p->f->arena, "organization = %lld", (long long)p->f->scope.organization)
                             : str_printf(&p->f->arena, "workspace = %lld", (long long)p->f->scope.workspace);
    return count(p->f, table->name, condition);
}

static bool leaves_a_key(Str table)
{
    return str_eq(table, S("automation")) || str_eq(table, S("workspace")) || str_eq(table, S("revision"));
}

static void check_that_it_is_gone(Purging *p)
{
    int n_seen = 0;
    for (int i = 0; i < p->n_tables; i++) {
        const Table *table = &p->tables[i];
        if (!(p->whole ? table->in_organization : table->in_workspace) || leaves_a_key(table->name))
            continue;
        n_seen++;
        if ((count_of_tenant(p, table) > 0) != (!p->whole && is_kept(table->name)))
            fail_msg("rows of the tenant in %.*s", STR_ARG(table->name));
    }
    assert_true(n_seen >= 18);
}

static void test_tenant_purge(bool whole)
{
    Fixture f;
    fixture_begin_tenant(&f);
    Purging p = {.f = &f, .run = insert_run(&f), .whole = whole, .delete_us = clock_now_us() - PURGE_AFTER_US / 2};
    RunRow executed = run_of(&f);
    p.now_us = p.delete_us + PURGE_AFTER_US - 1;
    Workspace workspace;
    Organization organization;
    executed.automation = executed.revision = 0;
    executed.automation_id = (Str){0};
    assert_works(&f, write_with(&f, insert_this_run, &executed));
    assert_works(&f, write_with(&f, make_others, &f));
    read_schema(&p);
    assert_works(&f, write_with(&f, fill, &p));
    int64_t others[COUNT_OF(p.tables)];
    for (int i = 0; i < p.n_tables; i++)
        others[i] = count_others(&p, &p.tables[i]);
    assert_works(&f, write_with(&f, delete_tenant, &p));
    assert_works(&f, write_with(&f, purge_tenant, &p));
    assert_false(p.found); /* not yet */
    assert_true(p.soonest_us == p.delete_us + PURGE_AFTER_US);
    p.now_us++;
    for (int pieces = 0; pieces == 0 || p.found; pieces++) {
        assert_true(pieces < 100);
        assert_works(&f, write_with(&f, purge_tenant, &p));
    }
    assert_int_equal(p.soonest_us, 0);
    assert_int_equal(count(&f, S("token"), S("1 = 1")), 1); /* it is a person's */
    check_that_it_is_gone(&p);
    assert_int_equal(count(&f, S("folder_file"), S("1 = 1")), 0);
    for (int i = 0; i < p.n_tables; i++) {
        if (count_others(&p, &p.tables[i]) != others[i])
            fail_msg("rows of others in %.*s", STR_ARG(p.tables[i].name));
    }
    Tx *tx = read_begin(&f);
    assert_refused(&f, NOT_FOUND, store_workspace_get(tx, &f.arena, f.scope.organization, S("w1"), &workspace, &f.err));
    assert_int_equal(store_organization_get(tx, &f.arena, S("o1"), &organization, &f.err), !whole);
    read_end(tx);
    assert_int_equal(count(&f, S("workspace"), S("id = 'w1' AND title <> ''")), 0);
    fixture_end(&f);
}

static void test_tenant_purge__leaves_nothing_of_a_workspace_but_sums(void **state)
{
    (void)state;
    test_tenant_purge(false);
}

static void test_tenant_purge__leaves_nothing_of_an_organization(void **state)
{
    (void)state;
    test_tenant_purge(true);
}

static bool make_many(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    for (int i = 0; i < 3000; i++) {
        Organization organization = {.id = new_id(f), .title = S("Many")};
        Workspace workspace = {.organization = f->scope.organization, .id = new_id(f), .title = S("One of many")};
        FileRow file = {.scope = f->scope, .id = new_id(f), .size_bytes = 7};
        memcpy(file.hash, file.id.data, MIN_OF(file.id.len, sizeof file.hash));
        if (!store_workspace_create(tx, &workspace, err) || !store_organization_create(tx, &organization, err) ||
            !store_file_insert(tx, &file, err))
            return false;
    }
    return true;
}

/* How the database carries a statement out, in its own words. */
static Str plan_of(Fixture *f, const char *sql)
{
    AUTO(query_done)
    Query query = {0};
    bool postgres = f->database[0] != '\0';
    Buf plan = buf_in(&f->arena);
    Tx *tx = read_begin(f);
    Str explain = str_printf(&f->arena, "EXPLAIN %s%s", postgres ? "" : "QUERY PLAN ", sql);
    assert_works(f, query_open_text(&query, tx->database, explain, &f->err));
    for (const char *parameter = "123"; *parameter; parameter++) {
        if (strstr(sql, (const char[]){'$', *parameter, '\0'}))
            bind_i64(&query, 1000);
    }
    while (query_next(&query)) {
        for (int i = 0; !postgres && i < 3; i++)
            (void)next_i64(&query); /* numbers of the step */
        Str step = next_text(&query, &f->arena);
        buf_printf(&plan, "%.*s\n", STR_ARG(step));
    }
    assert_works(f, query_end(&query, &f->err));
    query_done(&query);
    query = (Query){0};
    read_end(tx);
    return buf_view(&plan);
}

static void test_tenant_purge__finds_what_is_due_among_many_by_an_index(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        Str indexes[2];
    } statements[] = {
        {tenant_purge_soonest_sql, {S_INIT("workspace_deleted"), S_INIT("organization_deleted")}},
        {tenant_purge_workspaces_sql, {S_INIT("workspace_deleted")}},
        {tenant_purge_organizations_sql, {S_INIT("organization_deleted")}},
        {tenant_purge_files_sql, {S_INIT("file_workspace")}},
    };
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, make_many, &f));
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        Str plan = plan_of(&f, statements[i].sql);
        bool scans = str_contains(plan, S("SCAN workspace")) || str_contains(plan, S("SCAN organization")) ||
                     str_contains(plan, S("Seq Scan"));
        if (scans || !str_contains(plan, statements[i].indexes[0]) || !str_contains(plan, statements[i].indexes[1]))
            fail_msg("%s\n%.*s", statements[i].sql, STR_ARG(plan));
    }
    fixture_end(&f);
}

/* ---- runs that were kept as long as they are to be ---- */

static void test_sweep__comes_by_every_automation_and_workspace_once(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    insert_run(&f);
    Sweep sweep = {.keep_us = 7};
    Purge purge;
    PurgeRun *runs;
    bool found = true;
    int automations = 0, workspaces = 0, n;
    int64_t keep_us;
    Tx *tx = read_begin(&f);
    while (found) {
        assert_works(&f, store_sweep_next(tx, &sweep, &purge, &keep_us, &found, &f.err));
        if (!found)
            break;
        assert_int_equal(keep_us, 7);
        automations += !sweep.executions && purge.automation == f.automation.key;
        workspaces += sweep.executions && purge.workspace == f.scope.workspace;
        assert_true(automations + workspaces < 3);
        if (sweep.executions)
            store_sweep_pass(&sweep);
        else
            assert_works(&f, store_sweep_runs(tx, &f.arena, INT64_MAX, 5, &sweep, &purge, &runs, &n, &f.err));
    }
    assert_int_equal(automations, 1);
    assert_int_equal(workspaces, 1);
    read_end(tx);
    fixture_end(&f);
}

static bool insert_ended(Tx *tx, void *argument, Error *err)
{
    RunRow run = run_of(argument);
    run.state = RUN_COMPLETED;
    run.create_us = run.state_us = 1000;
    return store_run_insert(tx, &run, err);
}

static void test_sweep__takes_all_runs_that_began_at_once(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    for (int i = 0; i < 5; i++)
        assert_works(&f, write_with(&f, insert_ended, &f));
    Sweep sweep = {.keep_us = 7};
    Purge purge;
    PurgeRun *runs;
    bool found = true;
    int n, n_all = 0;
    int64_t keep_us;
    Tx *tx = read_begin(&f);
    for (int looks = 0; looks < 3; looks++, n_all += n) {
        assert_works(&f, store_sweep_next(tx, &sweep, &purge, &keep_us, &found, &f.err));
        assert_true(found && !sweep.executions);
        assert_works(&f, store_sweep_runs(tx, &f.arena, 2000, 2, &sweep, &purge, &runs, &n, &f.err));
    }
    assert_int_equal(n_all, 5);
    read_end(tx);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_purge__leaves_nothing_but_sums),
        cmocka_unit_test(test_purge__is_for_those_whose_time_has_come),
        cmocka_unit_test(test_purge__leaves_the_runs_of_others),
        cmocka_unit_test(test_purge__those_behind_are_found_when_the_first_is_passed_over),
        cmocka_unit_test(test_tenant_purge__leaves_nothing_of_a_workspace_but_sums),
        cmocka_unit_test(test_tenant_purge__leaves_nothing_of_an_organization),
        cmocka_unit_test(test_tenant_purge__finds_what_is_due_among_many_by_an_index),
        cmocka_unit_test(test_sweep__takes_all_runs_that_began_at_once),
        cmocka_unit_test(test_sweep__comes_by_every_automation_and_workspace_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

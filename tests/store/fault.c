/* Every path that writes, again and again, with one call of the database failing, one call later each time: either all
 * of it happened or nothing did, and the store goes on. */
#include "store/fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One kind of write. `count` tells by a number whether it happened: `before` without it, something else with it. */
typedef struct Path {
    const char *name;
    Work work;
    int64_t (*count)(Fixture *f, Tx *tx);
} Path;

static int64_t count_runs(Fixture *f, Tx *tx)
{
    int64_t counts[RUN_N_STATES], sum = 0;
    assert_works(f, store_run_count_by_state(tx, counts, &f->err));
    for (int i = 0; i < RUN_N_STATES; i++)
        sum += counts[i] * (i + 1);
    return sum;
}

static RunRow target; /* of the fixture in use: made anew by each */
static Token token;
static ExceptionRow exception;
static GuideEntry guide;
static FileRow file;

static bool write_run(Tx *tx, void *argument, Error *err)
{
    RunRow run = run_of(argument);
    return store_run_insert(tx, &run, err) && store_journal_append(tx, run.key, S("entry"), 1, err);
}

static bool update_run(Tx *tx, void *argument, Error *err)
{
    (void)argument;
    RunRow run = target;
    run.state = RUN_FAILED;
    return store_run_update(tx, &run, err) && store_snapshot_put(tx, run.key, S("snapshot"), 3, err);
}

static bool write_journal(Tx *tx, void *argument, Error *err)
{
    (void)argument;
    return store_journal_append(tx, target.key, S("one"), 2, err) &&
           store_journal_append(tx, target.key, S("two"), 1, err);
}

static int64_t count_journal(Fixture *f, Tx *tx)
{
    JournalBatch *batches;
    int n;
    assert_works(f, store_journal_read(tx, &f->arena, target.key, 0, 1000, &batches, &n, &f->err));
    return n;
}

static bool write_effect(Tx *tx, void *argument, Error *err)
{
    (void)argument;
    return store_effect_begin(tx, target.key, 7, 1, S("key"), err) &&
           store_effect_finish(tx, target.key, &(EffectRow){.number = 7, .result = S("result")}, err) &&
           store_effect_begin(tx, target.key, 8, 1, S("key"), err) &&
           store_effect_retry(tx, target.key, &(EffectRow){.number = 8, .tries = 1}, err);
}

static int64_t count_effects(Fixture *f, Tx *tx)
{
    EffectRow *rows;
    int n;
    assert_works(f, store_effect_list(tx, &f->arena, target.key, 0, &rows, &n, &f->err));
    return n;
}

static bool write_automation(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    Automation automation = {.id = new_id(f), .display_name = S("Another"), .version = {0, 1}};
    Revision revision = {.version = {0, 1}};
    return store_automation_create(tx, &f->scope, &automation, &revision, err);
}

static bool write_revision(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    Automation automation = f->automation;
    Revision revision = {.automation = automation.key, .version = {0, 2}};
    if (!store_revision_add(tx, &f->scope, &revision, err))
        return false;
    automation.draft_revision = revision.key;
    automation.version = revision.version;
    automation.display_name = S("Renamed");
    return store_automation_update(tx, &f->scope, &automation, err);
}

static int64_t count_automations(Fixture *f, Tx *tx)
{
    ListQuery query = {.limit = 10};
    ListEnd end;
    Automation *rows;
    Revision *revisions;
    int n, n_revisions;
    assert_works(f, store_automation_list(tx, &f->arena, &f->scope, &query, &rows, &n, &end, &f->err));
    assert_works(
        f, store_revision_list(tx, &f->arena, f->automation.key, &query, &revisions, &n_revisions, &end, &f->err));
    int64_t renamed = 0;
    for (int i = 0; i < n; i++)
        renamed += str_eq(rows[i].display_name, S("Renamed"));
    assert_int_equal(renamed, n_revisions - 1); /* both or neither */
    return n + n_revisions;
}

static bool write_exception(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    ExceptionRow row = {.scope = f->scope, .id = new_id(f), .run = target.key, .state = EXCEPTION_PENDING};
    ThreadEvent event = {.run = target.key, .id = new_id(f), .agent_id = S("astral")};
    return store_exception_insert(tx, &row, err) && store_thread_add(tx, &event, err);
}

static bool resolve_exception(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    ExceptionRow row = exception;
    row.state = EXCEPTION_RESOLVED;
    GuideEntry entry = {.id = new_id(f), .automation = f->automation.key, .state = GUIDE_APPROVED, .kind = S("k")};
    return store_exception_update(tx, &row, err) && store_guide_insert(tx, &f->scope, &entry, err) &&
           store_guide_hit(tx, guide.key, err);
}

static int64_t count_exceptions(Fixture *f, Tx *tx)
{
    ListQuery query = {.limit = 10};
    ListEnd end;
    ExceptionRow *rows;
    ThreadEvent *events;
    GuideEntry *entries;
    int n, n_events, n_entries;
    assert_works(f, store_exception_list(tx, &f->arena, &f->scope, &query, &rows, &n, &end, &f->err));
    assert_works(f,
                 store_thread_list(tx, &f->arena, target.key, S("astral"), &query, &events, &n_events, &end, &f->err));
    assert_works(f, store_guide_list(tx, &f->arena, &f->scope, 0, &query, &entries, &n_entries, &end, &f->err));
    assert_int_equal(n - 1, n_events);
    int64_t states = 0;
    for (int i = 0; i < n; i++)
        states += rows[i].state;
    for (int i = 0; i < n_entries; i++)
        states += 100 * (int64_t)entries[i].state + 10000 * entries[i].hits;
    return states;
}

static bool write_token(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    Token fresh = {.user = f->user.key, .id = new_id(f), .hash = {9}};
    return store_token_create(tx, &fresh, 10, err) && store_token_delete(tx, f->user.key, token.id, err) &&
           store_member_put(tx, f->scope.organization, f->scope.workspace, f->user.key, ROLE_AUTHOR, err);
}

static int64_t count_tokens(Fixture *f, Tx *tx)
{
    Token found;
    Membership here;
    Error err;
    bool there = store_token_get(tx, &f->arena, f->user.key, token.id, &found, &err);
    assert_works(
        f, store_membership(tx, &f->arena, f->scope.organization, f->scope.workspace, f->user.key, &here, &f->err));
    assert_int_equal(there, (here.roles == BIT(ROLE_ORGANIZATION_ADMIN)));
    return there;
}

static bool write_tenant(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    Organization organization = {.id = S("o2")};
    if (!store_organization_create(tx, &organization, err))
        return false;
    Workspace workspace = {.organization = organization.key, .id = S("w9")};
    return store_workspace_create(tx, &workspace, err) &&
           store_member_put(tx, organization.key, 0, f->user.key, ROLE_ORGANIZATION_ADMIN, err);
}

static int64_t count_tenants(Fixture *f, Tx *tx)
{
    ListQuery query = {.limit = 10};
    ListEnd end;
    Organization *rows;
    int n;
    assert_works(f, store_organization_list(tx, &f->arena, f->user.key, &query, &rows, &n, &end, &f->err));
    return n;
}

static bool delete_file(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    return store_file_delete(tx, &f->scope, file.id, err);
}

static int64_t count_files(Fixture *f, Tx *tx)
{
    FileRow found;
    Error err;
    int fd = -1;
    bool there = store_file_get(tx, &f->arena, &f->scope, file.id, &found, &err);
    if (there) { /* then so are its bytes */
        assert_works(f, store_file_open(f->store, &found, &fd, &f->err));
        close(fd);
    }
    return there;
}

static bool write_request(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    return store_request_put(tx, &f->scope, S("req"), 5, S("{}"), err);
}

static int64_t count_requests(Fixture *f, Tx *tx)
{
    bool found;
    uint64_t hash;
    Str response;
    assert_works(f, store_request_get(tx, &f->arena, &f->scope, S("req"), &found, &hash, &response, &f->err));
    return found;
}

static const Path paths[] = {
    {"insert a run", write_run, count_runs},
    {"update a run", update_run, count_runs},
    {"append to a journal", write_journal, count_journal},
    {"record effects", write_effect, count_effects},
    {"create an automation", write_automation, count_automations},
    {"add a revision", write_revision, count_automations},
    {"raise an exception", write_exception, count_exceptions},
    {"resolve an exception", resolve_exception, count_exceptions},
    {"replace a token", write_token, count_tokens},
    {"create a tenant", write_tenant, count_tenants},
    {"delete a file", delete_file, count_files},
    {"keep a request id", write_request, count_requests},
};

static bool make_targets(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    target = run_of(f);
    if (!store_run_insert(tx, &target, err))
        return false;
    exception = (ExceptionRow){.scope = f->scope, .id = S("x"), .run = target.key, .state = EXCEPTION_PENDING};
    guide = (GuideEntry){.id = S("g"), .automation = f->automation.key, .state = GUIDE_APPROVED, .kind = S("k")};
    token = (Token){.user = f->user.key, .id = S("t"), .hash = {1}};
    file.scope = f->scope;
    file.id = S("f");
    return store_exception_insert(tx, &exception, err) && store_guide_insert(tx, &f->scope, &guide, err) &&
           store_token_create(tx, &token, 10, err) && store_file_insert(tx, &file, err);
}

static void begin_targets(Fixture *f)
{
    FileWriter *writer;
    fixture_begin_tenant(f);
    file = (FileRow){0};
    assert_works(f, store_file_write_begin(f->store, 100, &writer, &f->err));
    assert_works(f, store_file_write(writer, S("bytes"), &f->err));
    assert_works(f, store_file_write_finish(writer, &file, &f->err));
    assert_works(f, write_with(f, make_targets, f));
}

static int64_t count_with(Fixture *f, const Path *path)
{
    Tx *tx = read_begin(f);
    int64_t count = path->count(f, tx);
    read_end(tx);
    return count;
}

static void test_every_write__happens_whole_or_not_at_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        Fixture f;
        begin_targets(&f);
        int64_t before = count_with(&f, &paths[i]);
        int calls = 0;
        for (bool finished = false; !finished; calls++) {
            store_fail_after(f.store, calls);
            finished = write_with(&f, paths[i].work, &f);
            store_fail_after(f.store, -1);
            int64_t after = count_with(&f, &paths[i]);
            if (finished == (after == before))
                fail_msg("%s, call %d: finished %d, before %lld, after %lld", paths[i].name, calls, finished,
                         (long long)before, (long long)after);
            if (!finished && f.err.code != UNAVAILABLE)
                fail_msg("%s, call %d: %s: %s", paths[i].name, calls, error_code_name(f.err.code), f.err.message);
            assert_true(calls < 100);
        }
        assert_true(calls > 3); /* begin, at least one write, commit: the faults did hit */
        fixture_reopen(&f);
        assert_true(count_with(&f, &paths[i]) != before);
        fixture_end(&f);
    }
}

static void test_health__tells_of_the_fault_and_of_its_end(void **state)
{
    (void)state;
    Fixture f;
    begin_targets(&f);
    StoreHealth health;
    store_fail_after(f.store, 1);
    assert_refused(&f, UNAVAILABLE, write_with(&f, write_run, &f));
    store_health(f.store, &health);
    assert_false(health.writable);
    assert_non_null(strstr(health.problem, "disk is full"));
    for (int i = 0; i < 100 && !health.writable; i++) { /* nobody writes: the store tries by itself */
        usleep(50 * 1000);
        store_health(f.store, &health);
    }
    assert_true(health.writable);
    assert_string_equal(health.problem, "");
    assert_works(&f, write_with(&f, write_run, &f));
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_write__happens_whole_or_not_at_all),
        cmocka_unit_test(test_health__tells_of_the_fault_and_of_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

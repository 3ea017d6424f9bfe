/* tests/engine/fixture.c: an engine over a store of its own, in a world that the test controls. */
#include "fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "lang/trace.h"
#include "store/internal.h"

/* ---- a book with one procedure of each kind of effect ---- */

static const Parameter amount[] = {{S_INIT("amount"), &type_number, true, S_INIT("how much")}};
#define PROCEDURE(name_, english_, ...)                                                                                \
    {                                                                                                                  \
        .book = S_INIT("bank"), .name = S_INIT(name_), .english = S_INIT(english_), .parameters = amount,              \
        .n_parameters = 1, .result = &type_number, .effect = __VA_ARGS__                                               \
    }
static const Procedure procedures[] = {
    PROCEDURE("double", "double {amount} as {result}", EFFECT_PURE),
    PROCEDURE("look", "look up {amount} as {result}", EFFECT_READ),
    PROCEDURE("book", "book {amount} as {result}", EFFECT_REPEATABLE),
    PROCEDURE("transfer", "transfer {amount} as {result}", EFFECT_KEYED),
    PROCEDURE("pay", "pay {amount} as {result}", EFFECT_ONCE),
    PROCEDURE("ask", "inquire {amount} as {result}", EFFECT_READ, .outside = true),
    PROCEDURE("wire", "wire {amount} as {result}", EFFECT_KEYED, .outside = true),
    PROCEDURE("mail", "mail {amount} as {result}", EFFECT_ONCE, .outside = true, .connection = S_INIT("post")),
};
static const Procedure *const rows[] = {&procedures[0], &procedures[1], &procedures[2], &procedures[3],
                                        &procedures[4], &procedures[5], &procedures[6], &procedures[7]};
static const Catalog catalog = {rows, COUNT_OF(rows)};

static int64_t world_now(void *self)
{
    return atomic_load(&((Fixture *)self)->now_us);
}

/* Child runs call at the same time. */
static void note_key(Fixture *fixture, Str key)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    snprintf(fixture->last_key, sizeof fixture->last_key, "%.*s", STR_ARG(key));
    pthread_mutex_unlock(&lock);
}

static bool world_call(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err)
{
    Fixture *fixture = self;
    (void)arena;
    Effect effect = call->call->procedure->effect;
    int n = atomic_fetch_add(&fixture->calls[effect], 1);
    note_key(fixture, call->idempotency_key);
    if (atomic_load(&fixture->refuse))
        return error_set(err, UNAVAILABLE, "amount", "the bank is closed");
    Value given = call->call->arguments[0].value;
    int64_t number;
    if (!value_to_int(given, &number))
        return error_set(err, INVALID_ARGUMENT, "amount", "no whole number");
    /* Each look at the world sees something else. */
    *out = value_int(effect == EFFECT_READ ? number * 1000 + n : number * 2);
    return true;
}

/* ---- calls that go outside ---- */

struct WorldErrand {
    struct WorldErrand *next;
    void (*arrived)(void *context);
    void *context;
    Id key;
    char alias[64];
    Effect effect;
    bool sent;
    ErrorCode code;
};

static bool world_prepare(void *self, const WorldCall *call, void (*arrived)(void *context), void *context,
                          WorldErrand **out, Error *err)
{
    (void)self;
    int64_t number;
    if (!value_to_int(call->call->arguments[0].value, &number) || number < 0)
        return error_set(err, INVALID_ARGUMENT, "amount", "that is no amount");
    WorldErrand *errand = calloc(1, sizeof *errand);
    assert_non_null(errand);
    *errand = (WorldErrand){.arrived = arrived, .context = context, .effect = call->call->procedure->effect};
    snprintf(errand->key.text, sizeof errand->key.text, "%.*s", STR_ARG(call->idempotency_key));
    snprintf(errand->alias, sizeof errand->alias, "%.*s", STR_ARG(call->call->alias));
    *out = errand;
    return true;
}

static void world_send(void *self, WorldErrand *errand)
{
    Fixture *fixture = self;
    Effect effect = errand->effect;
    pthread_mutex_lock(&fixture->lock);
    note_key(fixture, id_str(&errand->key));
    snprintf(fixture->last_alias, sizeof fixture->last_alias, "%s", errand->alias);
    errand->sent = true;
    WorldErrand **end = &fixture->oldest_errand;
    while (*end)
        end = &(*end)->next;
    *end = errand;
    int n_out = atomic_fetch_add(&fixture->out, 1) + 1;
    atomic_store(&fixture->most_out, MAX_OF(n_out, atomic_load(&fixture->most_out))); /* under `lock` alone */
    pthread_mutex_unlock(&fixture->lock);
    atomic_fetch_add(&fixture->begun[effect], 1);
    if (atomic_load(&fixture->comes_at_once))
        fixture_come_back(fixture, OK);
}

static bool world_take(void *self, const WorldCall *call, WorldErrand *errand, Arena *arena, Value *out, Error *err)
{
    Fixture *fixture = self;
    (void)arena;
    ErrorCode code = errand->code;
    free(errand);
    atomic_fetch_sub(&fixture->out, 1);
    atomic_fetch_add(&fixture->calls[call->call->procedure->effect], 1);
    int64_t number;
    if (code != OK || !value_to_int(call->call->arguments[0].value, &number))
        return error_set(err, code, "amount", "the bank is closed");
    *out = value_int(number * 2);
    return true;
}

static void world_drop(void *self, WorldErrand *errand)
{
    Fixture *fixture = self;
    if (errand->sent) {
        atomic_fetch_sub(&fixture->out, 1);
        atomic_fetch_add(&fixture->dropped, 1);
    }
    free(errand);
}

static WorldErrand *take_oldest(Fixture *fixture)
{
    pthread_mutex_lock(&fixture->lock);
    WorldErrand *errand = fixture->oldest_errand;
    if (errand)
        fixture->oldest_errand = errand->next;
    pthread_mutex_unlock(&fixture->lock);
    return errand;
}

void fixture_come_back(Fixture *fixture, ErrorCode code)
{
    WorldErrand *errand = take_oldest(fixture);
    for (int i = 0; i < 20000 && !errand; i++, errand = take_oldest(fixture))
        usleep(1000);
    assert_non_null(errand);
    errand->code = code;
    errand->arrived(errand->context);
}

void fixture_wait_begun(Fixture *fixture, Effect effect, int n)
{
    for (int i = 0; i < 20000 && atomic_load(&fixture->begun[effect]) < n; i++)
        usleep(1000);
    assert_int_equal(atomic_load(&fixture->begun[effect]), n);
}

/* ---- store and tenant ---- */

typedef struct WriteCommand {
    Command command;
    Fixture *fixture;
    FixtureWrite *write;
    void *argument;
} WriteCommand;

static bool apply_write(Tx *tx, Command *command, Error *err)
{
    WriteCommand *write = (WriteCommand *)command;
    return write->write(tx, write->fixture, write->argument, err);
}

bool fixture_write(Fixture *fixture, FixtureWrite *write, void *argument)
{
    WriteCommand command = {.command.apply = apply_write, .fixture = fixture, .write = write, .argument = argument};
    fixture->err = (Error){0};
    return store_execute(fixture->store, &command.command, &fixture->err);
}

static bool make_tenant(Tx *tx, Fixture *fixture, void *argument, Error *err)
{
    (void)argument;
    Organization organization = {.id = S("o1"), .title = S("Acme")};
    Workspace workspace = {.id = S("w1"), .title = S("Finance")};
    if (!store_organization_create(tx, &organization, err))
        return false;
    workspace.organization = organization.key;
    if (!store_workspace_create(tx, &workspace, err))
        return false;
    fixture->scope = (Scope){organization.key, workspace.key, S("o1"), S("w1")};
    return true;
}

void fixture_start_engine(Fixture *fixture)
{
    fixture_start_engine_with(fixture, (EngineOptions){.workers = 2});
}

void fixture_start_engine_with(Fixture *fixture, EngineOptions options)
{
    options.stays_bytes = fixture->stays_bytes;
    assert_true(engine_start(fixture->store, &fixture->world, &catalog, &options, &fixture->engine, &fixture->err));
}

void fixture_stop_engine(Fixture *fixture)
{
    engine_stop(fixture->engine, 5000000);
    for (WorldErrand *errand; (errand = take_oldest(fixture));) /* the World stops: what is on its way is given up */
        errand->arrived(errand->context);
    engine_free(fixture->engine);
    fixture->engine = NULL;
}

void fixture_init(Fixture *fixture)
{
    *fixture = (Fixture){.begun_before_call = true};
    atomic_store(&fixture->now_us, clock_now_us());
    strcpy(fixture->directory, "/tmp/clerkwork-engine-XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    fixture->world = (World){.self = fixture,
                             .now_us = world_now,
                             .call = world_call,
                             .prepare = world_prepare,
                             .send = world_send,
                             .take = world_take,
                             .drop = world_drop};
    pthread_mutex_init(&fixture->lock, NULL);
    StoreOptions options = {.location = str_from_c(fixture->directory)};
    if (!store_open(&options, &fixture->store, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_true(store_reader_open(fixture->store, &fixture->reader, &fixture->err));
    assert_true(fixture_write(fixture, make_tenant, NULL));
    fixture_start_engine(fixture);
}

void fixture_done(Fixture *fixture)
{
    if (fixture->engine)
        fixture_stop_engine(fixture);
    store_reader_close(fixture->reader);
    store_close(fixture->store);
    arena_done(&fixture->arena);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", fixture->directory);
    assert_int_equal(system(command), 0);
}

int fixture_setup(void **state)
{
    static Fixture fixture;
    fixture_init(&fixture);
    *state = &fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    fixture_done(*state);
    return 0;
}

/* ---- automations ---- */

typedef struct MakeAutomation {
    AutomationEdit edit;
    bool publish;
    Automation out;
} MakeAutomation;

static bool make_automation(Tx *tx, Fixture *fixture, void *argument, Error *err)
{
    MakeAutomation *make = argument;
    Revision revision;
    return automation_create(tx, &fixture->arena, &fixture->scope, &make->edit, S("u1"), &make->out, &revision, err) &&
           (!make->publish || automation_publish(tx, &fixture->arena, &fixture->scope, make->out.id, S("u1"),
                                                 &make->out, &revision, err));
}

Str fixture_automation(Fixture *fixture, const char *name, const char *spy, bool publish)
{
    MakeAutomation make = {
        .edit = {.has_display_name = true, .display_name = str_from_c(name), .has_code = true, .code = str_from_c(spy)},
        .publish = publish};
    assert_true(automation_prepare(fixture->engine, &fixture->arena, &make.edit, NULL, &fixture->err));
    const Diagnostics *diagnostics = &make.edit.program->diagnostics;
    for (uint32_t i = 0; i < diagnostics->count; i++)
        if (diagnostics->items[i].severity == SEVERITY_ERROR)
            fail_msg("%s, line %u: %.*s", name, diagnostics->items[i].line, STR_ARG(diagnostics->items[i].message));
    if (!fixture_write(fixture, make_automation, &make))
        fail_msg("%s", fixture->err.message);
    return make.out.id;
}

/* ---- runs ---- */

typedef struct Invoke {
    Invocation invocation;
    RunRow out;
} Invoke;

static bool invoke(Tx *tx, Fixture *fixture, void *argument, Error *err)
{
    Invoke *call = argument;
    return run_invoke(tx, fixture->engine, &fixture->arena, &fixture->scope, &call->invocation, &call->out, err);
}

RunRow fixture_invoke_only(Fixture *fixture, Str automation, Stage stage, const char *inputs, const char *request_id,
                           bool *out_ok)
{
    const Json *json;
    assert_true(json_parse(&fixture->arena, str_from_c(inputs), 32, &json, &fixture->err));
    Invoke call = {.invocation = {.automation_id = automation,
                                  .stage = stage,
                                  .inputs = json,
                                  .source = SOURCE_MANUAL,
                                  .user_id = S("u1"),
                                  .request_id = str_from_c(request_id),
                                  .request_hash = str_hash(str_from_c(inputs))}};
    *out_ok = fixture_write(fixture, invoke, &call);
    return call.out;
}

RunRow fixture_run(Fixture *fixture, Str run_id)
{
    Tx *tx;
    RunRow run;
    assert_true(tx_begin_read(fixture->reader, &tx, &fixture->err));
    assert_true(store_run_get(tx, &fixture->arena, &fixture->scope, 0, run_id, &run, &fixture->err));
    tx_end(tx);
    return run;
}

static bool is_settled(const RunRow *run)
{
    return run->state == RUN_COMPLETED || run->state == RUN_FAILED || run->state == RUN_AWAITING_GUIDANCE ||
           run->state == RUN_STOPPED || run->timer_parked;
}

RunRow fixture_settle(Fixture *fixture, Str run_id)
{
    RunRow run = {0};
    for (int i = 0; i < 20000; i++) {
        run = fixture_run(fixture, run_id);
        if (is_settled(&run))
            return run;
        usleep(1000);
    }
    fail_msg("the run is still %s after 20 seconds", run_state_names[run.state]);
    return run;
}

RunRow fixture_invoke(Fixture *fixture, Str automation, Stage stage, const char *inputs)
{
    bool ok;
    RunRow run = fixture_invoke_only(fixture, automation, stage, inputs, "", &ok);
    if (!ok)
        fail_msg("%s: %s", fixture->err.field, fixture->err.message);
    return fixture_settle(fixture, run.id);
}

bool fixture_answer(Fixture *fixture, Str run_id, const char *sentence, bool remember, AnswerResult *out)
{
    AnswerRequest request = {.run_id = run_id,
                             .sentence = str_from_c(sentence),
                             .remember = remember,
                             .may_approve = true,
                             .actor = S("users/u1"),
                             .user_id = S("users/u1")};
    fixture->err = (Error){0};
    return exception_answer(fixture->engine, fixture->reader, &fixture->arena, &fixture->scope, &request, out,
                            &fixture->err);
}

EffectRow fixture_heard(Fixture *fixture, int64_t run, int number)
{
    Tx *tx;
    EffectRow *heard;
    int n;
    assert_true(tx_begin_read(fixture->reader, &tx, &fixture->err));
    assert_true(store_effect_list(tx, &fixture->arena, run, 0, &heard, &n, &fixture->err));
    tx_end(tx);
    assert_true(number < n);
    return heard[number];
}

static const char *const trace_names[] = {
    "started",
    "completed",
    "stopped",
    "failed",
    "node_started",
    "node_executed",
    "node_skipped",
    "node_patched",
    "patched_node_started",
    "patched_node_executed",
    "said",
    "run_update",
};

Str fixture_journal(Fixture *fixture, int64_t run)
{
    Tx *tx;
    JournalBatch *batches;
    int n;
    assert_true(tx_begin_read(fixture->reader, &tx, &fixture->err));
    assert_true(store_journal_read(tx, &fixture->arena, run, 0, 1 << 24, &batches, &n, &fixture->err));
    tx_end(tx);
    Buf text = buf_in(&fixture->arena);
    for (int i = 0; i < n; i++) {
        Reader reader = reader_of(batches[i].bytes);
        TraceEntry entry;
        fixture->err = (Error){0};
        while (trace_next(&fixture->arena, &reader, &entry, &fixture->err))
            buf_printf(&text, "%s\n", trace_names[entry.kind]);
        assert_int_equal(fixture->err.code, OK);
    }
    return buf_view(&text);
}

/* ---- damage ---- */

static bool set_question(Tx *tx, Fixture *f, int64_t run_key, Str exception_id, Error *err)
{
    RunRow run;
    if (!store_run_get_by_key(tx, &f->arena, run_key, &run, err))
        return false;
    run.exception_id = exception_id;
    return store_run_update(tx, &run, err);
}

static bool lose_question(Tx *tx, Fixture *f, void *argument, Error *err)
{
    return set_question(tx, f, *(int64_t *)argument, S("gone"), err);
}

static bool find_question(Tx *tx, Fixture *f, void *argument, Error *err)
{
    const RunRow *before = argument;
    return set_question(tx, f, before->key, before->exception_id, err);
}

void fixture_lose_question(Fixture *f, int64_t run)
{
    assert_true(fixture_write(f, lose_question, &run));
}

void fixture_find_question(Fixture *f, const RunRow *before)
{
    assert_true(fixture_write(f, find_question, (void *)before));
}

static bool execute(Tx *tx, Fixture *f, void *argument, Error *err)
{
    (void)f;
    AUTO(query_done)
    Query query = {0};
    return query_open_text(&query, tx->database, *(Str *)argument, err) && query_run(&query, err);
}

void fixture_forbid(Fixture *f, const char *change, int64_t key)
{
    int n = f->n_forbidden++;
    Str sql = str_printf(&f->arena,
                         "CREATE TRIGGER forbidden_%d BEFORE %s WHEN OLD.key = %lld "
                         "BEGIN SELECT RAISE(ABORT, 'the page is damaged'); END",
                         n, change, (long long)key);
    if (!fixture_write(f, execute, &sql))
        fail_msg("%s", f->err.message);
}

void fixture_allow(Fixture *f)
{
    while (f->n_forbidden > 0) {
        Str sql = str_printf(&f->arena, "DROP TRIGGER forbidden_%d", --f->n_forbidden);
        assert_true(fixture_write(f, execute, &sql));
    }
}

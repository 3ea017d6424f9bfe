/* Random sequences of operations over the store's headers, carried out in SQLite and in PostgreSQL: after each one both
 * have said the same, and at the end of a sequence both hold the same rows, which store_move sums.
 *
 * CLERKWORK_SEED names the one sequence to carry out; CLERKWORK_SEEDS how many. What fails is told with its seed and
 * the number of the operation, which is the shortest beginning of that sequence that differs. */
#include "store/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aip/filter.h"
#include "aip/page.h"
#include "base/random.h"
#include "store/connection.h"
#include "store/folder_file.h"
#include "store/move.h"
#include "store/preferences.h"
#include "store/purge.h"
#include "store/rollup.h"
#include "store/schedule.h"
#include "store/trigger.h"
#include "store/webhook.h"
#include "store/workspace_trigger.h"

enum { SEEDS = 5, OPERATIONS = 400, LIMIT = 7 };

typedef struct Side {
    Fixture f;
    Random random; /* both sides draw the same */
    int64_t now_us;
    Buf said; /* by the operation that is under way */
    /* How many of each there are; ids are made of their numbers. */
    int64_t runs, exceptions, guides, webhooks, deliveries, files, events, requests, inbound, received;
} Side;

static int64_t clock_now(void *self)
{
    return ((Side *)self)->now_us;
}

/* ---- drawing ---- */

static int64_t below(Side *s, int64_t n)
{
    return (int64_t)random_below(&s->random, (uint64_t)n);
}

static bool coin(Side *s)
{
    return random_chance(&s->random, 2);
}

static Str text(Side *s)
{
    const Str texts[] = {S(""),           S("a"),        S("B"),           S("Ärger & Söhne"),
                         S("it's \"x\""), S("%_\\"),     S("line\nbreak"), S("ΣΑΣ ß 漢 \xF0\x9F\x98\x80"),
                         S("users/u1"),   S("agents/a"), S(" space "),     S("{\"n\":1}")};
    return texts[below(s, COUNT_OF(texts))];
}

static Str bytes(Side *s)
{
    static const char all[] = "\0\1\2\xff\xfe\\x00'\0tail and more of it, so that there is something to keep";
    return str_of(all, (size_t)below(s, sizeof all));
}

static Str name(Side *s, char kind, int64_t number)
{
    return str_printf(&s->f.arena, "%c%lld", kind, (long long)number);
}

static Str any(Side *s, char kind, int64_t n) /* now and then one that is not there */
{
    return name(s, kind, below(s, n + 1) + 1);
}

static int64_t moment(Side *s) /* 0, past or future, with many equal ones */
{
    return coin(s) ? 0 : s->now_us + (below(s, 9) - 4) * 5000000;
}

/* ---- saying ---- */

static void say(Side *s, const char *what, int64_t number)
{
    buf_printf(&s->said, "%s=%lld ", what, (long long)number);
}

static void say_text(Side *s, Str said)
{
    buf_printf(&s->said, "[%.*s] ", STR_ARG(said));
}

static void say_run(Side *s, const RunRow *run)
{
    buf_printf(&s->said, "run %lld %.*s state %d timer %lld deadline %lld parent %lld at %lld ", (long long)run->key,
               STR_ARG(run->id), run->state, (long long)run->timer_us, (long long)run->deadline_us,
               (long long)run->parent, (long long)run->update_us);
    say_text(s, run->outputs);
    say_text(s, run->description);
    say_text(s, run->inputs);
}

static void say_end(Side *s, const ListQuery *query, const ListEnd *end)
{
    say(s, "more", end->more);
    if (query->want_total)
        say(s, "total", end->total);
}

/* ---- runs ---- */

static bool run_begin(Tx *tx, Side *s, Error *err)
{
    RunRow run = run_of(&s->f);
    run.id = name(s, 'r', ++s->runs);
    run.execution_id = name(s, 'e', s->runs);
    run.state = (RunState)below(s, RUN_N_STATES);
    run.stage = coin(s) ? STAGE_DRAFT : STAGE_PUBLISHED;
    run.version = (Version){(int32_t)below(s, 3), (int32_t)below(s, 3)};
    run.timer_us = moment(s);
    run.deadline_us = moment(s);
    run.create_us = s->now_us - s->now_us % 20000000; /* many begin at once */
    run.inputs = text(s);
    run.parent = s->runs > 1 && random_chance(&s->random, 3) ? 1 + below(s, s->runs - 1) : 0;
    run.top = run.parent;
    run.in_pool = run.parent && coin(s);
    bool ok = store_run_insert(tx, &run, err);
    say(s, "key", run.key);
    return ok;
}

static bool run_change(Tx *tx, Side *s, Error *err)
{
    RunRow run;
    if (!store_run_get_by_key(tx, &s->f.arena, 1 + below(s, s->runs + 1), &run, err))
        return false;
    if (run.state < RUN_COMPLETED)
        run.state = (RunState)below(s, RUN_N_STATES);
    run.update_us = tx_now_us(tx);
    run.timer_us = moment(s);
    run.timer_parked = run.timer_us && coin(s);
    run.deadline_us = moment(s);
    run.outputs = text(s);
    run.description = text(s);
    run.children_open = random_chance(&s->random, 5);
    return store_run_update(tx, &run, err);
}

static bool run_look(Tx *tx, Side *s, Error *err)
{
    RunRow run;
    bool ok = coin(s) ? store_run_get(tx, &s->f.arena, &s->f.scope, 0, any(s, 'r', s->runs), &run, err)
                      : store_run_get_by_execution(tx, &s->f.arena, &s->f.scope, any(s, 'e', s->runs), &run, err);
    if (ok)
        say_run(s, &run);
    return ok;
}

static const Filter *run_filter(Side *s)
{
    static const char *const states[] = {"pending", "executing", "awaiting_guidance", "completed"};
    switch (below(s, 5)) {
    case 0:
        return filter_enum(&s->f, "state", coin(s) ? FILTER_EQ : FILTER_NE,
                           "pending executing awaiting_guidance completed", states[below(s, COUNT_OF(states))]);
    case 1: return filter_text(&s->f, "version", coin(s) ? FILTER_EQ : FILTER_NE, coin(s) ? "1.*" : "2.0");
    case 2:
        return filter_number(&s->f, "create_time", coin(s) ? FILTER_GE : FILTER_LT,
                             s->now_us - below(s, 200) * 1000003);
    case 3:
        return filter_of(&s->f, FILTER_NOT, filter_number(&s->f, "update_time", FILTER_GT, s->now_us - 50000000), NULL);
    default: return NULL;
    }
}

static bool run_lists(Tx *tx, Side *s, Error *err)
{
    PageCursor cursor = {0};
    ListQuery query = {.filter = run_filter(s), .cursor = &cursor, .limit = LIMIT, .want_total = coin(s)};
    ListEnd end = {.more = true};
    int64_t parent = s->runs && random_chance(&s->random, 3) ? 1 + below(s, s->runs) : 0;
    for (int page = 0; end.more && page < 4; page++) {
        RunRow *rows;
        int n;
        if (!(parent ? store_run_list_children(tx, &s->f.arena, &s->f.scope, parent, &query, &rows, &n, &end, err)
                     : store_run_list(tx, &s->f.arena, &s->f.scope, 0, &query, &rows, &n, &end, err)))
            return false;
        for (int i = 0; i < n; i++)
            say_run(s, &rows[i]);
        say_end(s, &query, &end);
    }
    return true;
}

static bool run_queues(Tx *tx, Side *s, Error *err)
{
    RunRow *rows;
    RunTimer *timers;
    int n;
    int64_t soonest, counts[RUN_N_STATES], key = below(s, s->runs + 1);
    if (!store_run_list_unfinished(tx, &s->f.arena, key, LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_run(s, &rows[i]);
    if (!store_run_list_overdue(tx, &s->f.arena, s->now_us, LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_run(s, &rows[i]);
    if (!store_run_list_timers(tx, &s->f.arena, (RunTimer){moment(s), key}, LIMIT, &timers, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        buf_printf(&s->said, "timer %lld %lld ", (long long)timers[i].due_us, (long long)timers[i].run);
    if (!store_run_deadline_soonest(tx, 0, &soonest, err) || !store_run_count_by_state(tx, counts, err))
        return false;
    say(s, "soonest", soonest);
    for (int i = 0; i < RUN_N_STATES; i++)
        say(s, "count", counts[i]);
    return true;
}

static bool run_claims(Tx *tx, Side *s, Error *err)
{
    int64_t keys[LIMIT];
    int n;
    if (!store_run_claim(tx, s->now_us, LIMIT, keys, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say(s, "claimed", keys[i]);
    return true;
}

static void say_sum(void *self, const RunSum *sum)
{
    Side *s = self;
    say(s, "at", sum->at_us);
    say(s, "total", sum->counts.total);
}

static bool run_sums(Tx *tx, Side *s, Error *err)
{
    AutomationRuns *rows;
    int n;
    if (!store_automation_runs(tx, &s->f.arena, &s->f.scope, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].automation_id);
        say(s, "total", rows[i].counts.total);
        say(s, "completed", rows[i].counts.completed);
        say(s, "failed", rows[i].counts.failed);
    }
    return store_runs_awaiting(tx, &s->f.scope, 0, s->now_us / 2, say_sum, s, err);
}

/* ---- what belongs to a run ---- */

static bool loops(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, s->runs + 1), *abandoned;
    ChildLoop loop = {.run = run, .total = below(s, 9), .started = below(s, 9), .running = below(s, 3)};
    RunRow *rows;
    int n;
    bool found;
    if (coin(s) ? !store_child_loop_put(tx, &loop, err) : coin(s) && !store_child_loop_delete(tx, run, err))
        return false;
    if (!store_child_loop_get(tx, run, &found, &loop, err))
        return false;
    say(s, "found", found);
    if (found)
        say(s, "started", loop.started);
    if (!store_child_loop_open(tx, &s->f.arena, run, LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_run(s, &rows[i]);
    if (!store_child_loop_abandoned(tx, &s->f.arena, LIMIT, &abandoned, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say(s, "abandoned", abandoned[i]);
    return true;
}

static bool snapshots(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, s->runs + 1), effects;
    Str kept;
    if (coin(s) && !store_snapshot_put(tx, run, bytes(s), below(s, 50), err))
        return false;
    if (!store_snapshot_get(tx, &s->f.arena, run, &kept, &effects, err))
        return false;
    say(s, "length", (int64_t)kept.len);
    say(s, "effects", effects);
    return true;
}

static bool journals(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, s->runs + 1), end;
    JournalBatch *batches;
    int n;
    Str packed = bytes(s);
    if (packed.len > 0 && coin(s) && !store_journal_append(tx, run, packed, 1 + (int32_t)below(s, 4), err))
        return false;
    if (!store_journal_end(tx, run, &end, err) ||
        !store_journal_read(tx, &s->f.arena, run, below(s, end + 1), 100, &batches, &n, err))
        return false;
    say(s, "end", end);
    for (int i = 0; i < n; i++) {
        say(s, "first", batches[i].first_entry);
        say(s, "time", batches[i].time_us);
        say(s, "length", (int64_t)batches[i].bytes.len);
    }
    return true;
}

static bool effects(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, s->runs + 1);
    EffectRow effect = {.number = below(s, 6),
                        .kind = (EffectKind)below(s, HEARD_N_KINDS),
                        .site = random_next(&s->random),
                        .key = text(s),
                        .tries = (int)below(s, 4),
                        .result = bytes(s)};
    switch (s->runs == 0 ? 3 : below(s, 4)) {
    case 0: return store_effect_begin(tx, run, effect.number, effect.site, effect.key, err);
    case 1: return store_effect_retry(tx, run, &effect, err);
    case 2: return store_effect_finish(tx, run, &effect, err);
    default: {
        EffectRow *rows;
        int n;
        if (!store_effect_list(tx, &s->f.arena, run, below(s, 3), &rows, &n, err))
            return false;
        for (int i = 0; i < n; i++) {
            buf_printf(&s->said, "effect %lld %d %d %llx %d ", (long long)rows[i].number, rows[i].finished,
                       rows[i].kind, (unsigned long long)rows[i].site, rows[i].tries);
            say_text(s, rows[i].key);
        }
        return true;
    }
    }
}

static bool requests(Tx *tx, Side *s, Error *err)
{
    bool found;
    uint64_t hash;
    Str response;
    if (coin(s) &&
        !store_request_put(tx, &s->f.scope, name(s, 'q', ++s->requests), random_next(&s->random), text(s), err))
        return false;
    if (!store_request_get(tx, &s->f.arena, &s->f.scope, any(s, 'q', s->requests), &found, &hash, &response, err))
        return false;
    say(s, "found", found);
    if (found) {
        say(s, "hash", (int64_t)hash);
        say_text(s, response);
    }
    return true;
}

/* ---- questions ---- */

static void say_exception(Side *s, const ExceptionRow *row)
{
    buf_printf(&s->said, "exception %lld %.*s state %d at %lld due %lld ", (long long)row->key, STR_ARG(row->id),
               row->state, (long long)row->update_us, (long long)row->due_us);
    say_text(s, row->assignee);
    say_text(s, row->message);
    say_text(s, row->group);
}

static bool exception_raise_one(Tx *tx, Side *s, Error *err)
{
    ExceptionRow row = {.run = 1 + below(s, s->runs + 1),
                        .automation = s->f.automation.key,
                        .scope = s->f.scope,
                        .id = name(s, 'x', ++s->exceptions),
                        .run_id = any(s, 'r', s->runs),
                        .automation_id = s->f.automation.id,
                        .message = text(s),
                        .description = text(s),
                        .state = EXCEPTION_PENDING,
                        .group = coin(s) ? S("missing_values") : S("other"),
                        .stage = STAGE_PUBLISHED,
                        .extra = S("{}"),
                        .assignee = text(s),
                        .sentence_hash = random_next(&s->random),
                        .due_us = moment(s)};
    bool ok = store_exception_insert(tx, &row, err);
    say(s, "key", row.key);
    return ok;
}

static bool exception_change(Tx *tx, Side *s, Error *err)
{
    ExceptionRow row;
    if (!store_exception_get(tx, &s->f.arena, &s->f.scope, any(s, 'x', s->exceptions), &row, err))
        return false;
    say_exception(s, &row);
    row.state = EXCEPTION_PENDING + (ExceptionState)below(s, 3);
    row.assignee = text(s);
    row.update_us = tx_now_us(tx);
    row.resolve_us = row.state == EXCEPTION_RESOLVED ? s->now_us : 0;
    row.due_us = moment(s);
    return store_exception_update(tx, &row, err);
}

static const Filter *exception_filter(Side *s)
{
    switch (below(s, 4)) {
    case 0:
        return filter_enum(&s->f, "state", FILTER_EQ, "UNSPECIFIED PENDING RESOLVED ARCHIVED",
                           coin(s) ? "PENDING" : "RESOLVED");
    case 1: return filter_resource(&s->f, "assignee", coin(s) ? FILTER_EQ : FILTER_NE, "users/u1");
    case 2: return filter_number(&s->f, "due_time", FILTER_LT, s->now_us);
    default: return NULL;
    }
}

static bool exception_lists(Tx *tx, Side *s, Error *err)
{
    PageCursor cursor = {0};
    ListQuery query = {
        .filter = exception_filter(s), .cursor = &cursor, .limit = LIMIT, .skip = below(s, 3), .want_total = true};
    ListEnd end;
    ExceptionRow *rows;
    ExceptionCount *counts;
    ExceptionTimes times;
    int n;
    int64_t total;
    if (!store_exception_list(tx, &s->f.arena, &s->f.scope, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_exception(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_exception_find(tx, &s->f.arena, &s->f.scope, EXCEPTION_PENDING, query.filter, LIMIT, &rows, &n, &total,
                              err))
        return false;
    say(s, "found", n);
    say(s, "of", total);
    if (!store_exception_count(tx, &s->f.arena, &s->f.scope, (ExceptionFacet)below(s, 3), query.filter, &counts, &n,
                               err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, counts[i].value);
        say(s, "count", counts[i].count);
    }
    if (!store_exception_times(tx, &s->f.scope, s->now_us / 2, s->now_us + 1, &times, err))
        return false;
    say(s, "total", times.total);
    say(s, "resolved_us", times.resolved_us);
    return true;
}

static bool threads(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, 3);
    ThreadEvent event = {.run = run,
                         .id = name(s, 't', s->events + 1),
                         .agent_id = S("astral"),
                         .kind = (ThreadEventKind)below(s, 7),
                         .payload = text(s)};
    ThreadEvent *rows;
    int n;
    if (s->runs < 3) /* a refused insert would use up a key in PostgreSQL alone */
        return true;
    if (coin(s)) {
        s->events++;
        if (!store_thread_add(tx, &event, err))
            return false;
    }
    if (!store_thread_follow(tx, &s->f.arena, run, S("astral"), below(s, s->events + 1), LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say(s, "event", rows[i].key);
        say_text(s, rows[i].payload);
    }
    return true;
}

static bool guides(Tx *tx, Side *s, Error *err)
{
    GuideEntry entry = {.automation = s->f.automation.key,
                        .automation_id = s->f.automation.id,
                        .title = text(s),
                        .answer = text(s),
                        .state = coin(s) ? GUIDE_APPROVED : GUIDE_PENDING_APPROVAL,
                        .version = {1, 0},
                        .sentence_hash = (uint64_t)below(s, 3),
                        .kind = S("value"),
                        .missing = coin(s) ? S("total") : S("Total")};
    GuideEntry *rows;
    int n;
    switch (below(s, 3)) {
    case 0:
        entry.id = name(s, 'g', ++s->guides);
        if (!store_guide_insert(tx, &s->f.scope, &entry, err))
            return false;
        break;
    case 1:
        if (!store_guide_get(tx, &s->f.arena, &s->f.scope, 0, any(s, 'g', s->guides), &entry, err))
            return false;
        entry.state = GUIDE_PENDING_APPROVAL + (GuideState)below(s, 4);
        entry.notes = text(s);
        if (!store_guide_update(tx, &s->f.scope, &entry, err))
            return false;
        break;
    default:
        if (!store_guide_hit(tx, 1 + below(s, s->guides + 1), err))
            return false;
    }
    if (!store_guide_match(tx, &s->f.arena, s->f.automation.key, (uint64_t)below(s, 3), S("value"), S("total"),
                           (GuideState)(GUIDE_PENDING_APPROVAL + below(s, 4)), &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].id);
        say(s, "hits", rows[i].hits);
    }
    return true;
}

/* ---- by the clock, and to the outside ---- */

static bool schedules(Tx *tx, Side *s, Error *err)
{
    ScheduleRow row = {.scope = s->f.scope,
                       .automation = s->f.automation.key + below(s, 3),
                       .automation_id = S("a1"),
                       .config = text(s),
                       .enabled = coin(s),
                       .next_us = moment(s)};
    ScheduleFire fire = {.due_us = s->now_us - below(s, 20), .outcome = (FireOutcome)below(s, 4), .run_id = text(s)};
    ScheduleFire *fires;
    int n;
    bool found;
    int64_t soonest;
    switch (below(s, 5)) {
    case 0: return store_schedule_insert(tx, &row, err);
    case 1: return store_schedule_update(tx, &row, err);
    case 2: return store_schedule_note(tx, &row, &fire, err);
    case 3: return random_chance(&s->random, 3) ? store_schedule_delete(tx, &s->f.scope, row.automation, err) : true;
    default:
        if (!store_schedule_fires(tx, &s->f.arena, &s->f.scope, row.automation, LIMIT, &fires, &n, err))
            return false;
        for (int i = 0; i < n; i++)
            say(s, "fire", fires[i].due_us);
        if (!store_schedule_soonest(tx, &soonest, err) ||
            !store_schedule_due(tx, &s->f.arena, s->now_us, &found, &row, err))
            return false;
        say(s, "soonest", soonest);
        say(s, "due", found ? row.automation : 0);
        return true;
    }
}

static bool webhooks(Tx *tx, Side *s, Error *err)
{
    WebhookRow row = {.scope = s->f.scope,
                      .display_name = text(s),
                      .url = text(s),
                      .events = (uint64_t)below(s, 8),
                      .enabled = coin(s)};
    WebhookRow *rows;
    int n;
    switch (below(s, 4)) {
    case 0: row.id = name(s, 'w', ++s->webhooks); return store_webhook_insert(tx, &row, err);
    case 1:
        if (!store_webhook_get(tx, &s->f.arena, &s->f.scope, any(s, 'w', s->webhooks), &row, err))
            return false;
        row.enabled = !row.enabled;
        row.problem = text(s);
        return store_webhook_update(tx, &row, s->now_us, err);
    case 2:
        /* Never the newest one: SQLite may give its key to the next one, PostgreSQL does not (ROW_KEY). */
        return s->webhooks < 2 ||
               store_webhook_delete(tx, &s->f.scope, name(s, 'w', 1 + below(s, s->webhooks - 1)), err);
    default:
        if (!store_webhook_listeners(tx, &s->f.arena, &s->f.scope, UINT64_C(1) << below(s, 3), &rows, &n, err))
            return false;
        for (int i = 0; i < n; i++)
            say_text(s, rows[i].id);
        return true;
    }
}

static void say_delivery(Side *s, const DeliveryRow *row)
{
    buf_printf(&s->said, "delivery %lld %.*s state %d next %lld ", (long long)row->key, STR_ARG(row->id), row->state,
               (long long)row->next_us);
    say_text(s, row->body);
}

static bool deliveries(Tx *tx, Side *s, Error *err)
{
    const int64_t full[DELIVERY_FULL] = {below(s, 3)};
    DeliveryRow row, *rows;
    WebhookRow webhook;
    int n;
    int64_t soonest, again;
    if (!store_webhook_get(tx, &s->f.arena, &s->f.scope, any(s, 'w', s->webhooks), &webhook, err))
        return false;
    switch (below(s, 5)) {
    case 0:
    case 1:
        row = (DeliveryRow){.webhook = webhook.key,
                            .scope = s->f.scope,
                            .id = name(s, 'd', ++s->deliveries),
                            .event = below(s, 3),
                            .run_name = text(s),
                            .body = text(s),
                            .next_us = moment(s)};
        return store_delivery_insert(tx, &row, err);
    case 2:
        if (!store_delivery_get(tx, &s->f.arena, &s->f.scope, webhook.key, any(s, 'd', s->deliveries), &row, err))
            return false;
        row.state = (DeliveryState)below(s, DELIVERY_N_STATES);
        row.attempts++;
        row.next_us = row.state == DELIVERY_PENDING ? moment(s) : 0;
        row.end_us = row.state == DELIVERY_PENDING ? 0 : s->now_us;
        return store_delivery_update(tx, &row, err);
    case 3:
        if (!store_delivery_again(tx, &s->f.scope, webhook.key, s->now_us / 2, s->now_us, &again, err))
            return false;
        say(s, "again", again);
        return coin(s) ? store_delivery_put_off(tx, webhook.key, moment(s), err)
                       : store_delivery_forget(tx, s->now_us - 30000000, 3, err);
    default:
        if (!store_delivery_due(tx, &s->f.arena, s->now_us, full, LIMIT, &rows, &n, err) ||
            !store_delivery_soonest(tx, s->now_us, &soonest, err))
            return false;
        for (int i = 0; i < n; i++)
            say_delivery(s, &rows[i]);
        say(s, "soonest", soonest);
        return true;
    }
}

/* ---- what a workspace has ---- */

static bool files(Tx *tx, Side *s, Error *err)
{
    FileRow row = {.scope = s->f.scope, .filename = text(s), .mime_type = S("text/csv"), .size_bytes = below(s, 1000)};
    row.hash[0] = (unsigned char)below(s, 4); /* some have the same bytes */
    switch (below(s, 3)) {
    case 0: row.id = name(s, 'f', ++s->files); return store_file_insert(tx, &row, err);
    case 1: return store_file_delete(tx, &s->f.scope, any(s, 'f', s->files), err);
    default:
        if (!store_file_get(tx, &s->f.arena, &s->f.scope, any(s, 'f', s->files), &row, err))
            return false;
        say_text(s, row.filename);
        say(s, "size", row.size_bytes);
        return true;
    }
}

static bool connections(Tx *tx, Side *s, Error *err)
{
    const Str names[] = {S("mail"), S("Mail"), S("ärp"), S("bank")};
    ConnectionRow row = {.scope = s->f.scope,
                         .name = names[below(s, COUNT_OF(names))],
                         .book = S("http"),
                         .url = text(s),
                         .user = text(s),
                         .sender = text(s),
                         .auth = below(s, 3),
                         .sealed = bytes(s)};
    ConnectionRow *rows;
    int n;
    if (coin(s) ? !store_connection_put(tx, &row, err)
                : random_chance(&s->random, 3) && !store_connection_delete(tx, &s->f.scope, row.name, err))
        return false;
    if (!store_connection_list(tx, &s->f.arena, &s->f.scope, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].name);
        say_text(s, rows[i].url);
    }
    return true;
}

static bool triggers(Tx *tx, Side *s, Error *err)
{
    TriggerRow row = {.automation = s->f.automation.key,
                      .id = any(s, 'o', 5),
                      .phase = (TriggerPhase)below(s, 4),
                      .source = TRIGGER_API,
                      .active = coin(s),
                      .input_mapping = text(s)};
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = LIMIT};
    ListEnd end;
    TriggerRow *rows;
    int n;
    if (!store_trigger_put(tx, &s->f.scope, &row, err) ||
        !store_trigger_list(tx, &s->f.arena, &s->f.scope, s->f.automation.key, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].id);
    }
    say_end(s, &query, &end);
    return true;
}

/* ---- messages and files that start runs ---- */

static void say_inbound(Side *s, const WorkspaceTrigger *row)
{
    say_text(s, row->id);
    say_text(s, row->display_name);
    say_text(s, row->folder);
    say(s, "enabled", row->enabled);
    say(s, "version", row->version);
    say(s, "number", row->number);
}

static bool inbound_list(Tx *tx, Side *s, Error *err)
{
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = LIMIT, .skip = below(s, 3), .want_total = true};
    ListEnd end;
    WorkspaceTrigger *rows;
    int n;
    if (!store_workspace_trigger_list(tx, &s->f.arena, &s->f.scope, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_inbound(s, &rows[i]);
    say_end(s, &query, &end);
    if (!store_folder_triggers(tx, &s->f.arena, below(s, 4), LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_inbound(s, &rows[i]);
    return true;
}

static bool inbound(Tx *tx, Side *s, Error *err)
{
    WorkspaceTrigger row = {.automation = s->f.automation.key,
                            .scope = s->f.scope,
                            .display_name = text(s),
                            .enabled = coin(s),
                            .secret_salt = below(s, 1000000),
                            .filter = text(s),
                            .input_mapping = S("{}"),
                            .folder = coin(s) ? S("in/box") : S(""),
                            .pattern = text(s),
                            .wait_us = below(s, 3)};
    switch (below(s, 6)) {
    case 0:
        if (s->inbound == 12) /* one that is refused would use up a key in PostgreSQL alone */
            return true;
        row.id = name(s, 'b', ++s->inbound);
        return store_workspace_trigger_insert(tx, &row, err);
    case 1:
        if (!store_workspace_trigger_get(tx, &s->f.arena, &s->f.scope, any(s, 'b', s->inbound), &row, err))
            return false;
        say_inbound(s, &row);
        row.enabled = coin(s);
        row.display_name = text(s);
        return store_workspace_trigger_update(tx, &row, err);
    case 2:
        return !random_chance(&s->random, 4) ||
               store_workspace_trigger_delete(tx, &s->f.scope, any(s, 'b', s->inbound), err);
    default: return inbound_list(tx, s, err);
    }
}

static bool received_list(Tx *tx, Side *s, const WorkspaceTrigger *trigger, Error *err)
{
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = LIMIT, .want_total = true};
    ListEnd end;
    TriggerEvent *rows;
    int n;
    if (!store_trigger_event_list(tx, &s->f.arena, &s->f.scope, trigger->key, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++) {
        say(s, "event", rows[i].number);
        say_text(s, rows[i].id);
        say_text(s, rows[i].origin);
        say(s, "outcome", rows[i].outcome);
    }
    say_end(s, &query, &end);
    return true;
}

static bool received(Tx *tx, Side *s, Error *err)
{
    WorkspaceTrigger trigger;
    if (!store_workspace_trigger_get(tx, &s->f.arena, &s->f.scope, any(s, 'b', s->inbound), &trigger, err))
        return false;
    if (coin(s))
        return received_list(tx, s, &trigger, err);
    TriggerEvent event = {.id = name(s, 'v', ++s->received),
                          .outcome = (TriggerOutcome)below(s, TRIGGER_N_OUTCOMES),
                          .origin = text(s),
                          .reason = text(s),
                          .size_bytes = below(s, 1000),
                          .create_us = s->now_us};
    return store_trigger_event_add(tx, &trigger, &event, err);
}

static bool folder_files(Tx *tx, Side *s, Error *err)
{
    WorkspaceTrigger trigger;
    FolderFile file = {.outcome = (TriggerOutcome)below(s, TRIGGER_N_OUTCOMES)}, *files;
    int n;
    bool is_new;
    file.hash[0] = (unsigned char)below(s, 5);
    file.hash[31] = 0xff;
    if (!store_workspace_trigger_get(tx, &s->f.arena, &s->f.scope, any(s, 'b', s->inbound), &trigger, err))
        return false;
    if (random_chance(&s->random, 4))
        return store_folder_file_forget(tx, trigger.key, &file, err);
    if (!store_folder_file_add(tx, trigger.key, &file, &is_new, err) ||
        !store_folder_file_list(tx, &s->f.arena, trigger.key, &files, &n, err))
        return false;
    say(s, "is_new", is_new);
    for (int i = 0; i < n; i++) {
        say(s, "file", files[i].hash[0]);
        say(s, "outcome", files[i].outcome);
    }
    return true;
}

/* ---- what is to be removed ---- */

/* What a look would take; it stays, since the keys of runs are counted here. */
static bool sweeps(Tx *tx, Side *s, Error *err)
{
    Sweep sweep = {.keep_us = below(s, 3) * 1000000, .executions = coin(s)};
    Purge purge, *due;
    PurgeRun *runs;
    int64_t keep_us, soonest;
    int n;
    bool found = true;
    for (int steps = 0; found && steps < 20; steps++) {
        if (!store_sweep_next(tx, &sweep, &purge, &keep_us, &found, err))
            return false;
        if (!found)
            break;
        say(s, "keep_us", keep_us);
        if (!store_sweep_runs(tx, &s->f.arena, s->now_us - below(s, 9) * 5000000, LIMIT, &sweep, &purge, &runs, &n,
                              err))
            return false;
        for (int i = 0; i < n; i++) {
            say_text(s, runs[i].id);
            say(s, "at", runs[i].create_us);
        }
    }
    if (!store_purge_due(tx, &s->f.arena, s->now_us, LIMIT, &due, &n, err) ||
        !store_purge_soonest(tx, s->now_us, &soonest, err))
        return false;
    say(s, "due", n);
    say(s, "soonest", soonest);
    return true;
}

static bool automations(Tx *tx, Side *s, Error *err)
{
    Revision revision = s->f.revision;
    Automation *automation = &s->f.automation;
    if (random_chance(&s->random, 5))
        return store_revision_discard_drafts(tx, automation->key, err);
    revision.version = (Version){1, (int32_t)(s->now_us % 1000000)};
    revision.published = coin(s);
    revision.english = text(s);
    revision.default_inputs = text(s);
    if (!store_revision_add(tx, &s->f.scope, &revision, err))
        return false;
    automation->display_name = text(s);
    automation->keep_runs_us = below(s, 9);
    return store_automation_update(tx, &s->f.scope, automation, err);
}

static const struct {
    const char *name;
    bool (*work)(Tx *tx, Side *s, Error *err);
} operations[] = {
    {"run_begin", run_begin},
    {"run_begin", run_begin},
    {"run_change", run_change},
    {"run_change", run_change},
    {"run_look", run_look},
    {"run_lists", run_lists},
    {"run_queues", run_queues},
    {"run_claims", run_claims},
    {"run_sums", run_sums},
    {"loops", loops},
    {"snapshots", snapshots},
    {"journals", journals},
    {"effects", effects},
    {"effects", effects},
    {"requests", requests},
    {"exception_raise", exception_raise_one},
    {"exception_change", exception_change},
    {"exception_lists", exception_lists},
    {"threads", threads},
    {"guides", guides},
    {"schedules", schedules},
    {"webhooks", webhooks},
    {"deliveries", deliveries},
    {"deliveries", deliveries},
    {"files", files},
    {"connections", connections},
    {"triggers", triggers},
    {"automations", automations},
    {"inbound", inbound},
    {"inbound", inbound},
    {"received", received},
    {"folder_files", folder_files},
    {"sweeps", sweeps},
};

/* ---- both ---- */

static size_t drawn; /* the operation that is under way */

static bool operate(Tx *tx, void *argument, Error *err)
{
    return operations[drawn].work(tx, argument, err);
}

static void side_open(Side *s)
{
    StoreOptions options = fixture_options(&s->f);
    options.now_us = clock_now;
    options.clock = s;
    fixture_close(&s->f);
    assert_works(&s->f, store_open(&options, &s->f.store, &s->f.err));
    assert_works(&s->f, store_reader_open(s->f.store, &s->f.reader, &s->f.err));
}

static bool make_tenant(Tx *tx, void *argument, Error *err)
{
    Side *s = argument;
    Fixture *f = &s->f;
    Organization organization = {.id = S("o1"), .title = S("Acme")};
    if (!store_organization_create(tx, &organization, err))
        return false;
    Workspace workspace = {.organization = organization.key, .id = S("w1"), .title = S("Invoices")};
    f->user = (User){.id = S("u1"), .display_name = S("Ada"), .email = S("ada@example.com")};
    if (!store_workspace_create(tx, &workspace, err) || !store_user_create(tx, &f->user, err))
        return false;
    f->scope = (Scope){organization.key, workspace.key, S("o1"), S("w1")};
    f->automation =
        (Automation){.id = S("a1"), .version = {0, 1}, .display_name = S("Three-way match"), .etag = S("e1")};
    f->revision = (Revision){
        .version = {0, 1}, .code = S("x = 1"), .valid = true, .input_specs = S("[]"), .connections = S("{}")};
    return store_automation_create(tx, &f->scope, &f->automation, &f->revision, err);
}

static void side_begin(Side *s, uint64_t seed, bool postgres)
{
    *s = (Side){.random = random_of(seed), .now_us = INT64_C(1790000000000000)};
    Fixture *f = &s->f;
    snprintf(f->directory, sizeof f->directory, "/tmp/clerkwork-store-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    if (postgres)
        schema_make(f->database);
    side_open(s);
    assert_works(f, write_with(f, make_tenant, s));
}

/* ---- the tables ---- */

static void note_table(void *self, const MovedTable *table)
{
    Buf *sums = self;
    /* A secret of chance stands in `setting`, and addresses of triggers are made of it. An upsert that finds its row
     * uses up a key in PostgreSQL alone: those tables' rows were compared by what was said of them. */
    bool counted_only = str_eq(table->name, S("setting")) || str_eq(table->name, S("connection")) ||
                        str_eq(table->name, S("automation_trigger")) || str_eq(table->name, S("workspace_trigger"));
    buf_printf(sums, "%.*s %lld ", STR_ARG(table->name), (long long)table->rows);
    for (size_t i = 0; !counted_only && i < sizeof table->checksum; i++)
        buf_printf(sums, "%02x", table->checksum[i]);
    buf_char(sums, '\n');
}

/* Of all tables, by way of a move into another SQLite database. */
static Str table_sums(Side *s)
{
    char copy[80];
    Buf sums = buf_in(&s->f.arena);
    fixture_close(&s->f);
    snprintf(copy, sizeof copy, "%s-copy", s->f.directory);
    Str from = s->f.database[0] ? str_from_c(s->f.database) : str_printf(&s->f.arena, "sqlite:%s", s->f.directory);
    Moving moving = {note_table, &sums};
    assert_works(&s->f, store_move(from, str_printf(&s->f.arena, "sqlite:%s", copy), &moving, &s->f.err));
    remove_folder(copy);
    side_open(s);
    return buf_view(&sums);
}

static void assert_same(Str a, Str b, uint64_t seed, int operation, const char *what)
{
    if (!str_eq(a, b))
        fail_msg("seed %llu, operation %d (%s)\nSQLite:     %.*s\nPostgreSQL: %.*s", (unsigned long long)seed,
                 operation, what, STR_ARG(a), STR_ARG(b));
}

static void side_operate(Side *s)
{
    s->now_us += 1000003;
    s->said = buf_in(&s->f.arena);
    if (!write_with(&s->f, operate, s))
        buf_printf(&s->said, "%s", error_code_name(s->f.err.code)); /* each database adds words of its own */
}

static void compare(uint64_t seed)
{
    Side *sides = calloc(2, sizeof *sides);
    Random random = random_of(~seed);
    assert_non_null(sides);
    for (int i = 0; i < 2; i++)
        side_begin(&sides[i], seed, i == 1);
    for (int n = 1; n <= OPERATIONS; n++) {
        drawn = random_below(&random, COUNT_OF(operations));
        side_operate(&sides[0]);
        side_operate(&sides[1]);
        assert_same(buf_view(&sides[0].said), buf_view(&sides[1].said), seed, n, operations[drawn].name);
    }
    Str sums[2] = {table_sums(&sides[0]), table_sums(&sides[1])};
    while (sums[0].len > 0 || sums[1].len > 0) {
        Str line = str_cut(&sums[0], '\n');
        assert_same(line, str_cut(&sums[1], '\n'), seed, OPERATIONS, "a table, its rows and their sum");
    }
    fixture_end(&sides[0].f);
    fixture_end(&sides[1].f);
    free(sides);
}

static void test_operations__come_to_the_same_in_both_databases(void **state)
{
    (void)state;
    const char *one = getenv("CLERKWORK_SEED"), *many = getenv("CLERKWORK_SEEDS");
    if (one) {
        compare(strtoull(one, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= (many ? strtoull(many, NULL, 10) : SEEDS); seed++)
        compare(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operations__come_to_the_same_in_both_databases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* engine/outbox.c: what webhooks are to be told, and a thread that sees to it. */
#include "engine/outbox.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/internal.h"

#define LOOK_AT_ONCE 128
#define KEPT_US (30LL * 86400 * 1000000)
#define FORGET_AT_ONCE 20
#define PUT_OFF_MOST_US (300LL * 1000000)
#define RETRY_AFTER_MOST_S 86400
#define TROUBLE_US 1000000LL /* the store refused: later */

const Str webhook_event_names[EVENT_N] = {
    [EVENT_RUN_CREATED] = S_INIT("run.created"),     [EVENT_RUN_CONTINUED] = S_INIT("run.continued"),
    [EVENT_RUN_STOPPED] = S_INIT("run.stopped"),     [EVENT_RUN_AWAITING_GUIDANCE] = S_INIT("run.awaiting_guidance"),
    [EVENT_RUN_COMPLETED] = S_INIT("run.completed"), [EVENT_RUN_FAILED] = S_INIT("run.failed"),
    [EVENT_WEBHOOK_TEST] = S_INIT("webhook.test"),
};

/* After the first try, the second, … */
static const int64_t retry_after_s[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};

/* ---- a message under way ---- */

typedef struct Sending {
    Command command;
    Outbox *outbox;
    DeliveryRow row; /* its texts lie in `arena` */
    Arena arena;
    int status; /* as it came back */
    int64_t retry_after_s;
    Str problem;
} Sending;

struct Outbox {
    Engine *engine;
    pthread_t thread;
    bool started;
    StoreReader *reader; /* the thread's, from its first look on */
    /* Under `lock`. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping, look;
    int64_t due_us; /* when to look again; 0 for never */
    Sending *sending[OUTBOX_MOST];
    int n_sending;
};

static int64_t now_of(const Engine *engine)
{
    return engine->world->now_us(engine->world->self);
}

/* ---- what is told ---- */

void outbox_wake(Engine *engine)
{
    Outbox *outbox = engine->outbox;
    pthread_mutex_lock(&outbox->lock);
    outbox->look = true;
    pthread_cond_signal(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
}

static void wake(void *self, int64_t ignored)
{
    (void)ignored;
    outbox_wake(self);
}

/* Only the process that leads sends: it may be another one. */
static void wake_sender(Tx *tx, Engine *engine)
{
    tx_after_commit(tx, wake, engine, 0);
    tx_tell(tx, NEWS_DELIVERY_DUE, 0);
}

static Str automation_name(Arena *arena, const RunRow *run)
{
    return str_printf(arena, "organizations/%.*s/workspaces/%.*s/automations/%.*s", STR_ARG(run->scope.organization_id),
                      STR_ARG(run->scope.workspace_id), STR_ARG(run->automation_id));
}

static void begin_body(JsonOut *out, WebhookEvent event, int64_t time_us)
{
    json_open_object(out);
    json_member_str(out, S("type"), webhook_event_names[event]);
    json_member_time_us(out, S("timestamp"), time_us);
    json_key(out, S("data"));
    json_open_object(out);
}

static Str run_body(Arena *arena, const RunRow *run, WebhookEvent event, Str run_name, int64_t time_us)
{
    Buf text = buf_in(arena);
    JsonOut out = json_out(&text);
    RunRow shown = *run;
    bool leaves_out = run->outputs.len > OUTBOX_OUTPUTS_MOST;
    if (leaves_out)
        shown.outputs = (Str){0};
    begin_body(&out, event, time_us);
    json_member_str(&out, S("run"), run_name);
    json_member_str(&out, S("automation"), automation_name(arena, run));
    json_member_str(&out, S("stage"),
                    run->stage == STAGE_PUBLISHED ? S("AUTOMATION_STAGE_PUBLISHED") : S("AUTOMATION_STAGE_DRAFT"));
    json_member_str(&out, S("stage_version"), str_printf(arena, "%d.%d", run->version.major, run->version.minor));
    json_member_time_us(&out, S("create_time"), run->create_us);
    json_key(&out, S("state"));
    run_state_to_json(&out, &shown);
    if (leaves_out) {
        json_key(&out, S("outputs_left_out"));
        json_bool(&out, true);
    }
    json_close_object(&out);
    json_close_object(&out);
    return buf_view(&text);
}

static bool put(Tx *tx, Engine *engine, Arena *arena, const WebhookRow *webhook, WebhookEvent event, Str run_name,
                Str body, DeliveryRow *out, Error *err)
{
    int64_t now = now_of(engine);
    Id id = id_new_at(now);
    *out = (DeliveryRow){.webhook = webhook->key,
                         .scope = webhook->scope,
                         .id = str_copy(arena, id_str(&id)),
                         .event = event,
                         .run_name = run_name,
                         .body = body,
                         .next_us = now};
    if (!store_delivery_insert(tx, out, err))
        return false;
    wake_sender(tx, engine);
    return true;
}

static bool tell_all(Tx *tx, Engine *engine, Arena *arena, const RunRow *run, WebhookEvent event, Error *err)
{
    WebhookRow *webhooks;
    int n;
    if (!store_webhook_listeners(tx, arena, &run->scope, BIT(event), &webhooks, &n, err))
        return false;
    Str body = {0}, run_name = {0};
    for (int i = 0; i < n; i++) {
        DeliveryRow delivery;
        if (webhooks[i].automation_id.len > 0 && !str_eq(webhooks[i].automation_id, run->automation_id))
            continue;
        if (body.len == 0) {
            run_name = str_printf(arena, "%.*s/runs/%.*s", STR_ARG(automation_name(arena, run)), STR_ARG(run->id));
            body = run_body(arena, run, event, run_name, tx_now_us(tx));
        }
        if (!put(tx, engine, arena, &webhooks[i], event, run_name, body, &delivery, err))
            return false;
    }
    return true;
}

bool outbox_tell(Tx *tx, Engine *engine, const RunRow *run, WebhookEvent event, Error *err)
{
    if (!atomic_load(&engine->has_webhooks))
        return true;
    Arena arena = {0};
    bool ok = tell_all(tx, engine, &arena, run, event, err);
    arena_done(&arena);
    return ok;
}

/* ---- what people do ---- */

static void has_one_now(void *self, int64_t ignored)
{
    Engine *engine = self;
    (void)ignored;
    atomic_store(&engine->has_webhooks, true);
}

bool outbox_webhook_create(Tx *tx, Engine *engine, WebhookRow *webhook, Error *err)
{
    if (!store_webhook_insert(tx, webhook, err))
        return false;
    tx_after_commit(tx, has_one_now, engine, 0);
    return true;
}

bool outbox_webhook_update(Tx *tx, Engine *engine, const WebhookRow *webhook, Error *err)
{
    if (!store_webhook_update(tx, webhook, now_of(engine), err))
        return false;
    wake_sender(tx, engine);
    return true;
}

bool outbox_test(Tx *tx, Engine *engine, Arena *arena, const WebhookRow *webhook, DeliveryRow *out, Error *err)
{
    if (!webhook->enabled)
        return error_set(err, FAILED_PRECONDITION, "", "the webhook is disabled: enable it first");
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    begin_body(&json, EVENT_WEBHOOK_TEST, tx_now_us(tx));
    json_member_str(&json, S("webhook"),
                    str_printf(arena, "organizations/%.*s/workspaces/%.*s/webhooks/%.*s",
                               STR_ARG(webhook->scope.organization_id), STR_ARG(webhook->scope.workspace_id),
                               STR_ARG(webhook->id)));
    json_close_object(&json);
    json_close_object(&json);
    return put(tx, engine, arena, webhook, EVENT_WEBHOOK_TEST, (Str){0}, buf_view(&text), out, err);
}

bool outbox_redeliver(Tx *tx, Engine *engine, DeliveryRow *delivery, Error *err)
{
    delivery->state = DELIVERY_PENDING;
    delivery->attempts = 0;
    delivery->end_us = 0;
    delivery->next_us = now_of(engine);
    if (!store_delivery_update(tx, delivery, err))
        return false;
    wake_sender(tx, engine);
    return true;
}

bool outbox_replay(Tx *tx, Engine *engine, const WebhookRow *webhook, int64_t since_us, int64_t *out_n, Error *err)
{
    if (!store_delivery_again(tx, &webhook->scope, webhook->key, since_us, now_of(engine), out_n, err))
        return false;
    wake_sender(tx, engine);
    return true;
}

/* ---- what came back ---- */

static int64_t delay_us(const Sending *sending)
{
    int64_t after_s = retry_after_s[sending->row.attempts - 1];
    bool asks = sending->retry_after_s > 0 && (sending->status == 429 || sending->status == 503);
    if (asks)
        after_s = MAX_OF(after_s, MIN_OF(sending->retry_after_s, RETRY_AFTER_MOST_S));
    /* Spread over a tenth, so that what failed together does not come again together. */
    return after_s * 1000000 + (int64_t)(str_hash(sending->row.id) % (uint64_t)(after_s * 100000));
}

static bool disable(Tx *tx, Sending *sending, Error *err)
{
    WebhookRow webhook;
    if (!store_webhook_get_by_key(tx, &sending->arena, sending->row.webhook, &webhook, err))
        return false;
    webhook.enabled = false;
    webhook.problem = S("the receiver answered 410: it is gone");
    webhook.update_us = tx_now_us(tx);
    return store_webhook_update(tx, &webhook, now_of(sending->outbox->engine), err);
}

static bool is_unwell(int status)
{
    return status == 0 || status == 429 || status >= 500;
}

static bool apply_outcome(Tx *tx, Command *command, Error *err)
{
    Sending *sending = (Sending *)command;
    DeliveryRow row = sending->row;
    int64_t now_us = now_of(sending->outbox->engine), put_off_us = 0;
    row.attempts = ++sending->row.attempts;
    row.status = sending->status;
    row.problem = sending->problem;
    row.next_us = 0;
    if (sending->status >= 200 && sending->status <= 299) {
        row.state = DELIVERY_DELIVERED;
    } else if (sending->status == 410 || row.attempts > (int64_t)COUNT_OF(retry_after_s)) {
        row.state = DELIVERY_DEAD;
    } else {
        row.next_us = now_us + delay_us(sending);
        put_off_us = MIN_OF(row.next_us, now_us + PUT_OFF_MOST_US);
    }
    sending->row.attempts--; /* this may be called again */
    row.end_us = row.next_us ? 0 : tx_now_us(tx);
    WebhookRow webhook;
    if (!store_webhook_get_by_key(tx, &sending->arena, row.webhook, &webhook, err))
        return false;
    if (!webhook.enabled)
        row.next_us = 0; /* disabled meanwhile: it waits for that to change */
    return store_delivery_update(tx, &row, err) && (sending->status != 410 || disable(tx, sending, err)) &&
           (!put_off_us || !is_unwell(sending->status) || store_delivery_put_off(tx, row.webhook, put_off_us, err)) &&
           store_delivery_forget(tx, tx_now_us(tx) - KEPT_US, FORGET_AT_ONCE, err);
}

/* `trouble`: it is as due as it was, but not at once. */
static void let_go(Sending *sending, bool trouble)
{
    Outbox *outbox = sending->outbox;
    pthread_mutex_lock(&outbox->lock);
    for (int i = 0; i < outbox->n_sending; i++)
        if (outbox->sending[i] == sending) {
            outbox->sending[i] = outbox->sending[--outbox->n_sending];
            break;
        }
    if (trouble)
        outbox->due_us = now_of(outbox->engine) + TROUBLE_US;
    else
        outbox->look = true;
    pthread_cond_broadcast(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
    arena_done(&sending->arena);
    free(sending);
}

static void outcome_written(Command *command, bool ok, const Error *err)
{
    Sending *sending = (Sending *)command;
    bool is_gone = !ok && err->code == NOT_FOUND; /* the webhook was deleted: nothing is left to do */
    if (!ok && !is_gone)
        LOG(LOG_WARN, "what became of a webhook's delivery could not be stored; it is sent again",
            LOG_STR("delivery", sending->row.id), LOG_STR("reason", str_from_c(err->message)));
    let_go(sending, !ok && !is_gone);
}

static void came_back(void *context, const WorldDelivered *delivered)
{
    Sending *sending = context;
    if (delivered->given_up) {
        let_go(sending, true);
        return;
    }
    sending->status = delivered->status;
    sending->retry_after_s = delivered->retry_after_s;
    sending->problem = str_copy(&sending->arena, str_clip(str_from_c(delivered->problem), 300));
    if (sending->problem.len == 0 && (sending->status < 200 || sending->status > 299))
        sending->problem = str_printf(&sending->arena, "the receiver answered %d", sending->status);
    sending->command = (Command){.apply = apply_outcome, .done = outcome_written};
    store_submit(sending->outbox->engine->store, &sending->command);
}

/* ---- the thread ---- */

typedef struct Busy {
    int64_t keys[OUTBOX_MOST]; /* of deliveries under way when the view of the store was taken */
    int n;
} Busy;

static bool is_busy(const Busy *busy, int64_t key)
{
    for (int i = 0; i < busy->n; i++)
        if (busy->keys[i] == key)
            return true;
    return false;
}

/* Only this thread adds, so what is counted can only become less. */
static int count_sending(Outbox *outbox, int64_t webhook, int64_t delivery, bool *out_is_sending)
{
    int n = 0;
    *out_is_sending = false;
    pthread_mutex_lock(&outbox->lock);
    for (int i = 0; i < outbox->n_sending; i++) {
        n += webhook == 0 || outbox->sending[i]->row.webhook == webhook;
        *out_is_sending |= outbox->sending[i]->row.key == delivery;
    }
    pthread_mutex_unlock(&outbox->lock);
    return n;
}

static bool begin(Outbox *outbox, Tx *tx, const DeliveryRow *row, Error *err)
{
    const World *world = outbox->engine->world;
    Sending *sending = calloc(1, sizeof *sending);
    if (!sending)
        abort();
    WebhookRow webhook;
    unsigned char secret[32];
    if (!store_webhook_get_by_key(tx, &sending->arena, row->webhook, &webhook, err) ||
        !store_webhook_secret(tx, &webhook, secret, err)) {
        arena_done(&sending->arena);
        free(sending);
        return false;
    }
    sending->outbox = outbox;
    sending->row = *row;
    sending->row.id = str_copy(&sending->arena, row->id);
    sending->row.body = sending->row.run_name = sending->row.problem = (Str){0};
    pthread_mutex_lock(&outbox->lock);
    outbox->sending[outbox->n_sending++] = sending;
    pthread_mutex_unlock(&outbox->lock);
    WorldDelivery delivery = {.url = webhook.url,
                              .id = row->id,
                              .body = row->body,
                              .secret = str_of((const char *)secret, sizeof secret),
                              .time_us = world->now_us(world->self)};
    world->deliver(world->self, &delivery, came_back, sending);
    return true;
}

/* Webhooks that have enough under way. OUTBOX_MOST by OUTBOX_EACH of them, so there is always room. */
typedef struct Full {
    int64_t webhooks[DELIVERY_FULL];
    int n;
} Full;

static void note_full(Full *full, int64_t webhook)
{
    for (int i = 0; i < full->n; i++)
        if (full->webhooks[i] == webhook)
            return;
    if (full->n < DELIVERY_FULL)
        full->webhooks[full->n++] = webhook;
}

static bool begin_some(Outbox *outbox, Tx *tx, const Busy *busy, const DeliveryRow *rows, int n, Full *full,
                       bool *out_began, Error *err)
{
    *out_began = false;
    for (int i = 0; i < n; i++) {
        bool is_sending;
        if (count_sending(outbox, 0, 0, &is_sending) == OUTBOX_MOST)
            return true;
        if (count_sending(outbox, rows[i].webhook, rows[i].key, &is_sending) >= OUTBOX_EACH) {
            note_full(full, rows[i].webhook);
        } else if (!is_sending && !is_busy(busy, rows[i].key)) {
            if (!begin(outbox, tx, &rows[i], err))
                return false;
            *out_began = true;
        }
    }
    return true;
}

static bool send_due(Outbox *outbox, Tx *tx, Arena *arena, const Busy *busy, int64_t now_us, Error *err)
{
    Full full = {0};
    for (bool goes_on = true; goes_on;) {
        DeliveryRow *rows;
        int n, n_full = full.n;
        bool began;
        arena_reset(arena);
        if (!store_delivery_due(tx, arena, now_us, full.webhooks, LOOK_AT_ONCE, &rows, &n, err) ||
            !begin_some(outbox, tx, busy, rows, n, &full, &began, err))
            return false;
        /* Another look pays when something went, or when a webhook stands back that hid others. */
        goes_on = n == LOOK_AT_ONCE && (began || full.n > n_full);
    }
    int64_t soonest_us;
    if (!store_delivery_soonest(tx, now_us, &soonest_us, err))
        return false;
    pthread_mutex_lock(&outbox->lock);
    outbox->due_us = soonest_us;
    pthread_mutex_unlock(&outbox->lock);
    return true;
}

static void look(Outbox *outbox, const Busy *busy)
{
    Error err;
    Tx *tx;
    Arena arena = {0};
    int64_t now_us = now_of(outbox->engine);
    bool ok = (outbox->reader || store_reader_open(outbox->engine->store, &outbox->reader, &err)) &&
              tx_begin_read(outbox->reader, &tx, &err);
    if (ok) {
        ok = send_due(outbox, tx, &arena, busy, now_us, &err);
        tx_end(tx);
    }
    arena_done(&arena);
    if (ok)
        return;
    LOG(LOG_WARN, "webhooks' deliveries could not be read; they are looked for again",
        LOG_STR("reason", str_from_c(err.message)));
    pthread_mutex_lock(&outbox->lock);
    outbox->due_us = now_us + TROUBLE_US;
    pthread_mutex_unlock(&outbox->lock);
}

static void wait_locked(Outbox *outbox)
{
    if (outbox->due_us == 0) {
        pthread_cond_wait(&outbox->changed, &outbox->lock);
        return;
    }
    /* The World's clock may run otherwise than the machine's: it is asked again at least once a second. */
    int64_t wait_us = MIN_OF(outbox->due_us - now_of(outbox->engine), 1000000);
    if (wait_us <= 0) {
        outbox->look = true;
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanos = until.tv_nsec + wait_us * 1000;
    until.tv_sec += nanos / 1000000000;
    until.tv_nsec = nanos % 1000000000;
    pthread_cond_timedwait(&outbox->changed, &outbox->lock, &until);
}

static void *outbox_main(void *self)
{
    Outbox *outbox = self;
    pthread_mutex_lock(&outbox->lock);
    while (!outbox->stopping) {
        if (!outbox->look) {
            wait_locked(outbox);
            continue;
        }
        outbox->look = false;
        outbox->due_us = 0;
        if (!store_leads(outbox->engine->store)) /* it is asked to look when it begins to lead */
            continue;
        Busy busy = {.n = outbox->n_sending};
        for (int i = 0; i < busy.n; i++)
            busy.keys[i] = outbox->sending[i]->row.key;
        pthread_mutex_unlock(&outbox->lock);
        look(outbox, &busy);
        pthread_mutex_lock(&outbox->lock);
    }
    pthread_mutex_unlock(&outbox->lock);
    return NULL;
}

/* ---- life ---- */

Outbox *outbox_new(Engine *engine)
{
    Outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox)
        abort();
    outbox->engine = engine;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&outbox->lock, NULL);
    pthread_cond_init(&outbox->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return outbox;
}

bool outbox_start(Outbox *outbox, Error *err)
{
    if (!outbox->engine->world->deliver)
        return true;
    outbox->look = atomic_load(&outbox->engine->has_webhooks);
    if (pthread_create(&outbox->thread, NULL, outbox_main, outbox) != 0)
        return error_set(err, RESOURCE_EXHAUSTED, "", "the system refused the thread of webhooks");
    outbox->started = true;
    return true;
}

void outbox_stop(Outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    outbox->stopping = true;
    pthread_cond_broadcast(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
    if (outbox->started)
        pthread_join(outbox->thread, NULL);
    outbox->started = false;
}

void outbox_free(Outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    while (outbox->n_sending > 0)
        pthread_cond_wait(&outbox->changed, &outbox->lock);
    pthread_mutex_unlock(&outbox->lock);
    store_reader_close(outbox->reader);
    pthread_mutex_destroy(&outbox->lock);
    pthread_cond_destroy(&outbox->changed);
    free(outbox);
}

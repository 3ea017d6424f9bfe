/* tests/engine/outbox.c: what webhooks are told, and how often. */
#include "engine/outbox.h"

#include <pthread.h>
#include <unistd.h>

#include "base/id.h"
#include "fixture.h"

#define DOUBLES "n = read_input(\"n\", type=number)\nset_output(\"twice\", value=n * 2)\n"
#define ASKS "n = ask(\"How many?\", type=number)\nset_output(\"n\", value=n)\n"
#define TWO "{\"n\":{\"number\":{\"lo\":2}}}"
#define ALL (BIT(EVENT_WEBHOOK_TEST) - 1)
#define HELD_MOST 256

/* ---- a receiver ---- */

typedef struct Message {
    char id[32], url[64];
    char body[1024];
} Message;

typedef struct Held {
    void (*done)(void *context, const WorldDelivered *delivered);
    void *context;
} Held;

static struct {
    pthread_mutex_t lock;
    Message messages[HELD_MOST]; /* all that came */
    int n;
    Held held[HELD_MOST]; /* those of receivers that do not answer: urls with "slow" */
    int n_held;
    _Atomic int status;
    _Atomic int64_t retry_after_s;
} receiver = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void deliver(void *self, const WorldDelivery *delivery,
                    void (*done)(void *context, const WorldDelivered *delivered), void *context)
{
    (void)self;
    pthread_mutex_lock(&receiver.lock);
    assert_true(receiver.n < HELD_MOST && receiver.n_held < HELD_MOST);
    assert_int_equal(delivery->secret.len, 32);
    Message *message = &receiver.messages[receiver.n++];
    snprintf(message->id, sizeof message->id, "%.*s", STR_ARG(delivery->id));
    snprintf(message->url, sizeof message->url, "%.*s", STR_ARG(delivery->url));
    snprintf(message->body, sizeof message->body, "%.*s", STR_ARG(delivery->body));
    bool slow = str_contains(delivery->url, S("slow"));
    if (slow)
        receiver.held[receiver.n_held++] = (Held){done, context};
    pthread_mutex_unlock(&receiver.lock);
    if (!slow)
        done(context, &(WorldDelivered){.status = atomic_load(&receiver.status),
                                        .retry_after_s = atomic_load(&receiver.retry_after_s),
                                        .problem = atomic_load(&receiver.status) ? "" : "nobody answers"});
}

static int n_messages(void)
{
    pthread_mutex_lock(&receiver.lock);
    int n = receiver.n;
    pthread_mutex_unlock(&receiver.lock);
    return n;
}

static int n_to(const char *url)
{
    int n = 0;
    pthread_mutex_lock(&receiver.lock);
    for (int i = 0; i < receiver.n; i++)
        n += strcmp(receiver.messages[i].url, url) == 0;
    pthread_mutex_unlock(&receiver.lock);
    return n;
}

static void wait_messages(int n)
{
    for (int i = 0; i < 20000 && n_messages() < n; i++)
        usleep(1000);
    assert_int_equal(n_messages(), n);
}

/* What the slow ones were sent comes back. */
static void release(WorldDelivered delivered)
{
    pthread_mutex_lock(&receiver.lock);
    Held held[HELD_MOST];
    int n = receiver.n_held;
    memcpy(held, receiver.held, sizeof(Held) * (size_t)n);
    receiver.n_held = 0;
    pthread_mutex_unlock(&receiver.lock);
    for (int i = 0; i < n; i++)
        held[i].done(held[i].context, &delivered);
}

static bool body_has(int i, const char *text)
{
    pthread_mutex_lock(&receiver.lock);
    bool has = strstr(receiver.messages[i].body, text) != NULL;
    pthread_mutex_unlock(&receiver.lock);
    return has;
}

/* ---- webhooks and deliveries ---- */

static int begin(void **state)
{
    receiver.n = receiver.n_held = 0;
    atomic_store(&receiver.status, 200);
    atomic_store(&receiver.retry_after_s, 0);
    fixture_setup(state);
    Fixture *f = *state;
    fixture_stop_engine(f);
    f->world.deliver = deliver;
    fixture_start_engine(f);
    return 0;
}

static int end(void **state)
{
    Fixture *f = *state;
    engine_stop(f->engine, 5000000);
    release((WorldDelivered){.given_up = true});
    engine_free(f->engine);
    f->engine = NULL;
    return fixture_teardown(state);
}

static bool create(Tx *tx, Fixture *f, void *argument, Error *err)
{
    return outbox_webhook_create(tx, f->engine, argument, err);
}

static WebhookRow webhook_at(Fixture *f, const char *url, uint64_t events, Str automation)
{
    Id id = id_new();
    WebhookRow row = {.scope = f->scope,
                      .id = str_copy(&f->arena, id_str(&id)),
                      .url = str_from_c(url),
                      .events = events,
                      .automation_id = automation,
                      .enabled = true};
    if (!fixture_write(f, create, &row))
        fail_msg("%s", f->err.message);
    return row;
}

static WebhookRow webhook_of(Fixture *f, Str id)
{
    Tx *tx;
    WebhookRow row;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_webhook_get(tx, &f->arena, &f->scope, id, &row, &f->err));
    tx_end(tx);
    return row;
}

static int deliveries_of(Fixture *f, const WebhookRow *webhook, DeliveryRow **out)
{
    Tx *tx;
    int n;
    ListEnd list_end;
    ListQuery query = {.limit = 1000};
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_delivery_list(tx, &f->arena, &f->scope, webhook->key, &query, out, &n, &list_end, &f->err));
    tx_end(tx);
    return n;
}

/* The newest, once it has been tried `attempts` times. */
static DeliveryRow wait_attempts(Fixture *f, const WebhookRow *webhook, int attempts)
{
    DeliveryRow *rows;
    for (int i = 0; i < 20000; i++) {
        if (deliveries_of(f, webhook, &rows) > 0 && rows[0].attempts == attempts)
            return rows[0];
        usleep(1000);
    }
    fail_msg("%lld attempts, not %d", (long long)rows[0].attempts, attempts);
    return rows[0];
}

static bool send_test(Tx *tx, Fixture *f, void *argument, Error *err)
{
    DeliveryRow delivery;
    return outbox_test(tx, f->engine, &f->arena, argument, &delivery, err);
}

static void test_runs__are_told_of_in_the_order_of_their_moves(void **state)
{
    Fixture *f = *state;
    Str asks = fixture_automation(f, "asks", ASKS, true);
    WebhookRow webhook = webhook_at(f, "https://a", ALL, (Str){0});
    RunRow run = fixture_invoke(f, asks, STAGE_PUBLISHED, "{}");
    wait_messages(2);
    assert_true(fixture_answer(f, run.id, "5", false, &(AnswerResult){0}));
    assert_int_equal(fixture_settle(f, run.id).state, RUN_COMPLETED);
    wait_messages(4);
    static const char *const types[] = {"run.created", "run.awaiting_guidance", "run.continued", "run.completed"};
    DeliveryRow *rows;
    assert_int_equal(deliveries_of(f, &webhook, &rows), 4);
    for (int i = 0; i < 4; i++) {
        Str type = str_printf(&f->arena, "{\"type\":\"%s\",\"timestamp\":\"", types[i]);
        assert_true(str_starts(rows[3 - i].body, type));
        assert_true(str_contains(rows[3 - i].body, run.id));
        wait_attempts(f, &webhook, 1);
    }
    assert_true(str_contains(rows[2].body, S("\"description\":\"How many?\"")));
    assert_true(str_contains(rows[0].body, S("\"outputs\":{\"n\":{\"number\":{\"lo\":5")));
}

static void test_listeners__hear_what_they_asked_for(void **state)
{
    Fixture *f = *state;
    Str doubles = fixture_automation(f, "doubles", DOUBLES, true), asks = fixture_automation(f, "asks", ASKS, true);
    webhook_at(f, "https://ends", BIT(EVENT_RUN_COMPLETED), (Str){0});
    webhook_at(f, "https://asks", ALL, asks);
    webhook_at(f, "https://failures", BIT(EVENT_RUN_FAILED), (Str){0});
    Scope own = f->scope;
    f->scope.workspace++; /* somebody else's */
    webhook_at(f, "https://foreign", ALL, (Str){0});
    f->scope = own;
    fixture_invoke(f, doubles, STAGE_PUBLISHED, TWO);
    wait_messages(1);
    assert_int_equal(n_to("https://ends"), 1);
    fixture_invoke(f, asks, STAGE_PUBLISHED, "{}");
    wait_messages(3);
    assert_int_equal(n_to("https://asks"), 2);
    fixture_invoke(f, doubles, STAGE_PUBLISHED, TWO);
    wait_messages(4);
    assert_int_equal(n_to("https://foreign") + n_to("https://failures"), 0);
}

static void test_failures__are_tried_again_with_the_same_id(void **state)
{
    Fixture *f = *state;
    atomic_store(&receiver.status, 500);
    WebhookRow webhook = webhook_at(f, "https://a", ALL, (Str){0});
    assert_true(fixture_write(f, send_test, &webhook));
    DeliveryRow row = wait_attempts(f, &webhook, 1);
    assert_int_equal(row.state, DELIVERY_PENDING);
    assert_int_equal(row.status, 500);
    assert_str(row.problem, "the receiver answered 500");
    int64_t delay_us = row.next_us - atomic_load(&f->now_us);
    assert_true(delay_us >= 5000000 && delay_us < 5500000);
    atomic_store(&receiver.status, 0);
    atomic_store(&f->now_us, row.next_us);
    row = wait_attempts(f, &webhook, 2);
    assert_int_equal(row.status, 0);
    assert_str(row.problem, "nobody answers");
    assert_true(row.next_us - atomic_load(&f->now_us) >= 300000000);
    atomic_store(&receiver.status, 204);
    atomic_store(&f->now_us, row.next_us);
    row = wait_attempts(f, &webhook, 3);
    assert_int_equal(row.state, DELIVERY_DELIVERED);
    assert_int_equal(row.next_us, 0);
    assert_true(row.end_us > 0);
    assert_string_equal(receiver.messages[0].id, receiver.messages[2].id);
    assert_true(body_has(0, "\"webhook.test\""));
}

static void test_receivers__may_ask_for_time(void **state)
{
    Fixture *f = *state;
    atomic_store(&receiver.status, 429);
    atomic_store(&receiver.retry_after_s, 1000);
    WebhookRow webhook = webhook_at(f, "https://a", ALL, (Str){0});
    assert_true(fixture_write(f, send_test, &webhook));
    DeliveryRow row = wait_attempts(f, &webhook, 1);
    assert_true(row.next_us - atomic_load(&f->now_us) >= 1000000000);
}

static bool replay(Tx *tx, Fixture *f, void *argument, Error *err)
{
    int64_t n;
    return outbox_replay(tx, f->engine, argument, 0, &n, err) &&
           (n == 1 || error_set(err, INTERNAL, "", "%lld were given up", (long long)n));
}

static void test_what_was_given_up__can_be_sent_again(void **state)
{
    Fixture *f = *state;
    atomic_store(&receiver.status, 503);
    WebhookRow webhook = webhook_at(f, "https://a", ALL, (Str){0});
    assert_true(fixture_write(f, send_test, &webhook));
    DeliveryRow row = wait_attempts(f, &webhook, 1);
    for (int i = 2; i <= 10; i++) {
        assert_int_equal(row.state, DELIVERY_PENDING);
        atomic_store(&f->now_us, row.next_us);
        row = wait_attempts(f, &webhook, i);
    }
    assert_int_equal(row.state, DELIVERY_DEAD);
    assert_int_equal(row.next_us, 0);
    atomic_store(&receiver.status, 200);
    assert_true(fixture_write(f, replay, &webhook));
    wait_messages(11);
    assert_int_equal(wait_attempts(f, &webhook, 1).state, DELIVERY_DELIVERED);
}

static bool update(Tx *tx, Fixture *f, void *argument, Error *err)
{
    return outbox_webhook_update(tx, f->engine, argument, err);
}

static void test_gone__disables_the_webhook(void **state)
{
    Fixture *f = *state;
    atomic_store(&receiver.status, 410);
    WebhookRow webhook = webhook_at(f, "https://a", ALL, (Str){0});
    assert_true(fixture_write(f, send_test, &webhook));
    assert_int_equal(wait_attempts(f, &webhook, 1).state, DELIVERY_DEAD);
    webhook = webhook_of(f, webhook.id);
    assert_false(webhook.enabled);
    assert_true(str_contains(webhook.problem, S("410")));
    assert_false(fixture_write(f, send_test, &webhook));
    assert_int_equal(f->err.code, FAILED_PRECONDITION);
}

static void test_disabled__keeps_what_waits(void **state)
{
    Fixture *f = *state;
    atomic_store(&receiver.status, 500);
    WebhookRow webhook = webhook_at(f, "https://a", ALL, (Str){0});
    assert_true(fixture_write(f, send_test, &webhook));
    wait_attempts(f, &webhook, 1);
    webhook.enabled = false;
    assert_true(fixture_write(f, update, &webhook));
    assert_int_equal(wait_attempts(f, &webhook, 1).next_us, 0);
    atomic_store(&receiver.status, 200);
    webhook.enabled = true;
    assert_true(fixture_write(f, update, &webhook));
    assert_int_equal(wait_attempts(f, &webhook, 2).state, DELIVERY_DELIVERED);
}

static void test_restart__sends_again_what_was_under_way(void **state)
{
    Fixture *f = *state;
    WebhookRow webhook = webhook_at(f, "https://slow", ALL, (Str){0});
    assert_true(fixture_write(f, send_test, &webhook));
    wait_messages(1);
    engine_stop(f->engine, 5000000);
    release((WorldDelivered){.given_up = true});
    engine_free(f->engine);
    fixture_start_engine(f);
    wait_messages(2);
    assert_string_equal(receiver.messages[0].id, receiver.messages[1].id);
    release((WorldDelivered){.status = 200});
    assert_int_equal(wait_attempts(f, &webhook, 1).state, DELIVERY_DELIVERED);
}

static void test_slow_receivers__keep_no_other_waiting(void **state)
{
    Fixture *f = *state;
    WebhookRow slow = webhook_at(f, "https://slow", ALL, (Str){0}),
               quick = webhook_at(f, "https://quick", ALL, (Str){0});
    for (int i = 0; i < 150; i++)
        assert_true(fixture_write(f, send_test, &slow));
    wait_messages(OUTBOX_EACH);
    assert_true(fixture_write(f, send_test, &quick));
    wait_messages(OUTBOX_EACH + 1);
    assert_int_equal(n_to("https://slow"), OUTBOX_EACH);
    assert_int_equal(wait_attempts(f, &quick, 1).state, DELIVERY_DELIVERED);
    for (int sent = OUTBOX_EACH; sent < 150;) { /* as places become free the rest goes, each once */
        release((WorldDelivered){.status = 200});
        for (int i = 0; i < 20000 && n_to("https://slow") == sent; i++)
            usleep(1000);
        assert_true(n_to("https://slow") > sent);
        sent = n_to("https://slow");
    }
    assert_int_equal(n_to("https://slow"), 150);
    release((WorldDelivered){.status = 200});
}

static void test_unwell_receivers__are_left_in_peace(void **state)
{
    Fixture *f = *state;
    WebhookRow webhook = webhook_at(f, "https://slow", ALL, (Str){0});
    for (int i = 0; i < 20; i++)
        assert_true(fixture_write(f, send_test, &webhook));
    wait_messages(OUTBOX_EACH);
    release((WorldDelivered){.problem = "nobody answers"});
    DeliveryRow *rows;
    int waiting = 0;
    for (int i = 0; i < 20000 && waiting < 20; i++) {
        usleep(1000);
        release((WorldDelivered){.problem = "nobody answers"}); /* some may have begun before the first was noted */
        waiting = 0;
        int n = deliveries_of(f, &webhook, &rows);
        for (int j = 0; j < n; j++)
            waiting += rows[j].next_us > atomic_load(&f->now_us);
    }
    assert_int_equal(waiting, 20);
    assert_true(n_messages() <= 20);
}

static bool delete_webhook(Tx *tx, Fixture *f, void *argument, Error *err)
{
    WebhookRow *webhook = argument;
    return store_webhook_delete(tx, &f->scope, webhook->id, err);
}

static void test_deleted__takes_its_messages_along(void **state)
{
    Fixture *f = *state;
    WebhookRow webhook = webhook_at(f, "https://slow", ALL, (Str){0});
    assert_true(fixture_write(f, send_test, &webhook));
    wait_messages(1);
    assert_true(fixture_write(f, delete_webhook, &webhook));
    release((WorldDelivered){.status = 500});
    DeliveryRow *rows;
    assert_int_equal(deliveries_of(f, &webhook, &rows), 0);
    WebhookRow next = webhook_at(f, "https://a", ALL, (Str){0});
    assert_true(fixture_write(f, send_test, &next));
    assert_int_equal(wait_attempts(f, &next, 1).state, DELIVERY_DELIVERED);
}

static bool delete_elsewhere(Tx *tx, Fixture *f, void *argument, Error *err)
{
    WebhookRow *webhook = argument, found;
    Scope other = f->scope;
    other.workspace++;
    assert_false(store_webhook_get(tx, &f->arena, &other, webhook->id, &found, err));
    assert_int_equal(err->code, NOT_FOUND);
    error_clear(err);
    return store_webhook_delete(tx, &other, webhook->id, err);
}

static void test_rows__are_not_there_for_another_tenant(void **state)
{
    Fixture *f = *state;
    WebhookRow webhook = webhook_at(f, "https://a", ALL, (Str){0});
    assert_false(fixture_write(f, delete_elsewhere, &webhook));
    assert_int_equal(f->err.code, NOT_FOUND);
    assert_str(webhook_of(f, webhook.id).url, "https://a");
}

/* A run and the message of its beginning are there together or not at all. */
static void test_moves__are_told_whatever_fails(void **state)
{
    Fixture *f = *state;
    Str doubles = fixture_automation(f, "doubles", DOUBLES, true);
    WebhookRow webhook = webhook_at(f, "https://slow", BIT(EVENT_RUN_CREATED), (Str){0});
    int begun = 0;
    for (int calls = 0; calls < 30; calls++) {
        bool ok;
        store_fail_after(f->store, calls);
        fixture_invoke_only(f, doubles, STAGE_PUBLISHED, TWO, "", &ok);
        store_fail_after(f->store, -1);
        begun += ok;
        DeliveryRow *rows;
        for (int i = 0; i < 2000 && deliveries_of(f, &webhook, &rows) < begun; i++)
            usleep(1000);
        assert_int_equal(deliveries_of(f, &webhook, &rows), begun);
    }
    assert_true(begun > 0 && begun < 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_runs__are_told_of_in_the_order_of_their_moves),
        TEST(test_listeners__hear_what_they_asked_for),
        TEST(test_failures__are_tried_again_with_the_same_id),
        TEST(test_receivers__may_ask_for_time),
        TEST(test_what_was_given_up__can_be_sent_again),
        TEST(test_gone__disables_the_webhook),
        TEST(test_disabled__keeps_what_waits),
        TEST(test_restart__sends_again_what_was_under_way),
        TEST(test_slow_receivers__keep_no_other_waiting),
        TEST(test_unwell_receivers__are_left_in_peace),
        TEST(test_deleted__takes_its_messages_along),
        TEST(test_rows__are_not_there_for_another_tenant),
        TEST(test_moves__are_told_whatever_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

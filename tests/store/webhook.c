/* Tests of src/store/webhook.c, delivery.c, trigger.c and authoring.c: what the engine and the API ask of them, on
 * either database. */
#include "store/webhook.h"

#include "aip/filter.h"
#include "store/authoring.h"
#include "store/fixture.h"
#include "store/trigger.h"

static Fixture f;

static int begin(void **state)
{
    (void)state;
    fixture_begin_tenant(&f);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fixture_end(&f);
    return 0;
}

static bool insert_webhook(Tx *tx, void *argument, Error *err)
{
    return store_webhook_insert(tx, argument, err);
}

static WebhookRow webhook_for(uint64_t events)
{
    WebhookRow row = {.scope = f.scope, .id = new_id(&f), .url = S("https://a"), .events = events, .enabled = true};
    assert_works(&f, write_with(&f, insert_webhook, &row));
    return row;
}

static bool insert_delivery(Tx *tx, void *argument, Error *err)
{
    return store_delivery_insert(tx, argument, err);
}

static DeliveryRow delivery_of(const WebhookRow *webhook, int64_t next_us)
{
    DeliveryRow row = {
        .scope = f.scope, .webhook = webhook->key, .id = new_id(&f), .event = 4, .body = S("{}"), .next_us = next_us};
    assert_works(&f, write_with(&f, insert_delivery, &row));
    return row;
}

static int n_due(int64_t now_us, const int64_t full[DELIVERY_FULL])
{
    DeliveryRow *rows;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_delivery_due(tx, &f.arena, now_us, full, 100, &rows, &n, &f.err));
    read_end(tx);
    return n;
}

static void test_webhook__is_found_by_event_and_tenant(void **state)
{
    (void)state;
    Tx *tx = read_begin(&f);
    bool any;
    assert_works(&f, store_webhook_any(tx, &any, &f.err));
    assert_false(any);
    read_end(tx);
    WebhookRow row = webhook_for(1 << 2), found, *rows;
    int n;
    webhook_for(1 << 3);
    tx = read_begin(&f);
    assert_works(&f, store_webhook_any(tx, &any, &f.err));
    assert_true(any);
    assert_works(&f, store_webhook_listeners(tx, &f.arena, &f.scope, 1 << 2, &rows, &n, &f.err));
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].key, row.key);
    assert_works(&f, store_webhook_get_by_key(tx, &f.arena, row.key, &found, &f.err));
    assert_str(found.scope.workspace_id, "w1");
    unsigned char one[32], other[32];
    assert_works(&f, store_webhook_secret(tx, &found, one, &f.err));
    found.secret_salt++;
    assert_works(&f, store_webhook_secret(tx, &found, other, &f.err));
    assert_memory_not_equal(one, other, 32);
    Scope elsewhere = f.scope;
    elsewhere.workspace++;
    assert_works(&f, store_webhook_listeners(tx, &f.arena, &elsewhere, 1 << 2, &rows, &n, &f.err));
    assert_int_equal(n, 0);
    assert_false(store_webhook_get(tx, &f.arena, &elsewhere, row.id, &found, &f.err));
    assert_int_equal(f.err.code, NOT_FOUND);
    ListQuery query = {.limit = 1};
    ListEnd list_end;
    assert_works(&f, store_webhook_list(tx, &f.arena, &f.scope, &query, &rows, &n, &list_end, &f.err));
    assert_int_equal(n, 1);
    assert_true(list_end.more);
    read_end(tx);
}

static bool disable(Tx *tx, void *argument, Error *err)
{
    WebhookRow *row = argument;
    row->enabled = !row->enabled;
    return store_webhook_update(tx, row, 500, err);
}

static bool put_off(Tx *tx, void *argument, Error *err)
{
    return store_delivery_put_off(tx, ((WebhookRow *)argument)->key, 300, err);
}

static void test_due__stands_back_for_full_and_disabled_webhooks(void **state)
{
    (void)state;
    int64_t full[DELIVERY_FULL] = {0}, soonest;
    WebhookRow one = webhook_for(1), two = webhook_for(1);
    delivery_of(&one, 100);
    delivery_of(&one, 200);
    delivery_of(&two, 100);
    assert_int_equal(n_due(99, full), 0);
    assert_int_equal(n_due(100, full), 2);
    full[0] = one.key;
    assert_int_equal(n_due(200, full), 1);
    full[0] = 0;
    assert_works(&f, write_with(&f, put_off, &one));
    assert_int_equal(n_due(299, full), 1);
    Tx *tx = read_begin(&f);
    assert_works(&f, store_delivery_soonest(tx, 100, &soonest, &f.err));
    assert_int_equal(soonest, 300);
    read_end(tx);
    assert_works(&f, write_with(&f, disable, &one));
    assert_int_equal(n_due(1000, full), 1);
    assert_works(&f, write_with(&f, disable, &one));
    assert_int_equal(n_due(499, full), 1);
    assert_int_equal(n_due(500, full), 3);
}

static bool update_delivery(Tx *tx, void *argument, Error *err)
{
    return store_delivery_update(tx, argument, err);
}

static bool again(Tx *tx, void *argument, Error *err)
{
    int64_t n;
    return store_delivery_again(tx, &f.scope, ((WebhookRow *)argument)->key, 0, 700, &n, err) &&
           (n == 1 || error_set(err, INTERNAL, "", "%lld", (long long)n));
}

static bool forget(Tx *tx, void *argument, Error *err)
{
    (void)argument;
    return store_delivery_forget(tx, 651, 10, err);
}

static bool delete_webhook(Tx *tx, void *argument, Error *err)
{
    return store_webhook_delete(tx, &f.scope, ((WebhookRow *)argument)->id, err);
}

static int list_deliveries(const WebhookRow *webhook, const struct Filter *filter)
{
    DeliveryRow *rows;
    int n;
    ListEnd list_end;
    ListQuery query = {.limit = 10, .filter = filter};
    Tx *tx = read_begin(&f);
    assert_works(&f, store_delivery_list(tx, &f.arena, &f.scope, webhook->key, &query, &rows, &n, &list_end, &f.err));
    read_end(tx);
    return n;
}

static void test_delivery__ends_and_comes_again(void **state)
{
    (void)state;
    int64_t full[DELIVERY_FULL] = {0};
    WebhookRow webhook = webhook_for(1);
    DeliveryRow dead = delivery_of(&webhook, 100), done = delivery_of(&webhook, 100), found;
    dead.state = DELIVERY_DEAD;
    done.state = DELIVERY_DELIVERED;
    dead.next_us = done.next_us = 0;
    dead.end_us = done.end_us = 650;
    dead.problem = S("nobody answers");
    assert_works(&f, write_with(&f, update_delivery, &dead));
    assert_works(&f, write_with(&f, update_delivery, &done));
    assert_int_equal(n_due(1000, full), 0);
    assert_int_equal(list_deliveries(&webhook, filter_enum(&f, "state", FILTER_EQ, "PENDING DELIVERED DEAD", "DEAD")),
                     1);
    assert_works(&f, write_with(&f, again, &webhook));
    assert_int_equal(n_due(700, full), 1);
    assert_works(&f, write_with(&f, forget, NULL)); /* only what has ended */
    assert_int_equal(list_deliveries(&webhook, NULL), 1);
    Tx *tx = read_begin(&f);
    assert_works(&f, store_delivery_get(tx, &f.arena, &f.scope, webhook.key, dead.id, &found, &f.err));
    assert_int_equal(found.state, DELIVERY_PENDING);
    assert_str(found.problem, "nobody answers");
    assert_false(store_delivery_get(tx, &f.arena, &f.scope, webhook.key, done.id, &found, &f.err));
    read_end(tx);
    assert_works(&f, write_with(&f, delete_webhook, &webhook));
    assert_int_equal(list_deliveries(&webhook, NULL), 0);
    assert_false(write_with(&f, update_delivery, &dead));
    assert_int_equal(f.err.code, NOT_FOUND);
}

static bool put_trigger(Tx *tx, void *argument, Error *err)
{
    return store_trigger_put(tx, &f.scope, argument, err);
}

static void test_trigger__is_put_in_place_of_the_one_before(void **state)
{
    (void)state;
    TriggerRow row = {.automation = f.automation.key,
                      .id = S("mail"),
                      .phase = PHASE_PRE,
                      .source = TRIGGER_EMAIL,
                      .active = true,
                      .input_mapping = S("{}")},
               *rows;
    assert_works(&f, write_with(&f, put_trigger, &row));
    row.phase = PHASE_MAIN;
    assert_works(&f, write_with(&f, put_trigger, &row));
    int n;
    ListEnd list_end;
    ListQuery query = {.limit = 10};
    Tx *tx = read_begin(&f);
    assert_works(&f,
                 store_trigger_list(tx, &f.arena, &f.scope, f.automation.key, &query, &rows, &n, &list_end, &f.err));
    read_end(tx);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].phase, PHASE_MAIN);
}

static bool insert_thread(Tx *tx, void *argument, Error *err)
{
    return store_authoring_insert(tx, argument, err);
}

static bool update_thread(Tx *tx, void *argument, Error *err)
{
    return store_authoring_update(tx, argument, err);
}

static void test_authoring__is_found_with_and_without_its_automation(void **state)
{
    (void)state;
    AuthoringThread thread = {.scope = f.scope,
                              .automation = f.automation.key,
                              .automation_id = f.automation.id,
                              .id = new_id(&f),
                              .agent_id = S("quill"),
                              .title = S("Rates")},
                    found, *rows;
    assert_works(&f, write_with(&f, insert_thread, &thread));
    thread.pending = S("{\"question\":1}");
    assert_works(&f, write_with(&f, update_thread, &thread));
    int n;
    ListEnd list_end;
    ListQuery query = {.limit = 10};
    int64_t before = -1;
    Scope elsewhere = f.scope;
    elsewhere.workspace++;
    Tx *tx = read_begin(&f);
    for (int named = 0; named < 2; named++) {
        int64_t automation = named ? f.automation.key : 0;
        assert_works(&f,
                     store_authoring_get(tx, &f.arena, &f.scope, automation, S("quill"), thread.id, &found, &f.err));
        assert_str(found.pending, "{\"question\":1}");
        assert_works(&f, store_authoring_list(tx, &f.arena, &f.scope, automation, S("quill"), &query, &rows, &n,
                                              &list_end, &f.err));
        assert_int_equal(n, 1);
        assert_false(store_authoring_get(tx, &f.arena, &elsewhere, automation, S("quill"), thread.id, &found, &f.err));
        assert_int_equal(f.err.code, NOT_FOUND);
    }
    assert_works(&f, store_authoring_turn(tx, thread.key, &before, &f.err));
    assert_int_equal(before, 0);
    read_end(tx);
}

static void test_authoring__knows_what_goes_on(void **state)
{
    (void)state;
    AuthoringThread threads[3], *found;
    const int64_t until[] = {0, 2000000, 1000000};
    int n, seen = 0;
    for (int i = 0; i < 3; i++) {
        threads[i] = (AuthoringThread){.scope = f.scope,
                                       .automation = f.automation.key,
                                       .automation_id = f.automation.id,
                                       .id = new_id(&f),
                                       .agent_id = S("quill"),
                                       .generating_until_us = until[i]};
        assert_works(&f, write_with(&f, insert_thread, &threads[i]));
    }
    Tx *tx = read_begin(&f);
    assert_works(&f, store_authoring_generating(tx, &f.arena, 100, &found, &n, &f.err));
    for (int i = 0; i < n; i++) {
        assert_true(found[i].generating_until_us > 0);
        assert_true(i == 0 || found[i - 1].generating_until_us <= found[i].generating_until_us);
        seen += found[i].key == threads[1].key || found[i].key == threads[2].key;
    }
    assert_int_equal(seen, 2);
    assert_works(&f, store_authoring_generating(tx, &f.arena, 1, &found, &n, &f.err));
    assert_int_equal(n, 1);
    read_end(tx);
}

static bool add_event(Tx *tx, void *argument, Error *err)
{
    return store_thread_add(tx, argument, err);
}

static void test_authoring__knows_its_uploads(void **state)
{
    (void)state;
    AuthoringThread thread = {.scope = f.scope,
                              .automation = f.automation.key,
                              .automation_id = f.automation.id,
                              .id = new_id(&f),
                              .agent_id = S("quill2")};
    assert_works(&f, write_with(&f, insert_thread, &thread));
    const ThreadEventKind kinds[] = {THREAD_UPLOAD, THREAD_USER_MESSAGE, THREAD_UPLOAD};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        ThreadEvent event = {.thread = thread.key,
                             .id = new_id(&f),
                             .agent_id = S("quill2"),
                             .kind = kinds[i],
                             .payload = str_printf(&f.arena, "{\"n\":%zu}", i)};
        assert_works(&f, write_with(&f, add_event, &event));
    }
    ThreadEvent *uploads;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_authoring_uploads(tx, &f.arena, thread.key, 10, &uploads, &n, &f.err));
    assert_int_equal(n, 2);
    assert_str(uploads[0].payload, "{\"n\":0}");
    assert_str(uploads[1].payload, "{\"n\":2}");
    assert_works(&f, store_authoring_uploads(tx, &f.arena, thread.key, 1, &uploads, &n, &f.err));
    assert_int_equal(n, 1);
    assert_works(&f, store_authoring_uploads(tx, &f.arena, thread.key + 1, 10, &uploads, &n, &f.err));
    assert_int_equal(n, 0);
    read_end(tx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_webhook__is_found_by_event_and_tenant, begin, end),
        cmocka_unit_test_setup_teardown(test_due__stands_back_for_full_and_disabled_webhooks, begin, end),
        cmocka_unit_test_setup_teardown(test_delivery__ends_and_comes_again, begin, end),
        cmocka_unit_test_setup_teardown(test_trigger__is_put_in_place_of_the_one_before, begin, end),
        cmocka_unit_test_setup_teardown(test_authoring__is_found_with_and_without_its_automation, begin, end),
        cmocka_unit_test_setup_teardown(test_authoring__knows_its_uploads, begin, end),
        cmocka_unit_test_setup_teardown(test_authoring__knows_what_goes_on, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

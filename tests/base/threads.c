/* What several threads may use at once: inboxes, ids, the log. Meant to run under the thread sanitizer as well. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/id.h"
#include "base/inbox.h"
#include "base/json.h"
#include "base/log.h"
#include "base/map.h"

/* ---- inbox ---- */

enum { SENDERS = 4, LETTERS_EACH = 20000 };

typedef struct Message {
    Letter letter;
    int sender, number;
} Message;

typedef struct Sender {
    Inbox *inbox;
    int number;
    Message messages[LETTERS_EACH];
} Sender;

static void *send_all(void *argument)
{
    Sender *sender = argument;
    for (int i = 0; i < LETTERS_EACH; i++) {
        sender->messages[i] = (Message){.sender = sender->number, .number = i};
        inbox_send(sender->inbox, &sender->messages[i].letter);
    }
    return NULL;
}

static void test_inbox__every_letter_once_and_in_order(void **state)
{
    (void)state;
    Inbox *inbox = inbox_new();
    static Sender senders[SENDERS];
    pthread_t threads[SENDERS];
    int next[SENDERS] = {0}, taken = 0;
    for (int i = 0; i < SENDERS; i++) {
        senders[i].inbox = inbox;
        senders[i].number = i;
        assert_int_equal(pthread_create(&threads[i], NULL, send_all, &senders[i]), 0);
    }
    while (taken < SENDERS * LETTERS_EACH) {
        Letter *letter = inbox_take_wait(inbox, -1);
        assert_non_null(letter);
        for (; letter; letter = letter->next, taken++) {
            const Message *message = (const Message *)(const void *)letter;
            assert_int_equal(message->number, next[message->sender]++);
        }
    }
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    assert_null(inbox_take(inbox));
    inbox_free(inbox);
}

static void test_inbox_send__tells_whether_it_was_empty(void **state)
{
    (void)state;
    Inbox *inbox = inbox_new();
    Letter a, b;
    assert_true(inbox_send(inbox, &a));
    assert_false(inbox_send(inbox, &b));
    Letter *taken = inbox_take(inbox);
    assert_ptr_equal(taken, &a);
    assert_ptr_equal(taken->next, &b);
    assert_null(taken->next->next);
    assert_true(inbox_send(inbox, &a));
    assert_ptr_equal(inbox_take_wait(inbox, -1), &a);
    inbox_free(inbox);
    inbox_free(NULL);
}

static void test_inbox_take_wait__ends_at_its_timeout(void **state)
{
    (void)state;
    Inbox *inbox = inbox_new();
    int64_t before = clock_monotonic_us();
    assert_null(inbox_take_wait(inbox, 20000));
    assert_true(clock_monotonic_us() - before >= 20000);
    assert_null(inbox_take_wait(inbox, 0));
    inbox_free(inbox);
}

static void *wake(void *inbox)
{
    usleep(10000);
    inbox_wake(inbox);
    return NULL;
}

static void test_inbox_wake__before_and_during_sleep(void **state)
{
    (void)state;
    Inbox *inbox = inbox_new();
    inbox_wake(inbox);
    assert_null(inbox_take_wait(inbox, -1)); /* remembered */
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake, inbox), 0);
    assert_null(inbox_take_wait(inbox, -1));
    pthread_join(thread, NULL);
    inbox_free(inbox);
}

/* ---- ids ---- */

enum { IDS_EACH = 20000 };

static void *make_ids(void *out)
{
    Id *ids = out;
    for (int i = 0; i < IDS_EACH; i++)
        ids[i] = id_new();
    return NULL;
}

static void test_id_new__never_the_same(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Map seen = {.arena = &arena};
    pthread_t threads[SENDERS];
    Id *ids = NEW_ARRAY(&arena, Id, SENDERS * IDS_EACH);
    for (int i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_ids, ids + (ptrdiff_t)i * IDS_EACH), 0);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    int counts[128] = {0};
    for (int i = 0; i < SENDERS * IDS_EACH; i++) {
        assert_true(id_is_valid(id_str(&ids[i])));
        assert_null(map_put(&seen, id_str(&ids[i]), &ids[i]));
        counts[(int)ids[i].text[i % ID_LEN]]++;
    }
    for (int c = 0; c < 128; c++) /* 1250 of each are expected; six sigma are 210 */
        assert_true(counts[c] == 0 || (counts[c] > 1000 && counts[c] < 1500));
}

static void test_id_new_at__in_the_order_of_their_moments(void **state)
{
    (void)state;
    const int64_t last_ms = (INT64_C(1) << 42) - 1;
    const int64_t from_ms[] = {0, INT64_C(1764000000000), last_ms - 4999};
    Id before = {"                     "};
    for (size_t i = 0; i < COUNT_OF(from_ms); i++) {
        for (int ms = 0; ms < 5000; ms++) { /* so that every digit of the last ones is met */
            Id id = id_new_at((from_ms[i] + ms) * 1000), other = id_new_at((from_ms[i] + ms) * 1000 + 999);
            assert_true(id_is_valid(id_str(&id)));
            assert_memory_equal(id.text, other.text, 7);
            assert_memory_not_equal(id.text + 7, other.text + 7, ID_LEN - 7);
            assert_true(memcmp(before.text, id.text, ID_LEN) < 0);
            before = id;
        }
    }
}

static void test_id_is_valid__length_and_alphabet(void **state)
{
    (void)state;
    assert_true(id_is_valid(S("abcdefghijklmnopqrs-_")));
    assert_false(id_is_valid(S("abcdefghijklmnopqrs-")));
    assert_false(id_is_valid(S("abcdefghijklmnopqrs-_x")));
    assert_false(id_is_valid(S("abcdefghijklmnopqrs/_")));
    assert_false(id_is_valid(S("abcdefghijklmnopqrs\0_")));
    assert_false(id_is_valid(S("")));
    assert_true(random_u64() != random_u64());
}

/* ---- the log ---- */

static void *log_lines(void *unused)
{
    (void)unused;
    for (int i = 0; i < 200; i++)
        LOG(LOG_WARN, "a line", LOG_NUM("number", i), LOG_STR("text", S("quote \" and \xff")), LOG_STR("none", S("")));
    LOG(LOG_DEBUG, "not written");
    return NULL;
}

/* What `work` writes to standard error. */
static Str captured(Arena *arena, void *(*work)(void *))
{
    char path[] = "/tmp/clerkwork-log-XXXXXX";
    int file = mkstemp(path), old = dup(STDERR_FILENO);
    assert_true(file >= 0 && old >= 0);
    assert_true(fcntl(file, F_SETFL, O_APPEND) == 0);
    dup2(file, STDERR_FILENO);
    pthread_t threads[SENDERS];
    for (int i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    dup2(old, STDERR_FILENO);
    Buf text = buf_in(arena);
    buf_reserve(&text, 1 << 20);
    ssize_t got = pread(file, text.data, text.cap, 0);
    assert_true(got > 0);
    close(file);
    close(old);
    unlink(path);
    return str_of(text.data, (size_t)got);
}

static void test_log__one_json_object_a_line(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Str rest = captured(&arena, log_lines);
    int lines = 0;
    for (; rest.len > 0; lines++) {
        const Json *json;
        Error err = {0};
        int64_t number, time_us;
        assert_fine(json_parse(&arena, str_cut(&rest, '\n'), 4, &json, &err), &err);
        assert_str_equal(json_text(json_get(json, S("level"))), S("warn"));
        assert_str_equal(json_text(json_get(json, S("message"))), S("a line"));
        assert_str_equal(json_text(json_get(json, S("text"))), S("quote \" and \xef\xbf\xbd"));
        assert_true(json_is(json_get(json, S("none")), JSON_STRING));
        assert_true(json_to_i64(json_get(json, S("number")), &number) && number >= 0 && number < 200);
        assert_true(clock_parse(json_text(json_get(json, S("time"))), &time_us));
    }
    assert_int_equal(lines, SENDERS * 200);
    log_set_level(LOG_ERROR);
    assert_false(log_enabled(LOG_WARN));
    assert_true(log_enabled(LOG_ERROR));
    log_set_level(LOG_INFO);
}

/* ---- parsing in many threads at once: each has a scanner of its own ---- */

static void *parse_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < 500; i++) {
        AUTO(arena_done)
        Arena arena = {0};
        const Json *json;
        Error err = {0};
        Str text = str_printf(&arena, "{\"n\":[%d,%d]}", i, i + 1);
        if (!json_parse(&arena, text, 4, &json, &err) || json_get(json, S("n"))->count != 2)
            abort();
    }
    return NULL;
}

static void test_json_parse__in_many_threads(void **state)
{
    (void)state;
    pthread_t threads[SENDERS];
    for (int i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, parse_many, NULL), 0);
    for (int i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inbox__every_letter_once_and_in_order),
        cmocka_unit_test(test_inbox_send__tells_whether_it_was_empty),
        cmocka_unit_test(test_inbox_take_wait__ends_at_its_timeout),
        cmocka_unit_test(test_inbox_wake__before_and_during_sleep),
        cmocka_unit_test(test_id_new__never_the_same),
        cmocka_unit_test(test_id_new_at__in_the_order_of_their_moments),
        cmocka_unit_test(test_id_is_valid__length_and_alphabet),
        cmocka_unit_test(test_log__one_json_object_a_line),
        cmocka_unit_test(test_json_parse__in_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

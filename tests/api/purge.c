/* Tests of workspaces and organizations that are deleted, brought back, and gone for good, through the real server and
 * under a clock that the tests move; on SQLite, and on PostgreSQL (api/postgres). */
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/internal.h"

#define DAY_US (INT64_C(86400) * 1000000)

static const char asks[] = "inputs\n  the price is a number\n\nask \"Who?\" as the person\n"
                           "output the person as \"who\"\noutput the price as \"price\"\n";
static const char doubles[] =
    "inputs\n  the price is a number\n\nthe total is the price times 2\noutput the total as \"total\"\n";
static const char price[] = "{\"price\":{\"number\":{\"lo\":5}}}";

/* ---- what lies in the store ---- */

static int64_t ask_number(Fixture *f, const char *sql)
{
    Error err;
    StoreReader *reader;
    Tx *tx;
    bool found;
    int64_t number = 0;
    Query query = {0};
    assert_true(store_reader_open(f->store, &reader, &err));
    assert_true(tx_begin_read(reader, &tx, &err));
    assert_true(query_open_text(&query, tx->database, str_from_c(sql), &err));
    assert_true(query_one_i64(&query, &found, &number, &err));
    query_done(&query);
    tx_end(tx);
    store_reader_close(reader);
    return number;
}

typedef struct Held {
    int64_t journal, runs, inputs, files, exceptions, automations;
} Held;

static Held held(Fixture *f)
{
    return (Held){.journal =
                      ask_number(f, "SELECT (SELECT count(*) FROM journal) + (SELECT count(*) FROM journal_tail)"),
                  .runs = ask_number(f, "SELECT count(*) FROM run"),
                  .inputs = ask_number(f, "SELECT count(*) FROM run_input"),
                  .files = ask_number(f, "SELECT count(*) FROM file"),
                  .exceptions = ask_number(f, "SELECT count(*) FROM exception"),
                  .automations = ask_number(f, "SELECT count(*) FROM automation WHERE display_name <> ''")};
}

static void assert_held(Fixture *f, const Held *expected)
{
    Held now = held(f);
    if (memcmp(&now, expected, sizeof now) != 0)
        fail_msg("journal %lld runs %lld inputs %lld files %lld exceptions %lld automations %lld",
                 (long long)now.journal, (long long)now.runs, (long long)now.inputs, (long long)now.files,
                 (long long)now.exceptions, (long long)now.automations);
}

static void count_finding(void *self, Str problem)
{
    ++*(int *)self;
    print_error("%.*s\n", STR_ARG(problem));
}

static void assert_sound(Fixture *f)
{
    int n = 0;
    Findings findings = {count_finding, &n, 0};
    Verified seen;
    Error err;
    assert_true(store_verify(str_from_c(f->directory), str_from_c(f->database), &findings, &seen, &err));
    assert_int_equal(n, 0);
}

/* ---- what people do ---- */

static Reply upload(Fixture *f, const char *place, const char *base64)
{
    Str body = str_printf(&f->arena, "{\"filename\":\"a.txt\",\"content_base64\":\"%s\"}", base64);
    return fixture_call(f, "POST", str_to_c(&f->arena, body), "%s/files:upload", place);
}

static const char *uploaded(Fixture *f, const char *place, const char *base64)
{
    Reply reply = upload(f, place, base64);
    assert_status(reply, 200);
    return str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/%s", text_at(f, reply.json, "metadata.name")));
}

static const char *made(Fixture *f, const char *path, const char *body)
{
    Reply reply = fixture_call(f, "POST", body, "%s", path);
    assert_status(reply, 200);
    return str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/%s", text_at(f, reply.json, "name")));
}

static const char *in(Fixture *f, const char *place, const char *what)
{
    return str_to_c(&f->arena, str_printf(&f->arena, "%s/%s", place, what));
}

typedef struct Contents {
    const char *workspace, *run, *question, *file;
} Contents;

/* A run at its end, one that waits for a person, an execution, and a file of 10 bytes. */
static Contents fill(Fixture *f, const char *workspace, const char *base64)
{
    const char *before = f->workspace;
    Contents contents = {.workspace = workspace};
    f->workspace = workspace;
    contents.run = fixture_run(f, fixture_automation(f, "doubles", doubles), price);
    contents.question = fixture_run(f, fixture_automation(f, "asks", asks), price);
    contents.file = uploaded(f, workspace, base64);
    f->workspace = before;
    assert_status(
        fixture_call(f, "POST",
                     "{\"start_execution\":{\"code\":\"set_output(\\\"n\\\", value=3)\",\"no_recording\":{}}}",
                     "%s/executions:run", workspace),
        200);
    return contents;
}

static void assert_is_there(Fixture *f, const Contents *contents)
{
    Reply run = fixture_call(f, "GET", NULL, "%s", contents->run);
    assert_status(run, 200);
    assert_true(str_eq(json_at(run.json, "state.completed.outputs.total.number.lo")->text, S("10")));
    assert_non_null(json_at(fixture_call(f, "GET", NULL, "%s", contents->question).json, "state.awaiting_guidance"));
    Reply bytes = fixture_call(f, "GET", NULL, "%s:download", contents->file);
    assert_status(bytes, 200);
    assert_int_equal(bytes.body.len, 10);
    assert_true(json_at(fixture_call(f, "GET", NULL, "%s/events", contents->run).json, "run_events")->count > 0);
}

static void assert_is_out_of_reach(Fixture *f, const Contents *contents)
{
    const char *const paths[] = {contents->workspace, contents->run, contents->question, contents->file};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        assert_status(fixture_call(f, "GET", NULL, "%s", paths[i]), 404);
    assert_status(fixture_call(f, "GET", NULL, "%s:download", contents->file), 404);
    assert_status(fixture_call(f, "GET", NULL, "%s/events", contents->run), 404);
}

/* ---- the clock ---- */

/* The timekeeper looks at the clock once a second. */
static void set_days_ahead(Fixture *f, int days)
{
    atomic_store(&f->ahead_us, days * DAY_US);
    usleep(1500000);
}

static void wait_purged(Fixture *f, const char *table)
{
    const char *sql = str_to_c(&f->arena, str_printf(&f->arena, "SELECT count(*) FROM %s WHERE delete_us = -2", table));
    for (int i = 0; i < 3000 && ask_number(f, sql) == 0; i++)
        usleep(10000);
    assert_int_equal(ask_number(f, sql), 1);
}

static void assert_purge_time(Fixture *f, const Reply *deleted, const char *table)
{
    const char *sql = str_to_c(&f->arena, str_printf(&f->arena, "SELECT delete_us FROM %s WHERE delete_us > 0", table));
    Buf text = buf_in(&f->arena);
    JsonOut json = json_out(&text);
    assert_status(*deleted, 200);
    assert_non_null(json_at(deleted->json, "delete_time"));
    json_time_us(&json, ask_number(f, sql) + 30 * DAY_US);
    assert_text(f, deleted->json, "purge_time",
                str_to_c(&f->arena, str_slice(buf_view(&text), 1, buf_view(&text).len - 1)));
}

/* ---- tests ---- */

/* The quota has room for nothing more while the deleted workspace has its files. */
enum { QUOTA = 35 };

static void open_with_quota(Fixture *f)
{
    fixture_open(f);
    f->organization_file_bytes = QUOTA;
    fixture_restart(f);
}

static void test_workspace__goes_with_all_that_is_in_it_when_its_time_comes(void **state)
{
    (void)state;
    Fixture f;
    open_with_quota(&f);
    Contents kept = fill(&f, f.workspace, "c2hhcmVkIDEyMw==");
    const Held before = held(&f);
    const char *claims = made(&f, in(&f, f.organization, "workspaces"), "{\"title\":\"Claims\"}");
    Contents gone = fill(&f, claims, "b25seSBoZXJlLg==");
    uploaded(&f, claims, "c2hhcmVkIDEyMw=="); /* the bytes of the other workspace's file, too */
    assert_int_equal(fixture_count_blobs(&f), 2);
    assert_status(upload(&f, f.workspace, "b25seSBoZXJlLg=="), 429);
    made(&f, in(&f, claims, "webhooks"), "{\"url\":\"https://example.com/\",\"display_name\":\"x\"}");

    Reply deleted = fixture_call(&f, "DELETE", NULL, "%s", claims);
    assert_purge_time(&f, &deleted, "workspace");
    assert_is_out_of_reach(&f, &gone);
    assert_int_equal(
        json_at(fixture_call(&f, "GET", NULL, "%s/workspaces?show_deleted=true", f.organization).json, "workspaces")
            ->count,
        2);
    set_days_ahead(&f, 29);
    assert_status(upload(&f, f.workspace, "b25seSBoZXJlLg=="), 429);
    Reply back = fixture_call(&f, "POST", "{}", "%s:undelete", claims);
    assert_status(back, 200);
    assert_null(json_at(back.json, "purge_time"));
    assert_is_there(&f, &gone);

    assert_status(fixture_call(&f, "DELETE", NULL, "%s", claims), 200);
    set_days_ahead(&f, 31);
    wait_purged(&f, "workspace");
    assert_is_out_of_reach(&f, &gone);
    assert_status(fixture_call(&f, "POST", "{}", "%s:undelete", claims), 404);
    assert_int_equal(
        json_at(fixture_call(&f, "GET", NULL, "%s/workspaces?show_deleted=true", f.organization).json, "workspaces")
            ->count,
        1);
    assert_held(&f, &before);
    assert_int_equal(ask_number(&f, "SELECT count(*) FROM webhook"), 0);
    assert_int_equal(fixture_count_blobs(&f), 1);
    assert_is_there(&f, &kept);
    assert_sound(&f);
    uploaded(&f, f.workspace, "b25seSBoZXJlLg=="); /* the quota was given back */
    fixture_restart(&f);
    assert_is_there(&f, &kept);
    assert_is_out_of_reach(&f, &gone);
    fixture_close(&f);
}

/* Deleted while the server runs, gone when one starts after the time. */
static void test_organization__goes_with_its_workspaces_when_its_time_comes(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Contents kept = fill(&f, f.workspace, "c2hhcmVkIDEyMw==");
    const Held before = held(&f);
    const char *nordic = made(&f, "/api/v1/organizations", "{\"title\":\"Acme Nordic\"}");
    const char *stock = made(&f, in(&f, nordic, "workspaces"), "{\"title\":\"Stock\"}");
    Contents gone = fill(&f, stock, "b25seSBoZXJlLg==");
    const char *file = uploaded(&f, nordic, "b2YgYWxsIG9mIGl0");
    made(&f, in(&f, nordic, "workspaces"), "{\"title\":\"Empty\"}");
    assert_int_equal(fixture_count_blobs(&f), 3);

    Reply deleted = fixture_call(&f, "DELETE", NULL, "%s", nordic);
    assert_purge_time(&f, &deleted, "organization");
    assert_is_out_of_reach(&f, &gone);
    set_days_ahead(&f, 29);
    assert_status(fixture_call(&f, "POST", "{}", "%s:undelete", nordic), 200);
    assert_is_there(&f, &gone);
    assert_status(fixture_call(&f, "GET", NULL, "%s:download", file), 200);

    assert_status(fixture_call(&f, "DELETE", NULL, "%s", nordic), 200);
    atomic_store(&f.ahead_us, 31 * DAY_US);
    fixture_restart(&f);
    wait_purged(&f, "organization");
    assert_int_equal(ask_number(&f, "SELECT count(*) FROM workspace WHERE delete_us = -2"), 2);
    assert_is_out_of_reach(&f, &gone);
    assert_status(fixture_call(&f, "GET", NULL, "%s:download", file), 404);
    assert_status(fixture_call(&f, "POST", "{}", "%s:undelete", nordic), 404);
    Reply mine = fixture_call(&f, "GET", NULL, "/api/v1/me/organizations?show_deleted=true");
    assert_int_equal(json_at(mine.json, "user_organizations")->count, 1);
    assert_held(&f, &before);
    assert_int_equal(ask_number(&f, "SELECT count(*) FROM file_usage"), 1);
    assert_int_equal(fixture_count_blobs(&f), 1);
    assert_is_there(&f, &kept);
    assert_sound(&f);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workspace__goes_with_all_that_is_in_it_when_its_time_comes),
        cmocka_unit_test(test_organization__goes_with_its_workspaces_when_its_time_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of triggers that watch a folder: files that come, and what becomes of them. */
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define KEEPING "inputs\n  the letter is a file\n\noutput the letter as \"kept\"\n"
#define NAMING "inputs\n  the title is text\n\noutput the title as \"title\"\n"

static Fixture f;
static const char *automation;

static int open_fixture(void **state)
{
    (void)state;
    fixture_open_watching(&f);
    automation = fixture_automation(&f, "Keeping", KEEPING);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

static void pause_ms(int ms)
{
    usleep((useconds_t)ms * 1000);
}

/* ---- triggers ---- */

/* `more` are further members, with a comma before them. */
static Reply create(const char *of, const char *more)
{
    const char *body = fixture_print(&f, "{\"automation\":\"%s\"%s}", of + strlen("/api/v1/"), more);
    return fixture_call(&f, "POST", body, "%s/triggers", f.workspace);
}

static const char *trigger(const char *of, const char *more)
{
    Reply made = create(of, more);
    assert_status(made, 200);
    return fixture_print(&f, "/api/v1/%s", text_at(&f, made.json, "name"));
}

static const Json *events_of(const char *path)
{
    return json_at(fixture_call(&f, "GET", NULL, "%s/events", path).json, "events");
}

/* Waits until the trigger has `n` events; the newest. */
static const Json *newest_event(const char *path, uint32_t n)
{
    for (int i = 0; i < 1000; i++) {
        const Json *events = events_of(path);
        if (events->count >= n) {
            assert_int_equal(events->count, n);
            return &events->items[0];
        }
        pause_ms(20);
    }
    fail_msg("nothing came of it within 20 s");
    return NULL;
}

static uint32_t count_runs(void)
{
    return json_at(fixture_call(&f, "GET", NULL, "%s/runs", automation).json, "runs")->count;
}

/* ---- files ---- */

/* Where the folder lies on disk; made with all that leads to it. */
static const char *folder(const char *name)
{
    const char *workspace = fixture_print(&f, "%s/%s", f.folders, strrchr(f.workspace, '/') + 1);
    const char *path = fixture_print(&f, "%s/%s", workspace, name);
    (void)mkdir(workspace, 0700);
    (void)mkdir(path, 0700);
    return path;
}

static void write_to(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Written elsewhere and renamed into its place. */
static void put(const char *in, const char *name, const char *text)
{
    const char *whole = fixture_print(&f, "%s/.%s", in, name);
    write_to(whole, text);
    assert_int_equal(rename(whole, fixture_print(&f, "%s/%s", in, name)), 0);
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static void await(const char *path)
{
    for (int i = 0; i < 1000 && !exists(path); i++)
        pause_ms(20);
    assert_true(exists(path));
}

/* The bytes of the file that the run puts out. */
static Str kept_bytes(const Json *event)
{
    Reply ended = fixture_call(&f, "GET", NULL, "/api/v1/%s:wait?timeout=20s", text_at(&f, event, "run"));
    assert_non_null(json_at(ended.json, "state.completed"));
    const char *name = text_at(&f, ended.json, "state.completed.outputs.kept.file.remote");
    Reply bytes = fixture_call(&f, "GET", NULL, "/api/v1/%s:download", name);
    assert_status(bytes, 200);
    return bytes.body;
}

/* ---- what comes ---- */

static void test_file__starts_a_run_with_its_bytes(void **state)
{
    (void)state;
    const char *in = folder("in"),
               *path = trigger(automation, ",\"folder\":\"in\",\"input_mapping\":{\"letter\":\"file\"}");
    put(in, "one.txt", "dear reader");
    const Json *event = newest_event(path, 1);
    assert_text(&f, event, "outcome", "TRIGGER_OUTCOME_STARTED");
    assert_text(&f, event, "origin", "one.txt");
    assert_text(&f, event, "size_bytes", "11");
    assert_true(str_eq(kept_bytes(event), S("dear reader")));
    await(fixture_print(&f, "%s/done/one.txt", in));
    assert_false(exists(fixture_print(&f, "%s/one.txt", in)));
    /* Another one of that name takes nothing away. */
    put(in, "one.txt", "once more");
    assert_true(str_eq(kept_bytes(newest_event(path, 2)), S("once more")));
    for (int i = 0; i < 1000 && exists(fixture_print(&f, "%s/one.txt", in)); i++)
        pause_ms(20);
    assert_false(exists(fixture_print(&f, "%s/one.txt", in)));
    assert_true(exists(fixture_print(&f, "%s/done/one.txt", in)));
    assert_int_equal(count_runs(), 2);
}

static void test_folder__is_made_where_the_answer_says(void **state)
{
    (void)state;
    Reply made = create(automation, ",\"folder\":\"letters/in\"");
    assert_status(made, 200);
    assert_null(json_at(made.json, "path"));
    assert_null(json_at(made.json, "secret"));
    await(fixture_print(&f, "%s/%s", f.folders, text_at(&f, made.json, "watched_path")));
}

static void test_half_written__waits(void **state)
{
    (void)state;
    const char *in = folder("in"),
               *path = trigger(automation, ",\"folder\":\"in\",\"input_mapping\":{\"letter\":\"file\"}");
    put(in, "first.part", "never ready");
    int fd = open(fixture_print(&f, "%s/slow.txt", in), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(write(fd, "abc", 3), 3);
        pause_ms(20);
    }
    close(fd);
    assert_int_equal(kept_bytes(newest_event(path, 1)).len, 120);
    assert_true(exists(fixture_print(&f, "%s/first.part", in)));
}

static void test_mapping_and_filter__see_the_files_name_and_size(void **state)
{
    (void)state;
    const char *naming = fixture_automation(&f, "Naming", NAMING);
    const char *in = folder("in"), *path = trigger(naming, ",\"folder\":\"in\",\"filter\":\"size_bytes > 3\","
                                                           "\"input_mapping\":{\"title\":\"filename\"}");
    put(in, "four.txt", "four");
    const Json *event = newest_event(path, 1);
    Reply ended = fixture_call(&f, "GET", NULL, "/api/v1/%s:wait?timeout=20s", text_at(&f, event, "run"));
    assert_text(&f, ended.json, "state.completed.outputs.title.text", "four.txt");
    put(in, "two.txt", "ab");
    assert_text(&f, newest_event(path, 2), "outcome", "TRIGGER_OUTCOME_FILTERED");
    await(fixture_print(&f, "%s/refused/two.txt", in));
}

static void test_pattern__chooses_by_name(void **state)
{
    (void)state;
    const char *in = folder("in"), *path = trigger(automation, ",\"folder\":\"in\",\"pattern\":\"*.csv\"");
    put(in, "a.txt", "a");
    put(in, "b.csv", "b");
    assert_text(&f, newest_event(path, 1), "origin", "b.csv");
    await(fixture_print(&f, "%s/done/b.csv", in));
    assert_true(exists(fixture_print(&f, "%s/a.txt", in)));
}

static void test_deactivated__notes_and_starts_nothing(void **state)
{
    (void)state;
    const char *in = folder("in"), *path = trigger(automation, ",\"folder\":\"in\"");
    assert_status(fixture_call(&f, "POST", "{}", "%s:deactivate", automation), 200);
    put(in, "late.txt", "late");
    assert_text(&f, newest_event(path, 1), "outcome", "TRIGGER_OUTCOME_INACTIVE");
    await(fixture_print(&f, "%s/refused/late.txt", in));
    assert_int_equal(count_runs(), 0);
    /* Moved back it is as new. */
    assert_status(fixture_call(&f, "POST", "{}", "%s:activate", automation), 200);
    pause_ms(200);
    assert_int_equal(rename(fixture_print(&f, "%s/refused/late.txt", in), fixture_print(&f, "%s/late.txt", in)), 0);
    assert_text(&f, newest_event(path, 2), "outcome", "TRIGGER_OUTCOME_STARTED");
}

static void test_disabled__leaves_files_where_they_are(void **state)
{
    (void)state;
    const char *in = folder("in"), *path = trigger(automation, ",\"folder\":\"in\",\"enabled\":false");
    put(in, "early.txt", "early");
    pause_ms(600);
    assert_int_equal(events_of(path)->count, 0);
    assert_status(fixture_call(&f, "PATCH", "{\"enabled\":true}", "%s", path), 200);
    assert_text(&f, newest_event(path, 1), "origin", "early.txt");
}

static void test_too_big__is_noted(void **state)
{
    (void)state;
    const char *in = folder("in"), *path = trigger(automation, ",\"folder\":\"in\"");
    const char *big = fixture_print(&f, "%s/.big.bin", in);
    write_to(big, "");
    assert_int_equal(truncate(big, (off_t)1200 << 20), 0);
    assert_int_equal(rename(big, fixture_print(&f, "%s/big.bin", in)), 0);
    const Json *event = newest_event(path, 1);
    assert_text(&f, event, "outcome", "TRIGGER_OUTCOME_REFUSED");
    assert_non_null(strstr(text_at(&f, event, "reason"), "at most"));
    await(fixture_print(&f, "%s/refused/big.bin", in));
}

static void test_file_beyond_the_quota__is_noted_and_leaves_nothing_on_the_disk(void **state)
{
    (void)state;
    f.organization_file_bytes = 3;
    fixture_restart(&f);
    const char *in = folder("in"),
               *path = trigger(automation, ",\"folder\":\"in\",\"input_mapping\":{\"letter\":\"file\"}");
    put(in, "a.txt", "more than three");
    const Json *event = newest_event(path, 1);
    assert_text(&f, event, "outcome", "TRIGGER_OUTCOME_REFUSED");
    assert_non_null(strstr(text_at(&f, event, "reason"), "may have 3 bytes together"));
    await(fixture_print(&f, "%s/refused/a.txt", in)); /* the last that is done with it */
    assert_int_equal(fixture_count_blobs(&f), 0);
    assert_int_equal(count_runs(), 0);
}

/* ---- ways out of the root ---- */

static void test_links__lead_nowhere(void **state)
{
    (void)state;
    const char *in = folder("in"), *path = trigger(automation, ",\"folder\":\"in\"");
    assert_int_equal(symlink("/etc/passwd", fixture_print(&f, "%s/passwd", in)), 0);
    assert_text(&f, newest_event(path, 1), "outcome", "TRIGGER_OUTCOME_REFUSED");
    await(fixture_print(&f, "%s/refused/passwd", in));
    assert_int_equal(count_runs(), 0);
    /* Nor does a folder that is one, or that lies behind one. */
    char outside[sizeof f.directory + 10];
    snprintf(outside, sizeof outside, "%s/outside", f.directory);
    assert_int_equal(mkdir(outside, 0700), 0);
    assert_int_equal(mkdir(fixture_print(&f, "%s/in", outside), 0700), 0);
    assert_int_equal(symlink(outside, fixture_print(&f, "%s/out", folder(""))), 0);
    const char *behind[] = {"out", "out/in"};
    for (size_t i = 0; i < COUNT_OF(behind); i++) {
        put(outside, "secret.txt", "secret");
        put(fixture_print(&f, "%s/in", outside), "secret.txt", "secret");
        path = trigger(automation, fixture_print(&f, ",\"folder\":\"%s\"", behind[i]));
        const Json *event = newest_event(path, 1);
        assert_text(&f, event, "outcome", "TRIGGER_OUTCOME_REFUSED");
        assert_non_null(strstr(text_at(&f, event, "reason"), "link"));
    }
    pause_ms(600);
    assert_true(exists(fixture_print(&f, "%s/secret.txt", outside)));
    assert_true(exists(fixture_print(&f, "%s/in/secret.txt", outside)));
    assert_int_equal(count_runs(), 0);
}

static void test_wrong_fields__are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *more, *field;
    } rows[] = {
        {",\"folder\":\"..\"", "folder"},
        {",\"folder\":\"/etc\"", "folder"},
        {",\"folder\":\"in/../../etc\"", "folder"},
        {",\"folder\":\"in//out\"", "folder"},
        {",\"folder\":\"in/\"", "folder"},
        {",\"folder\":\".ssh\"", "folder"},
        {",\"folder\":\"a\\\\b\"", "folder"},
        {",\"folder\":\"a\\u0000b\"", "folder"},
        {",\"folder\":\"in\",\"pattern\":\"*a*b*c*d\"", "pattern"},
        {",\"folder\":\"in\",\"pattern\":\"out/*\"", "pattern"},
        {",\"pattern\":\"*.csv\"", "pattern"},
        {",\"keep_files\":true", "keep_files"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Reply refused = create(automation, rows[i].more);
        assert_status(refused, 400);
        assert_string_equal(first_violation(&f, &refused), rows[i].field);
    }
}

static void test_kind__stays(void **state)
{
    (void)state;
    const char *watching = trigger(automation, ",\"folder\":\"in\""), *posted = trigger(automation, "");
    Reply refused = fixture_call(&f, "PATCH", "{\"folder\":\"\"}", "%s", watching);
    assert_status(refused, 400);
    assert_status(fixture_call(&f, "PATCH", "{\"folder\":\"in\"}", "%s", posted), 400);
    assert_status(fixture_call(&f, "POST", "{}", "%s:rotateSecret", watching), 400);
    assert_status(fixture_call(&f, "PATCH", "{\"folder\":\"../in\"}", "%s", watching), 400);
    Reply moved = fixture_call(&f, "PATCH", "{\"folder\":\"other\",\"keep_files\":true}", "%s", watching);
    assert_status(moved, 200);
    assert_text(&f, moved.json, "folder", "other");
    put(folder("other"), "a.txt", "a");
    assert_text(&f, newest_event(watching, 1), "origin", "a.txt");
}

/* ---- exactly once ---- */

static void test_restart__doubles_nothing(void **state)
{
    (void)state;
    const char *in = folder("in"), *path = trigger(automation, ",\"folder\":\"in\",\"pattern\":\"*.txt\"");
    log_set_level(LOG_ERROR); /* that files cannot be moved aside is what we want */
    write_to(fixture_print(&f, "%s/done", in), "in the way");
    put(in, "one.txt", "one");
    assert_text(&f, newest_event(path, 1), "outcome", "TRIGGER_OUTCOME_STARTED");
    /* It is as after a crash between the commit and the move. */
    assert_true(exists(fixture_print(&f, "%s/one.txt", in)));
    fixture_restart(&f);
    pause_ms(800);
    assert_int_equal(events_of(path)->count, 1);
    assert_int_equal(unlink(fixture_print(&f, "%s/done", in)), 0);
    await(fixture_print(&f, "%s/done/one.txt", in));
    assert_int_equal(count_runs(), 1);
}

static void test_kept_files__start_once_until_they_change(void **state)
{
    (void)state;
    const char *in = folder("in"), *path = trigger(automation, ",\"folder\":\"in\",\"keep_files\":true,"
                                                               "\"input_mapping\":{\"letter\":\"file\"}");
    put(in, "one.txt", "one");
    (void)newest_event(path, 1);
    fixture_restart(&f);
    pause_ms(800);
    assert_int_equal(events_of(path)->count, 1);
    assert_true(exists(fixture_print(&f, "%s/one.txt", in)));
    put(in, "one.txt", "another");
    assert_true(str_eq(kept_bytes(newest_event(path, 2)), S("another")));
    assert_int_equal(count_runs(), 2);
}

static int open_without_root(void **state)
{
    (void)state;
    fixture_open(&f);
    automation = fixture_automation(&f, "Keeping", KEEPING);
    return 0;
}

static void test_without_a_root__nothing_may_be_watched(void **state)
{
    (void)state;
    Reply refused = create(automation, ",\"folder\":\"in\"");
    assert_status(refused, 400);
    assert_true(str_contains(refused.body, S("folder-root")));
}

int main(void)
{
#define WATCHING(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        WATCHING(test_file__starts_a_run_with_its_bytes),
        WATCHING(test_folder__is_made_where_the_answer_says),
        WATCHING(test_half_written__waits),
        WATCHING(test_mapping_and_filter__see_the_files_name_and_size),
        WATCHING(test_pattern__chooses_by_name),
        WATCHING(test_deactivated__notes_and_starts_nothing),
        WATCHING(test_disabled__leaves_files_where_they_are),
        WATCHING(test_too_big__is_noted),
        WATCHING(test_file_beyond_the_quota__is_noted_and_leaves_nothing_on_the_disk),
        WATCHING(test_links__lead_nowhere),
        WATCHING(test_wrong_fields__are_refused_by_name),
        WATCHING(test_kind__stays),
        WATCHING(test_restart__doubles_nothing),
        WATCHING(test_kept_files__start_once_until_they_change),
        cmocka_unit_test_setup_teardown(test_without_a_root__nothing_may_be_watched, open_without_root, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

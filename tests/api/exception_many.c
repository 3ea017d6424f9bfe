/* Tests of counting exceptions, changing many of them, and the other ways to answer them, through the real server. */
#include "fixture.h"

#include <string.h>

static const char asking[] = "inputs\n"
                             "  the order is a dictionary\n"
                             "\n"
                             "the number is the order's PO number\n"
                             "output the number as \"number\"\n";
#define EMPTY_ORDER "{\"order\":{\"dictionary\":{\"entries\":[]}}}"

/* Two automations that ask; the first has two runs that wait, the second one. */
typedef struct Asked {
    Fixture f;
    const char *first, *second; /* automations' paths */
    const char *runs[3];        /* paths */
    const char *exceptions[3];  /* full names */
} Asked;

static void asked_open(Asked *all)
{
    Fixture *f = &all->f;
    fixture_open(f);
    all->first = fixture_automation(f, "First", asking);
    all->second = fixture_automation(f, "Second", asking);
    for (int i = 0; i < 3; i++) {
        all->runs[i] = fixture_run(f, i < 2 ? all->first : all->second, EMPTY_ORDER);
        Reply run = fixture_call(f, "GET", NULL, "%s", all->runs[i]);
        all->exceptions[i] = text_at(f, run.json, "state.awaiting_guidance.exception");
    }
}

static const char *body_of(Fixture *f, const char *format, const char *text)
{
    Buf body = buf_in(&f->arena);
    const char *mark = strchr(format, '%');
    buf_add(&body, format, (size_t)(mark - format));
    buf_str(&body, str_from_c(text));
    buf_str(&body, str_from_c(mark + 1));
    return str_to_c(&f->arena, buf_view(&body));
}

static int64_t number_at(const Json *json, const char *path)
{
    int64_t n = -1;
    assert_true(json_to_i64(json_at(json, path), &n));
    return n;
}

static void test_counts__say_how_many_of_each(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    Reply groups = fixture_call(f, "GET", NULL, "%s/exceptions:countByGroup", f->workspace);
    assert_status(groups, 200);
    assert_int_equal(json_at(groups.json, "group_counts")->count, 1);
    assert_int_equal(number_at(groups.json, "group_counts.0.count"), 3);
    assert_text(f, groups.json, "group_counts.0.group.title", "Missing values");
    assert_int_equal(number_at(groups.json, "total_exception_count"), 3);

    Reply one = fixture_call(f, "GET", NULL, "%s/exceptions:countByAutomation?page_size=1", f->workspace);
    assert_text(f, one.json, "automation_counts.0.automation", all.first + strlen("/api/v1/"));
    assert_int_equal(number_at(one.json, "automation_counts.0.count"), 2);
    assert_int_equal(number_at(one.json, "total_size"), 2);
    assert_int_equal(number_at(one.json, "total_exception_count"), 3);
    /* While pages are read, the first automation's questions go. */
    const char *token = text_at(f, one.json, "next_page_token");
    const char *body = body_of(f, "{\"filter\":\"automation = \\\"%\\\"\"}", all.first + strlen("/api/v1/"));
    assert_status(fixture_call(f, "POST", body, "%s/exceptions:archive", f->workspace), 200);
    Reply two =
        fixture_call(f, "GET", NULL, "%s/exceptions:countByAutomation?pageSize=1&pageToken=%s", f->workspace, token);
    assert_int_equal(json_at(two.json, "automation_counts")->count, 1);
    assert_text(f, two.json, "automation_counts.0.automation", all.second + strlen("/api/v1/"));
    assert_text(f, two.json, "next_page_token", "");
    Reply pending = fixture_call(f, "GET", NULL, "%s/exceptions:countByGroup?filter=state+%%3D+PENDING", f->workspace);
    assert_int_equal(number_at(pending.json, "total_exception_count"), 1);
    Reply none = fixture_call(f, "GET", NULL, "%s/exceptions:countByGroup?filter=state=RESOLVED", f->workspace);
    assert_int_equal(number_at(none.json, "total_size"), 0);
    fixture_close(f);
}

static void test_count__takes_its_arguments_in_the_body(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    Reply by_group = fixture_call(f, "POST", "{\"count_by\":\"group\",\"filter\":\"state = \\\"PENDING\\\"\"}",
                                  "%s/exceptions:count", f->workspace);
    assert_status(by_group, 200);
    assert_int_equal(number_at(by_group.json, "group_counts.0.count"), 3);
    Reply one =
        fixture_call(f, "POST", "{\"countBy\":\"automation\",\"page_size\":1}", "%s/exceptions:count", f->workspace);
    assert_int_equal(json_at(one.json, "automation_counts")->count, 1);
    const char *token = text_at(f, one.json, "next_page_token");
    const char *next = body_of(f, "{\"count_by\":\"automation\",\"page_token\":\"%\"}", token);
    Reply two = fixture_call(f, "POST", next, "%s/exceptions:count", f->workspace);
    assert_int_equal(json_at(two.json, "automation_counts")->count, 1);
    const char *changed = body_of(f, "{\"count_by\":\"group\",\"page_token\":\"%\"}", token);
    assert_status(fixture_call(f, "POST", changed, "%s/exceptions:count", f->workspace), 400);

    Reply nobody = fixture_call(f, "POST", "{\"count_by\":\"assignee\"}", "%s/exceptions:count", f->workspace);
    assert_int_equal(json_at(nobody.json, "assignee_counts")->count, 0);
    const char *assign = body_of(f, "{\"filter\":\"group = missing_values\",\"assignee\":\"users/%\"}", f->user_id);
    assert_status(fixture_call(f, "POST", assign, "%s/exceptions:assign", f->workspace), 200);
    Reply mine = fixture_call(f, "POST", "{\"count_by\":\"assignee\"}", "%s/exceptions:count", f->workspace);
    assert_int_equal(number_at(mine.json, "assignee_counts.0.count"), 3);
    assert_true(str_ends(str_from_c(text_at(f, mine.json, "assignee_counts.0.assignee")), str_from_c(f->user_id)));
    fixture_close(f);
}

static void test_many__are_changed_by_name_or_filter(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    const char *by_name = body_of(f, "{\"exception_name\":\"%\"}", all.exceptions[2]);
    Reply one = fixture_call(f, "POST", by_name, "%s/exceptions:archive", f->workspace);
    assert_status(one, 200);
    assert_text(f, one.json, "exceptions.0", all.exceptions[2]);
    Reply stopped = fixture_call(f, "GET", NULL, "%s", all.runs[2]);
    assert_non_null(json_at(stopped.json, "state.stopped"));

    const char *of_first = body_of(f, "{\"filter\":\"automation = %\"}", strrchr(all.first, '/') + 1);
    Reply both = fixture_call(f, "POST", of_first, "%s/exceptions:archive", f->workspace);
    assert_int_equal(number_at(both.json, "updated_count"), 2);
    assert_int_equal(number_at(both.json, "remaining_count"), 0);
    /* A run that was ended meanwhile cannot wait again; the others can. */
    assert_status(fixture_call(f, "POST", "{}", "%s:cancel", all.runs[0]), 200);
    Reply back = fixture_call(f, "POST", "{\"filter\":\"create_time > \\\"2020-01-01T00:00:00Z\\\"\"}",
                              "%s/exceptions:unarchive", f->workspace);
    assert_status(back, 200);
    assert_int_equal(number_at(back.json, "updated_count"), 2);
    assert_int_equal(json_at(back.json, "failures")->count, 1);
    assert_text(f, back.json, "failures.0.exception", all.exceptions[0]);
    Reply still = fixture_call(f, "GET", NULL, "/api/v1/%s", all.exceptions[0]);
    assert_text(f, still.json, "state", "EXCEPTION_STATE_ARCHIVED");
    Reply waits = fixture_call(f, "GET", NULL, "%s", all.runs[2]);
    assert_non_null(json_at(waits.json, "state.awaiting_guidance"));
    fixture_close(f);
}

static void test_batch_resolve__answers_all_that_match(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    const char *strict = fixture_automation(f, "Strict",
                                            "inputs\n  the order is a dictionary\n\n"
                                            "ensure the order's PO number starts with \"PO\"\n"
                                            "output the order's PO number as \"number\"\n");
    const char *odd = fixture_run(f, strict,
                                  "{\"order\":{\"dictionary\":{\"entries\":[{\"key\":{\"text\":"
                                  "\"PO number\"},\"value\":{\"text\":\"77\"}}]}}}");
    Reply asked = fixture_call(f, "GET", NULL, "%s", odd);
    const char *other = text_at(f, asked.json, "state.awaiting_guidance.exception");

    /* A check asks for no value: the answer fits the three missing numbers and not that one. */
    Reply many = fixture_call(f, "POST",
                              "{\"filter\":\"create_time > \\\"2020-01-01T00:00:00Z\\\"\","
                              "\"use\":{\"text\":\"PO-5\"}}",
                              "%s/exceptions:batchResolve", f->workspace);
    assert_status(many, 200);
    assert_int_equal(number_at(many.json, "updated_count"), 3);
    assert_int_equal(json_at(many.json, "exceptions")->count, 3);
    assert_int_equal(json_at(many.json, "failures")->count, 1);
    assert_text(f, many.json, "failures.0.exception", other);
    assert_int_equal(number_at(many.json, "remaining_count"), 0);
    for (int i = 0; i < 3; i++) {
        Reply done = fixture_call(f, "GET", NULL, "%s:wait?timeout=20s", all.runs[i]);
        assert_text(f, done.json, "state.completed.outputs.number.text", "PO-5");
        Reply exception = fixture_call(f, "GET", NULL, "/api/v1/%s", all.exceptions[i]);
        assert_text(f, exception.json, "state", "EXCEPTION_STATE_RESOLVED");
        assert_true(str_ends(str_from_c(text_at(f, exception.json, "resolver")), str_from_c(f->user_id)));
    }
    Reply waits = fixture_call(f, "GET", NULL, "%s", odd);
    assert_text(f, waits.json, "state.awaiting_guidance.exception", other);

    /* Nothing that it could mean is left: an answer to nobody changes nothing. */
    Reply none = fixture_call(f, "POST", "{\"filter\":\"group = missing_values\",\"answer\":\"skip\"}",
                              "%s/exceptions:batchResolve", f->workspace);
    assert_int_equal(number_at(none.json, "updated_count"), 0);
    fixture_close(f);
}

static void test_batch_resolve__remembers_an_answer_once_a_question(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    Reply many = fixture_call(f, "POST",
                              "{\"filter\":\"group = missing_values\",\"answer\":\"use \\\"PO-5\\\"\","
                              "\"remember\":true}",
                              "%s/exceptions:batchResolve", f->workspace);
    assert_int_equal(number_at(many.json, "updated_count"), 3);
    Reply of_first = fixture_call(f, "GET", NULL, "%s/guideEntries", all.first);
    assert_int_equal(json_at(of_first.json, "guide_entries")->count, 1);
    Reply of_second = fixture_call(f, "GET", NULL, "%s/guideEntries?filter=state=APPROVED", all.second);
    assert_int_equal(json_at(of_second.json, "guide_entries")->count, 1);
    const char *again = fixture_run(f, all.first, EMPTY_ORDER);
    Reply done = fixture_call(f, "GET", NULL, "%s:wait?timeout=20s", again);
    assert_text(f, done.json, "state.completed.outputs.number.text", "PO-5");
    fixture_close(f);
}

static void test_groups__say_who_answers_and_by_when(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    const char *group = str_to_c(&f->arena, str_printf(&f->arena, "%s/exceptionGroups/missing_values", f->workspace));
    const char *body = body_of(f, "{\"default_assignee\":\"users/%\",\"response_time\":\"3600s\"}", f->user_id);
    Reply said = fixture_call(f, "PATCH", body, "%s", group);
    assert_status(said, 200);
    assert_text(f, said.json, "response_time", "3600s");
    assert_status(fixture_call(f, "PATCH", "{\"default_assignee\":\"users/nosuch\"}", "%s", group), 400);
    assert_status(fixture_call(f, "PATCH", "{\"response_time\":\"1.5s\"}", "%s", group), 400);
    assert_status(fixture_call(f, "GET", NULL, "%s/exceptionGroups/colours", f->workspace), 404);

    Reply run = fixture_call(f, "GET", NULL, "%s", fixture_run(f, all.first, EMPTY_ORDER));
    const char *name = text_at(f, run.json, "state.awaiting_guidance.exception");
    Reply given = fixture_call(f, "GET", NULL, "/api/v1/%s", name);
    assert_true(str_ends(str_from_c(text_at(f, given.json, "assignee")), str_from_c(f->user_id)));
    assert_non_null(json_at(given.json, "due_time"));
    Reply before = fixture_call(f, "GET", NULL, "/api/v1/%s", all.exceptions[0]);
    assert_null(json_at(before.json, "due_time")); /* those raised before stay */
    assert_text(f, before.json, "assignee", "");

    Reply due = fixture_call(f, "GET", NULL, "%s/exceptions?filter=due_time<\"2200-01-01T00:00:00Z\"", f->workspace);
    assert_int_equal(json_at(due.json, "exceptions")->count, 1);
    assert_text(f, due.json, "exceptions.0.name", name);
    Reply moved = fixture_call(f, "PATCH", "{\"due_time\":\"2030-01-01T00:00:00Z\"}", "/api/v1/%s", name);
    assert_text(f, moved.json, "due_time", "2030-01-01T00:00:00.000000Z");
    Reply never = fixture_call(f, "PATCH", "{}", "/api/v1/%s?update_mask=due_time,assignee", name);
    assert_status(never, 200);
    assert_null(json_at(never.json, "due_time"));
    assert_text(f, never.json, "assignee", "");
    fixture_close(f);
}

static void test_reply__answers_like_the_thread(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    const char *body =
        body_of(f, "{\"message\":\"use \\\"PO-1\\\"\",\"exceptionId\":\"%\"}", strrchr(all.exceptions[0], '/') + 1);
    Reply said = fixture_call(f, "POST", body, "%s/exceptions:reply", all.runs[0]);
    assert_status(said, 200);
    assert_text(f, said.json, "user_message.content", "use \"PO-1\"");
    assert_status(fixture_call(f, "GET", NULL, "/api/v1/%s", text_at(f, said.json, "name")), 200);
    Reply done = fixture_call(f, "GET", NULL, "%s:wait?timeout=20s", all.runs[0]);
    assert_text(f, done.json, "state.completed.outputs.number.text", "PO-1");
    assert_status(fixture_call(f, "POST", body, "%s/exceptions:reply", all.runs[1]), 404);

    Reply sent = fixture_call(f, "POST",
                              "{\"user_message\":{\"user_message\":{\"user_message_type\":\"user_query\","
                              "\"content_list\":{\"items\":[{\"text\":\"use \\\"PO-2\\\"\"}]}}}}",
                              "%s/agents/astral:sendMessage", all.runs[1]);
    assert_status(sent, 200);
    done = fixture_call(f, "GET", NULL, "%s:wait?timeout=20s", all.runs[1]);
    assert_text(f, done.json, "state.completed.outputs.number.text", "PO-2");

    Reply general = fixture_call(f, "POST", "{\"message\":\"use \\\"PO-3\\\"\"}", "%s/exceptions:reply", all.runs[2]);
    assert_status(general, 200);
    const char *id = strrchr(all.exceptions[2], '/') + 1;
    Reply events = fixture_call(f, "GET", NULL, "%s/exceptions/%s/events", all.runs[2], id);
    Reply thread = fixture_call(f, "GET", NULL, "%s/agents/astral/events", all.runs[2]);
    assert_true(str_eq(events.body, thread.body));
    assert_text(f, events.json, "events.0.type", "completion_response");
    assert_status(fixture_call(f, "GET", NULL, "%s/exceptions/%s/events", all.runs[1], id), 404);
    fixture_close(f);
}

static void test_guides__are_guide_entries(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    assert_status(fixture_call(f, "POST", "{\"use\":{\"text\":\"PO-9\"},\"remember\":true}", "/api/v1/%s:resolve",
                               all.exceptions[0]),
                  200);
    Reply guides = fixture_call(f, "GET", NULL, "%s/guides?page_size=5", all.first);
    assert_status(guides, 200);
    const char *id = strrchr(text_at(f, guides.json, "guide_entries.0.name"), '/') + 1;
    Reply one = fixture_call(f, "GET", NULL, "%s/guides/%s", all.first, id);
    Reply same = fixture_call(f, "GET", NULL, "%s/guideEntries/%s", all.first, id);
    assert_true(str_eq(one.body, same.body));
    fixture_close(f);
}

/* The answer of a new run of the first automation: what a guide gave, or that it asks. */
static const char *guided(Asked *all)
{
    Fixture *f = &all->f;
    Reply done = fixture_call(f, "GET", NULL, "%s:wait?timeout=20s", fixture_run(f, all->first, EMPTY_ORDER));
    const Json *text = json_at(done.json, "state.completed.outputs.number.text");
    return text ? str_to_c(&f->arena, text->text) : "asks";
}

static void test_guide_entries__are_changed_approved_and_deleted(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    assert_status(fixture_call(f, "POST", "{\"use\":{\"text\":\"PO-9\"},\"remember\":true}", "/api/v1/%s:resolve",
                               all.exceptions[0]),
                  200);
    Reply guides = fixture_call(f, "GET", NULL, "%s/guideEntries", all.first);
    const char *entry = text_at(f, guides.json, "guide_entries.0.name");
    assert_string_equal(guided(&all), "PO-9");
    Reply hit = fixture_call(f, "GET", NULL, "/api/v1/%s", entry);
    assert_text(f, hit.json, "hit_count", "1");
    assert_text(f, hit.json, "version", "0.1");

    Reply changed = fixture_call(f, "PATCH", "{\"resolution_steps\":\"when the order is missing, use \\\"PO-1\\\"\"}",
                                 "/api/v1/%s", entry);
    assert_status(changed, 200);
    assert_text(f, changed.json, "version", "1.0");
    assert_string_equal(guided(&all), "asks"); /* the order is there: the condition does not hold */
    assert_status(fixture_call(f, "PATCH", "{\"resolution_steps\":\"use \\\"PO-10\\\"\"}", "/api/v1/%s", entry), 200);
    assert_string_equal(guided(&all), "PO-10");
    Reply nonsense = fixture_call(f, "PATCH", "{\"resolution_steps\":\"the the\"}", "/api/v1/%s", entry);
    assert_status(nonsense, 400);
    assert_text(f, nonsense.json, "details.0.field_violations.0.field", "resolution_steps");

    Reply vague = fixture_call(f, "PATCH", "{\"resolution_steps\":\"when the the, use 1\"}", "/api/v1/%s", entry);
    assert_status(vague, 400);
    assert_true(str_contains(vague.body, S("is no condition that can be tested")));

    Reply rejected = fixture_call(f, "PATCH", "{\"state\":\"STATE_REJECTED\"}", "/api/v1/%s", entry);
    assert_text(f, rejected.json, "version", "2.1");
    assert_string_equal(guided(&all), "asks");
    Reply approved = fixture_call(f, "PATCH", "{\"state\":\"STATE_APPROVED\"}", "/api/v1/%s", entry);
    assert_text(f, approved.json, "version", "3.0");
    assert_string_equal(guided(&all), "PO-10");

    Reply deleted = fixture_call(f, "DELETE", NULL, "/api/v1/%s", entry);
    assert_text(f, deleted.json, "state", "STATE_ARCHIVED");
    assert_non_null(json_at(deleted.json, "delete_time"));
    assert_string_equal(guided(&all), "asks");
    assert_status(fixture_call(f, "PATCH", "{\"state\":\"STATE_APPROVED\"}", "/api/v1/%s", entry), 400);
    Reply none = fixture_call(f, "GET", NULL, "%s/guideEntries", all.first);
    assert_int_equal(json_at(none.json, "guide_entries")->count, 0);
    assert_status(fixture_call(f, "POST", "{}", "/api/v1/%s:undelete", entry), 200);
    assert_status(fixture_call(f, "POST", "{}", "/api/v1/%s:undelete", entry), 409);
    assert_string_equal(guided(&all), "asks"); /* back, but archived */
    fixture_close(f);
}

static void test_every_call__is_guarded_and_checked(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    const char *w = f->workspace, *r = all.runs[0];
    const struct {
        const char *method, *parent, *path, *good, *bad;
        bool for_viewers;
    } rows[] = {
        {"GET", w, "/exceptions:countByGroup", NULL, "?filter=colour=red", true},
        {"GET", w, "/exceptions:countByGroup", NULL, "?page_size=-1", true},
        {"GET", w, "/exceptions:countByGroup", NULL, "?page_token=forged", true},
        {"GET", w, "/exceptions:countByAutomation", NULL, "?filter=state=SLEEPING", true},
        {"GET", w, "/exceptions:countByAutomation", NULL, "?page_size=-1", true},
        {"POST", w, "/exceptions:count", "{\"count_by\":\"group\"}", "{\"count_by\":\"colour\"}", true},
        {"POST", w, "/exceptions:count", "{\"count_by\":\"group\"}", "{}", true},
        {"POST", w, "/exceptions:count", "{\"count_by\":\"group\"}", "{\"count_by\":\"group\",\"page_size\":-1}", true},
        {"POST", w, "/exceptions:count", "{\"count_by\":\"group\"}", "{\"count_by\":\"group\",\"filter\":\"=\"}", true},
        {"POST", w, "/exceptions:assign", "{\"filter\":\"group = x\",\"assignee\":\"\"}", "{\"assignee\":\"\"}", false},
        {"POST", w, "/exceptions:assign", "{\"filter\":\"group = x\",\"assignee\":\"\"}",
         "{\"filter\":\"group = x\",\"assignee\":\"users/nosuch\"}", false},
        {"POST", w, "/exceptions:archive", "{\"filter\":\"group = x\"}", "{}", false},
        {"POST", w, "/exceptions:archive", "{\"filter\":\"group = x\"}", "{\"filter\":\" \"}", false},
        {"POST", w, "/exceptions:archive", "{\"filter\":\"group = x\"}", "{\"filter\":\"state = PENDING\"}", false},
        {"POST", w, "/exceptions:unarchive", "{\"filter\":\"group = x\"}", "{\"filter\":\"assignee = u\"}", false},
        {"POST", w, "/exceptions:batchResolve", "{\"filter\":\"group = x\",\"skip\":{}}", "{\"skip\":{}}", false},
        {"POST", w, "/exceptions:batchResolve", "{\"filter\":\"group = x\",\"skip\":{}}", "{\"filter\":\"group = x\"}",
         false},
        {"POST", r, "/exceptions:reply", "{\"message\":\"hm\"}", "{}", false},
        {"POST", r, "/exceptions:reply", "{\"message\":\"hm\"}", "{\"message\":7}", false},
        {"POST", r, "/agents/astral:sendMessage", "{\"user_message\":{\"user_message\":{\"content\":\"hm\"}}}",
         "{\"user_message\":{\"content\":\"hm\"}}", false},
        {"GET", r, "/exceptions/-/events", NULL, "?page_size=-1", true},
        {"GET", all.first, "/guides", NULL, "?filter=colour=red", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool get = strcmp(rows[i].method, "GET") == 0;
        const char *path = rows[i].path;
        if (strstr(path, "/-/"))
            path = str_to_c(&f->arena,
                            str_printf(&f->arena, "/exceptions/%s/events", strrchr(all.exceptions[0], '/') + 1));
#define CALL(body, query) fixture_call(f, rows[i].method, body, "%s%s%s", rows[i].parent, path, query)
        assert_status(CALL(rows[i].good, ""), 200);
        f->as = f->viewer_token;
        assert_status(CALL(rows[i].good, ""), rows[i].for_viewers ? 200 : 403);
        f->as = f->other_token;
        assert_in_range(CALL(rows[i].good, "").status, 403, 404);
        f->as = NULL;
        assert_status(CALL(rows[i].good, ""), 401);
        f->as = f->token;
        assert_status(get ? CALL(NULL, rows[i].bad) : CALL(rows[i].bad, ""), 400);
#undef CALL
    }
    assert_status(fixture_call(f, "POST", "{\"exception_name\":\"nosuch\"}", "%s/exceptions:archive", w), 404);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts__say_how_many_of_each),
        cmocka_unit_test(test_count__takes_its_arguments_in_the_body),
        cmocka_unit_test(test_many__are_changed_by_name_or_filter),
        cmocka_unit_test(test_batch_resolve__answers_all_that_match),
        cmocka_unit_test(test_batch_resolve__remembers_an_answer_once_a_question),
        cmocka_unit_test(test_groups__say_who_answers_and_by_when),
        cmocka_unit_test(test_reply__answers_like_the_thread),
        cmocka_unit_test(test_guides__are_guide_entries),
        cmocka_unit_test(test_guide_entries__are_changed_approved_and_deleted),
        cmocka_unit_test(test_every_call__is_guarded_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

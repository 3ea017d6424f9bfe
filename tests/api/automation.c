/* Tests of automations, revisions and checking through the real server. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static Reply create(Fixture *f, const char *body)
{
    Reply reply = fixture_call(f, "POST", body, "%s/automations", f->workspace);
    assert_status(reply, 200);
    return reply;
}

static void test_create__makes_a_draft_of_version_0_1(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = create(&f, "{\"display_name\":\"Match\",\"kind\":\"AUTOMATION_KIND_QUILL2\"}");
    assert_text(&f, made.json, "display_name", "Match");
    assert_text(&f, made.json, "version", "0.1");
    assert_text(&f, made.json, "author_id", f.user_id);
    assert_null(json_at(made.json, "latest_published_version"));
    assert_null(json_at(made.json, "activation_state"));
    const char *name = text_at(&f, made.json, "name");
    assert_int_equal(strncmp(name, f.workspace_name, strlen(f.workspace_name)), 0);
    Reply found = fixture_call(&f, "GET", NULL, "/api/v1/%s?view=FULL", name);
    assert_true(str_eq(found.body, made.body));

    Reply wrapped = create(&f, "{\"automation\":{\"displayName\":\"Wrapped\"}}");
    assert_text(&f, wrapped.json, "display_name", "Wrapped");
    Reply twin = create(&f, "{\"display_name\":\"Match\"}"); /* names need not differ (AIP-148) */
    assert_true(!str_eq(json_at(twin.json, "name")->text, json_at(made.json, "name")->text));
    Reply unnamed = fixture_call(&f, "POST", "{}", "%s/automations", f.workspace);
    assert_status(unnamed, 400);
    assert_string_equal(first_violation(&f, &unnamed), "display_name");
    fixture_close(&f);
}

static void test_create__derives_one_spelling_from_the_other(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply english = create(
        &f, "{\"display_name\":\"A\",\"english_code\":\"the rate is 0.19\\noutput the rate as \\\"rate\\\"\\n\"}");
    assert_text(&f, english.json, "code", "rate = 0.19\nset_output(\"rate\", value=rate)\n");
    Str body = str_printf(&f.arena, "{\"display_name\":\"B\",\"code\":%s}",
                          "\"rate = 0.19\\nset_output(\\\"rate\\\", value=rate)\\n\"");
    Reply spy = create(&f, str_to_c(&f.arena, body));
    assert_string_equal(text_at(&f, spy.json, "english_code"), text_at(&f, english.json, "english_code"));
    assert_true(json_at(spy.json, "code_mapping.entries")->count >= 2);
    fixture_close(&f);
}

static void test_create__only_validates_when_asked(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply checked =
        fixture_call(&f, "POST", "{\"display_name\":\"X\"}", "%s/automations?validate_only=true", f.workspace);
    assert_status(checked, 200);
    assert_text(&f, checked.json, "display_name", "X");
    Reply listed = fixture_call(&f, "GET", NULL, "%s/automations", f.workspace);
    assert_int_equal(json_at(listed.json, "automations")->count, 0);
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"\"}", "%s/automations?validateOnly=true", f.workspace),
                  400);
    fixture_close(&f);
}

static void test_update__changes_what_body_or_mask_name(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = create(&f, "{\"display_name\":\"A\",\"description\":\"old\"}");
    const char *name = text_at(&f, made.json, "name");
    Reply one = fixture_call(&f, "PATCH", "{\"displayName\":\"B\"}", "/api/v1/%s", name);
    assert_status(one, 200);
    assert_text(&f, one.json, "display_name", "B");
    assert_text(&f, one.json, "description", "old");
    assert_text(&f, one.json, "version", "0.2");
    Reply same = fixture_call(&f, "PATCH", "{\"display_name\":\"B\"}", "/api/v1/%s", name);
    assert_text(&f, same.json, "version", "0.2"); /* nothing new, no version */
    Reply masked = fixture_call(&f, "PATCH", "{\"display_name\":\"C\",\"description\":\"new\"}",
                                "/api/v1/%s?updateMask=description", name);
    assert_text(&f, masked.json, "display_name", "B");
    assert_text(&f, masked.json, "description", "new");
    Reply cleared = fixture_call(&f, "PATCH", "{}", "/api/v1/%s?update_mask=description", name);
    assert_text(&f, cleared.json, "description", "");
    Reply unknown = fixture_call(&f, "PATCH", "{}", "/api/v1/%s?update_mask=version", name);
    assert_status(unknown, 400);
    assert_string_equal(first_violation(&f, &unknown), "update_mask");
    Reply nameless = fixture_call(&f, "PATCH", "{}", "/api/v1/%s?update_mask=display_name", name);
    assert_status(nameless, 400);
    fixture_close(&f);
}

static void test_update__with_a_stale_etag_is_aborted(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = create(&f, "{\"display_name\":\"A\"}");
    const char *name = text_at(&f, made.json, "name");
    Buf body = buf_in(&f.arena);
    JsonOut json = json_out(&body);
    json_open_object(&json);
    json_member_str(&json, S("description"), S("mine"));
    json_member_str(&json, S("etag"), json_at(made.json, "etag")->text);
    json_close_object(&json);
    const char *text = str_to_c(&f.arena, buf_view(&body));
    assert_status(fixture_call(&f, "PATCH", text, "/api/v1/%s", name), 200);
    assert_status(fixture_call(&f, "PATCH", text, "/api/v1/%s", name), 409);
    fixture_close(&f);
}

static void test_update__keeps_default_inputs_connections_and_marks(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = create(&f, "{\"display_name\":\"A\"}");
    const char *name = text_at(&f, made.json, "name");
    Reply set =
        fixture_call(&f, "PATCH",
                     "{\"default_inputs\":{\"tolerance\":{\"number\":{\"lo\":5}}},\"marked_outputs\":[\"total\"],"
                     "\"connections\":{\"mail\":{\"connectionId\":\"smtp-6l69q\"}}}",
                     "/api/v1/%s", name);
    assert_status(set, 200);
    assert_true(str_eq(json_at(set.json, "default_inputs.tolerance.number.flags")->text, S("0")));
    assert_text(&f, set.json, "marked_outputs.0", "total");
    assert_text(&f, set.json, "connections.mail.connection_id", "smtp-6l69q");
    fixture_close(&f);
}

static void test_update__run_retention_belongs_to_no_version(void **state)
{
    static const char *const refused[] = {"-1s", "86400.5s", "86399s", "3153600001s", "a week"};
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Keep", "output 1 as \"n\"\n");
    Reply before = fixture_call(&f, "GET", NULL, "%s", automation);
    Reply kept = fixture_call(&f, "PATCH", "{\"run_retention\":\"7776000s\"}", "%s", automation);
    assert_text(&f, kept.json, "run_retention", "7776000s");
    assert_text(&f, kept.json, "version", text_at(&f, before.json, "version"));
    assert_string_not_equal(text_at(&f, kept.json, "etag"), text_at(&f, before.json, "etag"));
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        Str body = str_printf(&f.arena, "{\"run_retention\":\"%s\"}", refused[i]);
        Reply reply = fixture_call(&f, "PATCH", str_to_c(&f.arena, body), "%s", automation);
        assert_status(reply, 400);
        assert_text(&f, reply.json, "details.0.field_violations.0.field", "run_retention");
    }
    Reply cleared = fixture_call(&f, "PATCH", "{\"run_retention\":\"0s\"}", "%s", automation);
    assert_null(json_at(cleared.json, "run_retention"));
    fixture_close(&f);
}

static void test_publish__makes_majors_and_edits_leave_them_alone(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path = fixture_automation(&f, "A", "output 1 as \"n\"\n");
    Reply published = fixture_call(&f, "GET", NULL, "%s", path);
    assert_text(&f, published.json, "version", "1.0");
    assert_text(&f, published.json, "latest_published_version", "1.0");
    assert_text(&f, published.json, "activation_state", "AUTOMATION_ACTIVATION_STATE_ACTIVE");
    assert_status(fixture_call(&f, "POST", "{}", "%s:publish", path), 400);

    assert_status(fixture_call(&f, "PATCH", "{\"english_code\":\"output 2 as \\\"n\\\"\\n\"}", "%s", path), 200);
    Reply draft = fixture_call(&f, "GET", NULL, "%s:query?stage=AUTOMATION_STAGE_DRAFT", path);
    assert_text(&f, draft.json, "version", "1.1");
    Reply stage = fixture_call(&f, "GET", NULL, "%s:query?stage=PUBLISHED", path);
    assert_text(&f, stage.json, "version", "1.0");
    assert_text(&f, stage.json, "code", "set_output(\"n\", value=1)\n");
    assert_status(fixture_call(&f, "GET", NULL, "%s:query", path), 400);
    assert_status(fixture_call(&f, "GET", NULL, "%s:query?stage=NEITHER", path), 400);

    Reply discarded = fixture_call(&f, "POST", NULL, "%s:discardDraft", path);
    assert_status(discarded, 200);
    assert_text(&f, discarded.json, "version", "1.0");
    fixture_close(&f);
}

static void test_publish__refuses_a_draft_with_problems(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = create(
        &f, "{\"display_name\":\"A\",\"english_code\":\"flibber the gibbet\\noutput the unheard of as \\\"n\\\"\\n\"}");
    const char *name = text_at(&f, made.json, "name");
    Reply checked = fixture_call(&f, "POST", "{}", "/api/v1/%s:validatePublish", name);
    assert_status(checked, 200);
    assert_true(json_at(checked.json, "diagnostics")->count >= 1);
    assert_status(fixture_call(&f, "POST", "{}", "/api/v1/%s:publish", name), 400);
    fixture_close(&f);
}

static void test_revisions__are_all_there_newest_first(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path = fixture_automation(&f, "A", "output 1 as \"n\"\n");
    assert_status(fixture_call(&f, "PATCH", "{\"description\":\"later\"}", "%s", path), 200);
    Reply listed = fixture_call(&f, "GET", NULL, "%s/revisions", path);
    assert_status(listed, 200);
    assert_int_equal(json_at(listed.json, "revisions")->count, 3);
    assert_text(&f, listed.json, "revisions.0.snapshot.version", "1.1");
    assert_text(&f, listed.json, "revisions.0.alternate_ids.0", "latest");
    Reply published = fixture_call(&f, "GET", NULL, "%s/revisions?filter=stage%%20%%3D%%20PUBLISHED", path);
    assert_int_equal(json_at(published.json, "revisions")->count, 1);
    Reply one = fixture_call(&f, "GET", NULL, "%s/revisions/1.0", path);
    assert_text(&f, one.json, "snapshot.description", "");
    assert_status(fixture_call(&f, "GET", NULL, "%s/revisions/9.9", path), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s/revisions/nonsense", path), 404);

    Reply restored = fixture_call(&f, "POST", "{\"revision\":\"0.1\"}", "%s:restore", path);
    assert_status(restored, 200);
    assert_text(&f, restored.json, "version", "1.2");
    assert_text(&f, restored.json, "restore_version", "0.1");
    Str name = str_from_c(text_at(&f, one.json, "name"));
    Reply named =
        fixture_call(&f, "POST", str_to_c(&f.arena, str_printf(&f.arena, "{\"revision\":\"%.*s\"}", STR_ARG(name))),
                     "%s:restore", path);
    assert_text(&f, named.json, "restore_version", "1.0");
    static const char *const others[] = {"automations/a/revisions/1.0", "x/1.0", "/1.0", ""};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_status(fixture_call(&f, "POST",
                                   str_to_c(&f.arena, str_printf(&f.arena, "{\"revision\":\"%s\"}", others[i])),
                                   "%s:restore", path),
                      400);
    fixture_close(&f);
}

static void test_delete__hides_until_undeleted(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = create(&f, "{\"display_name\":\"A\"}");
    const char *name = text_at(&f, made.json, "name");
    Reply gone = fixture_call(&f, "DELETE", NULL, "/api/v1/%s", name);
    assert_status(gone, 200);
    assert_non_null(json_at(gone.json, "purge_time"));
    Reply hidden = fixture_call(&f, "GET", NULL, "%s/automations", f.workspace);
    assert_int_equal(json_at(hidden.json, "automations")->count, 0);
    Reply shown = fixture_call(&f, "GET", NULL, "%s/automations?showDeleted=true", f.workspace);
    assert_int_equal(json_at(shown.json, "automations")->count, 1);
    assert_status(fixture_call(&f, "PATCH", "{\"description\":\"x\"}", "/api/v1/%s", name), 404);
    Reply back = fixture_call(&f, "POST", "{}", "/api/v1/%s:undelete", name);
    assert_status(back, 200);
    assert_null(json_at(back.json, "delete_time"));
    fixture_close(&f);
}

static void test_fork__copies_under_a_new_name(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path = fixture_automation(&f, "A", "output 1 as \"n\"\n");
    Reply copy = fixture_call(&f, "POST", "{\"display_name\":\"B\"}", "%s:fork", path);
    assert_status(copy, 200);
    assert_text(&f, copy.json, "version", "0.1");
    assert_text(&f, copy.json, "code", "set_output(\"n\", value=1)\n");
    Reply draft = fixture_call(&f, "POST", NULL, "%s:fork", path);
    assert_text(&f, draft.json, "version", "1.1");
    Reply list = fixture_call(&f, "GET", NULL, "%s/automations?filter=state%%3DPUBLISHED", f.workspace);
    assert_int_equal(json_at(list.json, "automations")->count, 1);
    fixture_close(&f);
}

static void test_check__tells_everything_and_keeps_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply right = fixture_call(
        &f, "POST", "{\"code\":\"n = read_input(\\\"n\\\", type=number)\\nset_output(\\\"m\\\", value=n + 1)\\n\"}",
        "%s/automations:check", f.workspace);
    assert_status(right, 200);
    assert_int_equal(json_at(right.json, "diagnostics")->count, 0);
    assert_text(&f, right.json, "input_specs.0.name", "n");
    assert_text(&f, right.json, "input_specs.0.type.scalar_type", "VALUE_SCALAR_TYPE_NUMBER");
    assert_text(&f, right.json, "outputs.0.name", "m");
    Reply wrong =
        fixture_call(&f, "POST", "{\"english_code\":\"do what I mean\"}", "%s/automations:check", f.workspace);
    assert_status(wrong, 200);
    assert_text(&f, wrong.json, "diagnostics.0.severity", "ERROR");
    Reply both = fixture_call(&f, "POST", "{\"english_code\":\"\",\"code\":\"\"}", "%s/automations:check", f.workspace);
    assert_status(both, 400);
    fixture_close(&f);
}

/* `expected` has a line of each: "name: type". */
static void assert_specs(Fixture *f, const Json *specs, const char *expected)
{
    Str rest = str_from_c(expected);
    for (uint32_t i = 0; i < specs->count; i++) {
        const Json *spec = &specs->items[i];
        Buf line = buf_in(&f->arena);
        JsonOut out = json_out(&line);
        buf_printf(&line, "%.*s: ", STR_ARG(json_text(json_get(spec, S("name")))));
        json_write(&out, json_get(spec, S("type")));
        assert_string_equal(str_to_c(&f->arena, buf_view(&line)), str_to_c(&f->arena, str_cut(&rest, '\n')));
    }
    assert_int_equal(rest.len, 0);
}

/* {"display_name":"Types", MEMBER: text} */
static const char *types_body(Fixture *f, Str member, Str text)
{
    Buf body = buf_in(&f->arena);
    JsonOut out = json_out(&body);
    json_open_object(&out);
    json_member_str(&out, S("display_name"), S("Types"));
    json_member_str(&out, member, text);
    json_close_object(&out);
    return str_to_c(&f->arena, buf_view(&body));
}

/* A kind of type a line. */
static const char typed_english[] = "inputs\n"
                                    "  the name is a text\n"
                                    "  the amount is a number\n"
                                    "  the flag is yes or no\n"
                                    "  the day is a date\n"
                                    "  the moment is a date and time\n"
                                    "  the note is an optional text\n"
                                    "  the rows are a table\n"
                                    "  the things are a list\n"
                                    "  the vendor is a record\n"
                                    "  the paper is a file\n"
                                    "  the rest is anything\n"
                                    "\n"
                                    "output the name as \"name\"\n"
                                    "output the amount plus 1 as \"amount\"\n"
                                    "output the flag as \"flag\"\n"
                                    "output the day as \"day\"\n"
                                    "output the moment as \"moment\"\n"
                                    "output the note as \"note\"\n"
                                    "output the things as \"things\"\n"
                                    "output the vendor as \"vendor\"\n"
                                    "output the paper as \"paper\"\n"
                                    "output the rest as \"rest\"\n"
                                    "the order is a record with 7 as the number and \"ACME\" as the buyer\n"
                                    "output the order as \"order\"\n"
                                    "the figures are 1, 2 and 3\n"
                                    "output the figures as \"figures\"\n"
                                    "the orders are a list of the order\n"
                                    "output the orders as \"orders\"\n"
                                    "for each row in the rows\n"
                                    "  set the row's done to yes\n"
                                    "output the rows as \"rows\"\n"
                                    "total the orders by \"buyer\" as the totals\n"
                                    "output the totals as \"totals\"\n";
static const char typed_inputs[] =
    "name: {\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"}\n"
    "amount: {\"scalar_type\":\"VALUE_SCALAR_TYPE_NUMBER\"}\n"
    "flag: {\"scalar_type\":\"VALUE_SCALAR_TYPE_BOOLEAN\"}\n"
    "day: {\"scalar_type\":\"VALUE_SCALAR_TYPE_DATE\"}\n"
    "moment: {\"scalar_type\":\"VALUE_SCALAR_TYPE_DATETIME\"}\n"
    "note: {\"optional_type\":{\"inner\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"}}}\n"
    "rows: {\"table_type\":{\"columns\":[]}}\n"
    "things: {\"list_type\":{\"inner\":{\"any_type\":{}}}}\n"
    "vendor: "
    "{\"generic_dictionary_type\":{\"key_type\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"},\"value_type\":{\"any_"
    "type\":{}}}}\n"
    "paper: {\"scalar_type\":\"VALUE_SCALAR_TYPE_FILE\"}\n"
    "rest: {\"any_type\":{}}\n";
static const char typed_outputs[] =
    "name: {\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"}\n"
    "amount: {\"scalar_type\":\"VALUE_SCALAR_TYPE_NUMBER\"}\n"
    "flag: {\"scalar_type\":\"VALUE_SCALAR_TYPE_BOOLEAN\"}\n"
    "day: {\"scalar_type\":\"VALUE_SCALAR_TYPE_DATE\"}\n"
    "moment: {\"scalar_type\":\"VALUE_SCALAR_TYPE_DATETIME\"}\n"
    "note: {\"optional_type\":{\"inner\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"}}}\n"
    "things: {\"list_type\":{\"inner\":{\"any_type\":{}}}}\n"
    "vendor: "
    "{\"generic_dictionary_type\":{\"key_type\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"},\"value_type\":{\"any_"
    "type\":{}}}}\n"
    "paper: {\"scalar_type\":\"VALUE_SCALAR_TYPE_FILE\"}\n"
    "rest: {\"any_type\":{}}\n"
    "order: "
    "{\"dictionary_type\":{\"fields\":[{\"key\":\"number\",\"value\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_NUMBER\"}},{"
    "\"key\":\"buyer\",\"value\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"}}]}}\n"
    "figures: {\"list_type\":{\"inner\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_NUMBER\"}}}\n"
    "orders: "
    "{\"list_type\":{\"inner\":{\"dictionary_type\":{\"fields\":[{\"key\":\"number\",\"value\":{\"scalar_type\":"
    "\"VALUE_SCALAR_TYPE_NUMBER\"}},{\"key\":\"buyer\",\"value\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"}}]}}}}\n"
    "rows: {\"table_type\":{\"columns\":[{\"key\":\"done\",\"value\":{\"any_type\":{}}}]}}\n"
    "totals: "
    "{\"table_type\":{\"columns\":[{\"key\":\"buyer\",\"value\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"}},{\"key\":"
    "\"number\",\"value\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_NUMBER\"}},{\"key\":\"count\",\"value\":{\"scalar_"
    "type\":\"VALUE_SCALAR_TYPE_NUMBER\"}}]}}\n";

static void test_check__tells_the_type_of_every_input_and_output(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *english = types_body(&f, S("english_code"), str_from_c(typed_english));
    Reply checked = fixture_call(&f, "POST", english, "%s/automations:check", f.workspace);
    assert_status(checked, 200);
    assert_int_equal(json_at(checked.json, "diagnostics")->count, 0);
    assert_specs(&f, json_at(checked.json, "input_specs"), typed_inputs);
    assert_specs(&f, json_at(checked.json, "outputs"), typed_outputs);
    /* Both spellings are one tree, and an automation takes what the check said. */
    Reply spy = fixture_call(&f, "POST", types_body(&f, S("code"), json_at(checked.json, "code")->text),
                             "%s/automations:check", f.workspace);
    assert_specs(&f, json_at(spy.json, "input_specs"), typed_inputs);
    assert_specs(&f, json_at(spy.json, "outputs"), typed_outputs);
    assert_specs(&f, json_at(create(&f, english).json, "input_specs"), typed_inputs);
    fixture_close(&f);
}

static void test_visualization__draws_the_published_version(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply draft = create(&f, "{\"display_name\":\"Draft\",\"english_code\":\"say \\\"x\\\"\\n\"}");
    Reply none = fixture_call(&f, "GET", NULL, "/api/v1/%s/visualization", text_at(&f, draft.json, "name"));
    assert_status(none, 400);
    const char *path = fixture_automation(
        &f, "Drawn",
        "inputs\n  the a is a number\nif the a is greater than 1 then\n  say \"much\"\noutput the a as \"n\"\n");
    assert_status(fixture_call(&f, "PATCH", "{\"english_code\":\"say \\\"draft\\\"\\n\"}", "%s", path), 200);
    Reply drawn = fixture_call(&f, "GET", NULL, "%s/visualization", path);
    assert_status(drawn, 200);
    assert_text(&f, drawn.json, "automation_version", "1.0");
    assert_text(&f, drawn.json, "state", "VISUALIZATION_STATE_COMPLETED");
    assert_text(&f, drawn.json, "graph.nodes.0.id", "start");
    static const struct {
        const char *type, *label;
    } boxes[] = {
        {"START", "Start"},          {"INPUT", "The a is a number"},      {"DECISION", "The a is greater than 1?"},
        {"PROCESS", "Say \"much\""}, {"OUTPUT", "Output the a as \"n\""}, {"END", "End"}};
    const Json *nodes = json_at(drawn.json, "graph.nodes"), *edges = json_at(drawn.json, "graph.edges");
    assert_int_equal(nodes->count, COUNT_OF(boxes));
    for (size_t i = 0; i < COUNT_OF(boxes); i++) {
        Str type = str_printf(&f.arena, "FLOW_NODE_TYPE_%s", boxes[i].type);
        assert_text(&f, &nodes->items[i], "type", str_to_c(&f.arena, type));
        assert_text(&f, &nodes->items[i], "label", boxes[i].label);
    }
    assert_int_equal(edges->count, 6);
    assert_text(&f, &edges->items[2], "condition", "Yes");
    assert_text(&f, &edges->items[2], "target", text_at(&f, &nodes->items[3], "id"));
    assert_text(&f, &edges->items[4], "condition", "No");
    assert_text(&f, &edges->items[4], "target", text_at(&f, &nodes->items[4], "id"));
    assert_null(json_at(&edges->items[0], "condition"));
    assert_access(&f, "GET", NULL, str_to_c(&f.arena, str_printf(&f.arena, "%s/visualization", path)), 200);
    fixture_close(&f);
}

static void test_default_inputs__keep_their_history(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path =
        fixture_automation(&f, "Kept", "inputs\n  the a is a number, usually 1\noutput the a as \"n\"\n");
    const char *history = str_to_c(&f.arena, str_printf(&f.arena, "%s:listDefaultInputsHistory", path));
    Reply reply = fixture_call(&f, "GET", NULL, "%s", history);
    assert_int_equal(json_at(reply.json, "default_inputs_history_entries")->count, 0);
    static const char *const bodies[] = {
        "{\"default_inputs\":{\"a\":{\"text\":\"11\"}}}",
        "{\"description\":\"nothing to do with it\"}",
        "{\"default_inputs\":{\"a\":{\"text\":\"12\"}}}",
        "{\"default_inputs\":{\"a\":{\"text\":\"12\"}}}",
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        assert_status(fixture_call(&f, "PATCH", bodies[i], "%s", path), 200);
    assert_status(fixture_call(&f, "POST", "{}", "%s:publish", path), 200);
    assert_status(fixture_call(&f, "PATCH", "{\"default_inputs\":{}}", "%s", path), 200);
    reply = fixture_call(&f, "GET", NULL, "%s", history);
    const Json *entries = json_at(reply.json, "default_inputs_history_entries");
    assert_int_equal(entries->count, 3);
    assert_int_equal(json_at(&entries->items[0], "default_inputs")->count, 0);
    assert_text(&f, &entries->items[1], "default_inputs.a.text", "12");
    assert_text(&f, &entries->items[2], "default_inputs.a.text", "11");
    assert_text(&f, &entries->items[2], "change_actor", f.user_id);
    assert_status(fixture_call(&f, "POST", "{}", "%s:discardDraft", path), 200);
    reply = fixture_call(&f, "GET", NULL, "%s", history);
    assert_int_equal(json_at(reply.json, "default_inputs_history_entries")->count, 2);
    assert_access(&f, "GET", NULL, history, 200);
    fixture_close(&f);
}

static void test_default_inputs_and_marks__fit_the_text(void **state)
{
    static const struct {
        const char *body, *field, *message;
    } refused[] = {
        {"{\"default_inputs\":{\"rte\":{\"number\":{\"lo\":1}}}}", "default_inputs.rte",
         "the automation has no input \"rte\"; its inputs are \"rate\", \"day\""},
        {"{\"default_inputs\":{\"rate\":{\"text\":\"much\"}}}", "default_inputs.rate", "is not clearly a number"},
        {"{\"default_inputs\":{\"Day\":{\"text\":\"03/04/2026\"}}}", "default_inputs.Day", "03/04/2026"},
        {"{\"marked_outputs\":[\"sum\",\"som\"]}", "marked_outputs",
         "the automation has no output \"som\"; its outputs are \"sum\""},
        {"{\"english_code\":\"say \\\"done\\\"\\n\",\"default_inputs\":{\"rate\":{\"number\":{\"lo\":1}}},"
         "\"marked_outputs\":[]}",
         "default_inputs.rate", "the automation takes no inputs, but \"rate\" was given"},
        {"{\"english_code\":\"say \\\"done\\\"\\n\",\"default_inputs\":{},\"marked_outputs\":[\"sum\"]}",
         "marked_outputs", "the automation has no outputs, but \"sum\" was marked"},
    };
    static const char *const taken[] = {
        "{\"default_inputs\":{\"rate\":{\"text\":\"0.19\"},\"day\":{\"null_value\":\"NULL_VALUE\"}}}",
        "{\"marked_outputs\":[\"sum\"],\"default_inputs\":{\"Rate\":{\"number\":{\"lo\":2}}}}",
        "{\"english_code\":\"this is no sentence\\n\",\"default_inputs\":{\"later\":{\"bool_value\":true}}}",
    };
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path = fixture_automation(
        &f, "Fits",
        "inputs\n  the rate is a number\n  the day is a date\n\nsay \"{the day}\"\noutput the rate as \"sum\"\n");
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        Reply reply = fixture_call(&f, "PATCH", refused[i].body, "%s", path);
        assert_status(reply, 400);
        assert_string_equal(first_violation(&f, &reply), refused[i].field);
        assert_true(str_contains(json_at(reply.json, "message")->text, str_from_c(refused[i].message)));
    }
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        assert_status(fixture_call(&f, "PATCH", taken[i], "%s", path), 200);
    fixture_close(&f);
}

static void test_validate_publish__warns_of_defaults_that_fit_no_more(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path =
        fixture_automation(&f, "Fitted", "inputs\n  the rate is a number\n\noutput the rate as \"sum\"\n");
    assert_status(fixture_call(&f, "PATCH",
                               "{\"default_inputs\":{\"rate\":{\"number\":{\"lo\":2}}},\"marked_outputs\":[\"sum\"]}",
                               "%s", path),
                  200);
    Reply reply = fixture_call(&f, "POST", "{}", "%s:validatePublish", path);
    assert_int_equal(json_at(reply.json, "diagnostics")->count, 0);
    assert_status(fixture_call(&f, "PATCH",
                               "{\"english_code\":\"inputs\\n  the tax rate is a number\\n\\noutput the tax rate as "
                               "\\\"total\\\"\\n\"}",
                               "%s", path),
                  200);
    reply = fixture_call(&f, "POST", "{}", "%s:validatePublish", path);
    assert_text(&f, reply.json, "diagnostics.0.code", "default-input");
    assert_text(&f, reply.json, "diagnostics.0.severity", "WARNING");
    assert_text(&f, reply.json, "diagnostics.0.message",
                "default_inputs.rate: the automation has no input \"rate\"; its inputs are \"tax rate\"");
    assert_text(&f, reply.json, "diagnostics.1.code", "marked-output");
    assert_text(&f, reply.json, "diagnostics.1.message",
                "marked_outputs: the automation has no output \"sum\"; its outputs are \"total\"");
    assert_status(fixture_call(&f, "POST", "{}", "%s:publish", path), 200); /* warned, not refused */
    fixture_close(&f);
}

static void test_triggers__are_noted_and_replaced(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path = fixture_automation(&f, "Triggered", "output 1 as \"n\"\n");
    const char *triggers = str_to_c(&f.arena, str_printf(&f.arena, "%s/triggers", path));
    static const char body[] = "{\"triggerId\":\"mail-1\",\"phaseType\":\"PHASE_TYPE_PRE\",\"inputMapping\":{\"a\":"
                               "\"attachment\"}}";
    Reply made = fixture_call(&f, "POST", body, "%s", triggers);
    assert_status(made, 200);
    assert_text(&f, made.json, "automation", path + strlen("/api/v1/"));
    assert_text(&f, made.json, "phase_sub_type", "PHASE_SUB_TYPE_UNSPECIFIED");
    assert_text(&f, made.json, "input_mapping.a", "attachment");
    assert_true(json_at(made.json, "is_active")->boolean);
    assert_status(
        fixture_call(&f, "POST", "{\"trigger_id\":\"mail-1\",\"phase_type\":\"PHASE_TYPE_POST\"}", "%s", triggers),
        200);
    Reply all = fixture_call(&f, "GET", NULL, "%s", triggers);
    assert_int_equal(json_at(all.json, "automation_triggers")->count, 1);
    assert_text(&f, all.json, "automation_triggers.0.phase_type", "PHASE_TYPE_POST");
    assert_int_equal(json_at(all.json, "automation_triggers.0.input_mapping")->count, 0);
    assert_status(fixture_call(&f, "POST",
                               "{\"trigger_id\":\"mail-1\",\"phase_type\":\"PHASE_TYPE_POST\",\"is_active\":false}",
                               "%s", triggers),
                  200);
    all = fixture_call(&f, "GET", NULL, "%s", triggers);
    assert_int_equal(json_at(all.json, "automation_triggers")->count, 0);
    Reply wrong = fixture_call(&f, "POST", "{\"phase_type\":\"PHASE_TYPE_PRE\"}", "%s", triggers);
    assert_status(wrong, 400);
    assert_string_equal(first_violation(&f, &wrong), "trigger_id");
    assert_access(&f, "POST", body, triggers, 403);
    assert_access(&f, "GET", NULL, triggers, 200);
    fixture_close(&f);
}

static void test_delete__is_for_good_after_the_purge_time(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path = fixture_automation(&f, "Old", "output 1 as \"n\"\n");
    const char *run = fixture_run(&f, path, "{}");
    Reply before = fixture_call(&f, "GET", NULL, "%s:automationRunAggregates", f.workspace);
    assert_text(&f, before.json, "automation_run_aggregates.0.stats.total_runs", "1");
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", path), 200);
    Reply listed = fixture_call(&f, "GET", NULL, "%s/automations?show_deleted=true", f.workspace);
    assert_non_null(json_at(listed.json, "automations.0.purge_time"));
    atomic_store(&f.ahead_us, 31LL * 86400 * 1000000);
    engine_purge_due(f.engine, 1);
    Reply back = {0};
    for (int tries = 0; tries < 200 && back.status != 404;
         tries++) { /* back, and deleted again, until it is too late */
        back = fixture_call(&f, "POST", "{}", "%s:undelete", path);
        if (back.status == 200)
            assert_status(fixture_call(&f, "DELETE", NULL, "%s", path), 200);
        engine_purge_due(f.engine, 1);
    }
    assert_status(back, 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s", path), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s", run), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s/events", run), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s/revisions/1.0", path), 404);
    listed = fixture_call(&f, "GET", NULL, "%s/automations?show_deleted=true", f.workspace);
    assert_null(json_at(listed.json, "automations.0"));
    Reply runs = fixture_call(&f, "GET", NULL, "%s/automations/-/runs", f.workspace);
    assert_status(runs, 200);
    assert_null(json_at(runs.json, "runs.0"));
    Reply sums = fixture_call(&f, "GET", NULL,
                              "%s/dashboards:queryInsights?filter.time_window.start_time=2020-01-01T00:00:00Z"
                              "&filter.time_window.end_time=2100-01-01T00:00:00Z",
                              f.organization);
    assert_text(&f, sums.json, "run_insight.total_runs_count", "1");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visualization__draws_the_published_version),
        cmocka_unit_test(test_default_inputs__keep_their_history),
        cmocka_unit_test(test_default_inputs_and_marks__fit_the_text),
        cmocka_unit_test(test_validate_publish__warns_of_defaults_that_fit_no_more),
        cmocka_unit_test(test_triggers__are_noted_and_replaced),
        cmocka_unit_test(test_create__makes_a_draft_of_version_0_1),
        cmocka_unit_test(test_create__derives_one_spelling_from_the_other),
        cmocka_unit_test(test_create__only_validates_when_asked),
        cmocka_unit_test(test_update__changes_what_body_or_mask_name),
        cmocka_unit_test(test_update__with_a_stale_etag_is_aborted),
        cmocka_unit_test(test_update__keeps_default_inputs_connections_and_marks),
        cmocka_unit_test(test_update__run_retention_belongs_to_no_version),
        cmocka_unit_test(test_publish__makes_majors_and_edits_leave_them_alone),
        cmocka_unit_test(test_publish__refuses_a_draft_with_problems),
        cmocka_unit_test(test_revisions__are_all_there_newest_first),
        cmocka_unit_test(test_delete__hides_until_undeleted),
        cmocka_unit_test(test_delete__is_for_good_after_the_purge_time),
        cmocka_unit_test(test_fork__copies_under_a_new_name),
        cmocka_unit_test(test_check__tells_everything_and_keeps_nothing),
        cmocka_unit_test(test_check__tells_the_type_of_every_input_and_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of signed URLs: files in and out without a token, and of reading texts. */
#include "fixture.h"

#include <string.h>
#include <unistd.h>

/* "http://host/path?query" → the rest behind the host. */
static const char *path_of_url(const char *url)
{
    assert_int_equal(strncmp(url, "http://", 7), 0);
    return strchr(url + 7, '/');
}

static Reply put(Fixture *f, const char *url, Str content)
{
    return fixture_send(f, "PUT", S("Content-Type: text/plain\r\n"), content, str_from_c(url));
}

static const char *upload_url(Fixture *f, const char *place)
{
    Reply reply = fixture_call(f, "POST", "{\"expireDuration\":\"60s\"}", "%s/files:generateUploadUrl", place);
    assert_status(reply, 200);
    return path_of_url(text_at(f, reply.json, "upload_uri"));
}

static const char *download_url(Fixture *f, const char *file)
{
    Reply reply = fixture_call(f, "POST", "{}", "%s:generateDownloadUrl", file);
    assert_status(reply, 200);
    return path_of_url(text_at(f, reply.json, "download_uri"));
}

static const char *upload(Fixture *f, const char *place, const char *filename, Str content)
{
    Reply made = put(f, fixture_print(f, "%s&filename=%s", upload_url(f, place), filename), content);
    assert_status(made, 200);
    assert_text(f, made.json, "metadata.filename", filename);
    const char *name = text_at(f, made.json, "metadata.name");
    return fixture_print(f, "%s%s", place, strstr(name, "/files/"));
}

static void test_signed_urls__carry_files_without_a_token(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *const places[] = {f.organization, f.workspace};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const char *url = upload_url(&f, places[i]);
        f.as = NULL;
        Reply made = put(&f, fixture_print(&f, "%s&filename=notes.txt", url), S("two\nlines\n"));
        assert_status(made, 200);
        assert_text(&f, made.json, "metadata.size_bytes", "10");
        f.as = f.token;
        const char *file =
            fixture_print(&f, "%s%s", places[i], strstr(text_at(&f, made.json, "metadata.name"), "/files/"));
        const char *out = download_url(&f, file);
        f.as = NULL;
        Reply got = fixture_call(&f, "GET", NULL, "%s", out);
        assert_status(got, 200);
        assert_true(str_eq(got.body, S("two\nlines\n")));
        assert_string_equal(reply_header(&f, &got, "Content-Disposition"), "attachment; filename=\"notes.txt\"");
        f.as = f.token;
    }
    assert_status(put(&f, upload_url(&f, f.organization), S("")), 200);
    fixture_close(&f);
}

static void test_signed_urls__are_for_one_thing_until_they_expire(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *in = upload_url(&f, f.workspace), *file = upload(&f, f.workspace, "a.txt", S("a"));
    const char *other = upload(&f, f.workspace, "b.txt", S("b")), *out = download_url(&f, file);
    const char *signature = strstr(out, "&signature=");
    f.as = NULL;
    assert_status(fixture_call(&f, "GET", NULL, "%s", out), 200);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/files:get?target=%s%s", other + strlen("/api/v1/"), signature),
                  403);
    assert_status(fixture_call(&f, "GET", NULL, "%sA", out), 403);
    assert_status(fixture_call(&f, "GET", NULL, "%.*s", (int)(signature - out), out), 400);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/files:get%s", strchr(in, '?')), 403);
    assert_status(put(&f, fixture_print(&f, "/api/v1/files:put%s", strchr(out, '?')), S("x")), 403);
    assert_status(put(&f, fixture_print(&f, "%sx", in), S("x")), 403);
    f.as = f.token;
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", file), 200);
    f.as = NULL;
    assert_status(fixture_call(&f, "GET", NULL, "%s", out), 404);
    fixture_close(&f);
}

/* Longer, for another organization, workspace or file, in other words: whatever is changed, it opens nothing. */
static void test_signed_urls__are_taken_as_they_were_given(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *out = download_url(&f, upload(&f, f.workspace, "a.txt", S("a")));
    char *changed = (char *)(uintptr_t)fixture_print(&f, "%s", out);
    f.as = NULL;
    for (size_t at = (size_t)(strchr(out, '=') - out) + 1; out[at]; at++) {
        if (out[at] == '&' || strncmp(out + at, "signature=", 10) == 0)
            at = (size_t)(strstr(out, "signature=") - out) + 10;
        changed[at] = out[at] == '7' ? '8' : '7';
        assert_status(fixture_call(&f, "GET", NULL, "%s", changed), 403);
        changed[at] = out[at];
    }
    const char *signature = strstr(out, "signature=") + 10;
    int before = (int)(signature - out);
    assert_status(fixture_call(&f, "GET", NULL, "%.*s0%s", before, out, signature), 403);
    assert_status(fixture_call(&f, "GET", NULL, "%.*s%%2B%s", before, out, signature), 403);
    assert_status(fixture_call(&f, "GET", NULL, "%.*s%s", before, out, strchr(signature, '.')), 403);
    assert_status(fixture_call(&f, "GET", NULL, "%s", changed), 200);
    fixture_close(&f);
}

/* Asks until the second is over: it may be a long one on a busy machine, and never a short one. */
static Reply after_expiry(Fixture *f, const char *method, const char *url)
{
    Reply reply = {0};
    for (int tries = 0; tries < 50 && reply.status != 403; tries++) {
        usleep(100000);
        reply = fixture_send(f, method, S(""), strcmp(method, "PUT") == 0 ? S("x") : (Str){0}, str_from_c(url));
    }
    return reply;
}

static void test_signed_urls__say_that_they_have_expired(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *file = upload(&f, f.workspace, "a.txt", S("a")), *a_second = "{\"expire_duration\":\"1s\"}";
    Reply in = fixture_call(&f, "POST", a_second, "%s/files:generateUploadUrl", f.organization);
    Reply out = fixture_call(&f, "POST", a_second, "%s:generateDownloadUrl", file);
    f.as = NULL;
    Reply got = after_expiry(&f, "GET", path_of_url(text_at(&f, out.json, "download_uri")));
    Reply put_late = after_expiry(&f, "PUT", path_of_url(text_at(&f, in.json, "upload_uri")));
    assert_status(got, 403);
    assert_status(put_late, 403);
    assert_text(&f, got.json, "message", "this URL has expired: ask for another");
    assert_text(&f, put_late.json, "message", "this URL has expired: ask for another");
    fixture_close(&f);
}

static void test_generate_urls__are_for_those_who_may(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *file = upload(&f, f.workspace, "a.txt", S("a"));
    assert_access(&f, "POST", "{}", fixture_print(&f, "%s/files:generateUploadUrl", f.workspace), 403);
    assert_access(&f, "POST", "{}", fixture_print(&f, "%s/files:generateUploadUrl", f.organization), 403);
    assert_access(&f, "POST", "{}", fixture_print(&f, "%s:generateDownloadUrl", file), 200);
    assert_access(&f, "GET", NULL, fixture_print(&f, "%s:read", file), 200);
    static const char *const wrong[] = {"{\"expire_duration\":\"0s\"}", "{\"expire_duration\":\"604801s\"}",
                                        "{\"expire_duration\":\"soon\"}", "{\"expire_duration\":7}"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        Reply in = fixture_call(&f, "POST", wrong[i], "%s/files:generateUploadUrl", f.workspace);
        Reply out = fixture_call(&f, "POST", wrong[i], "%s:generateDownloadUrl", file);
        assert_status(in, 400);
        assert_status(out, 400);
        assert_string_equal(first_violation(&f, &in), "expire_duration");
        assert_string_equal(first_violation(&f, &out), "expire_duration");
    }
    assert_status(fixture_call(&f, "POST", "{}", "%s/files/nosuch:generateDownloadUrl", f.workspace), 404);
    fixture_close(&f);
}

static void test_upload__without_content_is_answered_with_a_url(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *const places[] = {f.organization, f.workspace};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        Reply asked =
            fixture_send(&f, "POST", S("Content-Type: application/json\r\n"), S("{\"filename\":\"Ä & 1%.csv\"}"),
                         str_from_c(fixture_print(&f, "%s/files:upload", places[i])));
        assert_status(asked, 200);
        assert_null(json_at(asked.json, "metadata"));
        const char *url = path_of_url(text_at(&f, asked.json, "upload_url"));
        f.as = NULL;
        Reply made = put(&f, url, S("a,b\n"));
        f.as = f.token;
        assert_status(made, 200);
        assert_text(&f, made.json, "metadata.filename", "Ä & 1%.csv");
        assert_text(&f, made.json, "metadata.size_bytes", "4");
    }
    assert_access(&f, "POST", "{\"filename\":\"a\"}", fixture_print(&f, "%s/files:upload", f.workspace), 403);
    fixture_close(&f);
}

static void test_read__gives_texts_in_the_answer(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *text = upload(&f, f.workspace, "a.csv", S("number,total\n1,2\n"));
    Reply read = fixture_call(&f, "GET", NULL, "%s:read", text);
    assert_status(read, 200);
    assert_text(&f, read.json, "content", "number,total\n1,2\n");
    assert_text(&f, read.json, "metadata.filename", "a.csv");
    Reply tailed = fixture_call(&f, "GET", NULL, "%s--a.csv:read", text);
    assert_text(&f, tailed.json, "content", "number,total\n1,2\n");
    const char *bytes = upload(&f, f.workspace, "a.bin", str_of("\x00\xff\x01", 3));
    Reply binary = fixture_call(&f, "GET", NULL, "%s:read", bytes);
    assert_null(json_at(binary.json, "content"));
    const char *document = upload(&f, f.workspace, "a.pdf", S("%PDF-1.4\n%%EOF\n"));
    Reply source = fixture_call(&f, "GET", NULL, "%s:read", document);
    assert_null(json_at(source.json, "content"));
    assert_true(strlen(text_at(&f, source.json, "download_uri")) > 0);
    f.as = NULL;
    Reply got = fixture_call(&f, "GET", NULL, "%s", path_of_url(text_at(&f, binary.json, "download_uri")));
    assert_int_equal(got.body.len, 3);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed_urls__carry_files_without_a_token),
        cmocka_unit_test(test_signed_urls__are_for_one_thing_until_they_expire),
        cmocka_unit_test(test_signed_urls__are_taken_as_they_were_given),
        cmocka_unit_test(test_signed_urls__say_that_they_have_expired),
        cmocka_unit_test(test_generate_urls__are_for_those_who_may),
        cmocka_unit_test(test_upload__without_content_is_answered_with_a_url),
        cmocka_unit_test(test_read__gives_texts_in_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

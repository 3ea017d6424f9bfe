/* Tests of files through the real server: every way in, the bytes out again, and who may see them. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char one_part[] = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"orders.csv\"\r\n"
                               "Content-Type: text/csv\r\n\r\nnumber,total\r\n1,2\r\n\r\n--B--\r\n";
static const char two_parts[] =
    "--B\r\nContent-Disposition: form-data; name=\"filename\"\r\n\r\nrechnung ä.pdf\r\n"
    "--B\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\n%PDF-1.7 x\r\n--B--\r\n";

static Reply upload(Fixture *f, const char *place, const char *type, Str body)
{
    Str headers = str_printf(&f->arena, "Content-Type: %s\r\n", type);
    Str path = str_printf(&f->arena, "%s/files:upload", place);
    return fixture_send(f, "POST", headers, body, path);
}

static Reply upload_form(Fixture *f, const char *place, const char *form)
{
    return upload(f, place, "multipart/form-data; boundary=B", str_from_c(form));
}

static Reply get(Fixture *f, const char *headers, const char *path)
{
    return fixture_send(f, "GET", str_from_c(headers), (Str){0}, str_from_c(path));
}

static const char *file_path(Fixture *f, const Reply *reply)
{
    return str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/%s", text_at(f, reply->json, "metadata.name")));
}

static void test_upload__takes_a_form_with_one_part(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = upload_form(&f, f.organization, one_part);
    assert_status(made, 200);
    assert_text(&f, made.json, "metadata.filename", "orders.csv");
    assert_text(&f, made.json, "metadata.mime_type", "text/csv");
    assert_text(&f, made.json, "metadata.size_bytes", "19");
    const char *path = file_path(&f, &made);
    assert_string_equal(reply_header(&f, &made, "Location"), path);
    Reply bytes = fixture_call(&f, "GET", NULL, "%s:download", path);
    assert_status(bytes, 200);
    assert_true(str_eq(bytes.body, S("number,total\r\n1,2\r\n")));
    assert_string_equal(reply_header(&f, &bytes, "Content-Type"), "text/csv");
    assert_string_equal(reply_header(&f, &bytes, "Content-Length"), "19");
    assert_string_equal(reply_header(&f, &bytes, "Content-Disposition"), "attachment; filename=\"orders.csv\"");
    Reply metadata = fixture_call(&f, "GET", NULL, "%s/metadata", path);
    Reply plain = fixture_call(&f, "GET", NULL, "%s", path);
    assert_status(metadata, 200);
    assert_true(str_eq(metadata.body, plain.body));
    assert_status(fixture_call(&f, "GET", NULL, "%s--orders.csv/metadata", path), 200);
    fixture_close(&f);
}

static void test_upload__takes_a_form_with_name_and_content(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = upload_form(&f, f.workspace, two_parts);
    assert_status(made, 200);
    assert_text(&f, made.json, "metadata.filename", "rechnung ä.pdf");
    assert_text(&f, made.json, "metadata.mime_type", "application/pdf");
    Reply bytes = fixture_call(&f, "GET", NULL, "%s:download", file_path(&f, &made));
    assert_true(str_eq(bytes.body, S("%PDF-1.7 x")));
    assert_string_equal(reply_header(&f, &bytes, "Content-Disposition"),
                        "attachment; filename=\"rechnung __.pdf\"; filename*=UTF-8''rechnung%20%C3%A4.pdf");
    fixture_close(&f);
}

static void test_upload__takes_json(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = fixture_call(&f, "POST", "{\"filename\":\"../../etc/a.txt\",\"contentBase64\":\"aGVsbG8=\"}",
                              "%s/files:upload", f.organization);
    assert_status(made, 200);
    assert_text(&f, made.json, "metadata.filename", "a.txt");
    assert_text(&f, made.json, "metadata.mime_type", "text/plain");
    Reply bytes = fixture_call(&f, "GET", NULL, "%s:download", file_path(&f, &made));
    assert_true(str_eq(bytes.body, S("hello")));
    fixture_close(&f);
}

static void test_upload__refuses_what_is_no_file(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    static const struct {
        const char *type, *body;
    } cases[] = {
        {"text/plain", "hello"},
        {"multipart/form-data", one_part},
        {"multipart/form-data; boundary=B", "--B--\r\n"},
        {"multipart/form-data; boundary=B",
         "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nno end"},
        {"multipart/form-data; boundary=B",
         "--B\r\nContent-Disposition: form-data; name=\"filename\"\r\n\r\na.txt\r\n--B--\r\n"},
        {"multipart/form-data; boundary=B",
         "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n1\r\n"
         "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b\"\r\n\r\n2\r\n--B--\r\n"},
        {"application/json", "{\"mime_type\":\"text/plain\"}"},
        {"application/json", "{\"filename\":\"a\",\"content_base64\":\"?\"}"},
        {"application/json", "{\"filename\":"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Reply reply = upload(&f, f.organization, cases[i].type, str_from_c(cases[i].body));
        if (reply.status != 400)
            fail_msg("%s: %d %.*s", cases[i].body, reply.status, STR_ARG(reply.body));
    }
    f.as = f.viewer_token;
    assert_status(upload_form(&f, f.workspace, one_part), 403);
    f.as = NULL;
    assert_status(upload_form(&f, f.organization, one_part), 401);
    fixture_close(&f);
}

static void test_upload__tells_what_the_bytes_are(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
#define ZIP                                                                                                            \
    "PK\3\4\x14\0\0\0\0\0\0\0\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0a.bin"                                              \
    "and bytes, as many as libmagic wants to see"
    static const char xlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    static const struct {
        const char *filename, *said;
        Str bytes;
        const char *is;
    } cases[] = {
        {"scan", "", S_INIT("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), "application/pdf"},
        {"scan.txt", "application/octet-stream", S_INIT("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), "application/pdf"},
        {"photo.pdf", "application/pdf", S_INIT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\1\0\0\0\0"),
         "image/png"},
        {"data", "application/octet-stream", S_INIT("{\"total\": [1, 2]}"), "application/json"},
        {"data", "text/csv; charset=utf-8", S_INIT("{\"total\": [1, 2]}"), "text/csv"},
        {"data.csv", "text/plain", S_INIT("a,b\n1,2\n"), "text/csv"},
        {"data.csv", "", S_INIT("name,city\nM\xfcller,K\xf6ln\n"), "text/csv"},
        {"notes", "", S_INIT("call her back\n"), "text/plain"},
        {"book.xlsx", "", S_INIT(ZIP), xlsx},
        {"pack", "", S_INIT(ZIP), "application/zip"},
        {"noise", "", S_INIT("\0\1\2\xff\xfe\7"), "application/octet-stream"},
        {"noise", "image/x-own", S_INIT("\0\1\2\xff\xfe\7"), "image/x-own"},
        {"empty", "", S_INIT(""), "application/octet-stream"},
    };
#undef ZIP
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Buf form = buf_in(&f.arena);
        buf_printf(&form, "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n%s%s%s\r\n",
                   cases[i].filename, cases[i].said[0] ? "Content-Type: " : "", cases[i].said,
                   cases[i].said[0] ? "\r\n" : "");
        buf_str(&form, cases[i].bytes);
        buf_str(&form, S("\r\n--B--\r\n"));
        Reply made = upload(&f, f.organization, "multipart/form-data; boundary=B", buf_view(&form));
        assert_status(made, 200);
        const char *told = text_at(&f, made.json, "metadata.mime_type");
        if (strcmp(told, cases[i].is) != 0)
            fail_msg("%s said to be \"%s\": %s", cases[i].filename, cases[i].said, told);
    }
    fixture_close(&f);
}

/* Content that differs everywhere, so that a piece lost, doubled or moved shows. */
static Str large_content(Fixture *f, size_t len)
{
    char *data = arena_alloc(&f->arena, len, 16);
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        data[i] = (char)x;
    }
    return str_of(data, len);
}

static Str large_form(Fixture *f, Str content)
{
    Buf body = buf_in(&f->arena);
    buf_str(&body, S("--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.bin\"\r\n\r\n"));
    buf_str(&body, content);
    buf_str(&body, S("\r\n--B--\r\n"));
    return buf_view(&body);
}

static void test_upload__streams_large_files_unchanged(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Str content = large_content(&f, 20u << 20);
    Reply made = upload(&f, f.organization, "multipart/form-data; boundary=B", large_form(&f, content));
    assert_status(made, 200);
    assert_text(&f, made.json, "metadata.size_bytes", "20971520");
    Reply back = fixture_call(&f, "GET", NULL, "%s:download", file_path(&f, &made));
    assert_true(str_eq(back.body, content));
    fixture_close(&f);
}

/* Asked of another process: in this one the descriptor of a closed connection would be taken, behind the back of the
 * thread sanitizer, which does not see into libuv. */
static bool files_are_being_written(const Fixture *f)
{
    char command[160];
    snprintf(command, sizeof command, "test -n \"$(ls -A '%s/files/incoming')\"", f->directory);
    return system(command) == 0;
}

static void test_upload__of_a_client_that_leaves_keeps_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Str form = large_form(&f, large_content(&f, 1u << 20));
    Buf bytes = buf_in(&f.arena);
    buf_printf(&bytes,
               "POST %s/files:upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n\r\n",
               f.organization, f.token, form.len);
    buf_str(&bytes, str_slice(form, 0, form.len / 2));
    for (int i = 0; i < 5; i++)
        fixture_send_and_leave(&f, buf_view(&bytes));
    bool left = true;
    for (int tries = 0; tries < 100 && left; tries++) {
        usleep(50000);
        left = files_are_being_written(&f);
    }
    assert_false(left);
    assert_status(upload_form(&f, f.organization, one_part), 200);
    fixture_close(&f);
}

static void test_download__gives_ranges(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = fixture_call(&f, "POST", "{\"filename\":\"a.txt\",\"content_base64\":\"MDEyMzQ1Njc4OQ==\"}",
                              "%s/files:upload", f.organization);
    const char *path = str_to_c(&f.arena, str_printf(&f.arena, "%s:download", file_path(&f, &made)));
    static const struct {
        const char *header, *body, *content_range;
        int status;
    } cases[] = {
        {"Range: bytes=2-4\r\n", "234", "bytes 2-4/10", 206},
        {"Range: bytes=7-\r\n", "789", "bytes 7-9/10", 206},
        {"Range: bytes=-2\r\n", "89", "bytes 8-9/10", 206},
        {"Range: bytes=0-999\r\n", "0123456789", "bytes 0-9/10", 206},
        {"Range: lines=1-2\r\n", "0123456789", NULL, 200},
        {"Range: bytes=2-4\r\nIf-Range: \"other\"\r\n", "0123456789", NULL, 200},
        {"Range: bytes=10-\r\n", NULL, "bytes */10", 416},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Reply reply = get(&f, cases[i].header, path);
        assert_status(reply, cases[i].status);
        if (cases[i].body)
            assert_string_equal(str_to_c(&f.arena, reply.body), cases[i].body);
        if (cases[i].content_range)
            assert_string_equal(reply_header(&f, &reply, "Content-Range"), cases[i].content_range);
    }
    Reply head = fixture_send(&f, "HEAD", S(""), (Str){0}, str_from_c(path));
    assert_status(head, 200);
    assert_string_equal(reply_header(&f, &head, "Content-Length"), "10");
    assert_int_equal(head.body.len, 0);
    fixture_close(&f);
}

static void test_files_of_a_workspace__are_seen_by_those_who_enter_it(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = upload_form(&f, f.workspace, one_part);
    const char *path = file_path(&f, &made), *id = strrchr(path, '/') + 1;
    assert_status(fixture_call(&f, "GET", NULL, "%s", path), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s/files/%s:download", f.workspace, id), 200);
    Reply other = fixture_call(&f, "POST", "{\"title\":\"Elsewhere\"}", "%s/workspaces", f.organization);
    const char *elsewhere = text_at(&f, other.json, "name");
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s/files/%s", elsewhere, id), 404);
    Reply inside = upload_form(&f, str_to_c(&f.arena, str_printf(&f.arena, "/api/v1/%s", elsewhere)), one_part);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", path), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s", file_path(&f, &inside)), 404);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/files/%s", f.workspace, id), 403);
    f.as = f.other_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s:download", path), 404);
    fixture_close(&f);
}

static void test_delete__leaves_equal_bytes_of_others(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply one = upload_form(&f, f.organization, one_part), two = upload_form(&f, f.organization, one_part);
    Reply gone = fixture_call(&f, "DELETE", NULL, "%s", file_path(&f, &one));
    assert_status(gone, 200);
    assert_true(str_eq(gone.body, S("{}")));
    assert_status(fixture_call(&f, "GET", NULL, "%s:download", file_path(&f, &one)), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s:download", file_path(&f, &two)), 200);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", file_path(&f, &one)), 404);
    fixture_close(&f);
}

/* Of an organization that may have 30 bytes together; each file here has 19. */
static void assert_no_room(Fixture *f, Reply refused)
{
    assert_status(refused, 429);
    assert_text(f, refused.json, "error.status", "RESOURCE_EXHAUSTED");
    assert_text(
        f, refused.json, "message",
        "the organization's files may have 30 bytes together; they have 19, and this one has 19: delete some, or "
        "have organization-file-mb raised");
}

static void test_upload__keeps_to_the_room_of_the_organization(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    f.organization_file_bytes = 30;
    fixture_restart(&f);
    Reply first = upload_form(&f, f.organization, one_part);
    assert_status(first, 200);
    assert_no_room(&f, upload_form(&f, f.organization, one_part));
    assert_no_room(&f, upload_form(&f, f.workspace, one_part));
    Reply url = fixture_call(&f, "POST", "{}", "%s/files:generateUploadUrl", f.organization);
    const char *target = strstr(text_at(&f, url.json, "upload_uri"), "/api/v1/");
    assert_no_room(&f, fixture_call(&f, "PUT", "number,total\r\n1,2\r\n", "%s&filename=a.csv", target));
    assert_int_equal(fixture_count_blobs(&f), 1); /* what was refused does not take the disk's room either */
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", file_path(&f, &first)), 200);
    assert_status(upload_form(&f, f.organization, one_part), 200);
    f.as = f.other_token; /* others have their own room */
    assert_status(
        upload_form(
            &f, str_to_c(&f.arena, str_slice(str_from_c(f.other_workspace), 0, strlen("/api/v1/organizations/") + 21)),
            one_part),
        200);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upload__takes_a_form_with_one_part),
        cmocka_unit_test(test_upload__takes_a_form_with_name_and_content),
        cmocka_unit_test(test_upload__takes_json),
        cmocka_unit_test(test_upload__refuses_what_is_no_file),
        cmocka_unit_test(test_upload__tells_what_the_bytes_are),
        cmocka_unit_test(test_upload__streams_large_files_unchanged),
        cmocka_unit_test(test_upload__of_a_client_that_leaves_keeps_nothing),
        cmocka_unit_test(test_download__gives_ranges),
        cmocka_unit_test(test_files_of_a_workspace__are_seen_by_those_who_enter_it),
        cmocka_unit_test(test_delete__leaves_equal_bytes_of_others),
        cmocka_unit_test(test_upload__keeps_to_the_room_of_the_organization),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

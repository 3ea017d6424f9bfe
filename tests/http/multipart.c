/* Tests of http/multipart.h: every body is fed whole, and again byte by byte. */
#include "base/check.h"
#include "base/buf.h"
#include "http/multipart.h"

typedef struct Record {
    Buf text; /* "[name|filename|type]data;" a part */
    int refuse_at_part;
    int parts;
} Record;

static bool part_begin(void *self, const MultipartPart *part, Error *err)
{
    Record *record = self;
    if (++record->parts == record->refuse_at_part)
        return error_set(err, PERMISSION_DENIED, "", "enough");
    buf_printf(&record->text, "[%.*s|%s%.*s|%.*s]", STR_ARG(part->name), part->filename.data ? "" : "-",
               STR_ARG(part->filename), STR_ARG(part->content_type));
    return true;
}

static bool part_data(void *self, Str piece, Error *err)
{
    (void)err;
    assert_true(piece.len > 0);
    buf_str(&((Record *)self)->text, piece);
    return true;
}

static bool part_end(void *self, Error *err)
{
    (void)err;
    buf_char(&((Record *)self)->text, ';');
    return true;
}

static bool parse(Arena *arena, Str type, Str body, size_t step, Str *out, Error *err)
{
    Record record = {.text = buf_in(arena)};
    Multipart *multipart = NEW(arena, Multipart);
    MultipartHooks hooks = {&record, part_begin, part_data, part_end};
    if (!multipart_init(multipart, arena, type, hooks, err))
        return false;
    for (size_t at = 0; at < body.len; at += step)
        if (!multipart_feed(multipart, str_slice(body, at, at + step), err))
            return false;
    *out = buf_view(&record.text);
    return multipart_finish(multipart, err);
}

#define TYPE S("multipart/form-data; boundary=XX")
#define DISPOSITION "Content-Disposition: form-data; name=\"f\""

static const struct {
    const char *body;
    const char *expected;
} good[] = {
    {"--XX\r\n" DISPOSITION "\r\n\r\nhello\r\n--XX--\r\n", "[f|-|]hello;"},
    {"--XX\r\n" DISPOSITION "\r\n\r\n\r\n--XX--", "[f|-|];"},
    {"preamble\r\n--XX \t\r\n" DISPOSITION "\r\n\r\na\r\n--XX--\r\nepilogue", "[f|-|]a;"},
    {"--XX\r\n" DISPOSITION "; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n1,2\r\n3,4\r\n\r\n--XX\r\n"
     "content-disposition:form-data;name=g\r\n\r\n--X\r\n-\r\n--XY\r\n--XX--",
     "[f|a.csv|text/csv]1,2\r\n3,4\r\n;[g|-|]--X\r\n-\r\n--XY;"},
    {"--XX\r\n" DISPOSITION "; filename=\"C:\\dir\\a.csv\"\r\n\r\nx\r\n--XX--", "[f|a.csv|]x;"},
    {"--XX\r\n" DISPOSITION "; filename=\"../../etc/passwd\"\r\n\r\nx\r\n--XX--", "[f|passwd|]x;"},
    {"--XX\r\n" DISPOSITION "; filename=\"a\\\"b%22c.csv\"\r\n\r\nx\r\n--XX--", "[f|a\"b\"c.csv|]x;"},
    {"--XX\r\n" DISPOSITION "; filename=\"x\"; filename*=UTF-8''na%C3%AFve.csv\r\n\r\nx\r\n--XX--",
     "[f|na\xC3\xAFve.csv|]x;"},
    {"--XX\r\n" DISPOSITION "; filename=\"plain\"; filename*=KOI8-R''x\r\n\r\nx\r\n--XX--", "[f|plain|]x;"},
    {"--XX\r\n" DISPOSITION "; filename=\"\"\r\n\r\nx\r\n--XX--", "[f||]x;"},
    {"--XX\r\n" DISPOSITION "\r\nContent-Transfer-Encoding: binary\r\n\r\n\r\r\n\r\r\n--XX--", "[f|-|]\r\r\n\r;"},
    {"--XX--\r\n", ""},
};

static void test_multipart__reads_what_clients_send(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        Str body = str_from_c(good[i].body);
        for (size_t step = 1; step <= body.len; step = step < 7 ? step + 1 : step == 7 ? body.len : body.len + 1) {
            Arena arena = {0};
            Str found = {0};
            Error err;
            assert_fine(parse(&arena, TYPE, body, step, &found, &err), &err);
            assert_str_equal(found, str_from_c(good[i].expected));
            arena_done(&arena);
        }
    }
}

static const char *const bad[] = {
    "",
    "--XX",
    "--XX\r\n" DISPOSITION "\r\n\r\nhello",
    "--XX\r\n" DISPOSITION "\r\n\r\nhello\r\n--XX",
    "--XX\r\n" DISPOSITION "\r\n\r\nhello\r\n--XX-",
    "--XX\n" DISPOSITION "\n\nhello\n--XX--",
    "--XX\r\n" DISPOSITION "\n\r\nx\r\n--XX--",
    "--XXX\r\n" DISPOSITION "\r\n\r\nx\r\n--XX--",
    "--XX-x" DISPOSITION "\r\n\r\nx\r\n--XX--",
    "--XX\r\n\r\nno disposition\r\n--XX--",
    "--XX\r\nContent-Disposition: attachment; name=\"f\"\r\n\r\nx\r\n--XX--",
    "--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--",
    "--XX\r\n" DISPOSITION "\r\n" DISPOSITION "\r\n\r\nx\r\n--XX--",
    "--XX\r\n" DISPOSITION "; filename=\"a\x01\"\r\n\r\nx\r\n--XX--",
    "--XX\r\n" DISPOSITION "; filename=\"a\xff\"\r\n\r\nx\r\n--XX--",
    "--XX\r\n" DISPOSITION "; filename*=KOI8-R''x\r\n\r\nx\r\n--XX--",
    "--XX\r\nno colon\r\n" DISPOSITION "\r\n\r\nx\r\n--XX--",
    "--XX\r\n" DISPOSITION "\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--XX--",
};

static void test_multipart__refuses_what_is_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Arena arena = {0};
        Str body = str_from_c(bad[i]), found;
        Error err;
        if (parse(&arena, TYPE, body, MAX_OF(body.len, 1), &found, &err))
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(err.code, INVALID_ARGUMENT);
        assert_false(parse(&arena, TYPE, body, 1, &found, &err));
        arena_done(&arena);
    }
}

static void test_multipart_init__checks_the_content_type(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool good;
    } rows[] = {
        {"multipart/form-data; boundary=abc", true},
        {"Multipart/Form-Data;charset=utf-8; BOUNDARY=\"a b c\"", true},
        {"multipart/form-data", false},
        {"multipart/form-data; boundary=", false},
        {"multipart/form-data; boundary=\"\"", false},
        {"multipart/mixed; boundary=abc", false},
        {"application/json", false},
        {"", false},
        {"multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789", true},
        {"multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890",
         false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Arena arena = {0};
        Error err;
        Multipart *multipart = NEW(&arena, Multipart);
        if (multipart_init(multipart, &arena, str_from_c(rows[i].type), (MultipartHooks){0}, &err) != rows[i].good)
            fail_msg("%s", rows[i].type);
        arena_done(&arena);
    }
}

static void test_multipart__is_bounded(void **state)
{
    (void)state;
    Arena arena = {0};
    Str found;
    Error err;
    Buf body = buf_in(&arena);
    for (int i = 0; i <= MULTIPART_MAX_PARTS; i++)
        buf_str(&body, S("--XX\r\n" DISPOSITION "\r\n\r\nx\r\n"));
    buf_str(&body, S("--XX--"));
    assert_false(parse(&arena, TYPE, buf_view(&body), body.len, &found, &err));
    body = buf_in(&arena);
    buf_str(&body, S("--XX\r\n" DISPOSITION "\r\nX-Long: "));
    for (int i = 0; i < MULTIPART_MAX_HEAD; i++)
        buf_char(&body, 'x');
    assert_false(parse(&arena, TYPE, buf_view(&body), body.len, &found, &err));
    body = buf_in(&arena);
    for (int i = 0; i <= MULTIPART_MAX_PREAMBLE; i++)
        buf_char(&body, 'x');
    assert_false(parse(&arena, TYPE, buf_view(&body), body.len, &found, &err));
    arena_done(&arena);
}

static void test_multipart__passes_up_the_refusal_of_a_hook(void **state)
{
    (void)state;
    Arena arena = {0};
    Record record = {.text = buf_in(&arena), .refuse_at_part = 2};
    Multipart *multipart = NEW(&arena, Multipart);
    Error err;
    assert_fine(
        multipart_init(multipart, &arena, TYPE, (MultipartHooks){&record, part_begin, part_data, part_end}, &err),
        &err);
    assert_false(multipart_feed(
        multipart, S("--XX\r\n" DISPOSITION "\r\n\r\nx\r\n--XX\r\n" DISPOSITION "\r\n\r\ny\r\n--XX--"), &err));
    assert_int_equal(err.code, PERMISSION_DENIED);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multipart__reads_what_clients_send),
        cmocka_unit_test(test_multipart__refuses_what_is_malformed),
        cmocka_unit_test(test_multipart_init__checks_the_content_type),
        cmocka_unit_test(test_multipart__is_bounded),
        cmocka_unit_test(test_multipart__passes_up_the_refusal_of_a_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

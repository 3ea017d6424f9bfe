#include <string.h>

#include "books/encoding.h"
#include "books/world.h"
#include "value/wire.h"

typedef struct Fixture {
    Arena arena;
    World world;
    Error err;
    Value out;
} Fixture;

static void fixture_done(Fixture *f)
{
    world_done(&f->world);
    arena_done(&f->arena);
}

static bool call(Fixture *f, const char *procedure, const Argument *arguments, uint32_t n)
{
    BookContext context = world_context(&f->world);
    f->err = (Error){0};
    return books_call(&context, catalog_find(books_catalog(), S("files"), str_from_c(procedure)), arguments, n,
                      &f->arena, &f->out, &f->err);
}

static Value file_of(Fixture *f, const char *filename, Str content)
{
    f->world.n_files = 0;
    return world_file(&f->arena, &f->world, filename, content);
}

static Str result_json(Fixture *f)
{
    Buf buf = buf_in(&f->arena);
    JsonOut out = json_out(&buf);
    value_to_plain_json(&out, f->out);
    return buf_view(&buf);
}

static void test_files_read_table__in_any_encoding(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *encoding;
    } rows[] = {
        {"n,t\nCaf\xC3\xA9,1\n", 12, NULL},
        {"\xEF\xBB\xBFn,t\nCaf\xC3\xA9,1\n", 15, NULL},
        {"n,t\nCaf\xE9,1\n", 11, NULL},
        {"n,t\nCaf\xE9,1\n", 11, "latin-1"},
        {"\xFF\xFEn\0,\0t\0\n\0C\0a\0f\0\xE9\0,\0\x31\0\n\0", 24, NULL},
        {"n\0,\0t\0\n\0C\0a\0f\0\xE9\0,\0\x31\0\n\0", 22, NULL},
        {"\0n\0,\0t\0\n\0C\0a\0f\0\xE9\0,\0\x31\0\n", 22, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(fixture_done)
        Fixture f = {0};
        Argument arguments[] = {
            {S("file"), file_of(&f, "t.csv", str_of(rows[i].bytes, rows[i].len))},
            {S("encoding"), rows[i].encoding ? value_text(str_from_c(rows[i].encoding)) : value_null()}};
        assert_fine(call(&f, "read_table", arguments, 2), &f.err);
        assert_str_equal(result_json(&f), S("[{\"n\":\"Café\",\"t\":1}]"));
    }
}

static void test_files_read_table__says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *parameter, *value, *refusal;
    } rows[] = {
        {"PK\x03\x04", NULL, NULL, "t.csv is damaged ("},
        {"%PDF-1.7", NULL, NULL, "t.csv is a PDF document"},
        {"a,b\n1\n", NULL, NULL, "row 1 (line 2) of t.csv has 1 cell, but"},
        {"a,b\n1,2\n", "separator", "::", "\"::\" cannot separate cells"},
        {"a,b\n1,2\n", "separator", "\"", "cannot separate cells"},
        {"a,b\n1,2\n", "encoding", "klingon", "\"klingon\" is no encoding that is read here: use utf-8"},
        {"a\xE9,b\n1,2\n", "encoding", "utf-8", "breaks the rules of utf-8 at byte 1"},
        {"a,b\n1,2\n", "encoding", "utf-16", "breaks the rules"},
        {"a,b\n1,2\n", "decimal_symbol", "x", "\"x\" is no decimal symbol"},
        {"a,b\n1,2\n", "header_row", "-1", "a whole number from 0 to 1000"},
        {"a,b\n1,2\n", "text_columns", "c", "t.csv has no column called \"c\""},
        {"a,b\n1,2\n", "sheet", "March", "the file is no Excel workbook: take out the line with the sheet"},
        {"a,b\n1,2\n", "merged_cells", "all", "the file is no Excel workbook: take out the line with the merged cells"},
        {"\xD0\xCF\x11\xE0", NULL, NULL, "t.csv is an old Excel workbook (.xls), or one with a password"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(fixture_done)
        Fixture f = {0};
        Str bytes = str_from_c(rows[i].bytes);
        if (rows[i].value && str_eq(str_from_c(rows[i].value), S("utf-16")))
            bytes.len--; /* an odd number of bytes */
        Argument arguments[] = {{S("file"), file_of(&f, "t.csv", bytes)},
                                {str_from_c(rows[i].parameter), value_text(str_from_c(rows[i].value))}};
        bool done = call(&f, "read_table", arguments, rows[i].parameter ? 2 : 1);
        if (done || !strstr(f.err.message, rows[i].refusal))
            print_error("%s: %s\n", rows[i].bytes, done ? "was read" : f.err.message);
        assert_false(done);
        assert_non_null(strstr(f.err.message, rows[i].refusal));
        assert_true(f.err.field[0] != '\0');
    }
}

static void test_files_read_table__needs_a_file_that_is_there(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Argument arguments[] = {{S("file"), value_file(&f.arena, (FileRef){.name = S("files/9")})}};
    assert_false(call(&f, "read_table", arguments, 1));
    assert_int_equal(f.err.code, NOT_FOUND);
    arguments[0].value = value_file(&f.arena, (FileRef){.is_inline = true, .content = S("a,b\n1,2\n")});
    assert_fine(call(&f, "read_table", arguments, 1), &f.err);
    assert_str_equal(result_json(&f), S("[{\"a\":1,\"b\":2}]"));
}

static void test_files_write_table__is_read_again(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Argument read[] = {{S("file"), file_of(&f, "t.csv", S("name;total\nMiller, Ann;1.250,00\n;3\n"))}};
    assert_fine(call(&f, "read_table", read, 1), &f.err);
    Str before = result_json(&f);
    Argument write[] = {{S("table"), f.out},
                        {S("name"), value_text(S(" out.csv "))},
                        {S("separator"), value_text(S("tab"))},
                        {S("decimal_symbol"), value_text(S(","))}};
    assert_fine(call(&f, "write_table", write, 4), &f.err);
    assert_str_equal(f.out.file->filename, S("out.csv"));
    assert_str_equal(f.world.saved_mime_type, S("text/csv"));
    assert_str_equal(f.world.contents[1], S("name\ttotal\r\nMiller, Ann\t1250,00\r\n\t3\r\n"));
    read[0].value = f.out;
    assert_fine(call(&f, "read_table", read, 1), &f.err);
    assert_str_equal(result_json(&f), before);
}

static void test_files_write__refuses_names_with_paths(void **state)
{
    (void)state;
    static const char *const names[] = {"", "  ", "..", "a/b", "..\\x", "a\nb"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(fixture_done)
        Fixture f = {0};
        Argument arguments[] = {{S("text"), value_text(S("x"))}, {S("name"), value_text(str_from_c(names[i]))}};
        assert_false(call(&f, "write_text", arguments, 2));
        assert_string_equal(f.err.field, "name");
        assert_int_equal(f.world.n_files, 0);
    }
}

static void test_files_json__keeps_numbers_exact(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Str json = S("{\"total\":0.10,\"lines\":[{\"n\":12345678901234567890},null,true,\"x\"]}");
    Argument read[] = {{S("file"), file_of(&f, "o.json", json)}};
    assert_fine(call(&f, "read_json", read, 1), &f.err);
    Argument write[] = {{S("value"), f.out}, {S("name"), value_text(S("out.json"))}};
    assert_fine(call(&f, "write_json", write, 2), &f.err);
    assert_str_equal(str_trim(f.world.contents[1]), json);
    assert_str_equal(f.world.saved_mime_type, S("application/json"));
}

static void test_files_read_json__says_what_is_wrong(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Argument arguments[] = {{S("file"), file_of(&f, "o.json", S("{\"a\":}"))}};
    assert_false(call(&f, "read_json", arguments, 1));
    assert_non_null(strstr(f.err.message, "o.json is not JSON: "));
    Buf deep = buf_in(&f.arena);
    for (int i = 0; i < 100000; i++)
        buf_char(&deep, '[');
    arguments[0].value = file_of(&f, "o.json", buf_view(&deep));
    assert_false(call(&f, "read_json", arguments, 1));
}

static void test_files_text__there_and_back(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Argument write[] = {{S("text"), value_text(S("Dear Ms Müller\n"))}, {S("name"), value_text(S("letter.txt"))}};
    assert_fine(call(&f, "write_text", write, 2), &f.err);
    Argument read[] = {{S("file"), f.out}};
    assert_fine(call(&f, "read_text", read, 1), &f.err);
    assert_str_equal(value_str(f.out), S("Dear Ms Müller\n"));
}

static void test_files_write_table__as_a_workbook(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Argument read[] = {{S("file"), file_of(&f, "t.csv", S("name;total\nMiller;1.250,00\n;3\n"))},
                       {S("sheet"), value_null()}};
    assert_fine(call(&f, "read_table", read, 1), &f.err);
    Str before = result_json(&f);
    Argument write[] = {{S("table"), f.out},
                        {S("name"), value_text(S("Out.XLSX"))},
                        {S("sheet"), value_text(S("March"))},
                        {S("separator"), value_null()}};
    assert_fine(call(&f, "write_table", write, 4), &f.err);
    assert_str_equal(f.world.saved_mime_type, S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
    read[0].value = f.out;
    read[1].value = value_text(S("march"));
    assert_fine(call(&f, "read_table", read, 2), &f.err);
    assert_str_equal(result_json(&f), before);
    read[1].value = value_int(1);
    assert_fine(call(&f, "read_table", read, 2), &f.err);
    read[1].value = value_text(S("April"));
    assert_false(call(&f, "read_table", read, 2));
    assert_string_equal(f.err.field, "sheet");
    assert_string_equal(f.err.message, "Out.XLSX has no sheet called \"April\"; its sheets are: \"March\"");
    read[1] = (Argument){S("encoding"), value_text(S("utf-8"))};
    assert_false(call(&f, "read_table", read, 2));
    assert_string_equal(f.err.message, "the file is an Excel workbook: take out the line with the encoding");
    read[1] = (Argument){S("merged_cells"), value_text(S("none"))};
    assert_false(call(&f, "read_table", read, 2));
    assert_non_null(strstr(f.err.message, "\"none\" is not known here"));
    write[3].value = value_text(S(";"));
    assert_false(call(&f, "write_table", write, 4));
    assert_non_null(strstr(f.err.message, "an Excel workbook has neither a separator"));
    write[1].value = value_text(S("out.csv"));
    assert_false(call(&f, "write_table", write, 4));
    assert_non_null(strstr(f.err.message, "only a workbook has sheets"));
}

static void test_files_write_workbook__a_sheet_for_each_table(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Value sheets = value_record_new(&f.arena), row = value_record_new(&f.arena), rows = value_list_new(&f.arena, 1);
    record_set(&f.arena, row.record, value_text(S("a")), value_int(5));
    list_add(&f.arena, rows.list, row);
    record_set(&f.arena, sheets.record, value_text(S("March")), rows);
    record_set(&f.arena, sheets.record, value_text(S("April")), value_list_new(&f.arena, 0));
    Argument write[] = {{S("sheets"), sheets}, {S("name"), value_text(S("report.xlsx"))}};
    assert_fine(call(&f, "write_workbook", write, 2), &f.err);
    Argument read[] = {{S("file"), f.out}, {S("sheet"), value_text(S("March"))}};
    assert_fine(call(&f, "sheets", read, 1), &f.err);
    assert_str_equal(result_json(&f), S("[\"March\",\"April\"]"));
    assert_fine(call(&f, "read_table", read, 2), &f.err);
    assert_str_equal(result_json(&f), S("[{\"a\":5}]"));
    assert_fine(call(&f, "describe", read, 1), &f.err);
    assert_non_null(strstr(str_to_c(&f.arena, result_json(&f)), "\"kind\":\"workbook\",\"encoding\":null"));
    write[1].value = value_text(S("report.csv"));
    assert_false(call(&f, "write_workbook", write, 2));
    assert_string_equal(f.err.field, "name");
    read[0].value = file_of(&f, "a.csv", S("a\n1\n"));
    assert_false(call(&f, "sheets", read, 1));
    assert_string_equal(f.err.message, "a.csv is no Excel workbook (.xlsx): it has no sheets");
}

static void test_files_describe__what_reading_would_find_out(void **state)
{
    (void)state;
    static const struct {
        Str content;
        const char *expected;
    } rows[] = {
        {S_INIT("a;b\r\n\xC4;2\r\n"), "\"kind\":\"text\",\"encoding\":\"windows-1252\",\"separator\":\";\",\"columns\":"
                                      "[\"a\",\"b\"],\"sheets\":null}"},
        {S_INIT("sep=|\nx|y\n1|2,3\n"), "\"encoding\":\"utf-8\",\"separator\":\"|\",\"columns\":[\"x\",\"y\"]"},
        {S_INIT("a\tb\n1\t2\n"), "\"separator\":\"tab\",\"columns\":[\"a\",\"b\"]"},
        {S_INIT("%PDF-1.7"), "\"kind\":\"other\",\"encoding\":null,\"separator\":null,\"columns\":null"},
        {S_INIT(""), "\"kind\":\"text\",\"encoding\":\"utf-8\",\"separator\":\",\",\"columns\":null"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(fixture_done)
        Fixture f = {0};
        Argument read[] = {{S("file"), file_of(&f, "t.csv", rows[i].content)}};
        assert_fine(call(&f, "describe", read, 1), &f.err);
        const char *found = str_to_c(&f.arena, result_json(&f));
        if (!strstr(found, rows[i].expected))
            print_error("%s\n", found);
        assert_non_null(strstr(found, rows[i].expected));
    }
}

static void test_files_describe__name_ending_size(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Argument read[] = {{S("file"), file_of(&f, "Invoices May.CSV", S("12345"))}};
    assert_fine(call(&f, "describe", read, 1), &f.err);
    assert_true(str_starts(result_json(&f), S("{\"name\":\"Invoices May.CSV\",\"ending\":\"csv\",\"size\":5,")));
}

static void test_encoding_decode__beyond_the_basic_plane(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Str out;
    assert_fine(encoding_decode(&arena, str_of("\xFF\xFE\x3D\xD8\x00\xDE", 6), ENCODING_DETECT, &out, &err), &err);
    assert_str_equal(out, S("😀"));
    assert_false(encoding_decode(&arena, str_of("\xFF\xFE\x3D\xD8\x41\x00", 6), ENCODING_DETECT, &out, &err));
    assert_false(encoding_decode(&arena, str_of("\xFF\xFE\x00\xDE", 4), ENCODING_DETECT, &out, &err));
    assert_fine(encoding_decode(&arena, S("\x80 \x99"), ENCODING_DETECT, &out, &err), &err);
    assert_str_equal(out, S("€ ™"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_read_table__in_any_encoding),
        cmocka_unit_test(test_files_read_table__says_what_is_wrong),
        cmocka_unit_test(test_files_read_table__needs_a_file_that_is_there),
        cmocka_unit_test(test_files_write_table__is_read_again),
        cmocka_unit_test(test_files_write__refuses_names_with_paths),
        cmocka_unit_test(test_files_json__keeps_numbers_exact),
        cmocka_unit_test(test_files_read_json__says_what_is_wrong),
        cmocka_unit_test(test_files_text__there_and_back),
        cmocka_unit_test(test_files_write_table__as_a_workbook),
        cmocka_unit_test(test_files_write_workbook__a_sheet_for_each_table),
        cmocka_unit_test(test_files_describe__what_reading_would_find_out),
        cmocka_unit_test(test_files_describe__name_ending_size),
        cmocka_unit_test(test_encoding_decode__beyond_the_basic_plane),
    };
    return cmocka_run_group_tests_name("books/files", tests, NULL, NULL);
}

/* books/files.c: tables, JSON and text from and to files. */
#include <stdio.h>

#include "books/book.h"
#include "books/csv.h"
#include "books/encoding.h"
#include "books/xlsx.h"
#include "value/wire.h"

#define JSON_DEPTH_MAX 64
#define NAME_BYTES_MAX 200

/* What people send in place of a text file, by its first bytes. */
static const struct Lookalike {
    Str begins, what;
} lookalikes[] = {
    {S_INIT("PK\x03\x04"), S_INIT("an Excel workbook or another ZIP archive: read a table from it (get the … from the "
                                  "…), or send a text file")},
    {S_INIT("\xD0\xCF\x11\xE0"),
     S_INIT("an old Excel workbook (.xls), or one with a password: save it as .xlsx without a password and send that")},
    {S_INIT("%PDF-"), S_INIT("a PDF document: send the data it was made from")},
    {S_INIT("\x1F\x8B"), S_INIT("a gzip archive: unpack it first")},
    {S_INIT("\x89PNG"), S_INIT("a picture")},
    {S_INIT("\xFF\xD8\xFF"), S_INIT("a picture")},
};

static Str shown_name(const FileRef *file)
{
    Str name = file->filename.len ? file->filename : file->name;
    return name.len ? str_slice(name, 0, 100) : S("the file");
}

static bool refuse_lookalike(Str bytes, const FileRef *file, Error *err)
{
    for (size_t i = 0; i < COUNT_OF(lookalikes); i++) {
        if (str_starts(bytes, lookalikes[i].begins))
            return error_set(err, INVALID_ARGUMENT, "file", "%.*s is %.*s", STR_ARG(shown_name(file)),
                             STR_ARG(lookalikes[i].what));
    }
    return true;
}

static bool file_bytes(const BookContext *context, Arena *arena, const FileRef *file, Str *out, Error *err)
{
    if (!file->is_inline)
        return context->read_file(context->self, arena, file, BOOK_FILE_BYTES_MAX, out, err);
    *out = file->content;
    return true;
}

/* `encoding` may be left out. */
static bool decode_text(Arena *arena, const FileRef *file, Str bytes, Value encoding, Str *out, Error *err)
{
    Encoding known = ENCODING_DETECT;
    if (argument_given(encoding) && !encoding_from_name(value_str(encoding), &known, err))
        return false;
    return refuse_lookalike(bytes, file, err) && encoding_decode(arena, bytes, known, out, err);
}

/* The content of a text file as UTF-8. */
static bool file_text(const BookContext *context, Arena *arena, const FileRef *file, Value encoding, Str *out,
                      Error *err)
{
    Str bytes;
    return file_bytes(context, arena, file, &bytes, err) && decode_text(arena, file, bytes, encoding, out, err);
}

/* ---- reading ---- */
enum {
    READ_TABLE_FILE,
    READ_TABLE_SEPARATOR,
    READ_TABLE_ENCODING,
    READ_TABLE_HEADER_ROW,
    READ_TABLE_TEXT_COLUMNS,
    READ_TABLE_DECIMAL_SYMBOL,
    READ_TABLE_SHEET,
    READ_TABLE_MERGED_CELLS,
};
static const Parameter read_table_parameters[] = {
    [READ_TABLE_FILE] = {S_INIT("file"), &type_file, true,
                         S_INIT("a file of comma separated text (CSV) or an Excel workbook (.xlsx)")},
    [READ_TABLE_SEPARATOR] = {S_INIT("separator"), &type_text, false,
                              S_INIT("the character between two cells, or the word tab; found out when not given")},
    [READ_TABLE_ENCODING] = {S_INIT("encoding"), &type_text, false,
                             S_INIT("utf-8, utf-16le, utf-16be or windows-1252; found out when not given")},
    [READ_TABLE_HEADER_ROW] = {S_INIT("header_row"), &type_number, false,
                               S_INIT("the row that holds the column names, usually the first with content; in a "
                                      "workbook as Excel counts; 0 when there is none: columns are then called column "
                                      "1, column 2, …")},
    [READ_TABLE_TEXT_COLUMNS] = {S_INIT("text_columns"), &type_any, false,
                                 S_INIT("the columns that stay text whatever they hold: a name or a list of names")},
    [READ_TABLE_DECIMAL_SYMBOL] =
        {S_INIT("decimal_symbol"), &type_text, false,
         S_INIT("\".\" or \",\": how a figure like 1,250 is read where its column leaves it open; "
                "the workspace's preference when not given")},
    [READ_TABLE_SHEET] = {S_INIT("sheet"), &type_any, false,
                          S_INIT("of a workbook: the sheet's name, or its number from 1; the first that is not hidden "
                                 "when not given")},
    [READ_TABLE_MERGED_CELLS] =
        {S_INIT("merged_cells"), &type_text, false,
         S_INIT("of a workbook: \"all\" when the value of merged cells stands in each of them, \"first\" when only in "
                "the first; asked for when not given and it matters")},
};

static bool separator_of(Value argument, char *out, Error *err)
{
    Str text = argument_given(argument) ? value_str(argument) : S("");
    if (text.len == 0)
        return true;
    bool tab = str_eq_fold(text, S("tab"));
    if (!tab && (text.len != 1 || strchr("\"\r\n", text.data[0]) || (unsigned char)text.data[0] >= 0x80))
        return error_set(err, INVALID_ARGUMENT, "separator",
                         "\"%.*s\" cannot separate cells: use one character, like \",\" or \";\", or the word tab",
                         STR_ARG(str_slice(text, 0, 20)));
    *out = tab ? '\t' : text.data[0];
    return true;
}

static bool decimal_comma_of(const BookContext *context, Value argument, bool *out, Error *err)
{
    *out = context->locale.decimal_symbol == DECIMAL_COMMA;
    if (!argument_given(argument))
        return true;
    Str symbol = value_str(argument);
    *out = str_eq(symbol, S(","));
    if (!*out && !str_eq(symbol, S(".")))
        return error_set(err, INVALID_ARGUMENT, "decimal_symbol", "\"%.*s\" is no decimal symbol: use \".\" or \",\"",
                         STR_ARG(str_slice(symbol, 0, 20)));
    return true;
}

/* What only a text file has is refused of a workbook, and the other way: it would do nothing in silence. */
static bool refuse_given(const Value *arguments, const int *which, size_t n, const char *of_what, Error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!argument_given(arguments[which[i]]))
            continue;
        Str name = read_table_parameters[which[i]].name;
        char field[64];
        (void)snprintf(field, sizeof field, "%.*s", STR_ARG(name));
        return error_set(err, INVALID_ARGUMENT, field, "the file is %s: take out the line with the %s", of_what,
                         which[i] == READ_TABLE_MERGED_CELLS ? "merged cells" : field);
    }
    return true;
}

static bool sheet_of(Value argument, XlsxOptions *out, Error *err)
{
    int64_t number = 0;
    if (argument_given(argument) && argument.kind == VALUE_TEXT)
        out->sheet = value_str(argument);
    else if (!argument_whole(argument, "sheet", 0, 1, XLSX_SHEETS_MAX, &number, err))
        return error_set(err, INVALID_ARGUMENT, "sheet", "name the sheet, like \"March\", or give its number from 1");
    out->sheet_number = (uint32_t)number;
    return true;
}

static bool merged_of(Value argument, XlsxMerged *out, Error *err)
{
    Str text = argument_given(argument) ? value_str(argument) : S("");
    bool all = str_eq(text, S("all"));
    if (text.len && !all && !str_eq(text, S("first")))
        return error_set(err, INVALID_ARGUMENT, "merged_cells", "\"%.*s\" is not known here: say \"all\" or \"first\"",
                         STR_ARG(str_clip(text, 40)));
    *out = all ? XLSX_MERGED_ALL : text.len ? XLSX_MERGED_FIRST : XLSX_MERGED_ASK;
    return true;
}

static bool read_workbook(Arena *arena, const Value *arguments, Str bytes, const CsvOptions *text_options, Value *out,
                          Error *err)
{
    static const int of_texts[] = {READ_TABLE_SEPARATOR, READ_TABLE_ENCODING};
    XlsxOptions options = {.columns = text_options->columns, .header_row = text_options->header_row};
    if (!argument_given(arguments[READ_TABLE_HEADER_ROW]))
        options.header_row = XLSX_FIRST_ROW;
    return refuse_given(arguments, of_texts, COUNT_OF(of_texts), "an Excel workbook", err) &&
           sheet_of(arguments[READ_TABLE_SHEET], &options, err) &&
           merged_of(arguments[READ_TABLE_MERGED_CELLS], &options.merged, err) &&
           xlsx_read(arena, bytes, &options, shown_name(arguments[READ_TABLE_FILE].file), out, err);
}

/* Decodes into `scratch`. */
static bool read_csv(Arena *arena, Arena *scratch, const Value *arguments, Str bytes, const CsvOptions *options,
                     Value *out, Error *err)
{
    static const int of_workbooks[] = {READ_TABLE_SHEET, READ_TABLE_MERGED_CELLS};
    const FileRef *file = arguments[READ_TABLE_FILE].file;
    Str text;
    return decode_text(scratch, file, bytes, arguments[READ_TABLE_ENCODING], &text, err) &&
           refuse_given(arguments, of_workbooks, COUNT_OF(of_workbooks), "no Excel workbook", err) &&
           csv_read(arena, text, options, shown_name(file), out, err);
}

static bool read_table(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    CsvOptions options = {0};
    int64_t header_row = 1;
    Str bytes;
    if (!separator_of(arguments[READ_TABLE_SEPARATOR], &options.separator, err) ||
        !decimal_comma_of(context, arguments[READ_TABLE_DECIMAL_SYMBOL], &options.columns.decimal_comma, err) ||
        !argument_whole(arguments[READ_TABLE_HEADER_ROW], "header_row", 1, 0, 1000, &header_row, err))
        return false;
    if (argument_given(arguments[READ_TABLE_TEXT_COLUMNS]) &&
        !argument_names(arena, arguments[READ_TABLE_TEXT_COLUMNS], "text_columns", &options.columns.text_columns,
                        &options.columns.n_text_columns, err))
        return false;
    options.header_row = (int32_t)header_row;
    options.columns.twelve_hours = context->locale.time_format == TIME_FORMAT_12_HOUR;
    AUTO(arena_done)
    Arena scratch = {0};
    if (!file_bytes(context, &scratch, arguments[READ_TABLE_FILE].file, &bytes, err))
        return false;
    if (!xlsx_looks_like(bytes))
        return read_csv(arena, &scratch, arguments, bytes, &options, out, err);
    arena_absorb(arena, &scratch); /* a workbook's texts may be views of it */
    return read_workbook(arena, arguments, bytes, &options, out, err);
}

static const Parameter sheets_parameters[] = {
    {S_INIT("file"), &type_file, true, S_INIT("an Excel workbook (.xlsx)")},
};

static bool sheets(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    const FileRef *file = arguments[0].file;
    Str bytes;
    if (!file_bytes(context, arena, file, &bytes, err))
        return false;
    if (!xlsx_looks_like(bytes))
        return error_set(err, INVALID_ARGUMENT, "file", "%.*s is no Excel workbook (.xlsx): it has no sheets",
                         STR_ARG(shown_name(file)));
    return xlsx_sheets(arena, bytes, shown_name(file), out, err);
}

enum { READ_FILE, READ_ENCODING };
static const Parameter read_text_parameters[] = {
    [READ_FILE] = {S_INIT("file"), &type_file, true, S_INIT("a text file")},
    [READ_ENCODING] = {S_INIT("encoding"), &type_text, false,
                       S_INIT("utf-8, utf-16le, utf-16be or windows-1252; found out when not given")},
};

static bool read_text(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    Str text;
    if (!file_text(context, arena, arguments[READ_FILE].file, arguments[READ_ENCODING], &text, err))
        return false;
    *out = value_text(text);
    return true;
}

static const Parameter read_json_parameters[] = {
    [READ_FILE] = {S_INIT("file"), &type_file, true, S_INIT("a file that holds one JSON value")},
};

static bool read_json(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    const FileRef *file = arguments[READ_FILE].file;
    const Json *json = NULL;
    Error why = {0};
    Str text;
    if (!file_text(context, arena, file, (Value){0}, &text, err))
        return false;
    if (!json_parse(arena, text, JSON_DEPTH_MAX, &json, &why))
        return error_set(err, INVALID_ARGUMENT, "file", "%.*s is not JSON: %s", STR_ARG(shown_name(file)), why.message);
    return value_from_plain_json(arena, json, out, err);
}

/* ---- writing ---- */
static bool name_check(Str name, Error *err)
{
    bool bad = name.len == 0 || name.len > NAME_BYTES_MAX || str_eq(name, S(".")) || str_eq(name, S(".."));
    for (size_t i = 0; i < name.len && !bad; i++)
        bad = strchr("/\\", name.data[i]) || (unsigned char)name.data[i] < 0x20;
    if (bad)
        return error_set(err, INVALID_ARGUMENT, "name",
                         "\"%.*s\" cannot be a file's name: use 1 to %d bytes without slashes, like \"decisions.csv\"",
                         STR_ARG(str_slice(name, 0, 60)), NAME_BYTES_MAX);
    return true;
}

static bool save(const BookContext *context, Arena *arena, Value name, Str mime_type, const Buf *content, Value *out,
                 Error *err)
{
    FileRef file = {0};
    Str filename = str_trim(value_str(name));
    if (!name_check(filename, err))
        return false;
    if (content->len > BOOK_FILE_BYTES_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "", "the file would have %zu bytes: %u are the most", content->len,
                         BOOK_FILE_BYTES_MAX);
    if (!context->save_file(context->self, arena, filename, mime_type, buf_view(content), &file, err))
        return false;
    *out = value_file(arena, file);
    return true;
}

enum { WRITE_CONTENT, WRITE_NAME, WRITE_SEPARATOR, WRITE_DECIMAL_SYMBOL, WRITE_SHEET };
#define WORKBOOK_TYPE S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
static const Parameter write_table_parameters[] = {
    [WRITE_CONTENT] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
    [WRITE_NAME] = {S_INIT("name"), &type_text, true,
                    S_INIT("the file's name, like \"decisions.csv\"; with .xlsx at its end an Excel workbook "
                           "is written")},
    [WRITE_SEPARATOR] = {S_INIT("separator"), &type_text, false,
                         S_INIT("the character between two cells, usually \",\"; or the word tab")},
    [WRITE_DECIMAL_SYMBOL] = {S_INIT("decimal_symbol"), &type_text, false, S_INIT("\".\" or \",\", usually \".\"")},
    [WRITE_SHEET] = {S_INIT("sheet"), &type_text, false, S_INIT("of a workbook: the sheet's name, usually \"Sheet1\"")},
};

static bool names_workbook(Value name)
{
    Str text = str_trim(value_str(name)), ending = S(".xlsx");
    return text.len > ending.len && str_eq_fold(str_skip(text, text.len - ending.len), ending);
}

static bool write_sheet(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    Value name = arguments[WRITE_SHEET];
    XlsxSheet sheet = {.name = argument_given(name) ? value_str(name) : S("Sheet1"),
                       .table = arguments[WRITE_CONTENT].table};
    if (argument_given(arguments[WRITE_SEPARATOR]) || argument_given(arguments[WRITE_DECIMAL_SYMBOL]))
        return error_set(err, INVALID_ARGUMENT, "name",
                         "an Excel workbook has neither a separator nor a decimal symbol: take out these lines, or "
                         "give a name that ends in .csv");
    Buf content = buf_in(arena);
    return xlsx_write(arena, &sheet, 1, &content, err) &&
           save(context, arena, arguments[WRITE_NAME], WORKBOOK_TYPE, &content, out, err);
}

static bool write_table(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    BookContext plain = *context;
    char separator = ',';
    bool decimal_comma = false;
    plain.locale.decimal_symbol = DECIMAL_PERIOD;
    if (names_workbook(arguments[WRITE_NAME]))
        return write_sheet(context, arena, arguments, out, err);
    if (argument_given(arguments[WRITE_SHEET]))
        return error_set(
            err, INVALID_ARGUMENT, "sheet",
            "only a workbook has sheets: give a name that ends in .xlsx, or take out the line with the sheet");
    if (!separator_of(arguments[WRITE_SEPARATOR], &separator, err) ||
        !decimal_comma_of(&plain, arguments[WRITE_DECIMAL_SYMBOL], &decimal_comma, err))
        return false;
    Buf content = buf_in(arena);
    csv_write(&content, arguments[WRITE_CONTENT].table, separator, decimal_comma);
    return save(context, arena, arguments[WRITE_NAME], S("text/csv"), &content, out, err);
}

static const Parameter write_workbook_parameters[] = {
    {S_INIT("sheets"), &type_record, true, S_INIT("a record: a table for each name of a sheet")},
    [WRITE_NAME] = {S_INIT("name"), &type_text, true, S_INIT("the file's name, like \"report.xlsx\"")},
};

static bool write_workbook(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    const Record *record = arguments[WRITE_CONTENT].record;
    XlsxSheet *sheets_to_write = NEW_ARRAY(arena, XlsxSheet, record->count);
    if (!names_workbook(arguments[WRITE_NAME]))
        return error_set(err, INVALID_ARGUMENT, "name", "a workbook's name ends in .xlsx, like \"report.xlsx\"");
    for (uint32_t i = 0; i < record->count; i++) {
        Value table;
        Buf name = buf_in(arena);
        value_print(&name, record->entries[i].key);
        if (!type_convert(arena, &type_table, record->entries[i].value, locale_reading(&context->locale), "sheets",
                          &table, err))
            return false;
        sheets_to_write[i] = (XlsxSheet){buf_view(&name), table.table};
    }
    Buf content = buf_in(arena);
    return xlsx_write(arena, sheets_to_write, record->count, &content, err) &&
           save(context, arena, arguments[WRITE_NAME], WORKBOOK_TYPE, &content, out, err);
}

static const Parameter write_json_parameters[] = {
    [WRITE_CONTENT] = {S_INIT("value"), &type_any, true, S_INIT("what to write; a table becomes a list of objects")},
    [WRITE_NAME] = {S_INIT("name"), &type_text, true, S_INIT("the file's name, like \"orders.json\"")},
};

static bool write_json(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    Buf content = buf_in(arena);
    JsonOut json = json_out(&content);
    value_to_plain_json(&json, arguments[WRITE_CONTENT]);
    buf_char(&content, '\n');
    return save(context, arena, arguments[WRITE_NAME], S("application/json"), &content, out, err);
}

static const Parameter write_text_parameters[] = {
    [WRITE_CONTENT] = {S_INIT("text"), &type_text, true, S_INIT("the whole content")},
    [WRITE_NAME] = {S_INIT("name"), &type_text, true, S_INIT("the file's name, like \"letter.txt\"")},
};

static bool write_text(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    Buf content = buf_in(arena);
    buf_str(&content, value_str(arguments[WRITE_CONTENT]));
    return save(context, arena, arguments[WRITE_NAME], S("text/plain; charset=utf-8"), &content, out, err);
}

/* ---- asking ---- */
static const Type names_type = {.kind = TYPE_LIST, .inner = &type_text};
static const Type optional_text = {.kind = TYPE_OPTIONAL, .inner = &type_text};
static const Type optional_names = {.kind = TYPE_OPTIONAL, .inner = &names_type};
static const TypeField description_fields[] = {
    {S_INIT("name"), &type_text},         {S_INIT("ending"), &type_text},       {S_INIT("size"), &type_number},
    {S_INIT("kind"), &type_text},         {S_INIT("encoding"), &optional_text}, {S_INIT("separator"), &optional_text},
    {S_INIT("columns"), &optional_names}, {S_INIT("sheets"), &optional_names},
};
static const Type description_type = {
    .kind = TYPE_RECORD, .fields = description_fields, .n_fields = COUNT_OF(description_fields)};
static const Parameter describe_parameters[] = {
    [READ_FILE] = {S_INIT("file"), &type_file, true, S_INIT("any file")},
};

static void describe_field(Arena *arena, Value record, const char *name, Value value)
{
    record_set(arena, record.record, value_text(str_from_c(name)), value);
}

static Value column_names(Arena *arena, const Table *table)
{
    Value names = value_list_new(arena, table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++)
        list_add(arena, names.list, value_text(table->columns[i].name));
    return names;
}

/* What reading a table from it would find out; nothing where it would fail. */
static void describe_content(Arena *arena, Str bytes, const FileRef *file, Value record)
{
    Error ignored;
    Str text;
    Value names = value_null(), encoding = value_null(), separator = value_null(), columns = value_null();
    const char *kind = "other";
    if (xlsx_looks_like(bytes) && xlsx_sheets(arena, bytes, shown_name(file), &names, &ignored)) {
        kind = "workbook";
    } else if (refuse_lookalike(bytes, file, &ignored) &&
               encoding_decode(arena, bytes, ENCODING_DETECT, &text, &ignored) && str_find_char(text, '\0') < 0) {
        CsvOptions options = {.header_row = 1, .separator = csv_detect_separator(text, 1), .plain = true};
        Value table;
        kind = "text";
        encoding = value_text(encoding_name(encoding_detect(bytes)));
        separator = value_text(options.separator == '\t' ? S("tab") : str_copy(arena, str_of(&options.separator, 1)));
        if (csv_read(arena, text, &options, shown_name(file), &table, &ignored))
            columns = column_names(arena, table.table);
    }
    describe_field(arena, record, "kind", value_text(str_from_c(kind)));
    describe_field(arena, record, "encoding", encoding);
    describe_field(arena, record, "separator", separator);
    describe_field(arena, record, "columns", columns);
    describe_field(arena, record, "sheets", names);
}

static bool describe(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    const FileRef *file = arguments[READ_FILE].file;
    Str bytes, name = file->filename.len ? file->filename : file->name;
    if (!file_bytes(context, arena, file, &bytes, err))
        return false;
    ptrdiff_t dot = str_find_last_char(name, '.');
    Value record = value_record_new(arena);
    describe_field(arena, record, "name", value_text(name));
    describe_field(arena, record, "ending",
                   value_text(dot > 0 ? str_lower(arena, str_skip(name, (size_t)dot + 1)) : S("")));
    describe_field(arena, record, "size", value_int((int64_t)bytes.len));
    describe_content(arena, bytes, file, record);
    *out = record;
    return true;
}

#define FILES(name, parameters, ...) BOOK_PROCEDURE("files", name, parameters, __VA_ARGS__)

static const BookEntry entries[] = {
    {FILES("read_table", read_table_parameters, .english = S_INIT("get {result} from {file}|read {result} from {file}"),
           .description =
               S_INIT("Reads a table from a CSV file or from a sheet of an Excel workbook. Columns of figures become "
                      "numbers, columns of ISO dates become dates and columns of times like 17:30 become times of "
                      "day; identifiers stay text. Columns that share a heading get numbers: total 1, total 2."),
           .example = S_INIT("get the invoices from the invoice file"), .result = &type_table, .effect = EFFECT_READ),
     read_table},
    {FILES(
         "write_table", write_table_parameters, .english = S_INIT("write {table} to a file called {name} as {result}"),
         .description = S_INIT("Writes a table to a CSV file, or to an Excel workbook when the name ends in .xlsx: the "
                               "names of the columns, then the rows."),
         .example = S_INIT("write the invoices to a file called \"decisions.csv\" as the decision file"),
         .result = &type_file, .effect = EFFECT_REPEATABLE),
     write_table},
    {FILES("sheets", sheets_parameters, .english = S_INIT("list the sheets of {file} as {result}"),
           .description = S_INIT("The names of the sheets of an Excel workbook, in the order of their tabs."),
           .example = S_INIT("list the sheets of the report file as the months"), .result = &names_type,
           .effect = EFFECT_READ),
     sheets},
    {FILES("write_workbook", write_workbook_parameters,
           .english = S_INIT("write {sheets} to a workbook called {name} as {result}"),
           .description = S_INIT("Writes several tables to one Excel workbook, each to a sheet of its own."),
           .example = S_INIT("write the report sheets to a workbook called \"report.xlsx\" as the report file"),
           .result = &type_file, .effect = EFFECT_REPEATABLE),
     write_workbook},
    {FILES("read_text", read_text_parameters, .english = S_INIT("extract the text of {file} as {result}"),
           .description = S_INIT("Reads a whole text file."),
           .example = S_INIT("extract the text of the note as the note text"), .result = &type_text,
           .effect = EFFECT_READ),
     read_text},
    {FILES("write_text", write_text_parameters,
           .english = S_INIT("write {text} to a text file called {name} as {result}"),
           .description = S_INIT("Writes a text to a file, as UTF-8."),
           .example = S_INIT("write the letter to a text file called \"letter.txt\" as the letter file"),
           .result = &type_file, .effect = EFFECT_REPEATABLE),
     write_text},
    {FILES("read_json", read_json_parameters, .english = S_INIT("parse the json in {file} as {result}"),
           .description = S_INIT("Reads a JSON file: objects become records, arrays become lists, numbers stay exact."),
           .example = S_INIT("parse the json in the order file as the order"), .result = &type_any,
           .effect = EFFECT_READ),
     read_json},
    {FILES("write_json", write_json_parameters,
           .english = S_INIT("write {value} to a json file called {name} as {result}"),
           .description = S_INIT("Writes any value to a file as JSON. Numbers are written with all their digits."),
           .example = S_INIT("write the order to a json file called \"order.json\" as the order file"),
           .result = &type_file, .effect = EFFECT_REPEATABLE),
     write_json},
    {FILES("describe", describe_parameters, .english = S_INIT("describe {file} as {result}"),
           .description =
               S_INIT("Tells a file's name, the ending of its name, its size in bytes, its kind (\"workbook\", "
                      "\"text\" or \"other\"), and how a table would be read from it: the encoding and the "
                      "separator that are found out, and the names of the columns; of a workbook, its sheets."),
           .example = S_INIT("describe the invoice file as the description"), .result = &description_type,
           .effect = EFFECT_READ),
     describe},
};

const Book files_book = {
    .name = S_INIT("files"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("Files"),
    .summary = S_INIT("Read and write tables, JSON and text"),
    .description = S_INIT(
        "Tables come from CSV files as offices save them: the separator and the encoding are found out, spaces "
        "around cells and names are cut off, rows without content are skipped, and an empty cell is "
        "nothing at all. A column becomes numbers when all of its cells are figures, such as 1250, "
        "1,250.00, $120.20 or (17.50), and dates when all of them are dates like 2026-04-14; yes or no when all of "
        "them are true or false, while yes and no stay text. Columns that name an identifier (their name ends in "
        "number, no, id, code, reference, account …), figures with needless zeros in front, and figures of more than "
        "15 digits stay text. In a column that names "
        "an amount (total, price, quantity …), the figures become numbers even if some cells are none.\n\n"
        "It becomes times of day when all of its cells are times like 17:30 or 5:30 PM, and dates with times when all "
        "are like 2026-04-14 09:30. In a column that names a time of day (its name ends in start, end, in, out, from, "
        "to, arrival, time …) the times become times of day even if some cells are none. In one that names a length of "
        "time (break, lunch, hours, worked, overtime, duration …), 0:45, 38:30 and 45 min become lengths of time; they "
        "are written as 0:45. Where the workspace counts to twelve, 5:30 stays text, and whoever reckons with it is "
        "asked, unless another cell of the column shows that it counts to 24.\n\n"
        "Excel workbooks (.xlsx) are read sheet by sheet, with the same rules for names and texts. Figures are "
        "exactly those that Excel shows, to 15 digits; what its format shows as a date, a time or hours is one; a "
        "formula is what Excel last worked out for it; an error like #DIV/0! stays that text. Hidden rows and "
        "columns are read like others. A workbook that was written here is read back as it was."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};

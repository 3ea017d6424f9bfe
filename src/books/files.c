/* books/files.c: tables, JSON and text from and to files. */
#include "books/book.h"
#include "books/csv.h"
#include "books/encoding.h"
#include "value/wire.h"

#define JSON_DEPTH_MAX 64
#define NAME_BYTES_MAX 200

/* What people send in place of a text file, by its first bytes. */
static const struct Lookalike {
    Str begins, what;
} lookalikes[] = {
    {S_INIT("PK\x03\x04"), S_INIT("an Excel workbook or another ZIP archive: save it as CSV and send that")},
    {S_INIT("\xD0\xCF\x11\xE0"), S_INIT("an old Excel workbook: save it as CSV and send that")},
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

/* The content of a text file as UTF-8; `encoding` may be left out. */
static bool file_text(const BookContext *context, Arena *arena, const FileRef *file, Value encoding, Str *out,
                      Error *err)
{
    Encoding known = ENCODING_DETECT;
    Str bytes;
    if (argument_given(encoding) && !encoding_from_name(value_str(encoding), &known, err))
        return false;
    return file_bytes(context, arena, file, &bytes, err) && refuse_lookalike(bytes, file, err) &&
           encoding_decode(arena, bytes, known, out, err);
}

/* ---- reading ---- */
enum {
    READ_TABLE_FILE,
    READ_TABLE_SEPARATOR,
    READ_TABLE_ENCODING,
    READ_TABLE_HEADER_ROW,
    READ_TABLE_TEXT_COLUMNS,
    READ_TABLE_DECIMAL_SYMBOL,
};
static const Parameter read_table_parameters[] = {
    [READ_TABLE_FILE] = {S_INIT("file"), &type_file, true, S_INIT("a file of comma separated text (CSV)")},
    [READ_TABLE_SEPARATOR] = {S_INIT("separator"), &type_text, false,
                              S_INIT("the character between two cells, or the word tab; found out when not given")},
    [READ_TABLE_ENCODING] = {S_INIT("encoding"), &type_text, false,
                             S_INIT("utf-8, utf-16le, utf-16be or windows-1252; found out when not given")},
    [READ_TABLE_HEADER_ROW] = {S_INIT("header_row"), &type_number, false,
                               S_INIT(
                                   "the row that holds the column names, usually 1; 0 when there is none: columns are "
                                   "then called column 1, column 2, …")},
    [READ_TABLE_TEXT_COLUMNS] = {S_INIT("text_columns"), &type_any, false,
                                 S_INIT("the columns that stay text whatever they hold: a name or a list of names")},
    [READ_TABLE_DECIMAL_SYMBOL] =
        {S_INIT("decimal_symbol"), &type_text, false,
         S_INIT("\".\" or \",\": how a figure like 1,250 is read where its column leaves it open; "
                "the workspace's preference when not given")},
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

static bool read_table(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    const FileRef *file = arguments[READ_TABLE_FILE].file;
    CsvOptions options = {0};
    int64_t header_row = 1;
    Str text;
    if (!separator_of(arguments[READ_TABLE_SEPARATOR], &options.separator, err) ||
        !decimal_comma_of(context, arguments[READ_TABLE_DECIMAL_SYMBOL], &options.columns.decimal_comma, err) ||
        !argument_whole(arguments[READ_TABLE_HEADER_ROW], "header_row", 1, 0, 1000, &header_row, err))
        return false;
    if (argument_given(arguments[READ_TABLE_TEXT_COLUMNS]) &&
        !argument_names(arena, arguments[READ_TABLE_TEXT_COLUMNS], "text_columns", &options.columns.text_columns,
                        &options.columns.n_text_columns, err))
        return false;
    options.header_row = (int32_t)header_row;
    return file_text(context, arena, file, arguments[READ_TABLE_ENCODING], &text, err) &&
           csv_read(arena, text, &options, shown_name(file), out, err);
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

enum { WRITE_CONTENT, WRITE_NAME, WRITE_SEPARATOR, WRITE_DECIMAL_SYMBOL };
static const Parameter write_table_parameters[] = {
    [WRITE_CONTENT] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
    [WRITE_NAME] = {S_INIT("name"), &type_text, true, S_INIT("the file's name, like \"decisions.csv\"")},
    [WRITE_SEPARATOR] = {S_INIT("separator"), &type_text, false,
                         S_INIT("the character between two cells, usually \",\"; or the word tab")},
    [WRITE_DECIMAL_SYMBOL] = {S_INIT("decimal_symbol"), &type_text, false, S_INIT("\".\" or \",\", usually \".\"")},
};

static bool write_table(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    BookContext plain = *context;
    char separator = ',';
    bool decimal_comma = false;
    plain.locale.decimal_symbol = DECIMAL_PERIOD;
    if (!separator_of(arguments[WRITE_SEPARATOR], &separator, err) ||
        !decimal_comma_of(&plain, arguments[WRITE_DECIMAL_SYMBOL], &decimal_comma, err))
        return false;
    Buf content = buf_in(arena);
    csv_write(&content, arguments[WRITE_CONTENT].table, separator, decimal_comma);
    return save(context, arena, arguments[WRITE_NAME], S("text/csv"), &content, out, err);
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
static const TypeField description_fields[] = {
    {S_INIT("name"), &type_text},
    {S_INIT("ending"), &type_text},
    {S_INIT("size"), &type_number},
};
static const Type description_type = {
    .kind = TYPE_RECORD, .fields = description_fields, .n_fields = COUNT_OF(description_fields)};
static const Parameter describe_parameters[] = {
    [READ_FILE] = {S_INIT("file"), &type_file, true, S_INIT("any file")},
};

static bool describe(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    const FileRef *file = arguments[READ_FILE].file;
    Str bytes, name = file->filename.len ? file->filename : file->name;
    if (!file_bytes(context, arena, file, &bytes, err))
        return false;
    ptrdiff_t dot = str_find_last_char(name, '.');
    Value record = value_record_new(arena);
    record_set(arena, record.record, value_text(S("name")), value_text(name));
    record_set(arena, record.record, value_text(S("ending")),
               value_text(dot > 0 ? str_lower(arena, str_skip(name, (size_t)dot + 1)) : S("")));
    record_set(arena, record.record, value_text(S("size")), value_int((int64_t)bytes.len));
    *out = record;
    return true;
}

#define FILES(procedure_name, parameters_of, ...)                                                                      \
    .procedure = {.book = S_INIT("files"),                                                                             \
                  .name = S_INIT(procedure_name),                                                                      \
                  .parameters = parameters_of,                                                                         \
                  .n_parameters = COUNT_OF(parameters_of),                                                             \
                  __VA_ARGS__}

static const BookEntry entries[] = {
    {FILES("read_table", read_table_parameters, .english = S_INIT("get {result} from {file}|read {result} from {file}"),
           .description =
               S_INIT("Reads a table from a CSV file. Columns of figures become numbers and columns of ISO dates "
                      "become dates; identifiers stay text."),
           .example = S_INIT("get the invoices from the invoice file"), .result = &type_table, .effect = EFFECT_READ),
     read_table},
    {FILES("write_table", write_table_parameters,
           .english = S_INIT("write {table} to a file called {name} as {result}"),
           .description = S_INIT("Writes a table to a CSV file: a line of column names, then a line for every row."),
           .example = S_INIT("write the invoices to a file called \"decisions.csv\" as the decision file"),
           .result = &type_file, .effect = EFFECT_REPEATABLE),
     write_table},
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
           .description = S_INIT("Tells a file's name, the ending of its name, and its size in bytes."),
           .example = S_INIT("describe the invoice file as the description"), .result = &description_type,
           .effect = EFFECT_READ),
     describe},
};

const Book files_book = {
    .name = S_INIT("files"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("Files"),
    .summary = S_INIT("Read and write tables, JSON and text"),
    .description =
        S_INIT("Tables come from CSV files as offices save them: the separator and the encoding are found out, spaces "
               "around cells and names are cut off, rows without content are skipped, and an empty cell is "
               "nothing at all. A column becomes numbers when all of its cells are figures, such as 1250, "
               "1,250.00, $120.20 or (17.50), and dates when all of them are dates like 2026-04-14. Columns "
               "that name an identifier (their name ends in number, no, id, code, reference, account …), figures "
               "with needless zeros in front, and figures of more than 15 digits stay text. In a column that names "
               "an amount (total, price, quantity …), the figures become numbers even if some cells are none."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};

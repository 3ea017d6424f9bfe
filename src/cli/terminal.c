/* cli/terminal.c: aligned columns, questions, answers. */
#include "cli/terminal.h"

#include <stdio.h>

#include "base/codec.h"

#define ROWS_SHOWN 20u
#define CELL_WIDTH_MAX 40u
#define ANSWER_BYTES_MAX (64u << 10)

/* ---- tables ---- */
static Str cell_text(Arena *arena, Value cell)
{
    Buf text = buf_in(arena);
    if (cell.kind != VALUE_NULL)
        value_print(&text, cell);
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.data[i] < ' ')
            text.data[i] = ' '; /* also keeps control characters away from the terminal */
    }
    size_t at = 0;
    for (uint32_t width = 0; at < text.len && width < CELL_WIDTH_MAX; width++)
        (void)utf8_next(buf_view(&text), &at);
    return at < text.len ? str_printf(arena, "%.*s…", (int)at, text.data) : buf_view(&text);
}

static void add_padded(Buf *out, Str text, size_t width, bool right)
{
    size_t have = utf8_count(text);
    for (size_t i = have; right && i < width; i++)
        buf_char(out, ' ');
    buf_str(out, text);
    for (size_t i = have; !right && i < width; i++)
        buf_char(out, ' ');
}

static bool is_figures(const Column *column, uint32_t n_rows)
{
    for (uint32_t row = 0; row < n_rows; row++) {
        if (column->cells[row].kind != VALUE_NUMBER && column->cells[row].kind != VALUE_NULL)
            return false;
    }
    return true;
}

static void trim_line(Buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    buf_char(out, '\n');
}

static void print_table(Buf *out, const Table *table)
{
    AUTO(arena_done)
    Arena arena = {0};
    uint32_t shown = MIN_OF(table->n_rows, ROWS_SHOWN), n = table->n_columns;
    Str *cells = NEW_ARRAY(&arena, Str, (size_t)n * (shown + 1)); /* the names first */
    size_t *widths = NEW_ARRAY(&arena, size_t, n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t row = 0; row <= shown; row++) {
            Value cell = row == 0 ? value_text(table->columns[i].name) : table->columns[i].cells[row - 1];
            Str *text = &cells[(size_t)row * n + i];
            *text = cell_text(&arena, cell);
            widths[i] = MAX_OF(widths[i], utf8_count(*text));
        }
    }
    for (uint32_t row = 0; row <= shown; row++) {
        buf_str(out, S("  "));
        for (uint32_t i = 0; i < n; i++) {
            add_padded(out, cells[(size_t)row * n + i], widths[i], is_figures(&table->columns[i], shown));
            buf_str(out, S("  "));
        }
        trim_line(out);
    }
    if (table->n_rows > shown)
        buf_printf(out, "  … and %u more row%s\n", table->n_rows - shown, table->n_rows - shown == 1 ? "" : "s");
}

/* A list of rows or records is shown as the table that it would make. */
static bool list_to_table(Arena *arena, const List *list, Value *out)
{
    Error ignored;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].kind != VALUE_ROW && list->items[i].kind != VALUE_RECORD)
            return false;
    }
    return list->count > 0 && type_convert(arena, &type_table, (Value){.list = (List *)list, .kind = VALUE_LIST},
                                           READING_DEFAULT, "", out, &ignored);
}

bool terminal_as_table(Arena *arena, Value value, Value *out)
{
    *out = value;
    return value.kind == VALUE_TABLE || (value.kind == VALUE_LIST && list_to_table(arena, value.list, out));
}

void terminal_print_value(Buf *out, Value value)
{
    AUTO(arena_done)
    Arena arena = {0};
    Value table;
    if (terminal_as_table(&arena, value, &table)) {
        buf_printf(out, "%u row%s\n", table.table->n_rows, table.table->n_rows == 1 ? "" : "s");
        print_table(out, table.table);
        return;
    }
    if (value.kind == VALUE_NULL)
        buf_str(out, S("nothing"));
    else
        value_print(out, value);
    buf_char(out, '\n');
}

/* ---- questions ---- */
static void add_sentence(Buf *out, const Question *question, const Program *program)
{
    if (question->sentence_id == 0 || question->sentence_id > program->n_nodes)
        return;
    Span span = program->nodes[question->sentence_id]->english;
    Str rest = str_slice(program->english, span.start, span.end);
    Str line = str_cut(&rest, '\n');
    if (line.len > 0)
        buf_printf(out, "  in the sentence: %.*s\n", STR_ARG(line));
}

void terminal_print_question(Buf *out, const Question *question, const Program *program)
{
    buf_printf(out, "? %.*s\n", STR_ARG(question->description));
    add_sentence(out, question, program);
    for (uint32_t i = 0; i < question->n_suggestions; i++)
        buf_printf(out, "  perhaps: %.*s\n", STR_ARG(question->suggestions[i]));
}

/* False when the input ended before a single byte. */
static bool read_line(Buf *out)
{
    int c = getchar();
    bool any = c != EOF;
    for (; c != EOF && c != '\n'; c = getchar()) {
        if (out->len < ANSWER_BYTES_MAX)
            buf_char(out, (char)c);
    }
    return any;
}

bool terminal_read_line(Arena *arena, Str *out)
{
    Buf line = buf_in(arena);
    if (!read_line(&line))
        return false;
    *out = str_trim(buf_view(&line));
    return true;
}

bool terminal_read_answer(Arena *arena, Str *out)
{
    Buf answer = buf_in(arena);
    if (!read_line(&answer))
        return false;
    while (str_ends(str_trim(buf_view(&answer)), S("replace with")) || str_find_char(buf_view(&answer), '\n') >= 0) {
        size_t before = answer.len;
        buf_char(&answer, '\n');
        if (!read_line(&answer) || answer.len == before + 1)
            break;
    }
    *out = str_trim(buf_view(&answer));
    return true;
}

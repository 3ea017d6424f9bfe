/* books/clock_column.c: the cells are read one way after the other, until a way fits the column. */
#include "books/clock_column.h"

#include "value/calendar.h"

static const Str length_words[] = {
    S_INIT("break"),    S_INIT("breaks"), S_INIT("pause"),  S_INIT("pauses"),   S_INIT("lunch"),
    S_INIT("rest"),     S_INIT("hours"),  S_INIT("length"), S_INIT("worked"),   S_INIT("overtime"),
    S_INIT("duration"), S_INIT("unpaid"), S_INIT("delay"),  S_INIT("downtime"),
};
static const Str time_words[] = {
    S_INIT("time"),    S_INIT("start"),   S_INIT("end"),       S_INIT("begin"),    S_INIT("finish"),
    S_INIT("started"), S_INIT("ended"),   S_INIT("began"),     S_INIT("finished"), S_INIT("from"),
    S_INIT("to"),      S_INIT("until"),   S_INIT("till"),      S_INIT("in"),       S_INIT("out"),
    S_INIT("arrival"), S_INIT("arrived"), S_INIT("departure"), S_INIT("left"),
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool word_in(Str word, const Str *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_fold(word, words[i]))
            return true;
    }
    return false;
}

/* ---- cells ---- */
typedef bool ClockReader(Arena *arena, Str cell, bool twelve_hours, Value *out);

static bool read_moment(Arena *arena, Str cell, bool twelve_hours, Value *out)
{
    static const char shape[] = "dddd-dd-dd?d";
    Error ignored;
    if (cell.len < sizeof shape - 1)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool fits = shape[i] == 'd'   ? is_digit(cell.data[i])
                    : shape[i] == '?' ? cell.data[i] == ' ' || cell.data[i] == 'T'
                                      : cell.data[i] == shape[i];
        if (!fits)
            return false;
    }
    return datetime_parse_written(arena, cell, DATE_ORDER_UNKNOWN, twelve_hours, out, &ignored);
}

static bool read_time(Arena *arena, Str cell, bool twelve_hours, Value *out)
{
    (void)arena;
    Error ignored;
    return is_digit(cell.data[0]) && time_parse_written(cell, twelve_hours, out, &ignored);
}

static bool read_length(Arena *arena, Str cell, bool twelve_hours, Value *out)
{
    (void)arena, (void)twelve_hours;
    Error ignored;
    return (is_digit(cell.data[0]) || cell.data[0] == '-') && duration_parse_written(cell, out, &ignored);
}

/* ---- columns ---- */

/* The cells that can be read, or none unless `all` can; false when nothing became of it. */
static bool convert(Arena *arena, Column *column, uint32_t n_rows, ClockReader *read, bool twelve_hours, bool all)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Value *values = NULL;
    uint32_t n_read = 0;
    for (uint32_t row = 0; row < n_rows; row++) {
        Value value = {0};
        if (column->cells[row].kind != VALUE_TEXT)
            continue;
        if (read(arena, value_str(column->cells[row]), twelve_hours, &value)) {
            if (!values) /* most columns of texts end at their first cell */
                values = NEW_ARRAY(&scratch, Value, n_rows);
            values[row] = value;
            n_read++;
        } else if (all) {
            return false;
        }
    }
    for (uint32_t row = 0; row < n_rows && n_read > 0; row++) {
        if (values[row].kind != VALUE_UNSET)
            column->cells[row] = values[row];
    }
    return n_read > 0;
}

/* 17:00, 08:15 and 0:30 are written by people who count to 24. */
static bool counts_to_24(const Column *column, uint32_t n_rows)
{
    for (uint32_t row = 0; row < n_rows; row++) {
        Value with, without, cell = column->cells[row];
        Error ignored;
        if (cell.kind != VALUE_TEXT || !is_digit(cell.text[0]) || !is_digit(cell.text[cell.high - 1]))
            continue;
        if (time_parse_written(value_str(cell), true, &with, &ignored) &&
            time_parse_written(value_str(cell), false, &without, &ignored))
            return true;
    }
    return false;
}

/* What Excel shows as 0:45 comes as a time of day. */
static void times_to_lengths(Column *column, uint32_t n_rows)
{
    for (uint32_t row = 0; row < n_rows; row++) {
        Value *cell = &column->cells[row];
        if (cell->kind == VALUE_TIME)
            *cell = value_duration(cell->nanos / 1000000000, (int32_t)(cell->nanos % 1000000000));
    }
}

void clock_column_convert(Arena *arena, Column *column, uint32_t n_rows, Str word, bool twelve_hours)
{
    bool is_length = word_in(word, length_words, COUNT_OF(length_words));
    bool is_time = word_in(word, time_words, COUNT_OF(time_words));
    if (convert(arena, column, n_rows, read_moment, twelve_hours, true))
        return;
    if (is_length) {
        (void)convert(arena, column, n_rows, read_length, twelve_hours, false);
        times_to_lengths(column, n_rows);
        return;
    }
    bool to_twelve = twelve_hours && !counts_to_24(column, n_rows);
    (void)convert(arena, column, n_rows, read_time, to_twelve, !is_time);
}

/* lang/reference.c: what each function means, in a line, and how the tables of the reference are printed. */
#include "lang/reference.h"

#include <string.h>

#include "base/arena.h"
#include "lang/ast.h"
#include "lang/function.h"

/* A, B and C are the arguments in the order of SPy. */
static const char *const meanings[FN_N_FUNCTIONS] = {
    [FN_ABS] = "A without its sign",
    [FN_ROUND] = "to B places, or to a whole number; a half goes to the even neighbour",
    [FN_ROUND_HALF_UP] = "as above; a half goes away from nought",
    [FN_ROUND_UP] = "as above; always away from nought",
    [FN_ROUND_DOWN] = "as above; always towards nought",
    [FN_PERCENT_OF] = "A hundredths of B",
    [FN_INT] = "A without its decimals, towards nought",
    [FN_NUMBER] = "the number that a text writes",
    [FN_FLOAT] = "the same; all numbers are exact decimals",
    [FN_BOOL] =
        "no for nothing, 0, 0 seconds, a text of no letters, and a list, set, record or table of nothing; else yes",
    [FN_SUM] = "all items together; 0 of an empty list",
    [FN_AVERAGE] = "the sum by the number of items",
    [FN_MIN] = "the least item, or the least of several values",
    [FN_MAX] = "the greatest item, or the greatest of several values",
    [FN_LEN] = "how many items, entries, rows or letters",
    [FN_FIRST] = "the item at the beginning",
    [FN_LAST] = "the item at the end",
    [FN_SORTED] = "a new list, from the least to the greatest",
    [FN_SORT_BY] = "a new list, in the order of field B; equals keep their order",
    [FN_SORT_DOWN_BY] = "the same from the greatest",
    [FN_REVERSED] = "a new list, from the end to the beginning",
    [FN_UNIQUE] = "each item once, where it stood first",
    [FN_UNIQUE_BY] = "the first item for each value of field B",
    [FN_ANY] = "yes if at least one item counts as yes",
    [FN_ALL] = "yes if every item counts as yes",
    [FN_RANGE] = "the whole numbers from 0 up to A, or from A up to B, without the end; in steps of C",
    [FN_NUMBERS] = "the whole numbers from A to B, both included",
    [FN_ENUMERATE] = "pairs of a count, from 0 or from B, and an item",
    [FN_ZIP] = "lists of the first items, of the second items, and so on, up to the shortest",
    [FN_LIST] = "a new list of the items of A, or an empty one",
    [FN_SET] = "the items of A, each once",
    [FN_DICT] = "a new record of the entries or pairs of A",
    [FN_KEYS] = "the names of a record's fields, in order",
    [FN_VALUES] = "what stands in them, in the same order",
    [FN_ITEMS] = "lists of a name and what stands in it",
    [FN_GET] = "field B of A; C, or nothing, where there is none",
    [FN_FIND] = "field B of A; nothing where there is none, or no A",
    [FN_INDEX_OF] = "where B stands first, counted from 0",
    [FN_COUNT_OF] = "how many items are B, or how often a text holds B",
    [FN_COPY] = "a copy, one level deep",
    [FN_IS_EMPTY] = "A has no items, entries or rows, is a text of nothing but blanks, or is nothing",
    [FN_IS_NOT_EMPTY] = "the contrary",
    [FN_IS_MISSING] = "A is nothing, or a text of nothing but blanks",
    [FN_IS_NOT_MISSING] = "the contrary",
    [FN_TABLE_FROM_RECORDS] = "a table with a row for each record",
    [FN_TABLE_FROM_DICT] = "a table with a column for each field; the fields hold lists of equal length",
    [FN_SELECT_COLUMNS] = "these columns alone",
    [FN_COLUMN] = "what stands in column B, as a list",
    [FN_COLUMNS] = "the names of the columns",
    [FN_ROWS] = "the rows, as a list",
    [FN_GROUP_BY] = "a record from each value of field B to the list of its rows",
    [FN_STR] = "A as it is printed",
    [FN_UPPER] = "in capitals",
    [FN_LOWER] = "in small letters",
    [FN_TITLE] = "each word with a capital",
    [FN_STRIP] = "without spaces, or the letters of B, at both ends",
    [FN_SPLIT] = "the parts between each B; without B the words",
    [FN_JOIN] = "the items of B with A between them",
    [FN_REPLACE] = "A with C wherever it had B",
    [FN_STARTS_WITH] = "A begins with B, or with one of a list B",
    [FN_ENDS_WITH] = "A ends with B, or with one of a list B",
    [FN_CONTAINS] = "B is a part of the text, an item of the list or a field of the record A",
    [FN_MATCHES] = "the whole text A fits the regular expression B",
    [FN_IS_DIGIT] = "A has nothing but digits, and at least one",
    [FN_LEFT] = "the first B letters of A, or all",
    [FN_RIGHT] = "the last B letters of A, or all",
    [FN_DATE] = "the date that a text writes, or the date of a moment; or year, month and day",
    [FN_TIME] = "the time of day that a text writes, or that of a moment",
    [FN_DATETIME] = "the moment that a text writes, or the beginning of a date",
    [FN_SECONDS] = "a length of time",
    [FN_MINUTES] = "a length of time",
    [FN_HOURS] = "a length of time",
    [FN_DAYS] = "a length of time",
    [FN_WEEKS] = "a length of time",
    [FN_MONTHS_AFTER] = "the same day A months later, or that month's last day",
    [FN_MONTHS_BEFORE] = "the same day A months earlier, or that month's last day",
    [FN_YEARS_AFTER] = "the same day A years later, or that month's last day",
    [FN_YEARS_BEFORE] = "the same day A years earlier, or that month's last day",
    [FN_DAYS_BETWEEN] = "from A to B; below 0 where B is earlier",
    [FN_TIME_BETWEEN] = "the length of time from A to B; of times of day, over midnight where B is earlier",
    [FN_HOURS_BETWEEN] = "the same as a number of hours: 7.5",
    [FN_MINUTES_BETWEEN] = "the same as a number of minutes",
    [FN_DURATION] = "the length of time that a text writes: 45 min, 0:45; of a time of day, that since midnight",
    [FN_IN_HOURS] = "how many hours a length of time has: 7.5",
    [FN_IN_MINUTES] = "how many minutes",
    [FN_TOTAL_SECONDS] = "how many seconds",
    [FN_HOURS_AND_MINUTES] = "a text: 38:30, and 0:00:15 where there are seconds",
    [FN_COMBINE] = "time of day B on day A, by the clock on the wall",
    [FN_WITHIN] = "A and C are at most B apart",
    [FN_YEAR] = "a number",
    [FN_MONTH] = "a number, 1 to 12",
    [FN_DAY] = "a number, 1 to 31",
    [FN_HOUR] = "a number, 0 to 23",
    [FN_MINUTE] = "a number, 0 to 59",
    [FN_WEEKDAY] = "its name, like Monday",
    [FN_STRFTIME] =
        "A by the codes of B: %d day, %m month, %Y year, %H hour, %M minute, %B, %A names; also `A.strftime(B)`",
    [FN_FORMAT] =
        "A in the form B: \".2f\" two decimals, \",\" thousands apart, \".1%\" a percentage, \">10\" ten places",
    [FN_BETWEEN] = "A is at least B and at most C; of times of day, over midnight where C is earlier",
    [FN_APPEND] = "B becomes the last item of A",
    [FN_REMOVE] = "takes out the first item that is B; none is a question",
    [FN_INSERT_FIRST] = "B becomes the first item of A",
    [FN_DELETE_FIELD] = "takes out field B of A",
};

static const struct Chapter {
    FunctionId first;
    const char *title;
} chapters[] = {
    {FN_ABS, "Numbers"}, {FN_SUM, "Lists and records"}, {FN_TABLE_FROM_RECORDS, "Tables"},
    {FN_STR, "Texts"},   {FN_DATE, "Dates and times"},  {FN_APPEND, "Changes"},
};

/* {0}, {1s} … become A, B …; what may be left out stays in its brackets. */
static void print_pattern(Buf *out, Str pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] != '{') {
            buf_char(out, pattern.data[i]);
            continue;
        }
        buf_char(out, (char)('A' + (pattern.data[i + 1] - '0')));
        while (pattern.data[i] != '}')
            i++;
    }
}

static void print_words(Buf *out, const char *name)
{
    for (; *name; name++)
        buf_char(out, *name == '_' ? ' ' : *name);
}

/* No sentence of its own: the call in words, with all its arguments. */
static void print_call_in_words(Buf *out, const Function *function)
{
    buf_str(out, function->style == STYLE_ACTION ? S("`do ") : S("`the result of "));
    print_words(out, function->spy);
    for (int i = 0; i < function->max && i < 3; i++) {
        const char *before = i == 0 ? "with" : "and";
        buf_printf(out, i < function->min ? " %s %c" : "[ %s %c]", before, 'A' + i);
    }
    buf_str(out, function->max > 3 ? S(" …`") : S("`"));
}

static void print_english(Buf *out, FunctionId id)
{
    if (id == FN_FIND) {
        buf_str(out, S("`find A's B as the …`"));
        return;
    }
    if (!functions[id].english[0]) {
        print_call_in_words(out, &functions[id]);
        return;
    }
    Str rest = str_from_c(functions[id].english);
    for (bool first = true; rest.data; first = false) {
        buf_str(out, first ? S("`") : S(", `"));
        print_pattern(out, str_cut(&rest, '|'));
        buf_char(out, '`');
    }
}

static void print_spy(Buf *out, FunctionId id)
{
    const Function *function = &functions[id];
    bool method = function_is_method(id);
    buf_printf(out, method ? "`A.%s(" : "`%s(", function->spy);
    for (uint32_t i = method; i < function->max && i < 3; i++) {
        bool closes = i >= function->min && function_takes(id, i + 1);
        buf_printf(out, "%s%s%c%s", function_takes(id, i) ? "[" : "", i > method ? ", " : "", 'A' + (int)i,
                   closes ? "]" : "");
    }
    buf_str(out, function->max > 3 ? S(", …)`") : S(")`"));
}

static void print_row(Buf *out, FunctionId id)
{
    buf_str(out, S("| "));
    print_english(out, id);
    buf_str(out, S(" | "));
    print_spy(out, id);
    buf_printf(out, " | %s |\n", meanings[id]);
}

void reference_print_functions(Buf *out)
{
    size_t chapter = 0;
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        if (chapter < COUNT_OF(chapters) && chapters[chapter].first == id)
            buf_printf(out, "%s#### %s\n| English | SPy | meaning |\n|---|---|---|\n", id > 0 ? "\n" : "",
                       chapters[chapter++].title);
        print_row(out, id);
    }
}

void reference_print_plurals(Buf *out)
{
    Str one, many;
    buf_str(out, S("| one | many |\n|---|---|\n"));
    for (uint32_t i = 0; plural_irregular(i, &one, &many); i++)
        buf_printf(out, "| %.*s | %.*s |\n", STR_ARG(one), STR_ARG(many));
    buf_str(out, S("\nAlike in one and many:\n"));
    for (uint32_t i = 0; plural_invariant(i, &one); i++)
        buf_printf(out, "%s%.*s", i == 0 ? "" : i % 12 == 0 ? ",\n" : ", ", STR_ARG(one));
    buf_str(out, S(".\n"));
}

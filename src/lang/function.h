/* lang/function.h: the language's own functions, as one table: SPy spelling, English sentence part, arguments.
 *
 * Both readers, both printers, the checker, the evaluator and the reference are driven by these rows. All are pure.
 * English patterns: {0}, {1}, … are the arguments; alternatives stand behind "|", the first is printed. Three shapes:
 *   "the … of {0} …"   a noun phrase of its own           (starts with "the" or a word)
 *   "{0} … {1} …"      follows its first argument          (postfix, or a comparison when the row is a CONDITION)
 *   ""                 no sentence: printed as a call in words, `the result of NAME with {0} and {1}`; so every
 * function has one In a pattern, {0s} is an argument whose noun is plural ("the largest of {0s}"); reading does not
 * insist. Arguments in brackets may be left out with what stands between the brackets. */
#ifndef CLERKWORK_LANG_FUNCTION_H
#define CLERKWORK_LANG_FUNCTION_H

#include "lang/ast.h"

typedef enum FunctionStyle {
    STYLE_CALL,      /* abs(x) */
    STYLE_METHOD,    /* x.upper() */
    STYLE_CONDITION, /* as STYLE_CALL; English reads it where a comparison may stand: {0} is empty */
    STYLE_METHOD_CONDITION,
    STYLE_ACTION, /* x.append(y): a statement of its own; the English is a sentence starting with a verb */
} FunctionStyle;

/* clang-format off */
/*    id             SPy            style                 min max  English */
#define FUNCTIONS(X)                                                                                                   \
    /* numbers */                                                                                                      \
    X(ABS,           "abs",         STYLE_CALL,             1, 1, "the absolute value of {0}")                         \
    X(ROUND,         "round",       STYLE_CALL,             1, 2, "{0} rounded[ to {1} decimals]|{0} rounded[ to {1} decimal places]|{0} rounded[ to {1} decimal place]|{0} rounded[ to {1} decimal]") \
    X(ROUND_HALF_UP, "round_half_up", STYLE_CALL,           1, 2, "{0} rounded half up[ to {1} decimals]|{0} rounded half up[ to {1} decimal places]|{0} rounded half up[ to {1} decimal place]|{0} rounded half up[ to {1} decimal]") \
    X(ROUND_UP,      "round_up",    STYLE_CALL,             1, 2, "{0} rounded up[ to {1} decimals]|{0} rounded up[ to {1} decimal places]|{0} rounded up[ to {1} decimal place]|{0} rounded up[ to {1} decimal]") \
    X(ROUND_DOWN,    "round_down",  STYLE_CALL,             1, 2, "{0} rounded down[ to {1} decimals]|{0} rounded down[ to {1} decimal places]|{0} rounded down[ to {1} decimal place]|{0} rounded down[ to {1} decimal]") \
    X(PERCENT_OF,    "percent_of",  STYLE_CALL,             2, 2, "{0}% of {1}|{0} percent of {1}")                    \
    X(INT,           "int",         STYLE_CALL,             1, 1, "the whole part of {0}")                             \
    X(NUMBER,        "number",      STYLE_CALL,             1, 1, "{0} as a number")                                   \
    X(FLOAT,         "float",       STYLE_CALL,             1, 1, "{0} as a decimal number")                           \
    X(BOOL,          "bool",        STYLE_CALL,             1, 1, "{0} as yes or no")                                  \
    /* collections */                                                                                                  \
    X(SUM,           "sum",         STYLE_CALL,             1, 1, "the sum of {0s}|the total of {0s}")                 \
    X(AVERAGE,       "average",     STYLE_CALL,             1, 1, "the average of {0s}")                               \
    X(MIN,           "min",         STYLE_CALL,             1, 9, "the smallest of {0s}|the earliest of {0s}")         \
    X(MAX,           "max",         STYLE_CALL,             1, 9, "the largest of {0s}|the latest of {0s}")            \
    X(LEN,           "len",         STYLE_CALL,             1, 1, "the number of {0s}|the length of {0}")              \
    X(FIRST,         "first",       STYLE_CALL,             1, 1, "the first item of {0s}")                            \
    X(LAST,          "last",        STYLE_CALL,             1, 1, "the last item of {0s}")                             \
    X(SORTED,        "sorted",      STYLE_CALL,             1, 1, "{0s} in order")                                     \
    X(SORT_BY,       "sort_by",     STYLE_CALL,             2, 2, "{0s} sorted by {1}|{0s} sorted by {1} from the smallest|{0s} sorted by {1} from the earliest|{0s} sorted by {1} in ascending order|{0s} sorted by {1} ascending")\
    X(SORT_DOWN_BY,  "sort_down_by", STYLE_CALL,            2, 2, "{0s} sorted by {1} from the largest|{0s} sorted by {1} from the latest|{0s} sorted by {1} in descending order|{0s} sorted by {1} descending")\
    X(REVERSED,      "reversed",    STYLE_CALL,             1, 1, "{0s} in reverse order")                             \
    X(UNIQUE,        "unique",      STYLE_CALL,             1, 1, "{0s} without duplicates")                           \
    X(UNIQUE_BY,     "unique_by",   STYLE_CALL,             2, 2, "{0s} without duplicates by {1}")                    \
    X(ANY,           "any",         STYLE_CALL,             1, 1, "any of {0s}")                                       \
    X(ALL,           "all",         STYLE_CALL,             1, 1, "all of {0s}")                                       \
    X(RANGE,         "range",       STYLE_CALL,             1, 3, "")                                                  \
    X(NUMBERS,       "numbers",     STYLE_CALL,             2, 2, "the numbers from {0} to {1}")                       \
    X(ENUMERATE,     "enumerate",   STYLE_CALL,             1, 2, "")                                                  \
    X(ZIP,           "zip",         STYLE_CALL,             2, 9, "")                                                  \
    X(LIST,          "list",        STYLE_CALL,             0, 1, "{0} as a list")                                     \
    X(SET,           "set",         STYLE_CALL,             0, 1, "{0} as a set")                                      \
    X(DICT,          "dict",        STYLE_CALL,             0, 1, "{0} as a record")                                   \
    X(KEYS,          "keys",        STYLE_METHOD,           1, 1, "the keys of {0}")                                   \
    X(VALUES,        "values",      STYLE_METHOD,           1, 1, "the values of {0}")                                 \
    X(ITEMS,         "items",       STYLE_METHOD,           1, 1, "the entries of {0}")                                \
    X(GET,           "get",         STYLE_METHOD,           2, 3, "")                                                  \
    X(FIND,          "find",        STYLE_CALL,             2, 2, "")   /* sentence: find the X's y as the y */        \
    X(INDEX_OF,      "index",       STYLE_METHOD,           2, 2, "the position of {1} in {0}")                        \
    X(COUNT_OF,      "count",       STYLE_METHOD,           2, 2, "how often {0} has {1}|how often {0} have {1}")                 \
    X(COPY,          "copy",        STYLE_METHOD,           1, 1, "a copy of {0}")                                     \
    X(IS_EMPTY,      "is_empty",    STYLE_CONDITION,        1, 1, "{0} is empty|{0} are empty")                        \
    X(IS_NOT_EMPTY,  "is_not_empty", STYLE_CONDITION,       1, 1, "{0} is not empty|{0} are not empty")                \
    X(IS_MISSING,    "is_missing",  STYLE_CONDITION,        1, 1, "{0} is missing|{0} are missing")                    \
    X(IS_NOT_MISSING, "is_not_missing", STYLE_CONDITION,    1, 1, "{0} is not missing|{0} is given|{0} are not missing") \
    /* tables */                                                                                                       \
    X(TABLE_FROM_RECORDS, "table_from_records", STYLE_CALL, 1, 1, "{0s} as a table")                                   \
    X(TABLE_FROM_DICT, "table_from_dict", STYLE_CALL,       1, 1, "{0} as a table of columns")                         \
    X(SELECT_COLUMNS, "select_columns", STYLE_METHOD,       2, 2, "{0s} with only the columns {1}")                    \
    X(COLUMN,        "column",      STYLE_CALL,             2, 2, "the column {1} of {0s}")                            \
    X(COLUMNS,       "columns",     STYLE_CALL,             1, 1, "the columns of {0s}")                               \
    X(ROWS,          "rows",        STYLE_CALL,             1, 1, "the rows of {0s}")                                  \
    X(GROUP_BY,      "group_by",    STYLE_CALL,             2, 2, "{0s} grouped by {1}")                               \
    /* text */                                                                                                         \
    X(STR,           "str",         STYLE_CALL,             1, 1, "{0} as text")                                       \
    X(UPPER,         "upper",       STYLE_METHOD,           1, 1, "{0} in upper case|{0} in uppercase")                                 \
    X(LOWER,         "lower",       STYLE_METHOD,           1, 1, "{0} in lower case|{0} in lowercase")                                 \
    X(TITLE,         "title",       STYLE_METHOD,           1, 1, "{0} in title case")                                 \
    X(STRIP,         "strip",       STYLE_METHOD,           1, 2, "{0} without surrounding spaces")                    \
    X(SPLIT,         "split",       STYLE_METHOD,           1, 2, "{0} split by {1}|{0} split at {1}")                 \
    X(JOIN,          "join",        STYLE_CALL,             2, 2, "{1s} joined with {0}") /* SPy also: sep.join(list) */ \
    X(REPLACE,       "replace",     STYLE_METHOD,           3, 3, "{0} with {1} replaced by {2}")                      \
    X(STARTS_WITH,   "startswith",  STYLE_METHOD_CONDITION, 2, 2, "{0} starts with {1}|{0} begins with {1}|{0} begin with {1}|{0} start with {1}")            \
    X(ENDS_WITH,     "endswith",    STYLE_METHOD_CONDITION, 2, 2, "{0} ends with {1}|{0} end with {1}")                \
    X(CONTAINS,      "contains",    STYLE_CONDITION,        2, 2, "{0} contains {1}|{0} includes {1}|{0} include {1}|{0} contain {1}")                  \
    X(MATCHES,       "matches",     STYLE_CONDITION,        2, 2, "{0} matches {1}|{0} match {1}")                     \
    X(IS_DIGIT,      "isdigit",     STYLE_METHOD_CONDITION, 1, 1, "{0} is all digits")                                 \
    X(LEFT,          "left",        STYLE_CALL,             2, 2, "the first {1} letters of {0}|the first {1} characters of {0}")                      \
    X(RIGHT,         "right",       STYLE_CALL,             2, 2, "the last {1} letters of {0}|the last {1} characters of {0}")                       \
    /* dates and times */                                                                                              \
    X(DATE,          "date",        STYLE_CALL,             1, 3, "{0} as a date")                                     \
    X(TIME,          "time",        STYLE_CALL,             1, 1, "{0} as a time")                                     \
    X(DATETIME,      "datetime",    STYLE_CALL,             1, 1, "{0} as a date and time")                            \
    X(SECONDS,       "seconds",     STYLE_CALL,             1, 1, "{0} seconds|{0} second")                            \
    X(MINUTES,       "minutes",     STYLE_CALL,             1, 1, "{0} minutes|{0} minute")                            \
    X(HOURS,         "hours",       STYLE_CALL,             1, 1, "{0} hours|{0} hour")                                \
    X(DAYS,          "days",        STYLE_CALL,             1, 1, "{0} days|{0} day")                                  \
    X(WEEKS,         "weeks",       STYLE_CALL,             1, 1, "{0} weeks|{0} week")                                \
    X(MONTHS_AFTER,  "months_after", STYLE_CALL,            2, 2, "{0} months after {1}|{0} month after {1}")          \
    X(MONTHS_BEFORE, "months_before", STYLE_CALL,           2, 2, "{0} months before {1}|{0} month before {1}")        \
    X(YEARS_AFTER,   "years_after", STYLE_CALL,             2, 2, "{0} years after {1}|{0} year after {1}")            \
    X(YEARS_BEFORE,  "years_before", STYLE_CALL,            2, 2, "{0} years before {1}|{0} year before {1}")          \
    X(DAYS_BETWEEN,  "days_between", STYLE_CALL,            2, 2, "the number of days between {0} and {1}")            \
    X(TIME_BETWEEN,  "time_between", STYLE_CALL,            2, 2, "the time between {0} and {1}")                       \
    X(HOURS_BETWEEN, "hours_between", STYLE_CALL,           2, 2, "the number of hours between {0} and {1}|the hours between {0} and {1}") \
    X(MINUTES_BETWEEN, "minutes_between", STYLE_CALL,       2, 2, "the number of minutes between {0} and {1}|the minutes between {0} and {1}") \
    X(DURATION,      "duration",    STYLE_CALL,             1, 1, "{0} as a duration")                                 \
    X(IN_HOURS,      "in_hours",    STYLE_CALL,             1, 1, "{0} in hours")                                      \
    X(IN_MINUTES,    "in_minutes",  STYLE_CALL,             1, 1, "{0} in minutes")                                    \
    X(TOTAL_SECONDS, "total_seconds", STYLE_METHOD,         1, 1, "{0} in seconds")                                    \
    X(HOURS_AND_MINUTES, "hours_and_minutes", STYLE_CALL,   1, 1, "{0} in hours and minutes")                          \
    X(COMBINE,       "combine",     STYLE_CALL,             2, 2, "the moment at {1} on {0}")                          \
    X(WITHIN,        "within",      STYLE_CONDITION,        3, 3, "{0} is within {1} of {2}|{0} are within {1} of {2}") \
    X(YEAR,          "year",        STYLE_CALL,             1, 1, "the year of {0}")                                   \
    X(MONTH,         "month",       STYLE_CALL,             1, 1, "the month of {0}")                                  \
    X(DAY,           "day",         STYLE_CALL,             1, 1, "the day of the month of {0}")                       \
    X(HOUR,          "hour",        STYLE_CALL,             1, 1, "the hour of {0}")                                   \
    X(MINUTE,        "minute",      STYLE_CALL,             1, 1, "the minute of {0}")                                 \
    X(WEEKDAY,       "weekday",     STYLE_CALL,             1, 1, "the weekday of {0}")                                \
    X(STRFTIME,      "strftime",    STYLE_CALL,             2, 2, "{0} formatted as {1}")                              \
    X(FORMAT,        "format",      STYLE_CALL,             2, 2, "{0} written as {1}")                                \
    X(BETWEEN,       "between",     STYLE_CONDITION,        3, 3, "{0} is between {1} and {2}|{0} is between {1} to {2}|"                  \
                                                                              "{0} are between {1} and {2}")             \
    /* actions */                                                                                                      \
    X(APPEND,        "append",      STYLE_ACTION,           2, 2, "append {1} to {0}")                                 \
    X(REMOVE,        "remove",      STYLE_ACTION,           2, 2, "remove {1} from {0}")                               \
    X(INSERT_FIRST,  "insert_first", STYLE_ACTION,          2, 2, "put {1} at the front of {0}")                       \
    X(DELETE_FIELD,  "delete_field", STYLE_ACTION,          2, 2, "")
/* clang-format on */

typedef enum FunctionId {
#define X(id, spy, style, min, max, english) FN_##id,
    FUNCTIONS(X)
#undef X
        FN_N_FUNCTIONS
} FunctionId;

typedef struct Function {
    const char *spy;
    FunctionStyle style;
    uint8_t min, max;
    const char *english;
} Function;

extern const Function functions[FN_N_FUNCTIONS];
bool function_is_method(FunctionId id); /* x.upper() rather than upper(x): METHOD, METHOD_CONDITION, ACTION */
/* Whether it may be given n values, the receiver among them: `min` to `max`, but a date is made of one or of three. */
bool function_takes(FunctionId id, uint32_t n);
/* FN_N_FUNCTIONS when there is none of that name. */
FunctionId function_find(Str spy, bool method);

#endif

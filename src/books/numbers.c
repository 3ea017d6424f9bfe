/* books/numbers.c: figures as they are written, shared out without a rest, and drawn by lot. */
#include <stdlib.h>
#include <string.h>

#include "books/book.h"
#include "books/figure.h"
#include "value/decimal.h"

static const Type numbers_type = {.kind = TYPE_LIST, .inner = &type_number};

/* ---- written figures ---- */
enum { PARSE_TEXT, PARSE_DECIMAL_SYMBOL };
static const Parameter parse_parameters[] = {
    [PARSE_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("a figure like \"1,250.00\", \"$120.20\" or \"(17.50)\"")},
    [PARSE_DECIMAL_SYMBOL] = {S_INIT("decimal_symbol"), &type_text, false,
                              S_INIT("\".\" or \",\"; the workspace's preference when not given")},
};

static bool parse(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)arena;
    bool comma = context->locale.decimal_symbol == DECIMAL_COMMA;
    Str symbol = argument_given(arguments[PARSE_DECIMAL_SYMBOL]) ? value_str(arguments[PARSE_DECIMAL_SYMBOL]) : S("");
    if (symbol.len > 0) {
        comma = str_eq(symbol, S(","));
        if (!comma && !str_eq(symbol, S(".")))
            return error_set(err, INVALID_ARGUMENT, "decimal_symbol",
                             "\"%.*s\" is no decimal symbol: use \".\" or \",\"", STR_ARG(str_slice(symbol, 0, 20)));
    }
    if (!decimal_parse_figure(value_str(arguments[PARSE_TEXT]), comma, out, err)) {
        memcpy(err->field, "text", sizeof "text");
        return false;
    }
    return true;
}

enum { FORMAT_NUMBER, FORMAT_DECIMALS, FORMAT_DECIMAL_SYMBOL, FORMAT_GROUP_SYMBOL, FORMAT_CURRENCY };
static const Parameter format_parameters[] = {
    [FORMAT_NUMBER] = {S_INIT("number"), &type_number, true, S_INIT("what to write")},
    [FORMAT_DECIMALS] = {S_INIT("decimals"), &type_number, false,
                         S_INIT("digits behind the decimal symbol; the workspace's preference when not given")},
    [FORMAT_DECIMAL_SYMBOL] = {S_INIT("decimal_symbol"), &type_text, false,
                               S_INIT("usually the workspace's preference")},
    [FORMAT_GROUP_SYMBOL] = {S_INIT("group_symbol"), &type_text, false,
                             S_INIT("what stands between groups of three digits; \"\" for nothing")},
    [FORMAT_CURRENCY] = {S_INIT("currency"), &type_text, false,
                         S_INIT("a sign or code in front, like \"$\" or \"EUR \"")},
};

static Str text_or(Value argument, Str otherwise)
{
    return argument_given(argument) ? value_str(argument) : otherwise;
}

static bool format(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    int64_t decimals = 0;
    if (!argument_whole(arguments[FORMAT_DECIMALS], "decimals", locale_decimal_places(&context->locale), 0, 28,
                        &decimals, err))
        return false;
    char own_symbol = locale_decimal_symbol(&context->locale);
    Str symbol = text_or(arguments[FORMAT_DECIMAL_SYMBOL], str_of(&own_symbol, 1));
    const FigureStyle style = {
        .decimals = (int)decimals,
        .symbol = symbol,
        .group = text_or(arguments[FORMAT_GROUP_SYMBOL], str_eq(symbol, S(",")) ? S(".") : S(",")),
        .currency = text_or(arguments[FORMAT_CURRENCY], S("")),
    };
    Buf text = buf_in(arena);
    if (!figure_write(&text, arguments[FORMAT_NUMBER], &style, err))
        return false;
    *out = value_text(buf_view(&text));
    return true;
}

/* ---- shares ---- */
enum { ALLOCATE_AMOUNT, ALLOCATE_WEIGHTS, ALLOCATE_DECIMALS };
static const Parameter allocate_parameters[] = {
    [ALLOCATE_AMOUNT] = {S_INIT("amount"), &type_number, true, S_INIT("what is shared out")},
    [ALLOCATE_WEIGHTS] = {S_INIT("weights"), &numbers_type, true, S_INIT("a list of numbers, none below zero")},
    [ALLOCATE_DECIMALS] = {S_INIT("decimals"), &type_number, false, S_INIT("decimals of a share, usually 2")},
};

static bool weights_total(const List *weights, Value *out, Error *err)
{
    Value total = value_int(0);
    for (uint32_t i = 0; i < weights->count; i++) {
        if (weights->items[i].negative)
            return error_set(err, INVALID_ARGUMENT, "weights", "weight %u is below zero", i + 1);
        if (!decimal_add(total, weights->items[i], &total, err))
            return false;
    }
    if (decimal_is_zero(total))
        return error_set(err, INVALID_ARGUMENT, "weights", "at least one weight must be above zero");
    *out = total;
    return true;
}

/* What is due up to and including a weight, rounded, less what was given before: each share is off by less than one
 * unit of its last place, and together they are the amount to the last cent. */
static bool allocate(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const List *weights = arguments[ALLOCATE_WEIGHTS].list;
    Value amount = arguments[ALLOCATE_AMOUNT], total, sum = value_int(0), given = value_int(0);
    int64_t decimals = 2;
    if (!argument_whole(arguments[ALLOCATE_DECIMALS], "decimals", 2, 0, 20, &decimals, err) ||
        !weights_total(weights, &total, err))
        return false;
    if (amount.scale > decimals) {
        Value rounded;
        if (!decimal_round(amount, (int)decimals, ROUND_HALF_EVEN, &rounded, err))
            return false;
        if (decimal_compare(rounded, amount) != 0)
            return error_set(err, INVALID_ARGUMENT, "amount", "the amount has more than %d decimals: round it first",
                             (int)decimals);
    }
    Value shares = value_list_new(arena, weights->count);
    for (uint32_t i = 0; i < weights->count; i++) {
        Value due, share;
        if (!decimal_add(sum, weights->items[i], &sum, err) || !decimal_multiply(amount, sum, &due, err) ||
            !decimal_divide(due, total, &due, err) || !decimal_round(due, (int)decimals, ROUND_HALF_EVEN, &due, err) ||
            !decimal_subtract(due, given, &share, err))
            return false;
        given = due;
        list_add(arena, shares.list, share);
    }
    *out = shares;
    return true;
}

/* ---- the middle ---- */
enum { MEDIAN_NUMBERS };
static const Parameter median_parameters[] = {
    [MEDIAN_NUMBERS] = {S_INIT("numbers"), &numbers_type, true, S_INIT("at least one number")},
};

static int order_numbers(const void *a, const void *b)
{
    return decimal_compare(*(const Value *)a, *(const Value *)b);
}

static bool median(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const List *numbers = arguments[MEDIAN_NUMBERS].list;
    Value sum;
    if (numbers->count == 0)
        return error_set(err, INVALID_ARGUMENT, "numbers", "there is no number to find the middle of");
    Value *sorted = NEW_ARRAY(arena, Value, numbers->count);
    memcpy(sorted, numbers->items, numbers->count * sizeof *sorted);
    qsort(sorted, numbers->count, sizeof *sorted, order_numbers);
    uint32_t middle = numbers->count / 2;
    if (numbers->count % 2 == 1) {
        *out = sorted[middle];
        return true;
    }
    return decimal_add(sorted[middle - 1], sorted[middle], &sum, err) && decimal_divide(sum, value_int(2), out, err);
}

/* ---- by lot ---- */
enum { RANDOM_SMALLEST, RANDOM_LARGEST };
static const Parameter random_parameters[] = {
    [RANDOM_SMALLEST] = {S_INIT("smallest"), &type_number, true, S_INIT("a whole number")},
    [RANDOM_LARGEST] = {S_INIT("largest"), &type_number, true, S_INIT("a whole number, not below the smallest")},
};

static bool draw(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)arena;
    int64_t smallest = 0, largest = 0, most = (int64_t)1 << 53;
    if (!argument_whole(arguments[RANDOM_SMALLEST], "smallest", 0, -most, most, &smallest, err) ||
        !argument_whole(arguments[RANDOM_LARGEST], "largest", 0, -most, most, &largest, err))
        return false;
    if (largest < smallest)
        return error_set(err, INVALID_ARGUMENT, "largest", "%lld is below the smallest, %lld", (long long)largest,
                         (long long)smallest);
    uint64_t range = (uint64_t)(largest - smallest) + 1, drawn = 0;
    /* Numbers past the last whole multiple of the range would favour the small ones. */
    uint64_t fair = UINT64_MAX - UINT64_MAX % range;
    do
        drawn = context->random(context->self);
    while (drawn >= fair);
    *out = value_int(smallest + (int64_t)(drawn % range));
    return true;
}

#define NUMBERS(name, parameters, ...) BOOK_PROCEDURE("numbers", name, parameters, __VA_ARGS__)

static const BookEntry entries[] = {
    {NUMBERS("allocate", allocate_parameters, .english = S_INIT("allocate {amount} by {weights} as {result}"),
             .description =
                 S_INIT("Shares an amount out in proportion to weights, so that the shares add up to the amount "
                        "to the last cent."),
             .example = S_INIT("allocate the freight by the lines' weights as the shares"), .result = &numbers_type,
             .effect = EFFECT_PURE),
     allocate},
    {NUMBERS("draw", random_parameters,
             .english = S_INIT("draw a random number from {smallest} to {largest} as {result}"),
             .description = S_INIT("Draws a whole number; both ends may come up, all equally likely."),
             .example = S_INIT("draw a random number from 1 to 100 as the sample"), .result = &type_number,
             .effect = EFFECT_READ),
     draw},
    {NUMBERS("format", format_parameters, .english = S_INIT("format {number} for reading as {result}"),
             .description = S_INIT("Writes a number for people: rounded half to even, in groups of three digits."),
             .example = S_INIT("format the grand total for reading as the grand total text\n  the currency is \"$\""),
             .result = &type_text, .effect = EFFECT_PURE),
     format},
    {NUMBERS("median", median_parameters, .english = S_INIT("take the median of {numbers} as {result}"),
             .description =
                 S_INIT("The number in the middle when they are put in order; of an even count, halfway between "
                        "the two in the middle."),
             .example = S_INIT("take the median of the invoices' totals as the usual total"), .result = &type_number,
             .effect = EFFECT_PURE),
     median},
    {NUMBERS("parse", parse_parameters, .english = S_INIT("parse the amount in {text} as {result}"),
             .description =
                 S_INIT("Reads a figure as people write it, with thousands separators, currency and minus; what is "
                        "not clearly a figure is refused."),
             .example = S_INIT("parse the amount in \"1.250,00 EUR\" as the total\n  the decimal symbol is \",\""),
             .result = &type_number, .effect = EFFECT_PURE),
     parse},
};

const Book numbers_book = {
    .name = S_INIT("numbers"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("Numbers"),
    .summary = S_INIT("Read, write, share out and draw numbers"),
    .description =
        S_INIT("Arithmetic belongs to the language itself. This book has what is more than one operation: figures as "
               "people write them, shares that add up, the median, and numbers drawn by lot."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};

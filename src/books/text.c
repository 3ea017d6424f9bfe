/* books/text.c: patterns, lines, likeness, and JSON in texts. */
#include "base/codec.h"
#include "books/book.h"
#include "books/likeness.h"
#include "books/pattern.h"
#include "value/decimal.h"
#include "value/wire.h"

#define RESULTS_MAX 1000000u
#define TEXT_BYTES_MAX (64u << 20)
#define PAD_LENGTH_MAX 100000
#define JSON_DEPTH_MAX 64
#define CANDIDATES_MAX 10000u

static const Type texts_type = {.kind = TYPE_LIST, .inner = &type_text};

/* Of an argument that was bound as a text: data is never NULL. */
static Str text_of(Value argument)
{
    return value_str(argument);
}

static bool refuse_big(Error *err)
{
    return error_set(err, RESOURCE_EXHAUSTED, "", "the result is bigger than %u bytes or %u items", TEXT_BYTES_MAX,
                     RESULTS_MAX);
}

/* ---- patterns ---- */
enum { PATTERN_PATTERN, PATTERN_TEXT, PATTERN_REPLACEMENT };
#define PATTERN_PARAMETER                                                                                              \
    {                                                                                                                  \
        S_INIT("pattern"), &type_text, true, S_INIT("a regular expression, as in Python")                              \
    }

static const Parameter matches_parameters[] = {
    [PATTERN_PATTERN] = PATTERN_PARAMETER,
    [PATTERN_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("where to look")},
};

static bool matches(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    AUTO(pattern_done)
    Pattern pattern = {0};
    Str text = text_of(arguments[PATTERN_TEXT]);
    Match match;
    bool found = false;
    if (!pattern_compile(text_of(arguments[PATTERN_PATTERN]), &pattern, err) ||
        !pattern_find(&pattern, text, 0, &match, &found, err))
        return false;
    Value list = value_list_new(arena, 0);
    while (found) {
        if (list.list->count == RESULTS_MAX)
            return refuse_big(err);
        list_add(arena, list.list, value_text(match.groups[0]));
        if (!pattern_find(&pattern, text, match_end(text, &match), &match, &found, err))
            return false;
    }
    *out = list;
    return true;
}

static const Parameter extract_parameters[] = {
    [PATTERN_PATTERN] = {S_INIT("pattern"), &type_text, true,
                         S_INIT("a regular expression with groups, named like (?<year>\\d+)")},
    [PATTERN_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("where to look")},
};

static Value group_value(Str group)
{
    return group.data ? value_text(group) : value_null();
}

static bool extract(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    AUTO(pattern_done)
    Pattern pattern = {0};
    Str text = text_of(arguments[PATTERN_TEXT]), source = text_of(arguments[PATTERN_PATTERN]);
    Match match;
    bool found = false;
    if (!pattern_compile(source, &pattern, err))
        return false;
    if (!pattern.has_names)
        return error_set(err, INVALID_ARGUMENT, "pattern",
                         "\"%.*s\" names no group: write (?<name>…) around what should be found",
                         STR_ARG(str_slice(source, 0, 80)));
    if (!pattern_find(&pattern, text, 0, &match, &found, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "text", "nothing in \"%.*s\" matches \"%.*s\"",
                         STR_ARG(str_slice(text, 0, 80)), STR_ARG(str_slice(source, 0, 80)));
    Value record = value_record_new(arena);
    for (uint32_t i = 1; i <= pattern.n_groups; i++) {
        if (pattern.names[i].len > 0)
            record_set(arena, record.record, value_text(str_copy(arena, pattern.names[i])),
                       group_value(match.groups[i]));
    }
    *out = record;
    return true;
}

static const Parameter replace_parameters[] = {
    [PATTERN_PATTERN] = PATTERN_PARAMETER,
    [PATTERN_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("where to look")},
    [PATTERN_REPLACEMENT] = {S_INIT("replacement"), &type_text, true,
                             S_INIT("what to put there; $1 is the first group, $$ a dollar sign")},
};

static void add_replacement(Buf *out, Str replacement, const Pattern *pattern, const Match *match)
{
    for (size_t i = 0; i < replacement.len; i++) {
        char c = replacement.data[i], next = i + 1 < replacement.len ? replacement.data[i + 1] : '\0';
        bool group = c == '$' && next >= '0' && next <= '9' && (uint32_t)(next - '0') <= pattern->n_groups;
        if (group)
            buf_str(out, match->groups[next - '0']);
        else
            buf_char(out, c);
        i += group || (c == '$' && next == '$');
    }
}

static bool replace(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    AUTO(pattern_done)
    Pattern pattern = {0};
    Str text = text_of(arguments[PATTERN_TEXT]), replacement = text_of(arguments[PATTERN_REPLACEMENT]);
    Buf result = buf_in(arena);
    Match match;
    bool found = false;
    size_t kept = 0;
    if (!pattern_compile(text_of(arguments[PATTERN_PATTERN]), &pattern, err) ||
        !pattern_find(&pattern, text, 0, &match, &found, err))
        return false;
    while (found) {
        size_t start = (size_t)(match.groups[0].data - text.data);
        buf_str(&result, str_slice(text, kept, start));
        add_replacement(&result, replacement, &pattern, &match);
        kept = start + match.groups[0].len;
        if (result.len > TEXT_BYTES_MAX)
            return refuse_big(err);
        if (!pattern_find(&pattern, text, match_end(text, &match), &match, &found, err))
            return false;
    }
    buf_str(&result, str_skip(text, kept));
    *out = value_text(buf_view(&result));
    return true;
}

/* ---- lines and spaces ---- */
enum { TEXT_TEXT };
static const Parameter text_parameters[] = {
    [TEXT_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("any text")},
};

static bool lines(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    Str rest = text_of(arguments[TEXT_TEXT]);
    Value list = value_list_new(arena, 0);
    while (rest.len > 0) {
        Str line = str_cut(&rest, '\n');
        if (str_ends(line, S("\r")))
            line.len--;
        if (list.list->count == RESULTS_MAX)
            return refuse_big(err);
        list_add(arena, list.list, value_text(line));
    }
    *out = list;
    return true;
}

static bool is_space(Str text, size_t at, size_t *out_width)
{
    *out_width = 1;
    if (strchr(" \t\r\n\v\f", text.data[at]) && text.data[at] != '\0')
        return true;
    bool no_break = str_starts(str_skip(text, at), S("\xC2\xA0"));
    *out_width = no_break ? 2 : 1;
    return no_break;
}

static bool tidy(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context, (void)err;
    Str text = text_of(arguments[TEXT_TEXT]);
    Buf result = buf_in(arena);
    bool gap = false;
    for (size_t at = 0, width = 1; at < text.len; at += width) {
        bool space = is_space(text, at, &width);
        if (!space && gap && result.len > 0)
            buf_char(&result, ' ');
        if (!space)
            buf_char(&result, text.data[at]);
        gap = space;
    }
    *out = value_text(buf_view(&result));
    return true;
}

enum { PAD_TEXT, PAD_LENGTH, PAD_FILLER, PAD_SIDE };
static const Parameter pad_parameters[] = {
    [PAD_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("any text or number")},
    [PAD_LENGTH] = {S_INIT("length"), &type_number, true, S_INIT("how many letters it should have at least")},
    [PAD_FILLER] = {S_INIT("filler"), &type_text, false, S_INIT("one letter, usually a space")},
    [PAD_SIDE] = {S_INIT("side"), &type_text, false, S_INIT("where to fill: \"left\" (usual) or \"right\"")},
};

static bool pad(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    Str text = text_of(arguments[PAD_TEXT]);
    Str filler = argument_given(arguments[PAD_FILLER]) ? text_of(arguments[PAD_FILLER]) : S(" ");
    Str side = argument_given(arguments[PAD_SIDE]) ? text_of(arguments[PAD_SIDE]) : S("left");
    int64_t length = 0;
    if (!argument_whole(arguments[PAD_LENGTH], "length", 0, 0, PAD_LENGTH_MAX, &length, err))
        return false;
    if (utf8_count(filler) != 1)
        return error_set(err, INVALID_ARGUMENT, "filler", "the filler must be one letter");
    bool left = str_eq_fold(side, S("left"));
    if (!left && !str_eq_fold(side, S("right")))
        return error_set(err, INVALID_ARGUMENT, "side", "\"%.*s\" is no side: say \"left\" or \"right\"",
                         STR_ARG(str_slice(side, 0, 20)));
    Buf result = buf_in(arena);
    if (!left)
        buf_str(&result, text);
    for (int64_t have = (int64_t)utf8_count(text); have < length; have++)
        buf_str(&result, filler);
    if (left)
        buf_str(&result, text);
    *out = value_text(buf_view(&result));
    return true;
}

/* ---- likeness ---- */
enum { LIKENESS_FIRST, LIKENESS_SECOND };
static const Parameter likeness_parameters[] = {
    [LIKENESS_FIRST] = {S_INIT("first"), &type_text, true, S_INIT("a text of at most 200 letters")},
    [LIKENESS_SECOND] = {S_INIT("second"), &type_text, true, S_INIT("another")},
};

static Value likeness_value(int ten_thousandths)
{
    Value number = value_int(ten_thousandths);
    number.scale = 4;
    return number;
}

static bool refuse_long(const char *field, Error *err)
{
    return error_set(err, INVALID_ARGUMENT, field, "only texts of at most %d letters are compared",
                     LIKENESS_LETTERS_MAX);
}

static bool measure(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context, (void)arena;
    int found = likeness(text_of(arguments[LIKENESS_FIRST]), text_of(arguments[LIKENESS_SECOND]));
    if (found < 0)
        return refuse_long("first", err);
    *out = likeness_value(found);
    return true;
}

enum { CLOSEST_TEXT, CLOSEST_CANDIDATES, CLOSEST_LEAST };
static const Type optional_text_type = {.kind = TYPE_OPTIONAL, .inner = &type_text};
static const Parameter closest_parameters[] = {
    [CLOSEST_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("what to look for, at most 200 letters")},
    [CLOSEST_CANDIDATES] = {S_INIT("candidates"), &texts_type, true, S_INIT("a list of texts")},
    [CLOSEST_LEAST] = {S_INIT("least_likeness"), &type_number, false,
                       S_INIT("from 0 to 1, usually 0.8: nothing is given when no candidate is that much alike")},
};

static bool least_of(Value argument, int *out, Error *err)
{
    int64_t ten_thousandths = 8000;
    Value scaled;
    if (argument_given(argument) &&
        (!decimal_multiply(argument, value_int(10000), &scaled, err) || !value_to_int(scaled, &ten_thousandths) ||
         ten_thousandths < 0 || ten_thousandths > 10000))
        return error_set(err, INVALID_ARGUMENT, "least_likeness",
                         "a number from 0 to 1 with at most four decimals is needed");
    *out = (int)ten_thousandths;
    return true;
}

static bool closest(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context, (void)arena;
    const List *candidates = arguments[CLOSEST_CANDIDATES].list;
    Value best = value_null();
    int least = 0, best_likeness = -1;
    if (!least_of(arguments[CLOSEST_LEAST], &least, err))
        return false;
    if (candidates->count > CANDIDATES_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "candidates", "%u candidates are given: %u are the most",
                         candidates->count, CANDIDATES_MAX);
    for (uint32_t i = 0; i < candidates->count; i++) {
        int found = likeness(text_of(arguments[CLOSEST_TEXT]), text_of(candidates->items[i]));
        if (found < 0)
            return refuse_long("candidates", err);
        if (found >= least && found > best_likeness) {
            best_likeness = found;
            best = candidates->items[i];
        }
    }
    *out = best;
    return true;
}

/* ---- JSON ---- */
static const Parameter parse_parameters[] = {
    [TEXT_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("one JSON value")},
};

static bool parse_json(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Json *json = NULL;
    Error why = {0};
    if (!json_parse(arena, text_of(arguments[TEXT_TEXT]), JSON_DEPTH_MAX, &json, &why))
        return error_set(err, INVALID_ARGUMENT, "text", "the text is not JSON: %s", why.message);
    return value_from_plain_json(arena, json, out, err);
}

enum { ENCODE_VALUE };
static const Parameter encode_parameters[] = {
    [ENCODE_VALUE] = {S_INIT("value"), &type_any, true, S_INIT("anything; a table becomes a list of objects")},
};

static bool encode_json(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    value_to_plain_json(&json, arguments[ENCODE_VALUE]);
    if (text.len > TEXT_BYTES_MAX)
        return refuse_big(err);
    *out = value_text(buf_view(&text));
    return true;
}

#define TEXT(name, parameters, ...) BOOK_PROCEDURE("text", name, parameters, .effect = EFFECT_PURE, __VA_ARGS__)

static const BookEntry entries[] = {
    {TEXT("closest", closest_parameters,
          .english = S_INIT("pick the closest match of {text} from {candidates} as {result}"),
          .description =
              S_INIT("The candidate that is most like the text, the first of equals; nothing when none is alike "
                     "enough. Case, punctuation and spaces do not count."),
          .example = S_INIT("pick the closest match of the payer from the vendors' names as the vendor name"),
          .result = &optional_text_type),
     closest},
    {TEXT("encode_json", encode_parameters, .english = S_INIT("encode {value} in json as {result}"),
          .description = S_INIT("Writes any value as a JSON text, with all digits of its numbers."),
          .example = S_INIT("encode the order in json as the order text"), .result = &type_text),
     encode_json},
    {TEXT("extract", extract_parameters,
          .english = S_INIT("extract the parts of {text} by the pattern {pattern} as {result}"),
          .description =
              S_INIT("The first match of a pattern, as a record of its named groups; a group that took no part is "
                     "nothing. When nothing matches, a person is asked."),
          .example =
              S_INIT("extract the parts of the remark by the pattern \"order (?<order>PO-\\\\d+)\" as the parts"),
          .result = &type_record),
     extract},
    {TEXT("lines", text_parameters, .english = S_INIT("list the lines of {text} as {result}"),
          .description =
              S_INIT("The lines of a text, without their ends; a line end at the very end begins no new line."),
          .example = S_INIT("list the lines of the address as the address lines"), .result = &texts_type),
     lines},
    {TEXT("matches", matches_parameters, .english = S_INIT("list the matches of {pattern} in {text} as {result}"),
          .description = S_INIT("Everything in a text that matches a pattern, in order, without overlaps."),
          .example = S_INIT("list the matches of \"PO-\\\\d+\" in the remark as the order numbers"),
          .result = &texts_type),
     matches},
    {TEXT("measure", likeness_parameters, .english = S_INIT("measure the likeness of {first} to {second} as {result}"),
          .description =
              S_INIT("How alike two short texts are, from 0 to 1 with four decimals. Case, punctuation and spaces do "
                     "not count."),
          .example = S_INIT("measure the likeness of the payer to the vendor's name as the likeness"),
          .result = &type_number),
     measure},
    {TEXT("pad", pad_parameters, .english = S_INIT("pad {text} to {length} as {result}"),
          .description = S_INIT("Fills a text up to a length; longer ones stay as they are."),
          .example = S_INIT("pad the account to 10 as the account number\n  the filler is \"0\""),
          .result = &type_text),
     pad},
    {TEXT("parse_json", parse_parameters, .english = S_INIT("parse the json text {text} as {result}"),
          .description = S_INIT("Reads a JSON text: objects become records, arrays become lists, numbers stay exact."),
          .example = S_INIT("parse the json text the reply as the order"), .result = &type_any),
     parse_json},
    {TEXT("replace", replace_parameters,
          .english = S_INIT("replace the matches of {pattern} in {text} by {replacement} as {result}"),
          .description = S_INIT("Puts something else in the place of everything that matches a pattern."),
          .example = S_INIT("replace the matches of \"[^0-9]\" in the phone number by \"\" as the digits"),
          .result = &type_text),
     replace},
    {TEXT("tidy", text_parameters, .english = S_INIT("tidy {text} as {result}"),
          .description = S_INIT("Every run of spaces and line ends becomes one space; none is left at either end."),
          .example = S_INIT("tidy the vendor's name as the vendor name"), .result = &type_text),
     tidy},
};

const Book text_book = {
    .name = S_INIT("text"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("Text"),
    .summary = S_INIT("Patterns, lines, likeness, and JSON in texts"),
    .description =
        S_INIT("Joining, splitting, upper and lower case belong to the language itself. This book looks for patterns "
               "(regular expressions as in Python, bounded in steps), compares names that are written "
               "differently, and reads and writes JSON."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};

/* lang/functions_text.c: texts. Lengths and positions count code points. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <utf8proc.h>

#include "base/codec.h"
#include "lang/format.h"
#include "lang/functions.h"

uint32_t text_length(Str s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.data[i] & 0xc0) != 0x80;
    return n;
}

size_t text_offset(Str s, uint32_t code_points)
{
    size_t at = 0;
    for (; code_points > 0 && at < s.len; code_points--) {
        at++;
        while (at < s.len && ((unsigned char)s.data[at] & 0xc0) == 0x80)
            at++;
    }
    return at;
}

static Value text_of(Buf *buf)
{
    return value_text(buf_view(buf));
}

FUNCTION(STR)
{
    if (arguments[0].kind == VALUE_TEXT) {
        *out = arguments[0];
        return true;
    }
    if (arguments[0].kind == VALUE_BOOL) { /* as Python has it, and unlike a text with {…} */
        *out = value_text(arguments[0].low ? S("True") : S("False"));
        return true;
    }
    Buf printed = buf_in(&evaluation->heap);
    value_print(&printed, arguments[0]);
    *out = text_of(&printed);
    return true;
}

typedef utf8proc_int32_t CaseOf(utf8proc_int32_t code_point);

static bool change_case(Evaluation *evaluation, Value value, CaseOf *first, CaseOf *rest, Value *out)
{
    Str text;
    if (!need_text(evaluation, 0, value, &text) || !heap_admits(evaluation, 2 * text.len))
        return false;
    Buf changed = buf_in(&evaluation->heap);
    bool in_word = false;
    for (size_t at = 0; at < text.len;) {
        utf8proc_int32_t code_point;
        utf8proc_ssize_t len =
            utf8proc_iterate((const utf8proc_uint8_t *)text.data + at, (utf8proc_ssize_t)(text.len - at), &code_point);
        if (len <= 0) {
            buf_char(&changed, text.data[at++]);
            continue;
        }
        utf8proc_uint8_t bytes[4];
        utf8proc_category_t category = utf8proc_category(code_point);
        bool is_letter = category <= UTF8PROC_CATEGORY_LO && category >= UTF8PROC_CATEGORY_LU;
        CaseOf *change = in_word ? rest : first;
        if (code_point == 0xdf &&
            change != utf8proc_tolower) { /* the one letter whose capitals are two in everyday texts */
            buf_str(&changed, change == utf8proc_toupper ? S("SS") : S("Ss"));
        } else {
            utf8proc_ssize_t n = utf8proc_encode_char(change(code_point), bytes);
            buf_add(&changed, bytes, (size_t)n);
        }
        in_word = is_letter;
        at += (size_t)len;
    }
    *out = text_of(&changed);
    return true;
}

FUNCTION(UPPER)
{
    return change_case(evaluation, arguments[0], utf8proc_toupper, utf8proc_toupper, out);
}
FUNCTION(LOWER)
{
    return change_case(evaluation, arguments[0], utf8proc_tolower, utf8proc_tolower, out);
}
FUNCTION(TITLE)
{
    return change_case(evaluation, arguments[0], utf8proc_totitle, utf8proc_tolower, out);
}

/* White space as Python has it: what Unicode calls so, the no-break space that spreadsheets leave behind among it. */
static bool is_space(uint32_t c)
{
    static const struct Range {
        uint32_t first, last;
    } spaces[] = {{'\t', '\r'},     {0x1c, ' '},      {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
                  {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
    for (size_t i = 0; i < COUNT_OF(spaces); i++) {
        if (c >= spaces[i].first && c <= spaces[i].last)
            return true;
    }
    return false;
}

/* How many bytes the white space at `at` has; 0 for any other letter. */
static size_t space_at(Str text, size_t at)
{
    size_t end = at;
    return is_space(utf8_next(text, &end)) ? end - at : 0;
}

static size_t last_letter(Str text)
{
    size_t at = text.len - 1;
    while (at > 0 && ((unsigned char)text.data[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static Str strip_spaces(Str text)
{
    while (text.len > 0 && space_at(text, 0) > 0)
        text = str_skip(text, space_at(text, 0));
    while (text.len > 0 && space_at(text, last_letter(text)) > 0)
        text.len = last_letter(text);
    return text;
}

static Str strip_letters(Str text, Str letters)
{
    while (text.len > 0 && str_contains(letters, str_slice(text, 0, text_offset(text, 1))))
        text = str_skip(text, text_offset(text, 1));
    while (text.len > 0 && str_contains(letters, str_skip(text, last_letter(text))))
        text.len = last_letter(text);
    return text;
}

FUNCTION(STRIP)
{
    Str text, letters;
    if (!need_text(evaluation, 0, arguments[0], &text))
        return false;
    if (n < 2 || arguments[1].kind == VALUE_NULL) {
        *out = value_text(strip_spaces(text));
        return true;
    }
    if (!need_text(evaluation, 1, arguments[1], &letters))
        return false;
    *out = value_text(strip_letters(text, letters));
    return true;
}

static bool split_at_spaces(Evaluation *evaluation, Str text, Value *out)
{
    *out = value_list_new(&evaluation->heap, 0);
    for (size_t at = 0; at < text.len;) {
        size_t step = space_at(text, at);
        if (step > 0) {
            at += step;
            continue;
        }
        size_t from = at;
        while (at < text.len && space_at(text, at) == 0)
            at++;
        list_add(&evaluation->heap, out->list, value_text(str_slice(text, from, at)));
    }
    return true;
}

FUNCTION(SPLIT)
{
    Str text, separator;
    if (!need_text(evaluation, 0, arguments[0], &text) || !heap_admits(evaluation, 32 * text.len))
        return false;
    if (n < 2 || arguments[1].kind == VALUE_NULL)
        return split_at_spaces(evaluation, text, out);
    if (!need_text(evaluation, 1, arguments[1], &separator))
        return false;
    if (separator.len == 0)
        return problem_set(evaluation, "bad-separator", 1, &type_text, arguments[1],
                           "A text cannot be split by an empty text");
    *out = value_list_new(&evaluation->heap, 0);
    for (ptrdiff_t at; (at = str_find(text, separator)) >= 0; text = str_skip(text, (size_t)at + separator.len))
        list_add(&evaluation->heap, out->list, value_text(str_slice(text, 0, (size_t)at)));
    list_add(&evaluation->heap, out->list, value_text(text));
    return true;
}

/* join(", ", items): items that are no texts are printed, since the sentence says "joined". */
FUNCTION(JOIN)
{
    Str separator;
    List *items;
    if (!need_text(evaluation, 0, arguments[0], &separator) || !need_list(evaluation, 1, arguments[1], &items))
        return false;
    Buf joined = buf_in(&evaluation->heap);
    for (uint32_t i = 0; i < items->count; i++) {
        if (i > 0)
            buf_str(&joined, separator);
        value_print(&joined, items->items[i]);
        if (!heap_admits(evaluation, 0))
            return false;
    }
    *out = text_of(&joined);
    return true;
}

FUNCTION(REPLACE)
{
    Str text, from, to;
    if (!need_text(evaluation, 0, arguments[0], &text) || !need_text(evaluation, 1, arguments[1], &from) ||
        !need_text(evaluation, 2, arguments[2], &to))
        return false;
    uint64_t grown = to.len > from.len ? (text.len + 1ull) * (to.len - from.len + 1) : text.len;
    if (!heap_admits(evaluation,
                     from.len > 0 ? MIN_OF(grown, (text.len / from.len + 1ull) * to.len + text.len) : grown))
        return false;
    Buf replaced = buf_in(&evaluation->heap);
    if (from.len == 0) { /* as in Python: around every letter */
        buf_str(&replaced, to);
        while (text.len > 0) {
            size_t len = text_offset(text, 1);
            buf_str(&replaced, str_slice(text, 0, len));
            buf_str(&replaced, to);
            text = str_skip(text, len);
        }
    } else {
        for (ptrdiff_t at; (at = str_find(text, from)) >= 0; text = str_skip(text, (size_t)at + from.len)) {
            buf_str(&replaced, str_slice(text, 0, (size_t)at));
            buf_str(&replaced, to);
        }
        buf_str(&replaced, text);
    }
    *out = text_of(&replaced);
    return true;
}

static bool two_texts(Evaluation *evaluation, const Value *arguments, Str *text, Str *part)
{
    return need_text(evaluation, 0, arguments[0], text) && need_text(evaluation, 1, arguments[1], part);
}

/* At either end of the text: a part, or any of a list of parts, as Python has it of a tuple. */
static bool has_at_end(Evaluation *evaluation, const Value *arguments, bool (*has)(Str text, Str part), Value *out)
{
    Str text, part;
    if (!need_text(evaluation, 0, arguments[0], &text))
        return false;
    bool several = arguments[1].kind == VALUE_LIST, yes = false;
    const Value *parts = several ? arguments[1].list->items : &arguments[1];
    uint32_t n_parts = several ? arguments[1].list->count : 1;
    for (uint32_t i = 0; i < n_parts && !yes; i++) {
        if (!need_text(evaluation, 1, parts[i], &part))
            return false;
        yes = has(text, part);
    }
    *out = value_bool(yes);
    return true;
}

FUNCTION(STARTS_WITH)
{
    return has_at_end(evaluation, arguments, str_starts, out);
}

FUNCTION(ENDS_WITH)
{
    return has_at_end(evaluation, arguments, str_ends, out);
}

FUNCTION(CONTAINS)
{
    bool yes;
    if (!operate_compare(evaluation, CMP_IN, arguments[1], arguments[0], &yes)) {
        if (evaluation->problem.hole >= 0)
            evaluation->problem.hole = 1 - evaluation->problem.hole;
        return false;
    }
    *out = value_bool(yes);
    return true;
}

/* Limits against patterns that take for ever: steps of one match, and memory for going back. */
enum { MATCH_STEPS = 1000000, MATCH_DEPTH = 10000, MATCH_HEAP_KB = 16384 };

static bool match_whole(Evaluation *evaluation, pcre2_code *pattern, Str text, bool *out)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(pattern, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(context, MATCH_STEPS);
    pcre2_set_depth_limit(context, MATCH_DEPTH);
    pcre2_set_heap_limit(context, MATCH_HEAP_KB);
    int found = pcre2_match(pattern, (PCRE2_SPTR)(text.data ? text.data : ""), text.len, 0, 0, data, context);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    *out = found >= 0;
    evaluation->fuel_used += text.len / 16;
    if (found >= 0 || found == PCRE2_ERROR_NOMATCH)
        return true;
    return problem_set(
        evaluation, "slow-pattern", 1, &type_text, (Value){0},
        "Matching this pattern takes too many steps; write it with fewer repetitions inside repetitions");
}

/* The whole text is matched, as Python's fullmatch does: "starts with" and "contains" have sentences of their own. */
FUNCTION(MATCHES)
{
    Str text, pattern;
    if (!two_texts(evaluation, arguments, &text, &pattern))
        return false;
    int error;
    size_t offset;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)(pattern.data ? pattern.data : ""), pattern.len,
                      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C, &error, &offset, NULL);
    if (!compiled) {
        PCRE2_UCHAR reason[120];
        pcre2_get_error_message(error, reason, sizeof reason);
        return problem_set(evaluation, "bad-pattern", 1, &type_text, arguments[1],
                           "This pattern cannot be read at position %zu: %s", offset + 1, (const char *)reason);
    }
    bool yes = false;
    bool worked = match_whole(evaluation, compiled, text, &yes);
    pcre2_code_free(compiled);
    *out = value_bool(yes);
    return worked;
}

FUNCTION(IS_DIGIT)
{
    Str text;
    if (!need_text(evaluation, 0, arguments[0], &text))
        return false;
    bool yes = text.len > 0;
    for (size_t i = 0; i < text.len && yes; i++)
        yes = text.data[i] >= '0' && text.data[i] <= '9';
    *out = value_bool(yes);
    return true;
}

static bool letters_wanted(Evaluation *evaluation, const Value *arguments, Str *text, uint32_t *count)
{
    int64_t wanted;
    if (!need_text(evaluation, 0, arguments[0], text) || !need_int(evaluation, 1, arguments[1], &wanted))
        return false;
    if (wanted < 0)
        return problem_set(evaluation, "not-a-whole-number", 1, &type_number, arguments[1],
                           "A number of letters is 0 or more");
    *count = (uint32_t)MIN_OF(wanted, (int64_t)UINT32_MAX);
    return true;
}

FUNCTION(LEFT)
{
    Str text;
    uint32_t count;
    if (!letters_wanted(evaluation, arguments, &text, &count))
        return false;
    *out = value_text(str_slice(text, 0, text_offset(text, count)));
    return true;
}

FUNCTION(RIGHT)
{
    Str text;
    uint32_t count;
    if (!letters_wanted(evaluation, arguments, &text, &count))
        return false;
    uint32_t length = text_length(text);
    *out = value_text(str_skip(text, text_offset(text, length > count ? length - count : 0)));
    return true;
}

/* A figure that came as a text counts as a number where the form is one of numbers. */
FUNCTION(FORMAT)
{
    Str spec;
    Format format;
    Error err = {0};
    Value number;
    if (!need_text(evaluation, 1, arguments[1], &spec))
        return false;
    if (!format_read(spec, &format))
        return problem_set(evaluation, "bad-format", 1, &type_text, arguments[1],
                           "\"%.*s\" is no form that is known; %s", STR_ARG(str_clip(spec, 60)), format_known);
    Buf printed = buf_in(&evaluation->heap);
    bool of_numbers = format.grouping || (format.type && format.type != 's');
    bool is_text = arguments[0].kind == VALUE_TEXT && !of_numbers;
    if (!is_text && !need_number(evaluation, 0, arguments[0], &number))
        return false;
    if (!(is_text ? format_text(&format, value_str(arguments[0]), &printed, &err)
                  : format_number(&format, number, &printed, &err)))
        return problem_set(evaluation, "bad-format", 1, &type_text, arguments[1], "%s", err.message);
    *out = value_text(buf_end(&printed));
    return true;
}

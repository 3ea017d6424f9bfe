/* lang/english_condition_mends.c: conditions and orders of rows that cannot be read but are understood all the same, as
 * they should have been written. */
#include <string.h>

#include "lang/english_internal.h"

/* The verb before token `at`, in the same part of the condition; `at` where there is none. */
static uint32_t verb_before(const EnglishReader *reader, uint32_t at)
{
    for (uint32_t verb = at; verb-- > 0 && !is_among(reader, verb, " and or if whose where ");) {
        if (is_among(reader, verb, " is are "))
            return verb;
    }
    return at;
}

/* ---- whose amount is 5 and status is "open" ---- */

/* Whether bare words stand at `at`, and behind them what compares them. */
static bool compares_bare_words(const EnglishReader *reader, uint32_t at)
{
    static const char *const verbs = " is are contains starts ends begins matches has does equals exceeds ";
    uint32_t end = at;
    while (token_at(reader, end)->kind == TOKEN_WORD && !word_is_hard(token_at(reader, end)->text) &&
           !is_among(reader, end, verbs))
        end++;
    const Token *next = token_at(reader, end);
    bool sign = next->kind == TOKEN_SIGN && next->text.len > 0 && strchr("<>=!", next->text.data[0]);
    return end > at && (sign || is_among(reader, end, verbs));
}

/* Each condition behind `and` has a `whose` of its own. */
static const char *mend_of_whose(const EnglishReader *reader)
{
    uint32_t whose = reader->at, end = reader->sentence.count - 1;
    if (!is_among(reader, whose - 1, " and or "))
        return NULL;
    while (whose > 0 && !word_at(reader, whose, "whose"))
        whose--;
    if (!word_at(reader, whose, "whose"))
        return NULL;
    Buf text = buf_in(reader->arena);
    uint32_t copied = reader->at;
    for (uint32_t at = reader->at; at < end; at++) {
        uint32_t bare = at + is_among(reader, at, " its their ");
        if (is_among(reader, at - 1, " and or ") && compares_bare_words(reader, bare)) {
            buf_str(&text, str_slice(reader->source, token_at(reader, copied)->start, token_at(reader, at)->start));
            buf_str(&text, S("whose "));
            copied = bare;
        } else if (at == reader->at) {
            return NULL;
        }
    }
    buf_str(&text, source_of(reader, copied, end));
    return write_sentence(reader, corrected(reader, reader->at, end, buf_view(&text)));
}

/* ---- the date is Monday ---- */

static const char *const weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};

/* What the weekday or the month of a date is compared with; "" where the word is neither. */
static Str calendar_value(const EnglishReader *reader, uint32_t at, bool *out_month)
{
    *out_month = false;
    if (is_among(reader, at, " weekend "))
        return S("one of \"Saturday\" or \"Sunday\"");
    for (size_t i = 0; i < COUNT_OF(weekdays); i++) {
        if (word_at(reader, at, weekdays[i]))
            return str_printf(reader->arena, "\"%c%s\"", weekdays[i][0] - 'a' + 'A', weekdays[i] + 1);
    }
    for (size_t i = 0; i < COUNT_OF(months); i++) {
        *out_month = word_at(reader, at, months[i]);
        if (*out_month)
            return str_printf(reader->arena, "%zu", i + 1);
    }
    return S("");
}

static const char *mend_of_calendar(const EnglishReader *reader)
{
    uint32_t name = reader->at, verb = verb_before(reader, name), from = verb;
    if (verb == name)
        return NULL;
    while (is_among(reader, name, " on in a an the "))
        name++;
    bool is_month, is_negative = word_at(reader, verb + 1, "not");
    Str value = calendar_value(reader, name, &is_month);
    for (uint32_t at = verb + 1; at < name; at++) {
        if (!is_among(reader, at, " on in a an the not "))
            return NULL;
    }
    while (from > 0 && (token_at(reader, from - 1)->kind == TOKEN_POSSESSIVE ||
                        (token_at(reader, from - 1)->kind == TOKEN_WORD &&
                         !is_among(reader, from - 1, " and or if whose where while ensure not "))))
        from--;
    if (value.len == 0 || from == verb || word_at(reader, from - 1, "whose"))
        return NULL;
    const char *part = is_month ? "the month of " : "the weekday of ";
    bool said = words_at(reader, from, is_month ? "the month of" : "the weekday of");
    Str instead = str_printf(reader->arena, "%s%.*s is%s %.*s", said ? "" : part,
                             STR_ARG(source_of(reader, from, verb)), is_negative ? " not" : "", STR_ARG(value));
    return write_sentence(reader, corrected(reader, from, name + 1, instead));
}

/* ---- the count is 5 or more ---- */

static const char *mend_of_or_more(const EnglishReader *reader)
{
    uint32_t at = reader->at;
    if (at < 3 || !word_at(reader, at - 1, "or"))
        return NULL;
    uint32_t verb = verb_before(reader, at - 1);
    bool up = is_among(reader, at, " more greater bigger larger higher above over later after longer ");
    bool down = is_among(reader, at, " less fewer smaller lower below under earlier before shorter ");
    if ((!up && !down) || verb >= at - 2 || word_at(reader, verb + 1, "not"))
        return NULL;
    Str instead = str_printf(reader->arena, "%.*s at %s %.*s", STR_ARG(source_of(reader, verb, verb + 1)),
                             up ? "least" : "most", STR_ARG(source_of(reader, verb + 1, at - 1)));
    return write_sentence(reader, corrected(reader, verb, at + 1, instead));
}

/* ---- the amount is over 5, exceeds 5 ---- */

/* Another word for “more than” or “less than”, just before the value or in its place. */
static const char *mend_of_size(const EnglishReader *reader)
{
    static const char *const up = " over above exceeding bigger larger higher ";
    static const char *const down = " under below smaller lower fewer ";
    uint32_t at = reader->at - !(is_among(reader, reader->at, up) || is_among(reader, reader->at, down));
    uint32_t end = at + 1 + word_at(reader, at + 1, "than");
    if (is_among(reader, at, " exceeds exceed "))
        return write_sentence(reader, corrected(reader, at, end, S("is more than")));
    if (is_among(reader, reader->at, " does do ") && words_at(reader, reader->at + 1, "not exceed"))
        return write_sentence(reader, corrected(reader, reader->at, reader->at + 3, S("is at most")));
    if (!is_among(reader, at - 1, " is are not ") || !(is_among(reader, at, up) || is_among(reader, at, down)))
        return NULL;
    const char *instead = is_among(reader, at, up) ? "more than" : "less than";
    return write_sentence(reader, corrected(reader, at, end, str_from_c(instead)));
}

/* ---- the status is "open", "late" or "new" ---- */

static bool at_literal(const EnglishReader *reader, uint32_t at)
{
    TokenKind kind = token_at(reader, at)->kind;
    return kind == TOKEN_NUMBER || kind == TOKEN_TEXT || kind == TOKEN_DATE || kind == TOKEN_TIME;
}

/* Several values behind one verb of a condition: is one of them. */
static const char *mend_of_one_of(const EnglishReader *reader)
{
    uint32_t verb = verb_before(reader, reader->at), at = verb + 1, end = at, n = 0;
    bool negative = word_at(reader, at, "not") || word_at(reader, at, "neither");
    bool decides = !word_at(reader, 0, "the");
    for (uint32_t i = 0; i < verb; i++)
        decides |= word_at(reader, i, "whose");
    if (verb == reader->at || !decides)
        return NULL;
    while (is_among(reader, at, " not in either neither "))
        at++;
    Buf text = buf_in(reader->arena);
    for (bool more = true; more && at_literal(reader, at); n++) {
        end = at + 1;
        uint32_t next = end + sign_at(reader, end, ",");
        next += is_among(reader, next, " or nor ");
        more = next > end && at_literal(reader, next);
        buf_printf(&text, "%s%.*s", n == 0 ? "" : more ? ", " : " or ", STR_ARG(source_of(reader, at, end)));
        at = next;
    }
    if (n < 2 || reader->at >= end)
        return NULL;
    Str instead = str_printf(reader->arena, "%.*s%s one of %.*s", STR_ARG(source_of(reader, verb, verb + 1)),
                             negative ? " not" : "", STR_ARG(buf_view(&text)));
    return write_sentence(reader, corrected(reader, verb, end, instead));
}

/* ---- the name starts with "a" or ends with "b" ---- */

static const char *const boundaries = " if and or whose where while ensure otherwise ";

/* A condition without its subject, which is that of the one before it, and perhaps without its verb. */
static const char *mend_of_subject(const EnglishReader *reader)
{
    static const char *const verbs = " is are contains contain starts start ends end begins begin matches match equals "
                                     "includes include does do ";
    static const char *const traits = " at more less greater before after between empty missing given within one ";
    uint32_t at = reader->at;
    bool has_verb = is_among(reader, at, verbs);
    if (at < 4 || !is_among(reader, at - 1, " and or ") || (!has_verb && !is_among(reader, at, traits)))
        return NULL;
    uint32_t verb = at - 2;
    while (verb > 1 && !is_among(reader, verb, verbs) && !is_among(reader, verb, boundaries))
        verb--;
    uint32_t from = verb;
    while (from > 1 && !is_among(reader, from - 1, boundaries))
        from--;
    if (!is_among(reader, verb, verbs) || from == verb || !is_among(reader, from - 1, boundaries))
        return NULL;
    const char *whose = word_at(reader, from - 1, "whose") ? "whose " : "";
    const char *copula = has_verb ? "" : word_at(reader, verb, "are") ? "are " : "is ";
    Str instead = str_printf(reader->arena, "%s%.*s %s%.*s", whose, STR_ARG(source_of(reader, from, verb)), copula,
                             STR_ARG(source_of(reader, at, at + 1)));
    return write_sentence(reader, corrected(reader, at, at + 1, instead));
}

/* ---- each order's amount is 5 ---- */

static const char *mend_of_each(const EnglishReader *reader)
{
    uint32_t at = reader->at, end = at + 1;
    while (token_at(reader, end)->kind == TOKEN_WORD && !is_among(reader, end, boundaries))
        end++;
    bool each = word_at(reader, at, "each") && token_at(reader, end)->kind == TOKEN_POSSESSIVE && end > at + 1;
    return each ? write_sentence(reader, corrected(reader, at, at + 1, S("every"))) : NULL;
}

/* ---- ensure that, make sure that ---- */

const char *mend_of_check(const EnglishReader *reader)
{
    uint32_t end = words_at(reader, 0, "make sure") ? 2 : is_among(reader, 0, " ensure check verify assert require ");
    bool that = word_at(reader, end, "that") || word_at(reader, end, "if") || word_at(reader, end, "whether");
    if (end == 0 || !(that || end == 2 || is_among(reader, 0, " verify assert require ")))
        return NULL;
    return write_sentence(reader, corrected(reader, 0, end + that, S("ensure")));
}

/* ---- sorted by amount and date ---- */

enum { KEYS_MAX = 4 };

/* Where the name of a column and the direction behind it end. */
static uint32_t key_end(const EnglishReader *reader, uint32_t at)
{
    uint32_t end = at + (token_at(reader, at)->kind == TOKEN_TEXT);
    while (end - at < KEYS_MAX && token_at(reader, end)->kind == TOKEN_WORD &&
           !word_is_hard(token_at(reader, end)->text) && token_at(reader, at)->kind == TOKEN_WORD)
        end++;
    bool from = words_at(reader, end, "from the") && is_among(reader, end + 2, " smallest largest earliest latest ");
    bool order = word_at(reader, end, "in") && is_among(reader, end + 1, " ascending descending ") &&
                 word_at(reader, end + 2, "order");
    return end > at && (from || order) ? end + 3 : end;
}

/* Sorting keeps the order of equals, so what counts most is sorted by last. */
const char *mend_of_sorted(const EnglishReader *reader)
{
    uint32_t sorted = 0, end = 0, n = 0;
    Str keys[KEYS_MAX];
    while (sorted < reader->sentence.count && !words_at(reader, sorted, "sorted by"))
        sorted++;
    for (uint32_t at = sorted + 2; n < KEYS_MAX && at > end;) {
        at += word_at(reader, at, "the");
        uint32_t key = key_end(reader, at);
        if (key == at)
            break;
        keys[n++] = source_of(reader, at, key);
        at = end = key;
        at += sign_at(reader, at, ",");
        at += word_at(reader, at, "and");
        at += word_at(reader, at, "then");
        at += word_at(reader, at, "by");
    }
    if (n < 2)
        return NULL;
    Buf text = buf_in(reader->arena);
    for (uint32_t i = n; i-- > 0;)
        buf_printf(&text, "sorted by %.*s%s", STR_ARG(keys[i]), i > 0 ? " " : "");
    const char *whole = corrected(reader, sorted, end, buf_view(&text));
    return whole ? str_to_c(reader->arena,
                            str_printf(reader->arena, "what counts most is sorted by last; write: %s", whole))
                 : NULL;
}

/* sorted by amount, latest first · from the largest to the smallest: the direction stands behind the column once. */
static const char *mend_of_direction(const EnglishReader *reader)
{
    uint32_t at = reader->at - sign_at(reader, reader->at - 1, ","), last = at + sign_at(reader, at, ",");
    if (words_at(reader, at, "to the") && is_among(reader, at + 2, " smallest largest earliest latest oldest newest "))
        return write_sentence(reader, corrected(reader, at - 1, at + 3, source_of(reader, at - 1, at)));
    if (last == at || !word_at(reader, last + 1, "first"))
        return NULL;
    const char *from = is_among(reader, last, " latest newest last ")        ? " from the latest"
                       : is_among(reader, last, " earliest oldest ")         ? " from the earliest"
                       : is_among(reader, last, " largest highest biggest ") ? " from the largest"
                       : is_among(reader, last, " smallest lowest ")         ? " from the smallest"
                                                                             : NULL;
    return from ? write_sentence(reader, corrected(reader, at, last + 2, str_from_c(from))) : NULL;
}

const char *mend_of_condition(const EnglishReader *reader)
{
    static Mend *const about_it[] = {mend_of_check, mend_of_each};
    static Mend *const behind_others[] = {mend_of_or_more, mend_of_whose,     mend_of_calendar, mend_of_one_of,
                                          mend_of_subject, mend_of_direction, mend_of_sorted};
    const char *size = reader->at > 1 ? mend_of_size(reader) : NULL;
    if (size || (token_now(reader)->kind != TOKEN_WORD && !sign_at(reader, reader->at, ",")))
        return size;
    const char *hint = first_mend(reader, about_it, COUNT_OF(about_it));
    return hint || reader->at < 2 ? hint : first_mend(reader, behind_others, COUNT_OF(behind_others));
}

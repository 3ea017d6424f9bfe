/* lang/english_habits.c: words that an office uses where the grammar has others, and what stands for them. */
#include <string.h>

#include "lang/english_internal.h"

/* Where the words of a name that begin at `at` end. */
static uint32_t name_end(const EnglishReader *reader, uint32_t at)
{
    while (token_at(reader, at)->kind == TOKEN_WORD && !word_is_hard(token_at(reader, at)->text))
        at++;
    return at;
}

/* the orders which are open; the orders that have status "open" */
static const char *habit_of_relative(const EnglishReader *reader)
{
    for (uint32_t at = 2; at <= reader->at; at++) {
        if (is_among(reader, at, " which that having ") && token_at(reader, at - 1)->kind == TOKEN_WORD &&
            !is_among(reader, at - 1, " ensure sure check "))
            return "rows are picked with “whose”, as in: the orders whose amount is at least 100";
    }
    return NULL;
}

/* all orders whose …: without “all”, they are all of them. */
static const char *habit_of_all(const EnglishReader *reader)
{
    bool picks = is_among(reader, reader->at, " all ") && word_at(reader, name_end(reader, reader->at + 1), "whose");
    return picks ? write_sentence(reader, corrected(reader, reader->at, reader->at + 1, S("the"))) : NULL;
}

static const char *habit_of_one(const EnglishReader *reader)
{
    bool one = words_at(reader, reader->at, "at least one");
    return one ? write_sentence(reader, corrected(reader, reader->at, reader->at + 3, S("any"))) : NULL;
}

/* every order has a vendor: no order lacks one. */
static const char *habit_of_has(const EnglishReader *reader)
{
    uint32_t has = reader->at + 1;
    if (!is_among(reader, reader->at, " all every each "))
        return NULL;
    while (token_at(reader, has)->kind == TOKEN_WORD && !is_among(reader, has, " has have "))
        has++;
    uint32_t field = has + 1 + is_among(reader, has + 1, " a an "), end = name_end(reader, field);
    if (!is_among(reader, has, " has have ") || has == reader->at + 1 || field == has + 1 || end == field)
        return NULL;
    while (end > field + 1 && is_among(reader, end - 1, " then "))
        end--;
    Str one = singular_of(reader->arena, source_of(reader, reader->at + 1, has));
    Str instead = str_printf(reader->arena, "no %.*s whose %.*s is missing", STR_ARG(one),
                             STR_ARG(source_of(reader, field, end)));
    return write_sentence(reader, corrected(reader, reader->at, end, instead));
}

/* tomorrow; in 30 days */
static const char *habit_of_day(const EnglishReader *reader)
{
    uint32_t at = reader->at;
    const char *near = is_among(reader, at, " tomorrow ")    ? "1 day after today"
                       : is_among(reader, at, " yesterday ") ? "1 day before today"
                                                             : NULL;
    if (near)
        return write_sentence(reader, corrected(reader, at, at + 1, str_from_c(near)));
    if (!word_at(reader, at, "in") || token_at(reader, at + 1)->kind != TOKEN_NUMBER ||
        !is_among(reader, at + 2, " day days week weeks month months year years "))
        return NULL;
    Str instead = str_printf(reader->arena, "%.*s after today", STR_ARG(source_of(reader, at + 1, at + 3)));
    return write_sentence(reader, corrected(reader, at, at + 3, instead));
}

/* the vendor is not found; the vendor is known */
static const char *habit_of_found(const EnglishReader *reader)
{
    static const char *const words = " found known available present ";
    uint32_t at = reader->at;
    bool behind = at > 0 && is_among(reader, at - 1, " is are ");
    if (behind && word_at(reader, at, "not") && is_among(reader, at + 1, words))
        return write_sentence(reader, corrected(reader, at, at + 2, S("missing")));
    return behind && is_among(reader, at, words)
               ? write_sentence(reader, corrected(reader, at, at + 1, S("not missing")))
               : NULL;
}

/* the discount is zero */
static const char *habit_of_figure(const EnglishReader *reader)
{
    static const char *const words[] = {"zero", NULL,    "two",   "three", "four", "five",
                                        "six",  "seven", "eight", "nine",  "ten"};
    uint32_t at = reader->at;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (words[i] && word_at(reader, at, words[i]))
            return write_sentence(reader, corrected(reader, at, at + 1, str_printf(reader->arena, "%zu", i)));
    }
    return NULL;
}

/* say there are {the count} orders: a text lacks its marks. */
static const char *habit_of_say(const EnglishReader *reader)
{
    uint32_t end = reader->sentence.count - 1;
    Str text = source_of(reader, 1, end);
    bool bare = reader->at == 1 && word_at(reader, 0, "say") && end > 1 && str_find_char(text, '"') < 0 &&
                str_find_char(text, '{') > 0;
    return bare
               ? write_sentence(reader, corrected(reader, 1, end, str_printf(reader->arena, "\"%.*s\"", STR_ARG(text))))
               : NULL;
}

/* wait for approval: a run waits for a moment, or it asks. */
static const char *habit_of_wait(const EnglishReader *reader)
{
    bool waits = word_at(reader, 0, "wait") && reader->at <= 2 && token_now(reader)->kind == TOKEN_WORD;
    return waits
               ? "a run waits for so long, wait 3 days, or until a day, wait until 2026-04-14; a person is waited for "
                 "with: ask \"Is it approved?\" as the approval"
               : NULL;
}

const char *habit_of_value(const EnglishReader *reader)
{
    static Mend *const habits[] = {habit_of_relative, habit_of_all,    habit_of_one, habit_of_has, habit_of_day,
                                   habit_of_found,    habit_of_figure, habit_of_say, habit_of_wait};
    return first_mend(reader, habits, COUNT_OF(habits));
}

/* read the order file into the orders: where it goes stands first. */
const char *habit_of_end(const EnglishReader *reader, const char *expected)
{
    uint32_t into = 1, end = reader->sentence.count - 1;
    while (into < end && !word_at(reader, into, "into"))
        into++;
    if (!strstr(expected, "“from") || into < 2 || into + 1 >= end)
        return NULL;
    uint32_t file = 1 + word_at(reader, 1, "the"), rows = into + 1 + word_at(reader, into + 1, "the");
    if (file == into || rows >= end)
        return NULL;
    Str instead = str_printf(reader->arena, "get the %.*s from the %.*s", STR_ARG(source_of(reader, rows, end)),
                             STR_ARG(source_of(reader, file, into)));
    return write_sentence(reader, corrected(reader, 0, end, instead));
}

/* the first 10 orders: read as the first letters of something. */
static const char *habit_of_first_few(const EnglishReader *reader, const char *expected)
{
    uint32_t at = reader->at, end = name_end(reader, at);
    bool first = at >= 3 && word_at(reader, at - 2, "first"), last = at >= 3 && word_at(reader, at - 2, "last");
    if (!strstr(expected, "“letters of") || !(first || last) || !word_at(reader, at - 3, "the") ||
        token_at(reader, at - 1)->kind != TOKEN_NUMBER || end == at)
        return NULL;
    Str count = source_of(reader, at - 1, at), rows = source_of(reader, at, end);
    Str instead = first ? str_printf(reader->arena, "the slice of the %.*s to %.*s", STR_ARG(rows), STR_ARG(count))
                        : str_printf(reader->arena, "the slice of the %.*s from -%.*s", STR_ARG(rows), STR_ARG(count));
    return write_sentence(reader, corrected(reader, at - 3, end, instead));
}

/* 31/12/2026: where one of the two can be no month, only one day is meant. */
static const char *habit_of_slashes(const EnglishReader *reader)
{
    const Token *token = token_now(reader);
    Str rest = str_slice(reader->source, token->start, token->end);
    Str one = str_cut(&rest, '/'), two = str_cut(&rest, '/');
    int64_t first, second, year;
    if (token->kind != TOKEN_BAD || !str_to_i64(one, &first) || !str_to_i64(two, &second) || !str_to_i64(rest, &year))
        return NULL;
    int64_t month = MIN_OF(first, second), day = MAX_OF(first, second);
    if (month < 1 || month > 12 || day < 13 || day > 31 || year < 1000 || year > 9999)
        return NULL;
    Str instead = str_printf(reader->arena, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
    return write_sentence(reader, corrected(reader, reader->at, reader->at + 1, instead));
}

const char *habit_of_token(const EnglishReader *reader, const char *expected)
{
    const char *hint = habit_of_first_few(reader, expected);
    if (!hint)
        hint = habit_of_end(reader, expected);
    if (!hint)
        hint = habit_of_slashes(reader);
    if (!hint && strstr(expected, "end of the sentence"))
        hint = habit_of_relative(reader);
    return hint || !strstr(expected, "a value") ? hint : habit_of_value(reader);
}

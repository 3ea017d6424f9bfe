/* lang/english_mends.c: sentences that cannot be read but are understood all the same, as they should have been
 * written. */
#include <string.h>

#include "lang/english_internal.h"

/* Behind a text's mark, without a blank: say "He said "hello" to me". From the first mark to the last it is one text.
 */
static const char *mend_of_inner_marks(const EnglishReader *reader)
{
    const Token *token = token_now(reader), *before = token_at(reader, reader->at > 0 ? reader->at - 1 : 0);
    if (reader->at == 0 || token->kind != TOKEN_WORD || before->kind != TOKEN_TEXT || token->start != before->end)
        return NULL;
    uint32_t last = 0;
    for (uint32_t at = reader->at; token_at(reader, at)->kind != TOKEN_END; at++) {
        if (token_at(reader, at)->kind == TOKEN_TEXT)
            last = at;
    }
    if (last == 0)
        return "quotation marks inside a text are written \\\"";
    Str inside = str_slice(reader->source, before->start + 1, token_at(reader, last)->end - 1);
    Buf text = buf_in(reader->arena);
    buf_char(&text, '"');
    for (size_t i = 0; i < inside.len; i++) {
        if (inside.data[i] == '"' && (i == 0 || inside.data[i - 1] != '\\'))
            buf_char(&text, '\\');
        buf_char(&text, inside.data[i]);
    }
    buf_char(&text, '"');
    const char *hint = write_sentence(reader, corrected(reader, reader->at - 1, last + 1, buf_view(&text)));
    return hint ? hint : "quotation marks inside a text are written \\\"";
}

/* the name & " of " & the city: one text. NULL where none of what is joined is a text, which may be conditions. */
static const char *mend_of_joined(const EnglishReader *reader)
{
    uint32_t from = reader->at, texts = 0;
    while (from > 0 && !leads_to_value(reader, from - 1) && !(from == 1 && word_at(reader, 0, "output")))
        from--;
    if (from == 0 || !str_eq(source_of(reader, reader->at, reader->at + 1), S("&")))
        return NULL;
    Buf text = buf_in(reader->arena);
    buf_char(&text, '"');
    uint32_t at = from, part = from;
    for (;; at++) {
        const Token *token = token_at(reader, at);
        bool joint = str_eq(str_slice(reader->source, token->start, token->end), S("&"));
        bool ends = token->kind == TOKEN_END || word_at(reader, at, "as") || word_at(reader, at, "then");
        if (!joint && !ends) {
            bool lone = at == part && token->kind == TOKEN_TEXT;
            if (!lone && (token->kind != TOKEN_WORD && token->kind != TOKEN_NUMBER && token->kind != TOKEN_POSSESSIVE &&
                          token->kind != TOKEN_PLURAL))
                return NULL;
            if (leads_to_value(reader, at) || (at > part && token_at(reader, part)->kind == TOKEN_TEXT))
                return NULL;
            texts += lone;
            continue;
        }
        if (at == part)
            return NULL;
        Str shown = source_of(reader, part, at);
        if (token_at(reader, part)->kind == TOKEN_TEXT)
            buf_str(&text, str_slice(shown, 1, shown.len - 1));
        else
            buf_printf(&text, "{%.*s}", STR_ARG(shown));
        if (ends)
            break;
        part = at + 1;
    }
    buf_char(&text, '"');
    return texts > 0 ? write_sentence(reader, corrected(reader, from, at, buf_view(&text))) : NULL;
}

/* $5 EUR: one currency too many. */
static const char *mend_of_currency(const EnglishReader *reader)
{
    static const char *const codes[] = {"eur", "usd", "gbp", "chf", "jpy", "cad", "aud",
                                        "sek", "nok", "dkk", "pln", "czk", "cny", "inr"};
    const Token *number = token_at(reader, reader->at > 0 ? reader->at - 1 : 0);
    Str shown = str_slice(reader->source, number->start, number->end);
    if (reader->at == 0 || number->kind != TOKEN_NUMBER || (shown.data[0] >= '0' && shown.data[0] <= '9'))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        const char *once =
            word_at(reader, reader->at, codes[i]) ? corrected(reader, reader->at - 1, reader->at + 1, shown) : NULL;
        if (once)
            return str_to_c(
                reader->arena,
                str_printf(reader->arena, "an amount has one currency: the sign or the letters; write: %s", once));
    }
    return NULL;
}

/* the sum of amount in the orders: a column of them all. */
static const char *mend_of_column_in(const EnglishReader *reader)
{
    static const char *const over_lists[] = {"sum",      "total",   "average", "mean",    "median", "largest",
                                             "smallest", "highest", "lowest",  "maximum", "minimum"};
    uint32_t field = reader->at, joint = field;
    bool over_list = false;
    for (size_t i = 0; i < COUNT_OF(over_lists) && field >= 2; i++)
        over_list |= word_at(reader, field - 1, "of") && word_at(reader, field - 2, over_lists[i]);
    while (over_list && token_at(reader, joint)->kind == TOKEN_WORD && !word_is_hard(token_at(reader, joint)->text))
        joint++;
    bool in = word_at(reader, joint, "in") || word_at(reader, joint, "of") || word_at(reader, joint, "from");
    if (joint == field || !in || !word_at(reader, joint + 1, "the"))
        return NULL;
    uint32_t end = joint + 2;
    while (token_at(reader, end)->kind == TOKEN_WORD && !word_is_hard(token_at(reader, end)->text))
        end++;
    if (end == joint + 2)
        return NULL;
    Str one = source_of(reader, field, joint);
    Str list = source_of(reader, joint + 1, end);
    Str many = str_eq(singular_of(reader->arena, one), one) ? plural_of(reader->arena, one) : one;
    const char *mark = list.data[list.len - 1] == 's' ? "'" : "'s";
    Str instead = str_printf(reader->arena, "%.*s%s %.*s", STR_ARG(list), mark, STR_ARG(many));
    return write_sentence(reader, corrected(reader, field, end, instead));
}

/* ask for the due date: the name is known, the question is made of it. */
static const char *mend_of_ask_for(const EnglishReader *reader)
{
    if (reader->at != 1 || !words_at(reader, 0, "ask for"))
        return NULL;
    uint32_t from = 2 + word_at(reader, 2, "the"), end = from;
    while (token_at(reader, end)->kind == TOKEN_WORD && !word_is_hard(token_at(reader, end)->text))
        end++;
    if (end == from)
        return "a question is put in quotation marks: ask \"Which cost centre?\" as the cost centre";
    Str name = str_clip(source_of(reader, from, end), 60);
    const char *date = word_at(reader, end - 1, "date") ? "; on a line of its own below it: the answer is a date" : "";
    return str_to_c(reader->arena, str_printf(reader->arena, "write: ask \"What is the %.*s?\" as the %.*s%s",
                                              STR_ARG(name), STR_ARG(name), date));
}

/* ask the user "What rate?" · ask which rate is right as the rate: what is asked is one text. */
const char *mend_of_ask(const EnglishReader *reader)
{
    uint32_t text = 1, as = 1, end = reader->sentence.count - 1;
    if (!word_at(reader, 0, "ask") || token_at(reader, 1)->kind != TOKEN_WORD || reader->at >= end)
        return NULL;
    while (text < end && token_at(reader, text)->kind != TOKEN_TEXT)
        text++;
    while (as < end && !word_at(reader, as, "as"))
        as++;
    if (text < end && text < as)
        return write_sentence(reader, corrected(reader, 1, text + 1, source_of(reader, text, text + 1)));
    Str words = source_of(reader, 1, as);
    const char *mark = str_ends(words, S("?")) ? "" : "?";
    if (text < end || as == 1 || str_find_char(words, '"') >= 0)
        return NULL;
    return write_sentence(reader,
                          corrected(reader, 1, as, str_printf(reader->arena, "\"%.*s%s\"", STR_ARG(words), mark)));
}

/* delete the column "x": columns are dropped into a table of another name. */
const char *mend_of_column(const EnglishReader *reader)
{
    if (reader->sentence.count < 5 || !(word_at(reader, 0, "delete") || word_at(reader, 0, "remove")) ||
        !words_at(reader, 1, "the column") || token_at(reader, 3)->kind != TOKEN_TEXT)
        return NULL;
    Str column = source_of(reader, 3, 3 + 1);
    bool named = (word_at(reader, 4, "from") || word_at(reader, 4, "of")) && word_at(reader, 5, "the");
    uint32_t end = 6;
    while (named && token_at(reader, end)->kind == TOKEN_WORD && !word_is_hard(token_at(reader, end)->text))
        end++;
    Str table = named && end > 6 ? source_of(reader, 6, end) : S("orders");
    const char *write = named && end > 6 ? "write" : "say of which table, as in";
    return str_to_c(reader->arena,
                    str_printf(reader->arena, "%s: drop the columns %.*s from the %.*s as the plain %.*s", write,
                               STR_ARG(column), STR_ARG(table), STR_ARG(table)));
}

/* output the orders: results have names. */
static const char *mend_of_output(const EnglishReader *reader)
{
    uint32_t from = 1 + word_at(reader, 1, "the"), end = reader->sentence.count - 1;
    if (!word_at(reader, 0, "output") || from >= end)
        return NULL;
    bool bare = true;
    for (uint32_t at = from; at < end; at++)
        bare &= token_at(reader, at)->kind == TOKEN_WORD && !word_is_hard(token_at(reader, at)->text);
    Str name = bare ? source_of(reader, from, end) : S("result");
    Str last = source_of(reader, end - 1, end);
    return write_sentence(
        reader,
        corrected(reader, end - 1, end, str_printf(reader->arena, "%.*s as \"%.*s\"", STR_ARG(last), STR_ARG(name))));
}

/* Where the words of the name in front of the token in hand begin; its own place without one. */
static uint32_t words_before(const EnglishReader *reader)
{
    uint32_t from = reader->at;
    while (from > 0 && token_at(reader, from - 1)->kind == TOKEN_WORD &&
           !word_is_hard(token_at(reader, from - 1)->text))
        from--;
    return from;
}

/* Behind an owner, the words from `from` on and the token in hand are one name, which marks hold together. */
static const char *quoted_key(const EnglishReader *reader, uint32_t from)
{
    TokenKind owner = token_at(reader, from > 0 ? from - 1 : 0)->kind;
    if (owner != TOKEN_POSSESSIVE && owner != TOKEN_PLURAL)
        return NULL;
    Str quoted = str_printf(reader->arena, "\"%.*s\"", STR_ARG(source_of(reader, from, reader->at + 1)));
    return write_sentence(reader, corrected(reader, from, reader->at + 1, quoted));
}

/* the payments in time are …; the supplier's freight free from: a word of the grammar inside a name. */
static const char *mend_of_name(const EnglishReader *reader, const char *expected)
{
    static const char *const prepositions[] = {"in", "from", "by", "with", "for", "to", "as", "without"};
    uint32_t from = words_before(reader);
    bool inside = false;
    for (size_t i = 0; i < COUNT_OF(prepositions); i++)
        inside |= word_at(reader, reader->at, prepositions[i]);
    if (!inside || from == 0 || from == reader->at)
        return NULL;
    Str word = token_now(reader)->text;
    if (from == 1 && word_at(reader, 0, "the") && strstr(expected, "“is” or “are”"))
        return str_to_c(reader->arena, str_printf(reader->arena,
                                                  "“%.*s” is a word of the grammar and ends every name: take a name "
                                                  "without it",
                                                  STR_ARG(word)));
    bool ends = token_at(reader, reader->at + 1)->kind == TOKEN_END || word_at(reader, reader->at + 1, "then") ||
                leads_to_value(reader, reader->at + 1);
    return ends ? quoted_key(reader, from) : NULL;
}

/* the price 2 is …: a figure is a part of the word before it. */
static const char *mend_of_figure_in_name(const EnglishReader *reader, const char *expected)
{
    const Token *figure = token_now(reader);
    bool goes_on = word_at(reader, reader->at + 1, "is") || word_at(reader, reader->at + 1, "are");
    if (figure->kind != TOKEN_NUMBER || reader->at < 2 || !goes_on || !strstr(expected, "“is” or “are”"))
        return NULL;
    Str shown = str_slice(reader->source, figure->start, figure->end);
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.data[i] < '0' || shown.data[i] > '9')
            return NULL;
    }
    Str word = token_at(reader, reader->at - 1)->text;
    return write_sentence(reader, corrected(reader, reader->at - 1, reader->at + 1,
                                            str_printf(reader->arena, "%.*s%.*s", STR_ARG(word), STR_ARG(shown))));
}

/* the leases with the building "Mill Court"; send an email to … with the subject "…" */
static const char *mend_of_with(const EnglishReader *reader, const char *expected)
{
    if (!strstr(expected, "“replaced by"))
        return NULL;
    return word_at(reader, 0, "the")
               ? "rows are picked with “whose”, as in: the orders whose amount is at least 100; the one with the most: "
                 "the first of (the orders sorted by amount from the largest)"
               : "what the sentence needs besides stands on lines of its own below it, as in: the subject is \"…\"";
}

/* get the orders from orders.csv: which file it is, is told to the run. */
static const char *mend_of_get(const EnglishReader *reader)
{
    bool bare = word_at(reader, 0, "get") && word_at(reader, reader->at, "from") &&
                token_at(reader, reader->at + 1)->kind == TOKEN_WORD && !word_at(reader, reader->at + 1, "the");
    return bare ? "a file is an input: at the top, below “inputs”, write: the order file is a file; then here: get the "
                  "orders from the order file"
                : NULL;
}

/* write the leases to "rent.xlsx"; write the leases to an excel file called "rent.xlsx" as the workbook */
static const char *mend_of_write(const EnglishReader *reader, const char *expected)
{
    if (!word_at(reader, 0, "write") || !word_at(reader, reader->at, "to") || !strstr(expected, "“to a"))
        return NULL;
    uint32_t name = reader->at + 1;
    while (token_at(reader, name)->kind == TOKEN_WORD)
        name++;
    if (token_at(reader, name)->kind == TOKEN_END)
        return write_sentence(reader,
                              corrected(reader, reader->at, name, S("to a file called \"rows.csv\" as the file")));
    if (token_at(reader, name)->kind != TOKEN_TEXT)
        return NULL;
    Str text = source_of(reader, name, name + 1);
    bool named = word_at(reader, name + 1, "as");
    Str instead = str_printf(reader->arena, "to a file called %.*s%s", STR_ARG(text), named ? "" : " as the file");
    return write_sentence(reader, corrected(reader, reader->at, name + 1, instead));
}

/* the fee is 5% of the rent, at most 75; the rest is the rent minus the receipts, but not less than 0 */
static const char *mend_of_bound(const EnglishReader *reader)
{
    static const char *const most[] = {"at most", "not more than", "no more than"};
    static const char *const least[] = {"at least", "not less than", "no less than"};
    uint32_t at = reader->at + word_at(reader, reader->at, "but"), value = 0, bound = 0,
             end = reader->sentence.count - 1;
    bool is_most = false;
    for (size_t i = 0; i < COUNT_OF(most) && bound == 0; i++) {
        is_most = words_at(reader, at, most[i]);
        if (is_most || words_at(reader, at, least[i]))
            bound = at + 2 + (i > 0);
    }
    while (bound > 0 && value < at && !word_at(reader, value, "is"))
        value++;
    if (bound == 0 || bound >= end || value + 1 >= at || !word_at(reader, 0, "the") ||
        !sign_at(reader, reader->at - 1, ","))
        return NULL;
    Str of = source_of(reader, value + 1, reader->at - 2 + 1);
    Str by = source_of(reader, bound, end);
    Str instead = str_printf(reader->arena, "the %s of (%.*s) and %.*s", is_most ? "smallest" : "largest", STR_ARG(of),
                             STR_ARG(by));
    return write_sentence(reader, corrected(reader, value + 1, end, instead));
}

/* the hours rounded to the nearest 0.25 */
static const char *mend_of_step(const EnglishReader *reader, const char *expected)
{
    const Token *step = token_now(reader);
    bool to = word_at(reader, reader->at - 1, "nearest") || word_at(reader, reader->at - 1, "next");
    if (step->kind != TOKEN_NUMBER || !to || !strstr(expected, "“decimal"))
        return NULL;
    const char *way = words_at(reader, reader->at - 4, "up to the") || word_at(reader, reader->at - 1, "next") ? " up"
                      : words_at(reader, reader->at - 4, "down to the")                                        ? " down"
                                                                                                               : "";
    return str_to_c(reader->arena, str_printf(reader->arena, "as in: ((the amount / %.*s) rounded%s) times %.*s",
                                              STR_ARG(step->text), way, STR_ARG(step->text)));
}

/* the number of rows in the orders */
static const char *mend_of_count(const EnglishReader *reader)
{
    if (reader->at < 2 || !words_at(reader, reader->at - 2, "number of") ||
        !(words_at(reader, reader->at, "rows in the") || words_at(reader, reader->at, "rows of the")))
        return NULL;
    return write_sentence(reader, corrected(reader, reader->at, reader->at + 3, S("the")));
}

/* for each lease whose building is "Mill Court" */
static const char *mend_of_for_whose(const EnglishReader *reader)
{
    if (!word_at(reader, 0, "for") || !word_at(reader, reader->at, "whose") || reader->at < 3)
        return NULL;
    Str one = source_of(reader, 2, reader->at);
    Str instead = str_printf(reader->arena, "in the %.*s whose", STR_ARG(plural_of(reader->arena, one)));
    return write_sentence(reader, corrected(reader, reader->at, reader->at + 1, instead));
}

/* the leases without a lease end */
static const char *mend_of_without(const EnglishReader *reader, const char *expected)
{
    bool picks = word_at(reader, 0, "the") && word_at(reader, reader->at, "without") &&
                 strstr(expected, "end of the sentence") && word_at(reader, reader->at + 1, "a");
    return picks ? "rows that lack something are picked as in: the orders whose amount is missing" : NULL;
}

/* if the pay is within 30% of the old pay */
static const char *mend_of_part_within(const EnglishReader *reader)
{
    uint32_t of = reader->at, from = of + 1, end = from;
    if (of < 3 || !word_at(reader, of, "of") || !sign_at(reader, of - 1, "%") || !word_at(reader, of - 3, "within"))
        return NULL;
    while (token_at(reader, end)->kind != TOKEN_END && !sign_at(reader, end, ",") && !word_at(reader, end, "then") &&
           !word_at(reader, end, "and") && !word_at(reader, end, "or") && !word_at(reader, end, "of"))
        end++;
    if (end == from || word_at(reader, end, "of"))
        return NULL;
    Str whole = source_of(reader, from, end);
    Str part = source_of(reader, of - 2, of);
    Str instead = str_printf(reader->arena, "(%.*s of %.*s) of %.*s", STR_ARG(part), STR_ARG(whole), STR_ARG(whole));
    return write_sentence(reader, corrected(reader, of - 2, end, instead));
}

/* the row's total 2: a name with a figure by itself is quoted */
static const char *mend_of_numbered(const EnglishReader *reader)
{
    uint32_t from = words_before(reader);
    return token_now(reader)->kind == TOKEN_NUMBER && from < reader->at ? quoted_key(reader, from) : NULL;
}

/* the amounts are empty */
static const char *mend_of_empty(const EnglishReader *reader)
{
    bool set = word_at(reader, 0, "the") && !reader->deciding && word_at(reader, reader->at, "empty") &&
               word_at(reader, reader->at - 1, "are") && reader->at + 2 == reader->sentence.count;
    return set ? write_sentence(reader, corrected(reader, reader->at, reader->at + 1, S("an empty list"))) : NULL;
}

/* the number of weeks between the start and the end */
static const char *mend_of_weeks(const EnglishReader *reader)
{
    if (!words_at(reader, reader->at, "weeks between") || !words_at(reader, reader->at - 3, "the number of"))
        return NULL;
    return "weeks are counted by their days, as in: (the number of days between the start and the end) divided by 7";
}

/* Sentences of an office, as people write them who have not read how. */
static const char *mend_of_habit(const EnglishReader *reader, const char *expected)
{
    if (reader->at < 2)
        return NULL;
    const char *hint = mend_of_with(reader, expected);
    if (!hint)
        hint = mend_of_write(reader, expected);
    if (!hint)
        hint = mend_of_get(reader);
    if (!hint)
        hint = mend_of_without(reader, expected);
    if (!hint)
        hint = mend_of_for_whose(reader);
    if (!hint)
        hint = mend_of_part_within(reader);
    return hint ? hint : mend_of_step(reader, expected);
}

const char *mend_of_value(const EnglishReader *reader)
{
    const char *hint = reader->at > 2 ? mend_of_bound(reader) : NULL;
    if (!hint)
        hint = mend_of_count(reader);
    if (!hint && reader->at > 2)
        hint = mend_of_weeks(reader);
    if (!hint && reader->at > 1)
        hint = mend_of_empty(reader);
    return hint ? hint : mend_of_column_in(reader);
}

const char *mend_of_token(const EnglishReader *reader, const char *expected)
{
    const char *hint = mend_of_ask_for(reader);
    if (!hint)
        hint = mend_of_ask(reader);
    if (!hint)
        hint = habit_of_token(reader, expected);
    if (!hint)
        hint = mend_of_joined(reader);
    if (!hint)
        hint = mend_of_name(reader, expected);
    if (!hint)
        hint = mend_of_figure_in_name(reader, expected);
    if (!hint)
        hint = mend_of_habit(reader, expected);
    if (!hint)
        hint = mend_of_inner_marks(reader);
    if (!hint && strstr(expected, "end of the sentence"))
        hint = mend_of_currency(reader);
    if (!hint)
        hint = mend_of_column(reader);
    if (!hint)
        hint = mend_of_condition(reader);
    return hint || reader->at < 2 ? hint : mend_of_numbered(reader);
}

/* for each invoice: in which list? */
static const char *mend_of_for_alone(const EnglishReader *reader)
{
    uint32_t end = reader->sentence.count - 1;
    if (!word_at(reader, 0, "for") || end < 3)
        return NULL;
    Str one = source_of(reader, 2, end);
    Str last = source_of(reader, end - 1, end);
    Str instead = str_printf(reader->arena, "%.*s in the %.*s", STR_ARG(last), STR_ARG(plural_of(reader->arena, one)));
    return write_sentence(reader, corrected(reader, end - 1, end, instead));
}

const char *mend_of_end(const EnglishReader *reader, const char *expected)
{
    const char *hint = strstr(expected, "name of the result") ? mend_of_output(reader) : mend_of_column(reader);
    if (!hint)
        hint = mend_of_with(reader, expected);
    if (!hint && strstr(expected, "“in” and a list"))
        hint = mend_of_for_alone(reader);
    if (!hint)
        hint = habit_of_end(reader, expected);
    return hint ? hint : "";
}

/* lang/english_slips.c: what a sentence that cannot be read was probably meant to say. Only what is certain is said. */
#include <string.h>

#include "lang/english_internal.h"

/* ---- verbs of other languages ---- */

static const struct Slip {
    const char *words; /* with blanks around each */
    const char *hint;
} first_words[] = {
    {" let define assign make create put compute calculate ", "a fact is set as in: the total is 5"},
    {" print display show log echo tell write ",
     "to tell something: say \"…\"; to hand over a result: output … as \"…\""},
    {" return ", "a procedure ends with: the result is …; a run hands over: output … as \"…\""},
    {" else elsif elseif elif ", "write “otherwise”, or “otherwise if … then”, at the indentation of its “if”"},
    {" end endif endfor done next loop begin fi ", "a block ends where its indentation ends: take the line out"},
    {" my our your his her their its this that these those a an some ", "a fact begins with “the”: the total is 5"},
    {" break exit quit stop ", "a loop ends with: stop the loop; a run with: finish"},
    {" continue skip ", "to go on with the next item: go to the next one"},
    {" when unless whenever ", "a condition begins with: if … then"},
    {" read load open import ", "a file is read as in: get the rows from the file"},
    {" goto go jump ", "there are no jumps; to go on with the next item: go to the next one"},
    {" function procedure sub def proc method ", "a procedure begins as in: to price an order with the quantity"},
    {" foreach ", "a loop begins as in: for each order in the orders"},
    {" add plus insert ", "a fact grows as in: increase the total by 5; a list as in: append 5 to the amounts"},
    {" subtract deduct reduce ", "a fact shrinks as in: decrease the total by 5"},
    {" multiply divide round ",
     "a fact is worked out anew: the total is the total times 2; the total is the total rounded to 2 decimals"},
    {" sort order ", "to sort: the ranking is the orders sorted by amount from the largest"},
    {" clear empty reset ", "a list is set anew, as in: the amounts are an empty list"},
    {" filter select keep ", "rows are picked as in: the large orders are the orders whose amount is at least 100"},
    {" save export ", "a file is written as in: write the rows to a file called \"rows.csv\" as the file"},
    {" call run execute perform ", "a procedure is called by its name: greet with \"Ada\" as the person"},
    {" group ", "to group, write: total the orders by \"customer\" as the totals; or: the orders grouped by customer"},
    {" sum total average count ", "a fact is worked out as in: the total is the sum of the orders' amounts"},
    {" send email mail notify inform ",
     "a letter is sent as in: send an email to \"ada@acme.example\"; on lines of their own below it, "
     "indented: the subject is \"…\", and: the text is \"…\""},
    {" mark flag label tag ", "a field is set as in: set the order's status to \"paid\""},
    {" until ", "to go on as long as something holds: repeat while the balance is less than 120"},
    {" is are does has was ", "a question is asked with: if … then; what must hold is stated with: ensure …"},
};

const char *slip_of_first_word(const EnglishReader *reader)
{
    const Token *first = token_at(reader, 0), *second = token_at(reader, 1);
    const char *check = mend_of_check(reader);
    if (check || first->kind != TOKEN_WORD)
        return check;
    bool equals = second->kind == TOKEN_SIGN && str_eq(second->text, S("=")); /* then it is a name, whatever it means */
    for (size_t i = 0; i < COUNT_OF(first_words) && !equals; i++) {
        if (is_among(reader, 0, first_words[i].words))
            return first_words[i].hint;
    }
    bool sets = equals || word_at(reader, 1, "is") || word_at(reader, 1, "are");
    if (!sets || word_is_hard(first->text))
        return NULL;
    return str_to_c(reader->arena,
                    str_printf(reader->arena, "a fact begins with “the”: the %.*s is …", STR_ARG(first->text)));
}

/* ---- signs ---- */

static const struct SignSlip {
    const char *sign, *hint;
} signs[] = {
    {"–", "write “minus” or -"},
    {"—", "write “minus” or -"},
    {"−", "write “minus” or -"},
    {"×", "write “times” or *"},
    {"·", "write “times” or *"},
    {"÷", "write “divided by” or /"},
    {"≤", "write “is at most”"},
    {"≥", "write “is at least”"},
    {"≠", "write “is not”"},
    {";", "a sentence ends with its line: take the ; out"},
    {")", "no ( stands before it: take it out, or put the ( in"},
    {"]", "lists are written as in: 1, 2 and 3"},
    {"[", "lists are written as in: the list of 1, 2 and 3"},
    {"`", "take it out: the sentences stand by themselves"},
    {"'", "write “is not” for “isn't”, \"…\" around a text"},
    {"?", "a question to a person is asked with: ask \"…?\""},
    {"&", "to join texts, write one text with the values in braces: \"{the name} and more\"; between conditions, write "
          "“and”"},
    {"|", "write “or”"},
};

static const char *slip_of_sign(Str text)
{
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (str_starts(text, str_from_c(signs[i].sign)))
            return signs[i].hint;
    }
    return NULL;
}

/* ---- words that other people compare and pick with ---- */

static const struct InnerSlip {
    const char *words; /* with blanks around each */
    const char *hint;
} inner_words[] = {
    {" bigger larger higher above over exceeds ", "to compare, write “is greater than”, or “is at least”"},
    {" smaller lower fewer below under ", "to compare, write “is less than”, or “is at most”"},
    {" greater less more ", "to compare, write “is greater than”, “is less than”, “is at least” or “is at most”"},
    {" earlier ", "dates are compared with “is before”, “is after”, “is at least” and “is at most”"},
    {" older ", "to compare dates: the due date is before (30 days before today)"},
    {" newer younger ", "to compare dates: the due date is after (30 days before today)"},
    {" later ", "dates are compared with “is after”, “is before”, “is at least” and “is at most”"},
    {" blank null none filled ",
     "write “is missing” or “is empty”; for the contrary “is not missing” or “is not empty”"},
    {" there ",
     "write: if any order whose amount is 0 then; for none: if no order whose …; where there is nothing at all: "
     "if the orders are empty then"},
    {" ask ", "a question is a sentence of its own: ask \"Who?\" as the answer"},
    {" if ", "the condition stands in the middle: the fee is 5 if the amount is 3 otherwise 6"},
    {" how ", "to count, write: the number of the orders"},
    {" until ", "write “while” and the contrary, as in: repeat while the balance is less than 120"},
    {" all every ", "of each row in turn: for each order in the orders; of a whole column: the orders' amounts"},
};

/* the invoice has no vendor; the invoice does not have a vendor */
static const char field_is_missing[] =
    "what something has is its field, as in: if the order's amount is missing then; or: is not missing";

static const char *slip_of_inner_word(const EnglishReader *reader, const char *expected)
{
    if (token_now(reader)->kind != TOKEN_WORD || reader->at == 0 || strstr(expected, "a name"))
        return NULL;
    if (strstr(expected, "end of the sentence") && word_at(reader, reader->at, "does"))
        return field_is_missing;
    if (strstr(expected, "end of the sentence"))
        return word_at(reader, 0, "the") && (word_at(reader, reader->at, "where") ||
                                             word_at(reader, reader->at, "with") || word_at(reader, reader->at, "from"))
                   ? "rows are picked with “whose”, as in: the orders whose amount is at least 100"
                   : NULL;
    for (size_t i = 0; i < COUNT_OF(inner_words); i++) {
        if (is_among(reader, reader->at, inner_words[i].words))
            return inner_words[i].hint;
    }
    return NULL;
}

/* ---- words inside a sentence ---- */

/* Words that stand between values: what a misspelled word may have been meant to be. */
static const Str joints[] = {
    S_INIT("is"),      S_INIT("are"),      S_INIT("then"),    S_INIT("otherwise"), S_INIT("greater"), S_INIT("less"),
    S_INIT("least"),   S_INIT("most"),     S_INIT("plus"),    S_INIT("minus"),     S_INIT("times"),   S_INIT("divided"),
    S_INIT("between"), S_INIT("contains"), S_INIT("starts"),  S_INIT("matches"),   S_INIT("whose"),   S_INIT("rounded"),
    S_INIT("sorted"),  S_INIT("joined"),   S_INIT("grouped"), S_INIT("empty"),     S_INIT("missing"), S_INIT("and"),
    S_INIT("the"),     S_INIT("with"),     S_INIT("from"),    S_INIT("until"),     S_INIT("while"),   S_INIT("each"),
    S_INIT("usually"), S_INIT("without"),  S_INIT("after"),   S_INIT("before"),    S_INIT("modulo"),
};

Str english_nearest_joint(Str word)
{
    Str near = word.len < 4 ? S("") : nearest_spelling(word, joints, COUNT_OF(joints));
    return str_eq(near, word) ? S("") : near;
}

enum { WORDS_BACK = 12 };

/* Whether the words from the last “the” up to and with `last` name a fact that was met before. */
static bool is_known_name(const EnglishReader *reader, uint32_t last)
{
    uint32_t from = last;
    while (from > 0 && !word_at(reader, from - 1, "the") && token_at(reader, from - 1)->kind == TOKEN_WORD)
        from--;
    Str words = source_of(reader, from, last + 1);
    return map_find(&reader->facts, name_from_words(reader->arena, str_lower(reader->arena, words))) != NULL;
}

/* The words of a name that ran on too far: “the net pluss 2” names nothing, “the totals greater 5” compares nothing. */
static const char *slip_before(const EnglishReader *reader)
{
    uint32_t last = reader->at > WORDS_BACK ? reader->at - WORDS_BACK : 0;
    for (uint32_t at = reader->at; at-- > last && token_at(reader, at)->kind == TOKEN_WORD;) {
        Str word = token_at(reader, at)->text;
        if (word_is_hard(word))
            return NULL;
        if (str_eq(word, S("greater")) || str_eq(word, S("less")) || str_eq(word, S("more")))
            return str_to_c(reader->arena,
                            str_printf(reader->arena, "to compare, write “is %.*s than”", STR_ARG(word)));
        if (str_eq(word, S("exceeds")))
            return "to compare, write “is greater than”";
        Str near = english_nearest_joint(word);
        if (near.len > 0 && !is_known_name(reader, at))
            return str_to_c(reader->arena,
                            str_printf(reader->arena, "did you mean “%.*s” for “%.*s”?", STR_ARG(near), STR_ARG(word)));
    }
    return NULL;
}

static bool is_month(Str word)
{
    static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                         "jul", "aug", "sep", "oct", "nov", "dec"};
    for (size_t i = 0; i < COUNT_OF(months) && word.len >= 3; i++) {
        if (str_starts(word, str_from_c(months[i])))
            return true;
    }
    return false;
}

static bool is_group(Str digits)
{
    ptrdiff_t point = str_find_char(digits, '.');
    return point == 3 || (point < 0 && digits.len == 3);
}

/* 1 000 000.50: a figure with blanks for its thousands. */
static const char *slip_of_blanks(const EnglishReader *reader)
{
    uint32_t from = reader->at - 1, to = reader->at;
    Buf plain = buf_in(reader->arena);
    buf_str(&plain, token_at(reader, from)->text);
    bool groups = str_find_char(token_at(reader, from)->text, '.') < 0 && token_at(reader, from)->text.len <= 3;
    for (; token_at(reader, to)->kind == TOKEN_NUMBER; to++) {
        groups &= is_group(token_at(reader, to)->text) && str_find_char(buf_view(&plain), '.') < 0;
        buf_str(&plain, token_at(reader, to)->text);
    }
    return groups ? write_sentence(reader, corrected(reader, from, to, buf_view(&plain))) : NULL;
}

/* What follows a figure and is part of it in other notations. */
static const char *slip_behind_number(const EnglishReader *reader)
{
    const Token *token = token_now(reader);
    if (reader->at == 0 || token_at(reader, reader->at - 1)->kind != TOKEN_NUMBER)
        return NULL;
    const Token *number = token_at(reader, reader->at - 1);
    if (token->kind == TOKEN_WORD && is_month(token->text))
        return "dates are written year, month, day, as in 2026-04-14";
    if (token->kind == TOKEN_WORD && (str_eq(token->text, S("am")) || str_eq(token->text, S("pm"))))
        return "times are written as in 14:30";
    if (word_at(reader, reader->at, "business") || word_at(reader, reader->at, "working"))
        return "business days are counted as in: move the order date by 3 in business days as the due date";
    if (token->kind == TOKEN_NUMBER && token->start == number->end + 1)
        return slip_of_blanks(reader);
    if (token->kind == TOKEN_SIGN && str_eq(token->text, S(".")) && token->start == number->end &&
        token_at(reader, reader->at + 1)->kind == TOKEN_NUMBER)
        return "dates are written as in 2026-04-14, numbers without thousands separators, as in 1250.00";
    return NULL;
}

/* ---- the sentence as it should read ---- */

const char *first_mend(const EnglishReader *reader, Mend *const *mends, size_t n)
{
    const char *hint = NULL;
    for (size_t i = 0; i < n && !hint; i++)
        hint = mends[i](reader);
    return hint;
}

enum { SENTENCE_SHOWN = 160 };

const char *corrected(const EnglishReader *reader, uint32_t from, uint32_t to, Str instead)
{
    uint32_t end = token_at(reader, reader->sentence.count - 1)->end;
    Str before = str_slice(reader->source, token_at(reader, 0)->start, token_at(reader, from)->start);
    Str after = str_slice(reader->source, token_at(reader, to - 1)->end, end);
    if (before.len + instead.len + after.len > SENTENCE_SHOWN)
        return NULL;
    return str_to_c(reader->arena,
                    str_printf(reader->arena, "%.*s%.*s%.*s", STR_ARG(before), STR_ARG(instead), STR_ARG(after)));
}

const char *write_sentence(const EnglishReader *reader, const char *sentence)
{
    return sentence ? str_to_c(reader->arena, str_printf(reader->arena, "write: %s", sentence)) : NULL;
}

/* 1,250.00 and 0,19: a figure with commas that the tokens could not be made of. */
static const char *slip_of_figure(const EnglishReader *reader)
{
    const Token *token = token_now(reader);
    Str shown = str_slice(reader->source, token->start, token->end);
    ptrdiff_t comma = str_find_char(shown, ',');
    if (token->kind != TOKEN_BAD || comma < 0 || shown.data[0] < '0' || shown.data[0] > '9')
        return NULL;
    ptrdiff_t point = str_find_char(shown, '.');
    size_t whole = point > comma ? (size_t)point : shown.len;
    bool thousands = (point < 0 || point > comma) && comma <= 3 && (whole - (size_t)comma) % 4 == 0;
    bool grouped = point >= 0 && point < comma && point <= 3 && (comma - point) % 4 == 0; /* 1.250,00 */
    Buf plain = buf_in(reader->arena);
    for (size_t i = 0; i < shown.len; i++) {
        char c = shown.data[i];
        if ((c >= '0' && c <= '9') || (c == '.' && !grouped))
            buf_char(&plain, c);
        else if (c == ',' && point >= 0 && (ptrdiff_t)i > point && !grouped)
            return NULL;
        else if (c == ',' && !thousands)
            buf_char(&plain, '.');
    }
    bool one_point = str_find_char(buf_view(&plain), '.') == str_find_last_char(buf_view(&plain), '.');
    return one_point ? write_sentence(reader, corrected(reader, reader->at, reader->at + 1, buf_view(&plain))) : NULL;
}

bool leads_to_value(const EnglishReader *reader, uint32_t at)
{
    static const char *const leads[] = {"is", "are", "to", "say", "not"};
    for (size_t i = 0; i < COUNT_OF(leads); i++) {
        if (word_at(reader, at, leads[i]))
            return true;
    }
    return false;
}

/* Where bare words end that began at `from`: little words belong to them where nothing else could follow them. */
static uint32_t bare_words_end(const EnglishReader *reader, uint32_t from, bool with_little_words)
{
    static const char *const ends[] = {"the", "then", "if",    "otherwise", "whose",   "where",  "as", "is",
                                       "are", "plus", "minus", "times",     "divided", "modulo", "not"};
    uint32_t at = from, end = from;
    for (; token_at(reader, at)->kind == TOKEN_WORD; at++) {
        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            if (word_at(reader, at, ends[i]))
                return end;
        }
        bool little = word_is_hard(token_at(reader, at)->text);
        if (little && !with_little_words)
            break;
        end = little ? end : at + 1;
    }
    return end;
}

/* Where the bare words before the token in hand begin, right behind a word that leads to a value; else that token. */
static uint32_t bare_words_start(const EnglishReader *reader)
{
    uint32_t from = reader->at;
    while (from > 0 && token_at(reader, from - 1)->kind == TOKEN_WORD && !leads_to_value(reader, from - 1)) {
        if (word_is_hard(token_at(reader, from - 1)->text))
            return reader->at;
        from--;
    }
    return from > 0 && leads_to_value(reader, from - 1) ? from : reader->at;
}

static bool inside_text(const EnglishReader *reader)
{
    for (uint32_t at = reader->at; at-- > 0;) {
        TokenKind kind = token_at(reader, at)->kind;
        if (kind == TOKEN_TEMPLATE || kind == TOKEN_MIDDLE || kind == TOKEN_CLOSE)
            return kind != TOKEN_CLOSE;
    }
    return false;
}

const char *slip_of_unquoted(const EnglishReader *reader, bool value_stands_here)
{
    const char *inner = value_stands_here ? mend_of_ask(reader) : NULL;
    if (!inner && value_stands_here)
        inner = habit_of_value(reader);
    if (!inner && value_stands_here)
        inner = mend_of_condition(reader);
    if (!inner && value_stands_here)
        inner = slip_of_inner_word(reader, "a value");
    if (!inner && value_stands_here)
        inner = mend_of_value(reader);
    if (inner)
        return inner;
    uint32_t from = bare_words_start(reader);
    if ((word_at(reader, from, "a") || word_at(reader, from, "an")) && token_at(reader, from + 1)->kind == TOKEN_WORD)
        return write_sentence(reader, corrected(reader, from, from + 1, S("the")));
    bool leads = from > 0 && leads_to_value(reader, from - 1);
    uint32_t to = bare_words_end(reader, from, leads && !reader->setting);
    if (to <= reader->at || (!leads && !value_stands_here))
        return NULL;
    Str words = source_of(reader, from, to);
    const char *fact = corrected(reader, from, to, str_printf(reader->arena, "the %.*s", STR_ARG(words)));
    const char *text = corrected(reader, from, to, str_printf(reader->arena, "\"%.*s\"", STR_ARG(words)));
    Str name = name_from_words(reader->arena, str_lower(reader->arena, words));
    if (!fact || !text || reader->setting || inside_text(reader) || map_find(&reader->facts, name))
        return write_sentence(reader, fact);
    if (to - from > 1)
        return str_to_c(reader->arena, str_printf(reader->arena, "put the text in quotation marks: %s", text));
    return str_to_c(reader->arena, str_printf(reader->arena, "for a fact, write: %s; for a text: %s", fact, text));
}

/* The hint for a token that cannot stand where it stands. */
const char *slip_of_token(const EnglishReader *reader, const char *expected)
{
    const Token *token = token_now(reader);
    Str shown = str_slice(reader->source, token->start, token->end);
    const char *whole = mend_of_token(reader, expected);
    if (whole)
        return whole;
    const char *hint = slip_of_sign(shown);
    if (!hint)
        hint = slip_behind_number(reader);
    if (reader->at == 0 && token->kind == TOKEN_SIGN)
        return "take the sign out: a sentence stands by itself on its line";
    if (reader->at == 0 && token->kind == TOKEN_NUMBER)
        return "take the number out: a sentence stands by itself on its line";
    if (!hint)
        hint = slip_of_figure(reader);
    if (!hint)
        hint = slip_of_inner_word(reader, expected);
    if (hint)
        return hint;
    if (reader->at == 1 && word_at(reader, 0, "otherwise") && strstr(expected, "end of the sentence"))
        return "what “otherwise” leads to stands on lines of its own below it, indented by two blanks";
    if (strstr(expected, "parameter's name"))
        return "say which value it is, as in: 5 as the quantity";
    if (token->kind == TOKEN_CLOSE && strstr(expected, "a value"))
        return "a fact stands between the braces; braces that are to stay are doubled: {{ }}";
    if (word_at(reader, reader->at, "with") && word_at(reader, 0, "ask"))
        return "the choices stand on a line of their own below it: the choices are \"…\" and \"…\"";
    if (token->kind == TOKEN_SIGN && str_eq(token->text, S(".")) && strstr(expected, "end of the sentence"))
        return "write one sentence a line";
    if (token->kind == TOKEN_WORD) {
        Str near = english_nearest_joint(token->text);
        if (near.len > 0)
            return str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)));
        if (strstr(expected, "a name") && word_is_hard(token->text) && !str_eq(token->text, S("the")))
            return str_to_c(reader->arena,
                            str_printf(reader->arena,
                                       "“%.*s” is a word of the grammar; a name that has it is quoted: the fact \"…\"",
                                       STR_ARG(token->text)));
        if (strstr(expected, "text in double")) {
            uint32_t end = reader->sentence.count - 1;
            Str words = str_slice(reader->source, token->start, token_at(reader, end - 1)->end);
            const char *quoted =
                corrected(reader, reader->at, end, str_printf(reader->arena, "\"%.*s\"", STR_ARG(words)));
            return quoted && str_find_char(words, '"') < 0 ? write_sentence(reader, quoted)
                                                           : "put it in quotation marks";
        }
    }
    if (!hint && strstr(expected, "end of the sentence"))
        hint = slip_before(reader);
    bool value_stands_here = strstr(expected, "a value"),
         goes_on = strstr(expected, "end of the sentence") || strstr(expected, "name of the result");
    if (!hint && token->kind == TOKEN_WORD && (value_stands_here || goes_on))
        hint = slip_of_unquoted(reader, value_stands_here);
    return hint ? hint : "";
}

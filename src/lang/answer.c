/* lang/answer.c: reading what a person replies. Applying it is eval_answer.c's. */
#include "lang/answer.h"

#include <stdio.h>
#include <string.h>

#include "lang/english.h"
#include "lang/spy.h"
#include "value/decimal.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Takes `words` off the front of a sentence, letters in any case, any blanks between them; false when it starts
 * otherwise. */
static bool take_words(Str *rest, const char *words)
{
    size_t at = 0;
    for (const char *word = words; *word; word++) {
        if (*word == ' ') {
            if (at == rest->len || !is_space(rest->data[at]))
                return false;
            while (at < rest->len && is_space(rest->data[at]))
                at++;
            continue;
        }
        if (at == rest->len)
            return false;
        char c = rest->data[at++];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != *word)
            return false;
    }
    if (at < rest->len && !is_space(rest->data[at]))
        return false;
    *rest = str_skip(*rest, at);
    return true;
}

/* The first comma outside quotes. */
static ptrdiff_t find_comma(Str text)
{
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            quoted = !quoted;
        if (text.data[i] == '\\' && quoted)
            i++;
        else if (text.data[i] == ',' && !quoted)
            return (ptrdiff_t)i;
    }
    return -1;
}

static bool may_test(const Node *node, uint32_t depth) // NOLINT(misc-no-recursion): as deep as the tree
{
    if (node->kind == NODE_PROCEDURE_CALL || node->kind == NODE_BOOK_CALL || node->kind == NODE_ASK || depth > 200)
        return false;
    for (uint32_t i = 0; i < node->n_kids; i++)
        if (!may_test(node->kids[i], depth + 1))
            return false;
    return true;
}

bool answer_may_test(const Node *expression)
{
    return may_test(expression, 0);
}

bool answer_condition_check(Arena *arena, Str english, const Catalog *catalog, Error *err)
{
    Diagnostics problems = {.arena = arena, .source = english, .spelling = SPELLING_ENGLISH};
    const Node *expression = english_read_expression(arena, english, catalog, &problems);
    return (problems.n_errors == 0 && expression && may_test(expression, 0)) ||
           error_set(
               err, INVALID_ARGUMENT, "condition",
               "\"%.*s\" is no condition that can be tested: compare facts and fields, without calls and questions",
               STR_ARG(str_clip(english, 200)));
}

static bool take_always(Arena *arena, Str *rest, const Program *program, Answer *answer, Error *err)
{
    if (take_words(rest, "always when")) {
        ptrdiff_t comma = find_comma(*rest);
        if (comma < 0)
            return error_set(err, INVALID_ARGUMENT, "answer",
                             "after \"always when\" comes a condition, a comma and the answer: always when the total "
                             "is less than 10, skip");
        answer->condition = str_trim(str_slice(*rest, 0, (size_t)comma));
        *rest = str_trim(str_skip(*rest, (size_t)comma + 1));
        answer->remember = true;
        return answer_condition_check(arena, answer->condition, program->catalog, err);
    }
    if (take_words(rest, "always")) {
        answer->remember = true;
        *rest = str_trim(*rest);
    }
    return true;
}

typedef struct Unit {
    const char *one, *many;
    int64_t seconds;
} Unit;
static const Unit units[] = {
    {"second", "seconds", 1}, {"minute", "minutes", 60}, {"hour", "hours", 3600},
    {"day", "days", 86400},   {"week", "weeks", 604800},
};

static bool read_delay(Str text, int64_t *out, Error *err)
{
    Str rest = str_trim(text), number = str_cut(&rest, ' '), word = str_trim(rest);
    int64_t count;
    if (str_to_i64(number, &count) && count >= 0 && count <= 1000000)
        for (size_t i = 0; i < COUNT_OF(units); i++)
            if (str_eq_fold(word, str_from_c(units[i].one)) || str_eq_fold(word, str_from_c(units[i].many))) {
                *out = count * units[i].seconds;
                return true;
            }
    return error_set(err, INVALID_ARGUMENT, "answer",
                     "\"retry in %.*s\": after \"retry in\" comes a time, as in 10 minutes, 2 hours or 3 days",
                     STR_ARG(text));
}

static bool literal_value(const Node *node, Value *out)
{
    bool is_negative = node->kind == NODE_NEGATE && node->n_kids == 1 && node->kids[0]->kind == NODE_LITERAL &&
                       node->kids[0]->value.kind == VALUE_NUMBER;
    if (is_negative)
        *out = decimal_negate(node->kids[0]->value);
    else if (node->kind == NODE_LITERAL)
        *out = node->value;
    return is_negative || node->kind == NODE_LITERAL;
}

static Diagnostics problems_in(Arena *arena, Str source)
{
    return (Diagnostics){.arena = arena, .source = source, .spelling = SPELLING_ENGLISH};
}

static Str first_problem(const Diagnostics *all)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (all->items[i].severity == SEVERITY_ERROR)
            return all->items[i].message;
    return S("");
}

/* false when it is no expression; `out_reason` says why. */
static bool read_expression(Arena *arena, Str text, const Program *program, Answer *out, Str *out_reason)
{
    Diagnostics problems = problems_in(arena, text);
    Node *expression = english_read_expression(arena, text, program->catalog, &problems);
    *out_reason = first_problem(&problems);
    if (problems.n_errors > 0 || !expression || expression->kind == NODE_NOTHING)
        return false;
    out->kind = ANSWER_USE;
    if (!literal_value(expression, &out->value))
        out->expression = expression;
    out->text = str_printf(arena, "use %.*s", STR_ARG(text));
    return true;
}

static bool read_block(Arena *arena, Str text, const Program *program, Node **out, Str *out_reason)
{
    Diagnostics problems = problems_in(arena, text);
    Node *block = english_read_block(arena, text, program->catalog, &problems);
    *out_reason = first_problem(&problems);
    if (problems.n_errors > 0 || !block || block->n_kids == 0)
        return false;
    *out = block;
    return true;
}

/* Lines of a block share an indentation that the reader of blocks does not expect. */
static Str outdented(Arena *arena, Str text)
{
    size_t indent = SIZE_MAX;
    for (Str rest = text; rest.len > 0;) {
        Str line = str_cut(&rest, '\n');
        size_t n = 0;
        while (n < line.len && (line.data[n] == ' ' || line.data[n] == '\t'))
            n++;
        if (n < line.len)
            indent = MIN_OF(indent, n);
    }
    Buf out = buf_in(arena);
    for (Str rest = text; rest.len > 0;) {
        Str line = str_cut(&rest, '\n');
        buf_str(&out, str_skip(line, MIN_OF(indent, line.len)));
        buf_char(&out, '\n');
    }
    return buf_view(&out);
}

static bool read_replacement(Arena *arena, Str rest, const Program *program, Answer *out, Error *err)
{
    Str lines = outdented(arena, rest), reason;
    if (str_trim(lines).len == 0)
        return error_set(err, INVALID_ARGUMENT, "answer",
                         "\"replace with\" is followed by the sentences that stand in, indented");
    if (!read_block(arena, lines, program, &out->block, &reason))
        return error_set(err, INVALID_ARGUMENT, "answer", "the replacement cannot be read: %.*s", STR_ARG(reason));
    out->kind = ANSWER_REPLACE;
    Buf text = buf_in(arena);
    buf_str(&text, S("replace with"));
    for (Str more = lines; more.len > 0;) {
        Str line = str_cut(&more, '\n');
        if (str_trim(line).len > 0)
            buf_printf(&text, "\n  %.*s", STR_ARG(line));
    }
    out->text = buf_view(&text);
    return true;
}

static bool is_choice(const Question *question, Str text)
{
    bool is_asked = question && strcmp(question->kind, "ask") == 0;
    for (uint32_t i = 0; is_asked && i < question->n_suggestions; i++) {
        Str choice = question->suggestions[i];
        if (str_eq(choice, text))
            return true;
        if (choice.len >= 2 && choice.data[0] == '"' && str_eq(str_slice(choice, 1, choice.len - 1), text))
            return true;
    }
    return false;
}

/* A person who is asked for a text need not write quotes. */
static bool takes_plain_text(const Question *question, Str text)
{
    if (!question || str_find_char(text, '\n') >= 0)
        return false;
    if (is_choice(question, text))
        return true;
    bool is_asked = strcmp(question->kind, "ask") == 0;
    TypeKind kind = question->expected ? question->expected->kind : TYPE_ANY;
    return kind == TYPE_TEXT || (is_asked && kind == TYPE_ANY);
}

/* PO-4711, INV/2026/17: capitals and figures, some of either, without a blank. Nothing in the language looks so. */
static bool looks_like_code(Str text)
{
    enum { CODE_BYTES_MAX = 64 };
    bool has_letter = false, has_digit = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool letter = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
        if (!letter && !digit && (i == 0 || !strchr("-/_.#:", c)))
            return false;
        has_letter |= letter;
        has_digit |= digit;
    }
    return has_letter && has_digit && text.len <= CODE_BYTES_MAX;
}

/* The number of an order is typed off without quotes, after `use` too. */
static bool takes_code(const Question *question, Str text)
{
    TypeKind kind = question && question->expected ? question->expected->kind : TYPE_ANY;
    return (kind == TYPE_ANY || kind == TYPE_TEXT) && looks_like_code(text);
}

static Str quoted(Arena *arena, Str text)
{
    Buf out = buf_in(arena);
    buf_char(&out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            buf_char(&out, '\\');
        buf_char(&out, text.data[i]);
    }
    buf_char(&out, '"');
    return buf_view(&out);
}

static bool expects_scalar(const Question *question)
{
    return question && question->expected && question->expected->kind >= TYPE_NUMBER &&
           question->expected->kind <= TYPE_DURATION;
}

/* People write figures and dates as their workspace does, the language in one way: 1.250 is 1250 where a comma is the
 * decimal symbol, and 04.14.2026 a date where months come first. After `use` the language's way holds. */
static bool is_read_as_written_there(const Question *question)
{
    Reading usual = READING_DEFAULT;
    return expects_scalar(question) &&
           (question->reading.decimal_comma != usual.decimal_comma ||
            question->reading.date_order != usual.date_order || question->reading.twelve_hours != usual.twelve_hours);
}

/* What is asked for may be anything: a date, a time or a figure as the workspace writes it says what it is. */
static bool read_by_its_look(Arena *arena, Str text, const Question *question, Value *out)
{
    static const Type *const looks[] = {&type_date, &type_time, &type_number};
    bool anything = question && (!question->expected || question->expected->kind == TYPE_ANY);
    for (size_t i = 0; anything && i < COUNT_OF(looks); i++) {
        Error ignored;
        if (type_convert(arena, looks[i], value_text(str_copy(arena, text)), question->reading, "answer", out,
                         &ignored))
            return true;
    }
    return false;
}

/* As the language writes the value, so that it means the same when the workspace writes otherwise one day; what the
 * language has no writing for stays as it was typed. */
static Str as_kept(Arena *arena, Str typed, Value value, const Program *program)
{
    Node literal = {.kind = NODE_LITERAL, .value = value};
    Str printed = value.kind == VALUE_TEXT ? S("") : english_print_node(arena, &literal, program->catalog);
    Diagnostics problems = problems_in(arena, printed);
    Node *again = printed.len > 0 ? english_read_expression(arena, printed, program->catalog, &problems) : NULL;
    Value kept;
    bool is_same = again && problems.n_errors == 0 && literal_value(again, &kept) && value_equals(kept, value);
    return is_same ? printed : quoted(arena, typed);
}

static bool read_plain_value(Arena *arena, Str text, const Program *program, const Question *question, Answer *out)
{
    Error ignored;
    Value value;
    bool is_scalar =
        expects_scalar(question) && type_convert(arena, question->expected, value_text(str_copy(arena, text)),
                                                 question->reading, "answer", &value, &ignored);
    bool is_certainly_text = is_choice(question, text) || takes_code(question, text);
    if (!is_scalar && (is_certainly_text || !read_by_its_look(arena, text, question, &value))) {
        if (!is_certainly_text && !takes_plain_text(question, text))
            return false;
        value = value_text(str_copy(arena, text));
    }
    out->kind = ANSWER_USE;
    out->value = value;
    out->expression = NULL; /* it may have been read as one before */
    out->text = str_printf(arena, "use %.*s", STR_ARG(as_kept(arena, text, value, program)));
    return true;
}

/* False: 5:30, where clocks have twelve hours. The language reads one time in it, the people there two. */
static bool is_plain_here(Arena *arena, Str text, const Question *question, Value read, Error *err)
{
    Value ignored;
    return !question || !question->reading.twelve_hours || read.kind != VALUE_TIME ||
           type_convert(arena, &type_time, value_text(str_copy(arena, text)), question->reading, "answer", &ignored,
                        err);
}

/* The name that an assignment of the answer sets when it is almost, but not, what the question misses; else "". Taken
 * as it is, such an answer would be used up and the same question asked again. */
static Str almost_missing(const Node *block, const Question *question)
{
    bool misses = question && strncmp(question->kind, "missing-", 8) == 0 && question->missing.len > 0;
    for (uint32_t i = 0; misses && i < block->n_kids; i++) {
        const Node *statement = block->kids[i];
        const Node *target = statement->kind == NODE_ASSIGN ? statement->kids[0] : NULL;
        Str set = !target                      ? S("")
                  : target->kind == NODE_FIELD ? target->text
                  : target->kind == NODE_NAME  ? target->name
                                               : S("");
        if (set.len > 0 && !name_alike(set, question->missing) && nearest_spelling(set, &question->missing, 1).len > 0)
            return set;
    }
    return S("");
}

enum { WORDS_OF_A_VALUE = 3 };

/* late, half past nine: no sentence, nothing in quotes. */
static bool is_few_words(Str text)
{
    Str rest = text;
    size_t n = 0;
    while (str_trim(rest).len > 0) {
        rest = str_trim(rest);
        (void)str_cut(&rest, ' ');
        n++;
    }
    return n <= WORDS_OF_A_VALUE && !take_words(&text, "the") && str_find_char(text, '"') < 0 &&
           str_find_char(text, '\n') < 0;
}

static bool starts_with_letter(Str text)
{
    char c = text.len > 0 ? text.data[0] : ' ';
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* Why a few words are no answer: by the kind of value that is asked for, with an example of one; "" where they are no
 * bare value, and only the language can tell. */
static Str unfit_words(Arena *arena, Str text, const Question *question)
{
    if (!question || !is_few_words(text))
        return S("");
    TypeKind kind = question->expected ? question->expected->kind : TYPE_ANY;
    bool anything = kind == TYPE_ANY || kind == TYPE_TEXT || strcmp(question->kind, "no-match") == 0;
    if (anything && !starts_with_letter(text))
        return S("");
    if (anything)
        return str_printf(arena, "a text is written in quotes, as in use %.*s", STR_ARG(quoted(arena, text)));
    Error why;
    Value ignored;
    bool fits = type_convert(arena, question->expected, value_text(text), question->reading, "answer", &ignored, &why);
    return fits ? S("") : str_copy(arena, str_from_c(why.message));
}

/* What is neither a command nor after `use`: sentences, a bare value, or plain text where a text is asked for. */
static bool read_anything(Arena *arena, Str text, const Program *program, const Question *question, Answer *out,
                          Error *err)
{
    Str block_reason, expression_reason;
    bool is_chosen = is_choice(question, text) && text.data[0] != '"';
    if ((is_chosen || is_read_as_written_there(question)) && read_plain_value(arena, text, program, question, out))
        return true;
    if (read_block(arena, outdented(arena, text), program, &out->block, &block_reason)) {
        Str almost = almost_missing(out->block, question);
        if (almost.len > 0)
            return error_set(err, INVALID_ARGUMENT, "answer", "the answer sets \"%.*s\"; what is missing is \"%.*s\"",
                             STR_ARG(almost), STR_ARG(question->missing));
        out->kind = ANSWER_SENTENCES;
        out->text = text;
        return true;
    }
    bool is_expression = read_expression(arena, text, program, out, &expression_reason);
    if (is_expression && !out->expression)
        return is_plain_here(arena, text, question, out->value, err);
    if (read_plain_value(arena, text, program, question, out))
        return true;
    if (is_expression)
        return true;
    Str unfit = unfit_words(arena, text, question);
    return error_set(
        err, INVALID_ARGUMENT, "answer",
        "this is no answer: %.*s. You may say: use \"…\", retry, retry in 10 minutes, skip, skip this one, "
        "a sentence such as "
        "\"the tolerance is 0.05\", replace with …, or stop the run",
        STR_ARG(unfit.len > 0          ? unfit
                : block_reason.len > 0 ? block_reason
                                       : expression_reason));
}

/* What stands behind `use` is no value. */
static bool refuse_use(Arena *arena, Str text, const Question *question, Str reason, Error *err)
{
    Str unfit = unfit_words(arena, text, question);
    if (text.len > 0 && unfit.len > 0)
        return error_set(err, INVALID_ARGUMENT, "answer", "%.*s", STR_ARG(unfit));
    return error_set(err, INVALID_ARGUMENT, "answer",
                     "after \"use\" comes a value, as in use \"PO-4711\" or use 12.50: %.*s", STR_ARG(reason));
}

static bool read_stop(Str rest, Answer *out, Error *err)
{
    out->kind = ANSWER_STOP;
    rest = str_trim(rest);
    if (rest.len == 0) {
        out->reason = S(ANSWER_STOP_REASON);
        return true;
    }
    if (!take_words(&rest, "because"))
        return error_set(err, INVALID_ARGUMENT, "answer",
                         "after \"stop the run\" comes nothing, or because and the reason");
    out->reason = str_trim(rest);
    if (out->reason.len >= 2 && out->reason.data[0] == '"' && str_ends(out->reason, S("\"")))
        out->reason = str_slice(out->reason, 1, out->reason.len - 1);
    return true;
}

bool answer_read(Arena *arena, Str sentence, const Program *program, const Question *question, Answer *out, Error *err)
{
    enum { ANSWER_BYTES_MAX = 100000 };
    Str rest = str_trim(sentence), reason;
    if (rest.len == 0 || rest.len > ANSWER_BYTES_MAX)
        return error_set(err, INVALID_ARGUMENT, "answer", "an answer has 1 to %d bytes, this one %zu",
                         (int)ANSWER_BYTES_MAX, rest.len);
    Answer answer = {0};
    rest = str_copy(arena, rest);
    if (!take_always(arena, &rest, program, &answer, err))
        return false;
    Str said = rest;
    if (str_ends(said, S(".")) && said.len > 1 && str_find_char(said, '\n') < 0 && said.data[0] != '"')
        rest.len = said.len -= 1;
    answer.text = said;
    bool worked = true;
    if (take_words(&rest, "skip this one") && rest.len == 0)
        answer.kind = ANSWER_SKIP_ITEM;
    else if (rest = said, take_words(&rest, "skip") && rest.len == 0)
        answer.kind = ANSWER_SKIP;
    else if (rest = said, take_words(&rest, "retry") && rest.len == 0)
        answer.kind = ANSWER_RETRY;
    else if (rest = said, take_words(&rest, "retry in")) {
        answer.kind = ANSWER_RETRY;
        worked = read_delay(rest, &answer.delay_seconds, err);
    } else if (rest = said, take_words(&rest, "stop the run"))
        worked = read_stop(rest, &answer, err);
    else if (rest = said, take_words(&rest, "replace with"))
        worked = read_replacement(arena, rest, program, &answer, err);
    else if (rest = said, take_words(&rest, "use")) {
        rest = str_trim(rest);
        worked = read_expression(arena, rest, program, &answer, &reason) ||
                 (takes_code(question, rest) && read_plain_value(arena, rest, program, question, &answer)) ||
                 refuse_use(arena, rest, question, reason, err);
    } else
        worked = read_anything(arena, said, program, question, &answer, err);
    if (worked)
        *out = answer;
    return worked;
}

Str answer_spy(Arena *arena, const Answer *answer, const Program *program)
{
    if (!answer->block)
        return S("");
    Buf out = buf_in(arena);
    for (uint32_t i = 0; i < answer->block->n_kids; i++) {
        Str line = spy_print_node(arena, answer->block->kids[i], program->catalog);
        buf_str(&out, line);
        if (line.len > 0 && line.data[line.len - 1] != '\n')
            buf_char(&out, '\n');
    }
    return buf_view(&out);
}

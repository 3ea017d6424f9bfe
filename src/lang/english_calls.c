/* lang/english_calls.c: tokens → expressions: lists, sets, records and calls in words. */
#include <string.h>

#include "lang/english_internal.h"

enum { CALL_WORDS_MAX = 64 };

/* ---- lists, sets, records, calls in words ---- */

/* After `the list of` and the like: items, or one element `for each …`. */
static Node *read_collection(EnglishReader *reader, NodeKind kind, CollectOp op, uint32_t from)
{
    Node *list = read_list(reader, kind);
    if (!list)
        return NULL;
    bool comprehension = words_at(reader, reader->at, "for each") || words_at(reader, reader->at, "for every");
    if (comprehension && list->n_kids == 1 && kind != NODE_TUPLE)
        return read_comprehension(reader, list->kids[0], op, from);
    if (kind == NODE_TUPLE && list->n_kids < 2)
        return fail_expected(reader, "another item, since a tuple has at least two");
    return finish_node(reader, list, from);
}

static Node *read_pair(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *value = read_sum(reader), *key = NULL;
    if (!value)
        return NULL;
    if (!take_word(reader, "as"))
        return fail_expected(reader, "“as” and the name of the field");
    if (take_sign(reader, "(")) {
        key = read_value(reader);
        if (key && !take_sign(reader, ")"))
            return fail_expected(reader, "“)”");
    } else {
        take_word(reader, "the");
        key = read_key(reader, false);
    }
    if (!key)
        return NULL;
    Node *pair = node_new(reader->arena, NODE_PAIR);
    node_add(reader->arena, pair, key);
    node_add(reader->arena, pair, value);
    return finish_node(reader, pair, from);
}

static Node *read_record(EnglishReader *reader, uint32_t from)
{
    Node *record = node_new(reader->arena, NODE_RECORD);
    do {
        Node *pair = read_pair(reader);
        if (!pair)
            return NULL;
        if (record->n_kids == 0 &&
            (words_at(reader, reader->at, "for each") || words_at(reader, reader->at, "for every")))
            return read_comprehension(reader, pair, COLLECT_RECORD, from);
        node_add(reader->arena, record, pair);
    } while (take_separator(reader));
    return finish_node(reader, record, from);
}

static Node *read_empty(EnglishReader *reader, uint32_t from)
{
    if (take_word(reader, "list"))
        return finish_node(reader, node_new(reader->arena, NODE_LIST), from);
    if (take_word(reader, "record"))
        return finish_node(reader, node_new(reader->arena, NODE_RECORD), from);
    if (take_word(reader, "set"))
        return make_call(reader, FN_SET, NULL, NULL, from);
    return fail_expected(reader, "“list”, “record” or “set”");
}

static Node *read_function_call(EnglishReader *reader, FunctionId function, uint32_t from)
{
    Node *call = node_new(reader->arena, NODE_CALL);
    call->function = (uint16_t)function;
    if (take_word(reader, "with")) {
        do {
            Node *argument = read_sum(reader);
            if (!argument)
                return NULL;
            node_add(reader->arena, call, argument);
        } while (take_separator(reader));
    }
    const Function *row = &functions[function];
    if (function == FN_DATE && call->n_kids == 2)
        return fail_at(reader, from, reader->at, "wrong-number-of-values", "",
                       "“date” takes a text, or the year, the month and the day");
    if (!function_takes(function, call->n_kids))
        return fail_at(reader, from, reader->at, "wrong-number-of-values", "", "“%s” takes %s%u value%s, not %u",
                       row->spy,
                       row->min == row->max      ? ""
                       : call->n_kids < row->min ? "at least "
                                                 : "at most ",
                       call->n_kids < row->min ? row->min : row->max,
                       (call->n_kids < row->min ? row->min : row->max) == 1 ? "" : "s", call->n_kids);
    if (row->style == STYLE_ACTION && !word_at(reader, from, "do"))
        return fail_at(reader, from, reader->at, "action-as-value", "make it a sentence of its own, starting with “do”",
                       "“%s” changes something and has no result", row->spy);
    Value date;
    if (ast_date_parts(call, &date)) {
        Node *literal = node_new(reader->arena, NODE_LITERAL);
        literal->value = date;
        return finish_node(reader, literal, from);
    }
    return finish_node(reader, call, from);
}

/* "price_order" · "files.read_table" · "erp.http.get" */
static Node *read_quoted_call(EnglishReader *reader, uint32_t from)
{
    Str rest = token_now(reader)->text, parts[3];
    uint32_t n = 0;
    while (n < 3 && rest.data)
        parts[n++] = str_cut(&rest, '.');
    bool legal = !rest.data && n > 0;
    for (uint32_t i = 0; i < n; i++)
        legal = legal && text_is_name(parts[i]);
    if (!legal)
        return fail_at(reader, reader->at, reader->at + 1, "bad-name",
                       "as in "
                       "“\"price_order\"”, “\"files.read_table\"” or “\"erp.http.get\"”",
                       "this names no procedure");
    reader->at++;
    Node *call = node_new(reader->arena, n == 1 ? NODE_PROCEDURE_CALL : NODE_BOOK_CALL);
    call->name = parts[n - 1];
    call->text = n > 1 ? parts[n - 2] : S("");
    call->alias = n > 2 ? parts[0] : S("");
    call = read_arguments(reader, call);
    return call ? finish_node(reader, call, from) : NULL;
}

/* The longest run of words from the token in hand that `known` has as a key. */
static void *longest_known(EnglishReader *reader, const Map *known, uint32_t *out_behind, Str *out_words)
{
    Buf words = buf_in(reader->arena);
    void *found = NULL;
    for (uint32_t i = reader->at; token_at(reader, i)->kind == TOKEN_WORD && i - reader->at < CALL_WORDS_MAX; i++) {
        if (i > reader->at)
            buf_char(&words, ' ');
        buf_str(&words, token_at(reader, i)->text);
        MapEntry *entry = map_find(known, buf_view(&words));
        if (entry) {
            found = entry->value;
            *out_behind = i + 1;
            *out_words = str_copy(reader->arena, buf_view(&words));
        }
        if (str_eq(token_at(reader, i)->text, S("with")))
            break;
    }
    return found;
}

static Node *fail_unknown_call(EnglishReader *reader)
{
    uint32_t n = 0, most = reader->patterns->functions.count + reader->procedures.count;
    Str *known = NEW_ARRAY(reader->arena, Str, most + 1);
    for (uint32_t i = 0; i < reader->procedures.count; i++)
        known[n++] = reader->procedures.entries[i].key;
    for (uint32_t i = 0; i < reader->patterns->functions.count; i++)
        known[n++] = reader->patterns->functions.entries[i].key;
    uint32_t from = reader->at, to = from;
    while (token_at(reader, to)->kind == TOKEN_WORD && !word_at(reader, to, "with") && to - from < CALL_WORDS_MAX)
        to++;
    if (to == from)
        return fail_expected(reader, "the name of a function or of a procedure");
    Str words = source_of(reader, from, to);
    Str near = nearest_spelling(words, known, n);
    const char *hint = near.len == 0
                           ? "procedures of a book stand in quotation marks: the result of \"files.read_table\""
                           : str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)));
    return fail_at(reader, from, to, "unknown-function", hint,
                   "“%.*s” is neither a function nor a procedure of this text", STR_ARG(words));
}

Node *read_call_by_name(EnglishReader *reader, uint32_t from)
{
    if (token_now(reader)->kind == TOKEN_TEXT)
        return read_quoted_call(reader, from);
    uint32_t behind_function = 0, behind_procedure = 0;
    Str words;
    void *function = longest_known(reader, &reader->patterns->functions, &behind_function, &words);
    void *procedure = longest_known(reader, &reader->procedures, &behind_procedure, &words);
    if (function && behind_function >= behind_procedure) {
        reader->at = behind_function;
        return read_function_call(reader, (FunctionId)((uintptr_t)function - 1), from);
    }
    if (!procedure)
        return fail_unknown_call(reader);
    reader->at = behind_procedure;
    Node *call = node_new(reader->arena, NODE_PROCEDURE_CALL);
    call->name = name_from_words(reader->arena, words);
    call = read_arguments(reader, call);
    return call ? finish_node(reader, call, from) : NULL;
}

static const struct Opening {
    const char *words;
    NodeKind kind;
} openings[] = {
    {"the list of", NODE_LIST},       {"the set of", NODE_SET},   {"the tuple of", NODE_TUPLE},
    {"a list of", NODE_LIST},         {"a set of", NODE_SET},     {"a record with", NODE_RECORD},
    {"the record with", NODE_RECORD}, {"an empty", NODE_NOTHING}, {"the empty list", NODE_NOTHING},
    {"the result of", NODE_CALL},
};

static Node *read_opened(EnglishReader *reader, NodeKind kind, uint32_t from)
{
    switch (kind) {
    case NODE_LIST: return read_collection(reader, kind, COLLECT_LIST, from);
    case NODE_SET: return read_collection(reader, kind, COLLECT_SET, from);
    case NODE_TUPLE: return read_collection(reader, kind, COLLECT_LIST, from);
    case NODE_RECORD: return read_record(reader, from);
    case NODE_CALL: return read_call_by_name(reader, from);
    default: reader->at = from + 2; return read_empty(reader, from);
    }
}

Node *read_opening(EnglishReader *reader, bool *out_opens)
{
    uint32_t from = reader->at;
    bool of_is_anothers = word_at(reader, from + 2, "of") && word_is_stop(reader, from + 2);
    for (size_t i = 0; i < COUNT_OF(openings) && !of_is_anothers; i++) {
        *out_opens = take_words(reader, openings[i].words);
        if (*out_opens)
            return read_opened(reader, openings[i].kind, from);
    }
    *out_opens = false;
    return NULL;
}

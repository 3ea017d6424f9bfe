/* lang/english_sentences.c: tokens → statements: the kinds of sentences, chosen by their first words, and the short
 * ones. */
#include <string.h>

#include "lang/english_internal.h"

/* ---- results, traces, time, ends ---- */

static Node *read_output(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    Node *value = read_value(reader);
    if (!value)
        return NULL;
    if (!take_word(reader, "as"))
        return fail_expected(reader, "“as” and the name of the result in quotation marks");
    Node *name = read_text(reader);
    return name ? simple_statement(reader, NODE_OUTPUT, name, value) : NULL;
}

static Node *read_say(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    Node *text = read_value(reader);
    return text ? simple_statement(reader, NODE_SAY, text, NULL) : NULL;
}

static Node *read_wait(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    bool until = take_word(reader, "until");
    if (!until)
        take_word(reader, "for");
    Node *value = read_value(reader);
    Node *node = value ? simple_statement(reader, NODE_WAIT, value, NULL) : NULL;
    if (node && until)
        node->flags |= NODE_UNTIL;
    return node;
}

static Node *read_fail(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    if (!take_word(reader, "with"))
        return fail_expected(reader, "“with” and the reason");
    Node *reason = read_value(reader);
    return reason ? simple_statement(reader, NODE_FAIL, reason, NULL) : NULL;
}

static Str read_quoted_name(EnglishReader *reader, const char *expected)
{
    const Token *token = token_now(reader);
    if (token->kind != TOKEN_TEXT || !text_is_name(token->text)) {
        fail_expected(reader, expected);
        return S("");
    }
    reader->at++;
    return token->text;
}

static Node *read_use(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    Node *node = node_new(reader->arena, NODE_CONNECTION);
    if (!take_words(reader, "use the"))
        return fail_expected(reader, "“use the \"…\" connection of the \"…\" book”");
    node->name = read_quoted_name(reader, "the connection's name, in lower case and quotation marks");
    if (!reader->failed && !take_words(reader, "connection of the"))
        return fail_expected(reader, "“connection of the”");
    node->text =
        reader->failed ? S("") : read_quoted_name(reader, "the book's name, in lower case and quotation marks");
    if (!reader->failed && !take_word(reader, "book"))
        return fail_expected(reader, "“book”");
    for (uint32_t i = 0; i < reader->owner->n_kids && !reader->failed; i++) {
        NodeKind kind = reader->owner->kids[i]->kind;
        if (reader->owner->kind != NODE_PROGRAM ||
            (kind != NODE_COMMENT && kind != NODE_INPUT && kind != NODE_CONNECTION))
            return fail_at(reader, 0, reader->at, "misplaced-sentence", "move it above the first other sentence",
                           "connections stand at the top, behind the inputs");
    }
    if (reader->owner->kind != NODE_PROGRAM)
        return fail_at(reader, 0, reader->at, "misplaced-sentence", "move it above the first other sentence",
                       "connections stand at the top, behind the inputs");
    if (!end_sentence(reader))
        return NULL;
    return finish_statement(reader, node, sentence_start(reader));
}

/* ---- inputs ---- */

Node *read_input_line(EnglishReader *reader)
{
    Node *node = node_new(reader->arena, NODE_INPUT);
    if (!take_word(reader, "the"))
        return fail_expected(reader, "an input, as in “the invoice file is a file”");
    if (word_at(reader, 1, "input") && token_at(reader, 2)->kind == TOKEN_TEXT) {
        node->text = token_at(reader, 2)->text;
        reader->at = 3;
        Node *name = take_word(reader, "as") ? read_target_name(reader) : NULL;
        node->name = name ? name->name : name_from_words(reader->arena, node->text);
        if (!text_is_name(node->name))
            return fail_expected(reader, "“as” and the name of the fact");
    } else {
        node->text = read_words(reader);
        node->name = name_from_words(reader->arena, node->text);
        if (!reader->failed && !text_is_name(node->name))
            return fail_at(reader, 1, reader->at, "bad-name", "", "“%.*s” is no name of a fact", STR_ARG(node->text));
    }
    if (!reader->failed && !take_word(reader, "is") && !take_word(reader, "are"))
        return fail_expected(reader, "“is a” and a type");
    bool optional;
    if (reader->failed || !read_type(reader, &node->type, &optional))
        return NULL;
    node->flags |= optional ? NODE_OPTIONAL : 0;
    if (take_sign(reader, ",")) {
        if (!take_word(reader, "usually"))
            return fail_expected(reader, "“usually” and a value");
        uint32_t at = reader->at;
        Node *value = read_value(reader);
        if (!value)
            return NULL;
        if (!node_is_constant(value))
            return fail_at(reader, at, reader->at, "not-constant", "work it out and write the result, as in: usually 7",
                           "what an input usually is must be a plain value");
        node_add(reader->arena, node, value);
    }
    if (!end_sentence(reader))
        return NULL;
    Node *name = node_new(reader->arena, NODE_NAME);
    name->name = node->name;
    remember_fact(reader, name);
    return finish_statement(reader, node, sentence_start(reader));
}

/* ---- calls ---- */

/* The words of a parameter of this procedure, hard ones too: the from is …; or any other key, which is told later. */
static Str read_parameter_words(EnglishReader *reader, const Procedure *procedure)
{
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        Str words = name_to_words(reader->arena, procedure->parameters[i].name);
        uint32_t at = reader->at;
        bool named = take_words(reader, str_to_c(reader->arena, words));
        if (named && (word_at(reader, reader->at, "is") || word_at(reader, reader->at, "are")))
            return words;
        reader->at = at;
    }
    Node *key = read_key(reader, false);
    return key ? value_str(key->value) : S("");
}

static bool is_given(const Node *call, Str parameter)
{
    for (uint32_t i = 0; i < call->n_kids; i++) {
        if (str_eq(call->kids[i]->name, parameter))
            return true;
    }
    return false;
}

/* The parameter that was meant, or all that are not given yet. */
static const char *hint_of_parameters(EnglishReader *reader, const Node *call, const Procedure *procedure, Str words)
{
    Str *known = NEW_ARRAY(reader->arena, Str, procedure->n_parameters + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        if (!is_given(call, procedure->parameters[i].name))
            known[n++] = name_to_words(reader->arena, procedure->parameters[i].name);
    }
    Str near = nearest_spelling(words, known, n);
    if (near.len > 0)
        return str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)));
    if (n == 0)
        return "take the line out: everything is said";
    Buf hint = buf_in(reader->arena);
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&hint, "%sthe %.*s", i == 0 ? "it takes " : i + 1 < n ? ", " : " and ", STR_ARG(known[i]));
    return str_to_c(reader->arena, buf_view(&hint));
}

static void read_parameter_line(EnglishReader *reader, Node *call, const Procedure *procedure)
{
    if (!take_word(reader, "the")) {
        fail_expected(reader, "a line such as “the subject is …”");
        return;
    }
    Node *argument = node_new(reader->arena, NODE_ARGUMENT);
    Str words = read_parameter_words(reader, procedure);
    if (reader->failed)
        return;
    argument->name = text_is_name(words) ? words : name_from_words(reader->arena, words);
    Node *value = read_what_it_is(reader);
    if (!value || !end_sentence(reader))
        return;
    if (!procedure_parameter(procedure, argument->name)) {
        fail_at(reader, 0, reader->at, "unknown-parameter", hint_of_parameters(reader, call, procedure, words),
                "“%.*s” is nothing that this sentence takes", STR_ARG(words));
        return;
    }
    if (is_given(call, argument->name))
        fail_at(reader, 0, reader->at, "repeated-argument", "", "“%.*s” is given twice", STR_ARG(words));
    node_add(reader->arena, argument, value);
    finish_node(reader, argument, 0);
    if (!reader->failed)
        node_add(reader->arena, call, argument);
}

/* Into the procedure's order. */
static void sort_arguments(EnglishReader *reader, Node *call, const Procedure *procedure)
{
    Node *sorted = node_new(reader->arena, NODE_BLOCK);
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        for (uint32_t j = 0; j < call->n_kids; j++) {
            if (str_eq(call->kids[j]->name, procedure->parameters[i].name))
                node_add(reader->arena, sorted, call->kids[j]);
        }
    }
    call->kids = sorted->kids;
    call->n_kids = sorted->n_kids;
}

static bool read_connection_of_call(EnglishReader *reader, Node *call)
{
    if (!take_words(reader, "using the"))
        return true;
    call->alias = read_quoted_name(reader, "the connection's name in quotation marks");
    if (!reader->failed && !take_word(reader, "connection"))
        fail_expected(reader, "“connection”");
    return !reader->failed;
}

/* post … to "/orders" using the "shop" connection as the receipt: the result belongs to the procedure's own words. */
static Node *fail_late_result(EnglishReader *reader)
{
    uint32_t as = reader->at, using = as, end = reader->sentence.count - 1;
    while (using > 0 && !word_at(reader, using, "using"))
        using --;
    Str result = source_of(reader, as, end);
    Str connection = source_of(reader, using, as);
    Str instead = str_printf(reader->arena, "%.*s %.*s", STR_ARG(result), STR_ARG(connection));
    return fail_at(reader, as, end, "unexpected-word", write_sentence(reader, corrected(reader, using, end, instead)),
                   "the name of the result stands in front of “using”");
}

/* A sentence of the catalog, or an action of the language. */
static Node *read_pattern_sentence(EnglishReader *reader, const PatternNode *node, uint32_t indent)
{
    uint32_t start = sentence_start(reader);
    Node *call = read_pattern(reader, node, NULL, 0, FAMILY_SENTENCE), *result = reader->named_result;
    if (!call)
        return NULL;
    const Procedure *procedure =
        call->kind == NODE_BOOK_CALL ? catalog_find(reader->catalog, call->text, call->name) : NULL;
    if (procedure && !read_connection_of_call(reader, call))
        return NULL;
    if (procedure && call->alias.len > 0 && !result && word_at(reader, reader->at, "as"))
        return fail_late_result(reader);
    if (sign_at(reader, reader->at, ":") && procedure)
        reader->at++;
    if (!end_sentence(reader))
        return NULL;
    finish_node(reader, call, 0);
    while (procedure && !reader->failed && deeper_line_follows(reader, indent)) {
        next_sentence(reader);
        keep_comment(reader);
        read_parameter_line(reader, call, procedure);
    }
    if (reader->failed)
        return NULL;
    if (procedure)
        sort_arguments(reader, call, procedure);
    finish_node(reader, call, 0);
    call->english = (Span){start, reader->last_end};
    Node *sentence = node_new(reader->arena, result ? NODE_ASSIGN : NODE_EXPRESSION);
    if (result)
        node_add(reader->arena, sentence, result);
    node_add(reader->arena, sentence, call);
    if (result)
        remember_fact(reader, result);
    return finish_statement(reader, sentence, start);
}

static Node *read_do(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    Node *call = read_call_by_name(reader, 0);
    if (!call)
        return NULL;
    if (call->kind == NODE_LITERAL || (call->kind == NODE_CALL && functions[call->function].style != STYLE_ACTION))
        return fail_at(reader, 0, reader->at, "no-effect", "as in: the total is the result of …",
                       "this only calculates; give its result a name");
    return simple_statement(reader, NODE_EXPRESSION, call, NULL);
}

/* A procedure of this text, called by all of its words. */
static Node *read_known_procedure(EnglishReader *reader)
{
    Buf words = buf_in(reader->arena);
    for (uint32_t i = 0; token_at(reader, i)->kind == TOKEN_WORD && i < 64; i++) {
        if (word_at(reader, i, "with"))
            break;
        if (i > 0)
            buf_char(&words, ' ');
        buf_str(&words, token_at(reader, i)->text);
        bool ends =
            token_at(reader, i + 1)->kind == TOKEN_END || sign_at(reader, i + 1, ".") || word_at(reader, i + 1, "with");
        if (ends && map_find(&reader->procedures, buf_view(&words))) {
            reader->at = i + 1;
            Node *call = node_new(reader->arena, NODE_PROCEDURE_CALL);
            call->name = name_from_words(reader->arena, buf_view(&words));
            call = read_arguments(reader, call);
            call = call ? finish_node(reader, call, 0) : NULL;
            return call ? simple_statement(reader, NODE_EXPRESSION, call, NULL) : NULL;
        }
    }
    return NULL;
}

/* ---- choosing ---- */

static const struct FixedSentence {
    const char *words;
    NodeKind kind;
} fixed_sentences[] = {
    {"finish", NODE_FINISH},
    {"stop the loop", NODE_BREAK},
    {"go to the next one", NODE_CONTINUE},
    {"end the procedure", NODE_RETURN},
};

static const struct SentenceForm {
    Str word;
    Node *(*read)(EnglishReader *reader, uint32_t indent);
} sentence_forms[] = {
    {S_INIT("the"), read_fact},
    {S_INIT("set"), read_set},
    {S_INIT("increase"), read_change},
    {S_INIT("decrease"), read_change},
    {S_INIT("find"), read_find},
    {S_INIT("ask"), read_ask},
    {S_INIT("if"), read_if},
    {S_INIT("for"), read_for},
    {S_INIT("repeat"), read_repeat},
    {S_INIT("while"), read_repeat},
    {S_INIT("to"), read_define},
    {S_INIT("ensure"), read_ensure},
    {S_INIT("validate"), read_validate},
    {S_INIT("output"), read_output},
    {S_INIT("say"), read_say},
    {S_INIT("wait"), read_wait},
    {S_INIT("fail"), read_fail},
    {S_INIT("use"), read_use},
    {S_INIT("do"), read_do},
};

static Node *unreadable(EnglishReader *reader, uint32_t indent)
{
    const Token *first = token_at(reader, 0);
    if (first->kind != TOKEN_WORD)
        return fail_expected(reader, "a sentence");
    Str candidates[COUNT_OF(sentence_forms) + COUNT_OF(fixed_sentences) + 64];
    uint32_t n = 0;
    for (size_t i = 0; i < COUNT_OF(sentence_forms); i++)
        candidates[n++] = sentence_forms[i].word;
    candidates[n++] = S("otherwise");
    candidates[n++] = S("inputs");
    candidates[n++] = S("finish");
    for (const PatternNode *kid = reader->patterns->sentence.kids; kid && n < COUNT_OF(candidates); kid = kid->next)
        candidates[n++] = kid->word;
    Str near = nearest_spelling(first->text, candidates, n);
    if (str_eq(near, S("inputs")) && token_at(reader, 1)->kind == TOKEN_END && !str_eq(first->text, near)) {
        skip_deeper_lines(reader, indent); /* they are inputs, and no sentences */
    }
    const char *hint = "sentences start with “the”, “set”, “if”, “for each”, “output” or another verb of the reference";
    const char *slip = slip_of_first_word(reader);
    if (word_at(reader, 0, "otherwise"))
        return fail_at(reader, 0, 1, "lone-else",
                       "it follows the block of an “if”, at the indentation of that “if”, and once",
                       "this “otherwise” belongs to no “if”");
    if (slip)
        hint = slip;
    else if (near.len > 0 && !str_eq(near, first->text))
        hint = str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)));
    Str shown = str_slice(reader->source, first->start, first->end);
    return fail_at(reader, 0, 1, "unreadable-sentence", hint, "no sentence that I know starts with “%.*s”%s",
                   STR_ARG(shown), near.len > 0 && str_eq(near, first->text) ? " and goes on like this" : "");
}

Node *read_sentence(EnglishReader *reader, uint32_t indent)
{
    for (size_t i = 0; i < COUNT_OF(fixed_sentences); i++) {
        if (words_at(reader, 0, fixed_sentences[i].words)) {
            take_words(reader, fixed_sentences[i].words);
            const Token *next = token_now(reader);
            if (next->kind == TOKEN_END || sign_at(reader, reader->at, "."))
                return simple_statement(reader, fixed_sentences[i].kind, NULL, NULL);
            reader->at = 0;
        }
    }
    Node *call = read_known_procedure(reader);
    if (call || reader->failed)
        return call;
    uint32_t behind = 0;
    const PatternNode *node = walk_words(reader, &reader->patterns->sentence, 0, &behind);
    if (node && behind < 2) { /* one word alone may begin a sentence of the language, too */
        for (size_t i = 0; i < COUNT_OF(sentence_forms); i++)
            node = str_eq(token_at(reader, 0)->text, sentence_forms[i].word) ? NULL : node;
    }
    const char *column =
        node && behind < 2 ? mend_of_column(reader) : NULL; /* it would be the address of http's delete */
    if (column)
        return fail_at(reader, 0, reader->sentence.count - 1, "unreadable-sentence", column,
                       "no sentence takes a column out of a table where it stands");
    if (node) {
        reader->at = behind;
        return read_pattern_sentence(reader, node, indent);
    }
    const Token *first = token_at(reader, 0);
    for (size_t i = 0; first->kind == TOKEN_WORD && i < COUNT_OF(sentence_forms); i++) {
        if (str_eq(first->text, sentence_forms[i].word))
            return sentence_forms[i].read(reader, indent);
    }
    return unreadable(reader, indent);
}

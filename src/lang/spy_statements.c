/* lang/spy_statements.c: reads SPy line by line: statements, blocks, the whole text. */
#include <stdarg.h>
#include <string.h>

#include "lang/spy_reader.h"

/* ---- tokens and problems ---- */

bool spy_take_sign(SpyReader *reader, const char *sign)
{
    if (!token_is_sign(token_now(reader), sign))
        return false;
    reader->at++;
    return true;
}

bool spy_take_word(SpyReader *reader, SpyWord word)
{
    if (!token_is_word(token_now(reader), word))
        return false;
    reader->at++;
    return true;
}

static Diagnostic *fail_with(SpyReader *reader, const char *code, Span span, const char *format, va_list args)
{
    Buf message = buf_in(reader->arena);
    buf_vprintf(&message, format, args);
    reader->failed = true;
    return diagnose(reader->all, SEVERITY_ERROR, code, span, "%.*s", STR_ARG(buf_view(&message)));
}

Diagnostic *spy_fail(SpyReader *reader, const char *code, Span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diagnostic *d = fail_with(reader, code, span, format, args);
    va_end(args);
    return d;
}

void spy_fail_with_hint(SpyReader *reader, const char *code, Span span, const char *message, const char *hint)
{
    Diagnostic *d = spy_fail(reader, code, span, "%s", message);
    diagnose_hint(reader->all, d, "%s", hint);
}

static Str token_shown(const SpyReader *reader, const Token *token)
{
    if (token->kind == TOKEN_END)
        return S("the end of the line");
    Str text = str_slice(reader->text->source, token->span.start, token->span.end);
    const char *cut = text.len > 30 ? "…" : "";
    return str_printf(reader->arena, "%.*s%s", STR_ARG(str_slice(text, 0, 30)), cut);
}

void spy_fail_expected(SpyReader *reader, const char *expected)
{
    if (reader->failed)
        return;
    const Token *token = token_now(reader);
    spy_fail(reader, "unexpected", token->span, "expected %s, found %.*s", expected,
             STR_ARG(token_shown(reader, token)));
}

bool spy_fail_if_lost(SpyReader *reader, Str name)
{
    bool lost = map_get(&reader->lost, name) != NULL;
    if (!lost || reader->failed)
        return lost;
    reader->failed = true;
    if (reader->all->n_lost < COUNT_OF(reader->all->lost))
        reader->all->lost[reader->all->n_lost++] = token_now(reader)->span.start;
    return true;
}

void spy_expect_sign(SpyReader *reader, const char *sign, const char *where)
{
    if (reader->failed || spy_take_sign(reader, sign))
        return;
    const Token *token = token_now(reader);
    Diagnostic *d = spy_fail(reader, "unexpected", token->span, "expected %s %s, found %.*s", sign, where,
                             STR_ARG(token_shown(reader, token)));
    if (token_is_sign(token, "="))
        diagnose_hint(reader->all, d, "to compare, write ==");
    else if (token_is_word(token, WORD_IF))
        diagnose_hint(reader->all, d, "else if is one word: elif");
    else if (str_eq(str_from_c(sign), S(":")))
        diagnose_hint(reader->all, d, "the head of a block ends with a colon");
}

/* ---- what the whole text sets and defines, looked up before it is read ---- */

static void collect_loop_names(SpyReader *reader, uint32_t at)
{
    const Token *tokens = reader->text->tokens;
    for (; tokens[at].kind == TOKEN_NAME || tokens[at].kind == TOKEN_SIGN; at++) {
        if (tokens[at].kind == TOKEN_NAME)
            map_put(&reader->facts, tokens[at].text, reader);
    }
}

static bool is_assignment(const Token *token)
{
    static const char *const signs[] = {"=", "+=", "-=", "*=", "/=", "//=", "%=", "**="};
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (token_is_sign(token, signs[i]))
            return true;
    }
    return false;
}

/* a = …, a, b = …, a: number = …: the names before the sign, not those of x = y, a, z. */
static void collect_assigned_names(SpyReader *reader, const Line *line)
{
    const Token *token = &reader->text->tokens[line->first], *before = NULL;
    int brackets = 0;
    bool behind = false;
    for (; token->kind != TOKEN_END; before = token++) {
        if (token->kind == TOKEN_SIGN)
            brackets += strchr("([{", (int)token->sign)                        ? 1
                        : token->sign < 256 && strchr(")]}", (int)token->sign) ? -1
                                                                               : 0;
        bool starts = !before || token_is_sign(before, ",") || token_is_sign(before, ";") || token_is_sign(before, ":");
        bool ends = is_assignment(token + 1) || token_is_sign(token + 1, ",") || token_is_sign(token + 1, ":");
        if (brackets == 0)
            behind = is_assignment(token) || (behind && !token_is_sign(token, ";"));
        if (brackets == 0 && !behind && token->kind == TOKEN_NAME && starts && ends)
            map_put(&reader->facts, token->text, reader);
    }
}

static void collect_define(SpyReader *reader, uint32_t at)
{
    const Token *token = &reader->text->tokens[at];
    if (token->kind != TOKEN_NAME || !token_is_sign(token + 1, "("))
        return;
    DefineHead *head = NEW(reader->arena, DefineHead);
    uint32_t n = 0;
    for (const Token *next = token + 2; next->kind != TOKEN_END && !token_is_sign(next, ")"); next++)
        n++;
    head->parameters = NEW_ARRAY(reader->arena, Str, n);
    int brackets = 0;
    for (const Token *next = token + 1; next->kind != TOKEN_END; next++) {
        if (next->kind == TOKEN_NAME && brackets == 1 &&
            (token_is_sign(next - 1, "(") || token_is_sign(next - 1, ","))) {
            head->parameters[head->n_parameters++] = next->text;
            map_put(&reader->facts, next->text, reader);
        }
        if (next->kind == TOKEN_SIGN && next->sign < 256 && strchr("([{", (int)next->sign))
            brackets++;
        else if (next->kind == TOKEN_SIGN && next->sign < 256 && strchr(")]}", (int)next->sign) && --brackets == 0)
            break;
        if (head->n_parameters == n)
            break;
    }
    if (!spy_call_is_taken(token->text))
        map_put(&reader->defines, spy_procedure_read(token->text), head);
}

/* connection("erp", book="http") */
static void collect_connection(SpyReader *reader, const Token *token)
{
    Str *book = NEW(reader->arena, Str);
    if (!token_is_name(token, "connection") || token[1].kind == TOKEN_END || token[2].kind != TOKEN_TEXT)
        return;
    for (const Token *next = token + 3; next->kind != TOKEN_END; next++) {
        if (next->kind == TOKEN_TEXT)
            *book = next->text;
    }
    map_put(&reader->connections, token[2].text, book);
}

static void collect_names(SpyReader *reader)
{
    const SpyText *text = reader->text;
    for (uint32_t i = 0; i < text->n_lines; i++) {
        const Line *line = &text->lines[i];
        const Token *token = &text->tokens[line->first];
        if (line->is_comment)
            continue;
        collect_assigned_names(reader, line);
        if (token_is_word(token, WORD_DEF))
            collect_define(reader, line->first + 1);
        else
            collect_connection(reader, token);
    }
    for (uint32_t at = 0; at < text->n_tokens; at++) {
        if (token_is_word(&text->tokens[at], WORD_FOR))
            collect_loop_names(reader, at + 1);
    }
}

/* ---- comments ---- */

static Node *comment_node(SpyReader *reader, Str text, bool blank_before)
{
    Node *node = spy_node(reader, NODE_COMMENT);
    node->text = text;
    node->flags = blank_before ? NODE_BLANK_BEFORE : 0;
    return node;
}

/* Adds a statement; the first one of a block has no blank line before it. */
static void add_statement(SpyReader *reader, Node *block, Node *statement)
{
    if (block->n_kids == 0)
        statement->flags &= (uint8_t)~NODE_BLANK_BEFORE;
    node_add(reader->arena, block, statement);
}

/* Of a statement's comments one stays at the end of its first line; those between its later lines come before it. */
static Str take_comments(SpyReader *reader, const Line *line, Node *block, bool *blank_before)
{
    const SpyComment *comments = &reader->text->comments[line->first_comment];
    uint32_t trailing = line->n_comments;
    for (uint32_t i = 0; i < line->n_comments && trailing == line->n_comments; i++) {
        if (comments[i].on_first_line)
            trailing = i;
    }
    for (uint32_t i = 0; i < line->n_comments; i++) {
        if (i == trailing)
            continue;
        add_statement(reader, block, comment_node(reader, comments[i].text, *blank_before));
        *blank_before = false;
    }
    return trailing < line->n_comments ? comments[trailing].text : S("");
}

/* ---- simple statements ---- */

static Node *named_text(SpyReader *reader, Node *value, const char *what, Str *out)
{
    *out = S("");
    if (reader->failed)
        return value;
    if (node_is_text(value)) {
        *out = value_str(value->value);
        return value;
    }
    Diagnostic *d = spy_fail(reader, "not-a-text", value->spy, "%s is a text written out here", what);
    diagnose_hint(reader->all, d, "write it in quotes");
    return value;
}

/* type=number, type="number", type=optional(date) */
static const Type *read_type(SpyReader *reader, Node *node, bool *optional)
{
    const Type *type = &type_any;
    Str word = node->kind == NODE_NAME ? node->name : node_is_text(node) ? value_str(node->value) : S("");
    if (node->kind == NODE_LITERAL && node->value.kind == VALUE_NULL)
        return type;
    if (word.len > 0 && type_from_word(word, &type) && !type->inner && type->kind != TYPE_NULL)
        return type;
    if (!reader->failed) {
        Diagnostic *d = spy_fail(reader, "unknown-type", node->spy, "this is no type");
        diagnose_hint(reader->all, d,
                      "types are %stext, number, boolean, date, time, datetime, file, table, list, record or any%s",
                      optional ? "" : "only ", optional ? ", or one of them in optional(…)" : "");
    }
    return &type_any;
}

/* The arguments of read_input and ask hold types, which are no values: list, optional(date). They are read by hand. */
typedef struct TypedCall {
    Node *positional, *type, *other; /* name or question; type; default or choices */
    Node *required;                  /* of an input: True or False */
    bool optional;
    const Type *kind;
} TypedCall;

static void read_type_argument(SpyReader *reader, TypedCall *call)
{
    uint32_t first = reader->at;
    bool optional = token_is_name(token_now(reader), "optional") && token_is_sign(token_ahead(reader, 1), "(");
    if (optional)
        reader->at += 2;
    Node *word = spy_node(reader, NODE_NAME);
    if (token_now(reader)->kind == TOKEN_NAME) {
        word->name = token_now(reader)->text;
        reader->at++;
        word = spy_done(reader, word, optional ? first + 2 : first);
    } else
        word = spy_read_expression(reader);
    call->type = word;
    if (token_is_sign(token_now(reader), "[") || token_is_sign(token_now(reader), "|"))
        spy_fail_with_hint(reader, "unknown-type", token_now(reader)->span, "types stand without what they hold",
                           "write list, record or optional(date)");
    if (optional)
        spy_expect_sign(reader, ")", "after the type");
    call->optional = optional;
    if (!reader->failed)
        call->kind = read_type(reader, word, &call->optional);
}

static TypedCall read_typed_call(SpyReader *reader, bool is_input)
{
    const char *first_name = is_input ? "name" : "question", *other_name = is_input ? "default" : "choices";
    TypedCall call = {.kind = &type_any};
    uint32_t position = 0;
    reader->at++;
    spy_expect_sign(reader, "(", "here");
    while (!reader->failed && !token_is_sign(token_now(reader), ")")) {
        const Token *name = token_now(reader);
        bool named = name->kind == TOKEN_NAME && token_is_sign(token_ahead(reader, 1), "=");
        if (named)
            reader->at += 2;
        if (named ? token_is_name(name, "type") : position == 1)
            read_type_argument(reader, &call);
        else if (named ? token_is_name(name, first_name) : position == 0)
            call.positional = spy_read_expression(reader);
        else if (named ? token_is_name(name, other_name) : position == 2)
            call.other = spy_read_expression(reader);
        else if (named && is_input && token_is_name(name, "required"))
            call.required = spy_read_expression(reader);
        else {
            Diagnostic *d = spy_fail(reader, "unknown-argument", name->span, "there is no such argument here");
            diagnose_hint(reader->all, d, "it takes %s, type%s %s%s", first_name, is_input ? "," : " and", other_name,
                          is_input ? " and required" : "");
        }
        position++;
        if (reader->failed || !spy_take_sign(reader, ","))
            break;
    }
    spy_expect_sign(reader, ")", "after the arguments");
    if (!reader->failed && !call.positional)
        spy_fail(reader, "missing-argument", token_now(reader)->span, "the %s is missing", first_name);
    return call;
}

/* required=False is type=optional(…), which is how it is printed. */
static void apply_required(SpyReader *reader, TypedCall *call)
{
    if (reader->failed || !call->required)
        return;
    const Node *node = call->required;
    if (node->kind != NODE_LITERAL || node->value.kind != VALUE_BOOL)
        spy_fail_with_hint(reader, "bad-required", node->spy, "required is True or False",
                           "write required=False for an input that may be left out");
    else if (value_truth(node->value) && call->optional)
        spy_fail_with_hint(reader, "bad-required", node->spy, "an optional input is not required",
                           "leave required out, or take optional(…) away");
    else if (!value_truth(node->value))
        call->optional = true;
}

/* name = read_input("name", type=…, default=…, required=…) */
static Node *read_input(SpyReader *reader, Node *target, bool at_top, uint32_t first)
{
    Span head = token_now(reader)->span;
    TypedCall call = read_typed_call(reader, true);
    apply_required(reader, &call);
    Node *node = spy_node(reader, NODE_INPUT);
    if (reader->failed)
        return node;
    named_text(reader, call.positional, "an input's name", &node->text);
    node->type = call.kind;
    node->flags = call.optional ? NODE_OPTIONAL : 0;
    if (reader->failed)
        return node;
    if (node->text.len == 0)
        spy_fail(reader, "not-a-text", call.positional->spy, "an input has a name that is not empty");
    else if (target->kind != NODE_NAME)
        spy_fail_with_hint(reader, "bad-target", target->spy, "an input becomes a fact of its own",
                           "write name = read_input(\"name\", type=text)");
    else if (!at_top)
        spy_fail_with_hint(reader, "late-input", head, "inputs stand at the top, before everything else",
                           "move this line up; to ask a person while running, use ask(\"…\")");
    else if (call.other && !node_is_constant(call.other))
        spy_fail_with_hint(reader, "bad-default", call.other->spy, "a default is a constant",
                           "write a number, a text in quotes, a date(…), a list or a record of these");
    if (reader->failed)
        return node;
    node->name = target->name;
    if (call.other)
        node_add(reader->arena, node, call.other);
    return spy_done(reader, node, first);
}

/* name = ask("Which?", choices=[…], type=number) */
static Node *read_ask(SpyReader *reader, Node *target)
{
    uint32_t first = reader->at;
    Node *node = spy_node(reader, NODE_ASK);
    TypedCall call = read_typed_call(reader, false);
    if (reader->failed)
        return node;
    node->type = call.kind;
    node_add(reader->arena, node, call.positional);
    if (call.other)
        node_add(reader->arena, node, call.other);
    if (target->kind != NODE_NAME)
        spy_fail_with_hint(reader, "bad-target", target->spy, "the answer of ask becomes a fact of its own",
                           "write cost_centre = ask(\"Which cost centre?\"), then use the fact");
    else if (call.optional)
        spy_fail(reader, "unknown-type", call.type->spy, "an answer is never optional");
    return spy_done(reader, node, first);
}

static Node *say_several(SpyReader *reader, const CallArguments *arguments, Span span)
{
    Node *template = spy_node(reader, NODE_TEMPLATE);
    Buf text = buf_in(reader->arena);
    for (uint32_t i = 0; i < arguments->n; i++) {
        Node *value = arguments->items[i].value;
        bool is_template = value->kind == NODE_TEMPLATE;
        if (i > 0)
            buf_char(&text, ' ');
        for (uint32_t k = 0; k < (is_template ? value->n_kids : 1); k++) {
            Node *part = is_template ? value->kids[k] : value;
            if (node_is_text(part)) {
                buf_str(&text, value_str(part->value));
                continue;
            }
            if (text.len > 0) {
                Node *literal = spy_node(reader, NODE_LITERAL);
                literal->value = value_text(buf_view(&text));
                literal->spy = span;
                node_add(reader->arena, template, literal);
                text = buf_in(reader->arena);
            }
            node_add(reader->arena, template, part);
        }
    }
    Node *last = spy_node(reader, NODE_LITERAL);
    last->value = value_text(buf_view(&text));
    last->spy = template->spy = span;
    if (template->n_kids == 0)
        return last;
    if (text.len > 0)
        node_add(reader->arena, template, last);
    for (uint32_t i = 0; i < template->n_kids; i++)
        template->id = MAX_OF(template->id, template->kids[i]->id + 1);
    return template;
}

/* print(a, b) says both with a blank between them. */
static Node *read_say(SpyReader *reader, uint32_t first)
{
    Node *node = spy_node(reader, NODE_SAY);
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    for (uint32_t i = 0; i < arguments.n && !reader->failed; i++) {
        if (arguments.items[i].name.len > 0)
            spy_fail_with_hint(reader, "unknown-argument", arguments.items[i].span, "print takes only what to say",
                               "leave it out; put a separator into the text: f\"{a}, {b}\"");
    }
    if (reader->failed)
        return node;
    if (arguments.n == 1)
        node_add(reader->arena, node, arguments.items[0].value);
    else
        node_add(reader->arena, node, say_several(reader, &arguments, arguments.span));
    return spy_done(reader, node, first);
}

static Node *read_output(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"name", "value", NULL};
    Node *node = spy_node(reader, NODE_OUTPUT);
    Node *bound[2];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed || !spy_bind_arguments(reader, "set_output", &arguments, names, 2, bound))
        return node;
    if (!node_is_text(bound[0]) && bound[0]->kind != NODE_TEMPLATE)
        spy_fail_with_hint(reader, "not-a-text", bound[0]->spy, "an output's name is a text",
                           "write set_output(\"total\", value=total)");
    node_add(reader->arena, node, bound[0]);
    node_add(reader->arena, node, bound[1]);
    return spy_done(reader, node, first);
}

static Node *read_ensure(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"condition", "message", NULL};
    Node *node = spy_node(reader, NODE_ENSURE);
    Node *bound[2];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed || !spy_bind_arguments(reader, "ensure", &arguments, names, 1, bound))
        return node;
    node_add(reader->arena, node, bound[0]);
    if (bound[1])
        node_add(reader->arena, node, bound[1]);
    return spy_done(reader, node, first);
}

/* assert condition, "message" */
static Node *read_assert(SpyReader *reader, uint32_t first)
{
    Node *node = spy_node(reader, NODE_ENSURE);
    reader->at++;
    node_add(reader->arena, node, spy_read_expression(reader));
    if (!reader->failed && spy_take_sign(reader, ","))
        node_add(reader->arena, node, spy_read_expression(reader));
    return spy_done(reader, node, first);
}

/* validate(ensure(…), ensure(…)), also as one list of them. */
static Node *read_validate(SpyReader *reader, uint32_t first)
{
    Node *node = spy_node(reader, NODE_VALIDATE);
    reader->at++;
    spy_expect_sign(reader, "(", "after validate");
    bool list = !reader->failed && spy_take_sign(reader, "[");
    while (!reader->failed && token_is_name(token_now(reader), "ensure")) {
        node_add(reader->arena, node, read_ensure(reader, reader->at));
        if (reader->failed || !spy_take_sign(reader, ","))
            break;
    }
    if (!reader->failed && node->n_kids == 0)
        spy_fail_with_hint(reader, "unexpected", token_now(reader)->span, "validate holds checks",
                           "write validate(ensure(total > 0, \"…\"), ensure(…))");
    if (list)
        spy_expect_sign(reader, "]", "after the checks");
    spy_expect_sign(reader, ")", "after the checks");
    return spy_done(reader, node, first);
}

static Node *read_wait(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"duration", "until", NULL};
    Node *node = spy_node(reader, NODE_WAIT);
    Node *bound[2];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed || !spy_bind_arguments(reader, "wait", &arguments, names, 0, bound))
        return node;
    if (!bound[0] == !bound[1]) {
        spy_fail_with_hint(reader, "missing-argument", arguments.span, "wait takes either a duration or a moment",
                           "write wait(days(3)) or wait(until=due_date)");
        return node;
    }
    node->flags = bound[1] ? NODE_UNTIL : 0;
    node_add(reader->arena, node, bound[0] ? bound[0] : bound[1]);
    return spy_done(reader, node, first);
}

static Node *read_finish(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {NULL};
    Node *node = spy_node(reader, NODE_FINISH);
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    Node *bound[1];
    if (!reader->failed)
        (void)spy_bind_arguments(reader, "finish", &arguments, names, 0, bound);
    return spy_done(reader, node, first);
}

static Node *read_fail(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"reason", NULL};
    Node *node = spy_node(reader, NODE_FAIL);
    Node *bound[1];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (!reader->failed && spy_bind_arguments(reader, "fail", &arguments, names, 1, bound))
        node_add(reader->arena, node, bound[0]);
    return spy_done(reader, node, first);
}

/* connection("erp", book="http") */
static Node *read_connection(SpyReader *reader, uint32_t first)
{
    static const char *const names[] = {"alias", "book", NULL};
    Node *node = spy_node(reader, NODE_CONNECTION);
    Node *bound[2];
    Str part[2];
    reader->at++;
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed || !spy_bind_arguments(reader, "connection", &arguments, names, 2, bound))
        return node;
    for (int i = 0; i < 2 && !reader->failed; i++) {
        named_text(reader, bound[i], i ? "a book's name" : "an alias", &part[i]);
        if (reader->failed)
            return node;
        part[i] = name_from_words(reader->arena, part[i]);
        if (part[i].len == 0 || (part[i].data[0] >= '0' && part[i].data[0] <= '9'))
            spy_fail_with_hint(reader, "bad-name", bound[i]->spy, "this is no name",
                               "names begin with a letter: \"erp\"");
    }
    if (reader->failed)
        return node;
    node->name = part[0];
    node->text = part[1];
    return spy_done(reader, node, first);
}

static const struct SentenceCall {
    const char *name;
    Node *(*read)(SpyReader *reader, uint32_t first);
} sentence_calls[] = {
    {"print", read_say},     {"say", read_say},           {"set_output", read_output},
    {"ensure", read_ensure}, {"validate", read_validate}, {"wait", read_wait},
    {"finish", read_finish}, {"fail", read_fail},         {"connection", read_connection},
};

/* Python's statements that SPy leaves out. */
static const struct LeftOut {
    SpyWord word;
    const char *message, *hint;
} left_out[] = {
    {WORD_IMPORT, "SPy imports nothing", "take the line out: books are called by their names, files.read_table(…)"},
    {WORD_FROM, "SPy imports nothing", "take the line out: books are called by their names, files.read_table(…)"},
    {WORD_TRY, "SPy has no try: what goes wrong becomes a question to a person",
     "take try and except out; test before with if, or read with find(record, \"field\")"},
    {WORD_EXCEPT, "SPy has no except: what goes wrong becomes a question to a person", "take try and except out"},
    {WORD_FINALLY, "SPy has no finally", "write its lines after the others"},
    {WORD_RAISE, "SPy raises nothing", "end the run with fail(\"reason\"), or ask with ensure(condition, \"message\")"},
    {WORD_CLASS, "SPy has no classes", "use records: {\"total\": 12.50}; the fact called class is spelled class_"},
    {WORD_WITH, "SPy has no with", "write its lines plainly: nothing needs to be closed"},
    {WORD_GLOBAL, "SPy has no global: a procedure gives back what it makes",
     "return the value and set the fact outside"},
    {WORD_NONLOCAL, "SPy has no nonlocal: a procedure gives back what it makes",
     "return the value and set the fact outside"},
    {WORD_DEL, "SPy has no del", "remove a field with record.delete_field(\"key\"), an item with items.remove(item)"},
    {WORD_ASYNC, "SPy has no async", "call it plainly; to do things side by side: for x in at_the_same_time(items):"},
    {WORD_AWAIT, "SPy has no await", "call it plainly: a run waits by itself until the call is done"},
    {WORD_YIELD, "SPy has no yield", "append to a list and return it"},
    {WORD_LAMBDA, "SPy has no lambda", "write a procedure with def"},
    {WORD_PASS, "SPy has no pass: every block does something",
     "leave the block out, or turn the condition around with not"},
};

/* Every name on the line in hand: what it imports, the class that it begins. */
static void lose_names(SpyReader *reader)
{
    for (uint32_t i = 0; token_ahead(reader, i)->kind != TOKEN_END; i++) {
        const Token *token = token_ahead(reader, i);
        if (token->kind == TOKEN_NAME)
            map_put(&reader->lost, token->text, reader);
    }
}

static Node *refuse_word(SpyReader *reader)
{
    const Token *token = token_now(reader);
    if ((token->word == WORD_EXCEPT || token->word == WORD_FINALLY) && reader->in_try) {
        reader->failed = true;
        return spy_node(reader, NODE_NOTHING);
    }
    reader->in_try = token->word == WORD_TRY;
    if (token->word == WORD_IMPORT || token->word == WORD_FROM || token->word == WORD_CLASS)
        lose_names(reader);
    if (token_is_sign(token_ahead(reader, 1), "=")) {
        Diagnostic *d = spy_fail(reader, "reserved-word", token->span,
                                 "%.*s is a word of Python's and cannot name a fact", STR_ARG(token->text));
        diagnose_hint(reader->all, d, "spell it %.*s_", STR_ARG(token->text));
        return spy_node(reader, NODE_NOTHING);
    }
    if (token->word == WORD_IMPORT && token_is_name(token_ahead(reader, 1), "sys")) {
        spy_fail_with_hint(reader, "not-in-spy", token->span, "SPy imports nothing",
                           "take the line out; for sys.exit(1) write fail(\"reason\"), for sys.exit(0) write finish()");
        return spy_node(reader, NODE_NOTHING);
    }
    for (size_t i = 0; i < COUNT_OF(left_out); i++) {
        if (left_out[i].word == token->word) {
            spy_fail_with_hint(reader, "not-in-spy", token->span, left_out[i].message, left_out[i].hint);
            return spy_node(reader, NODE_NOTHING);
        }
    }
    if (token->word == WORD_ELSE || token->word == WORD_ELIF)
        spy_fail_with_hint(reader, "lone-else", token->span, "no if stands before this at the same indentation",
                           "indent it as far as its if");
    else
        spy_fail_expected(reader, "a statement");
    return spy_node(reader, NODE_NOTHING);
}

static bool is_target(const Node *node)
{
    if (node->kind != NODE_TUPLE)
        return node->kind == NODE_NAME || node->kind == NODE_FIELD || node->kind == NODE_INDEX;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (node->kids[i]->kind == NODE_TUPLE || !is_target(node->kids[i]))
            return false;
    }
    return true;
}

static bool check_target(SpyReader *reader, const Node *target)
{
    if (reader->failed || is_target(target))
        return !reader->failed;
    const char *hint = target->kind == NODE_SLICE ? "make a new list and set the fact to it"
                       : target->kind == NODE_LITERAL
                           ? "to compare, write =="
                           : "on the left of = stands a name, record[\"field\"], list[0], or several with commas";
    spy_fail_with_hint(reader, "bad-target", target->spy, "this cannot be set", hint);
    return false;
}

static Node *copy_node(Arena *arena, const Node *node)
{
    Node *copy = node_new(arena, (NodeKind)node->kind);
    *copy = *node;
    copy->kids = NULL;
    copy->n_kids = 0;
    for (uint32_t i = 0; i < node->n_kids; i++)
        node_add(arena, copy, copy_node(arena, node->kids[i]));
    return copy;
}

/* x += 1 is x = x + 1. */
static Node *read_augmented(SpyReader *reader, Node *target, ArithmeticOp op, uint32_t first)
{
    Node *node = spy_node(reader, NODE_ASSIGN);
    if (target->kind == NODE_TUPLE && !reader->failed)
        spy_fail_with_hint(reader, "bad-target", target->spy, "only one value is changed at a time",
                           "write a line for each");
    uint32_t value_first = reader->at;
    Node *change = spy_read_expressions(reader);
    Node *value = spy_node(reader, NODE_ARITHMETIC);
    value->op = (uint8_t)op;
    node_add(reader->arena, value, copy_node(reader->arena, target));
    node_add(reader->arena, value, change);
    value = spy_done(reader, value, value_first);
    value->spy = (Span){target->spy.start, value->spy.end};
    node_add(reader->arena, node, target);
    node_add(reader->arena, node, value);
    return spy_done(reader, node, first);
}

static bool take_augmented(SpyReader *reader, ArithmeticOp *out)
{
    static const struct {
        const char *sign;
        ArithmeticOp op;
    } rows[] = {{"+=", OP_ADD},           {"-=", OP_SUBTRACT}, {"*=", OP_MULTIPLY}, {"/=", OP_DIVIDE},
                {"//=", OP_FLOOR_DIVIDE}, {"%=", OP_MODULO},   {"**=", OP_POWER}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (spy_take_sign(reader, rows[i].sign)) {
            *out = rows[i].op;
            return true;
        }
    }
    return false;
}

static bool at_call_of(const SpyReader *reader, const char *name)
{
    return token_is_name(token_now(reader), name) && token_is_sign(token_ahead(reader, 1), "(");
}

static Node *read_assigned(SpyReader *reader, Node *target, bool at_top, uint32_t first)
{
    if (at_call_of(reader, "read_input"))
        return read_input(reader, target, at_top, first);
    Node *node = spy_node(reader, NODE_ASSIGN);
    node_add(reader->arena, node, target);
    node_add(reader->arena, node, at_call_of(reader, "ask") ? read_ask(reader, target) : spy_read_expressions(reader));
    if (!reader->failed && token_is_sign(token_now(reader), "="))
        spy_fail_with_hint(reader, "chained-assignment", token_now(reader)->span, "one line sets one fact",
                           "write a line for each");
    return reader->failed ? node : spy_done(reader, node, first);
}

/* x: number = 5: SPy has no use for the type, and says so. */
static void skip_annotation(SpyReader *reader)
{
    uint32_t first = reader->at++;
    (void)spy_read_expression(reader);
    if (reader->failed)
        return;
    Span span = {reader->text->tokens[first].span.start, reader->text->tokens[reader->at - 1].span.end};
    Diagnostic *d =
        diagnose(reader->all, SEVERITY_WARNING, "no-annotation", span, "types of facts are found out, not written");
    diagnose_hint(reader->all, d, "leave it out");
}

static Node *read_expression_statement(SpyReader *reader, Node *value, uint32_t first)
{
    Node *node = spy_node(reader, NODE_EXPRESSION);
    bool action = value->kind == NODE_CALL && functions[value->function].style == STYLE_ACTION;
    if (!action && value->kind != NODE_BOOK_CALL && value->kind != NODE_PROCEDURE_CALL) {
        const Token *next = token_now(reader);
        if (value->kind == NODE_NAME && next->kind != TOKEN_END && next->kind != TOKEN_SIGN) {
            spy_fail_with_hint(reader, "unexpected", value->spy, "this begins no statement of SPy",
                               str_eq(value->name, S("match")) || str_eq(value->name, S("case"))
                                   ? "choose with if and elif"
                                   : "as in: total = 5; plain English stands in a file whose name ends in .english");
            return node;
        }
        const char *hint = value->kind == NODE_COMPARE ? "to set a fact, write one =; to check, write ensure(…)"
                                                       : "give it a name: result = …, or take it out";
        spy_fail_with_hint(reader, "useless-expression", value->spy, "this value is not used for anything", hint);
        return node;
    }
    node_add(reader->arena, node, value);
    return spy_done(reader, node, first);
}

static Node *read_assignment_or_call(SpyReader *reader, bool at_top)
{
    uint32_t first = reader->at;
    if (at_call_of(reader, "ask") || at_call_of(reader, "read_input")) {
        spy_fail_with_hint(reader, "useless-expression", token_now(reader)->span, "the answer is not kept",
                           "give it a name: answer = …");
        return spy_node(reader, NODE_NOTHING);
    }
    Node *target = spy_read_expressions(reader);
    ArithmeticOp op;
    if (reader->failed)
        return target;
    if (token_is_sign(token_now(reader), ":") && target->kind == NODE_NAME)
        skip_annotation(reader);
    if (reader->failed)
        return target;
    if (spy_take_sign(reader, "="))
        return check_target(reader, target) ? read_assigned(reader, target, at_top, first) : target;
    if (take_augmented(reader, &op))
        return check_target(reader, target) ? read_augmented(reader, target, op, first) : target;
    return read_expression_statement(reader, target, first);
}

static Node *read_return(SpyReader *reader, uint32_t first)
{
    Node *node = spy_node(reader, NODE_RETURN);
    if (!reader->in_define)
        spy_fail_with_hint(reader, "lone-return", token_now(reader)->span, "return stands outside a procedure",
                           "give results with set_output(\"name\", value=…); end the run with finish()");
    reader->at++;
    if (!reader->failed && token_now(reader)->kind != TOKEN_END && !token_is_sign(token_now(reader), ";"))
        node_add(reader->arena, node, spy_read_expressions(reader));
    return spy_done(reader, node, first);
}

static Node *read_simple(SpyReader *reader, bool at_top)
{
    const Token *token = token_now(reader);
    uint32_t first = reader->at;
    if (token->kind == TOKEN_WORD) {
        switch (token->word) {
        case WORD_BREAK: reader->at++; return spy_done(reader, spy_node(reader, NODE_BREAK), first);
        case WORD_CONTINUE: reader->at++; return spy_done(reader, spy_node(reader, NODE_CONTINUE), first);
        case WORD_RETURN: return read_return(reader, first);
        case WORD_ASSERT: return read_assert(reader, first);
        case WORD_NONE:
        case WORD_TRUE:
        case WORD_FALSE:
        case WORD_NOT: break;
        default: return refuse_word(reader);
        }
    }
    for (size_t i = 0; i < COUNT_OF(sentence_calls); i++) {
        if (at_call_of(reader, sentence_calls[i].name))
            return sentence_calls[i].read(reader, first);
    }
    return read_assignment_or_call(reader, at_top);
}

/* ---- blocks ---- */

typedef struct BlockPlace {
    uint32_t indent;
    unsigned nesting;
    Node *node;
} BlockPlace;

static void read_lines(SpyReader *reader, BlockPlace place);

static const Line *line_now(const SpyReader *reader)
{
    return reader->line < reader->text->n_lines ? &reader->text->lines[reader->line] : NULL;
}

static bool block_has_statement(const Node *block)
{
    for (uint32_t i = 0; i < block->n_kids; i++) {
        if (block->kids[i]->kind != NODE_COMMENT)
            return true;
    }
    return false;
}

static void add_simple_statements(SpyReader *reader, Node *block, Str trailing);

/* `head:` and then lines indented deeper, or a statement on the same line. `deeper` is the head's own indentation. */
static Node *read_block(SpyReader *reader, uint32_t outer_indent, unsigned nesting, Str comment)
{
    Node *block = spy_node(reader, NODE_BLOCK);
    const Line *head = line_now(reader);
    spy_expect_sign(reader, ":", "before the block");
    if (nesting >= AST_BLOCKS_MAX && !reader->failed)
        spy_fail_with_hint(reader, "too-deep", token_now(reader)->span, "blocks are nested too deeply",
                           "move the inner ones into a procedure with def");
    bool failed = reader->failed;
    if (!failed && token_now(reader)->kind != TOKEN_END) {
        add_simple_statements(reader, block, comment);
        reader->line++;
        return block;
    }
    Span end = token_now(reader)->span;
    if (comment.len > 0)
        add_statement(reader, block, comment_node(reader, comment, false));
    reader->line++;
    const Line *next = line_now(reader);
    uint32_t code = next ? next->next_code : reader->text->n_lines;
    uint32_t indent = code < reader->text->n_lines ? reader->text->lines[code].indent : 0;
    reader->failed = false;
    bool has_lines = indent > outer_indent; /* those that cannot be read have been told of */
    if (has_lines)
        read_lines(reader, (BlockPlace){indent, nesting + 1, block});
    reader->failed = failed;
    if (!failed && !block_has_statement(block) && (!has_lines || reader->all->n_errors == 0))
        spy_fail_with_hint(reader, "empty-block", end, "nothing stands in this block",
                           "indent what belongs to it by four blanks; a comment alone does nothing");
    else if (!block_has_statement(block))
        reader->failed = true;
    if (head && block->n_kids > 0)
        block->spy = (Span){block->kids[0]->spy.start, block->kids[block->n_kids - 1]->spy.end};
    return block;
}

/* Comments between a block and the elif or else behind it belong to the block. */
static bool at_clause(SpyReader *reader, uint32_t indent, SpyWord word)
{
    const Line *line = line_now(reader);
    if (!line || line->next_code >= reader->text->n_lines)
        return false;
    const Line *code = &reader->text->lines[line->next_code];
    return code->indent == indent && !code->spoiled && token_is_word(&reader->text->tokens[code->first], word);
}

static Str move_to_clause(SpyReader *reader, Node *block)
{
    while (line_now(reader)->is_comment) {
        const Line *line = line_now(reader);
        Str text = reader->text->comments[line->first_comment].text;
        if (line->n_comments > 0)
            add_statement(reader, block, comment_node(reader, text, line->blank_before));
        reader->line++;
    }
    const Line *line = line_now(reader);
    bool blank = false;
    reader->at = line->first + 1;
    return take_comments(reader, line, block, &blank);
}

static Node *read_if(SpyReader *reader, BlockPlace place)
{
    Node *node = spy_node(reader, NODE_IF);
    uint32_t indent = line_now(reader)->indent;
    bool failed = false;
    reader->at++;
    node_add(reader->arena, node, spy_read_expression(reader));
    Node *block = read_block(reader, indent, place.nesting, S(""));
    node_add(reader->arena, node, block);
    while (at_clause(reader, indent, WORD_ELIF)) {
        failed |= reader->failed;
        reader->failed = false;
        Str comment = move_to_clause(reader, block);
        node_add(reader->arena, node, spy_read_expression(reader));
        block = read_block(reader, indent, place.nesting, comment);
        node_add(reader->arena, node, block);
    }
    if (at_clause(reader, indent, WORD_ELSE)) {
        failed |= reader->failed;
        reader->failed = false;
        Str comment = move_to_clause(reader, block);
        node_add(reader->arena, node, read_block(reader, indent, place.nesting, comment));
    }
    reader->failed |= failed;
    return node;
}

/* The else behind a loop: its block is read, so that what is wrong in it is told as well. */
static void refuse_loop_else(SpyReader *reader, uint32_t indent, BlockPlace place)
{
    if (!at_clause(reader, indent, WORD_ELSE))
        return;
    reader->failed = false;
    const Line *code = &reader->text->lines[line_now(reader)->next_code];
    spy_fail_with_hint(
        reader, "loop-else", reader->text->tokens[code->first].span, "a loop has no else in SPy",
        "write its lines behind the loop; where the loop has a break, set a fact before it and test it after");
    reader->line = line_now(reader)->next_code;
    reader->at = code->first + 1;
    (void)read_block(reader, indent, place.nesting, S(""));
    reader->failed = true;
}

static Node *read_while(SpyReader *reader, BlockPlace place)
{
    Node *node = spy_node(reader, NODE_WHILE);
    uint32_t indent = line_now(reader)->indent;
    reader->at++;
    node_add(reader->arena, node, spy_read_expression(reader));
    node_add(reader->arena, node, read_block(reader, indent, place.nesting, S("")));
    refuse_loop_else(reader, indent, place);
    return node;
}

/* at_the_same_time(claims) around what is iterated is the loop's, not a function. */
static Node *read_iterable(SpyReader *reader, Node *loop)
{
    if (!at_call_of(reader, "at_the_same_time"))
        return spy_read_expressions(reader);
    reader->at += 2;
    Node *iterable = spy_read_expression(reader);
    spy_expect_sign(reader, ")", "after what is gone through");
    loop->flags |= NODE_SAME_TIME;
    return iterable;
}

static Node *read_for(SpyReader *reader, BlockPlace place)
{
    Node *node = spy_node(reader, NODE_FOR);
    uint32_t indent = line_now(reader)->indent;
    reader->at++;
    Node *target = spy_read_loop_target(reader);
    if (!reader->failed && !spy_take_word(reader, WORD_IN))
        spy_fail_expected(reader, "\"in\" and what to go through");
    Node *iterable = reader->failed ? target : read_iterable(reader, node);
    if (!reader->failed && iterable->kind == NODE_COLLECT && iterable->op == COLLECT_LAZY)
        spy_fail_with_hint(reader, "lone-generator", iterable->spy,
                           "a generator stands only as the argument of a function", "make it a list: [ … for … in … ]");
    bool counted = iterable->kind == NODE_CALL && iterable->function == FN_RANGE && iterable->n_kids == 1 &&
                   str_eq(target->name, S("_")) && !node->flags;
    if (counted)
        node->kind = NODE_REPEAT;
    else
        node_add(reader->arena, node, target);
    node_add(reader->arena, node, counted ? iterable->kids[0] : iterable);
    if (!reader->failed && counted && iterable->kids[0]->kind == NODE_COLLECT && iterable->kids[0]->op == COLLECT_LAZY)
        spy_fail_with_hint(reader, "lone-generator", iterable->spy, "a loop is repeated a number of times",
                           "count it: len([…])");
    node_add(reader->arena, node, read_block(reader, indent, place.nesting, S("")));
    refuse_loop_else(reader, indent, place);
    return node;
}

static Node *read_parameter(SpyReader *reader)
{
    Node *parameter = spy_node(reader, NODE_PARAMETER);
    uint32_t first = reader->at;
    const Token *token = token_now(reader);
    if (token_is_sign(token, "*") || token_is_sign(token, "**"))
        spy_fail_with_hint(reader, "no-star", token->span, "a procedure has a fixed number of parameters",
                           "name each of them");
    else if (token->kind != TOKEN_NAME)
        spy_fail_expected(reader, "the name of a parameter");
    if (reader->failed)
        return parameter;
    parameter->name = token->text;
    reader->at++;
    if (token_is_sign(token_now(reader), ":"))
        skip_annotation(reader);
    if (!reader->failed && spy_take_sign(reader, "=")) {
        Node *value = spy_read_expression(reader);
        if (!reader->failed && !node_is_constant(value))
            spy_fail_with_hint(reader, "bad-default", value->spy, "a default is a constant",
                               "write a number, a text in quotes, a date(…), a list or a record of these");
        node_add(reader->arena, parameter, value);
    }
    return spy_done(reader, parameter, first);
}

static void read_parameters(SpyReader *reader, Node *define)
{
    Map names = {.arena = reader->arena};
    spy_expect_sign(reader, "(", "before the parameters");
    while (!reader->failed && !token_is_sign(token_now(reader), ")")) {
        Node *parameter = read_parameter(reader);
        const Node *last = define->n_kids ? define->kids[define->n_kids - 1] : NULL;
        if (!reader->failed && last && last->n_kids > parameter->n_kids)
            spy_fail_with_hint(reader, "parameter-order", parameter->spy,
                               "a parameter without a default follows one with a default", "put it first");
        if (!reader->failed && map_put(&names, parameter->name, parameter))
            spy_fail(reader, "doubled-parameter", parameter->spy, "two parameters are called %.*s",
                     STR_ARG(parameter->name));
        node_add(reader->arena, define, parameter);
        if (reader->failed || !spy_take_sign(reader, ","))
            break;
    }
    spy_expect_sign(reader, ")", "after the parameters");
}

static Node *read_define(SpyReader *reader, BlockPlace place)
{
    Node *node = spy_node(reader, NODE_DEFINE);
    uint32_t indent = line_now(reader)->indent;
    reader->at++;
    const Token *name = token_now(reader);
    if (place.nesting > 0 || reader->in_define)
        spy_fail_with_hint(reader, "inner-define", name->span, "a procedure is defined inside another block",
                           "move it out, to the left margin");
    else if (name->kind != TOKEN_NAME)
        spy_fail_expected(reader, "the procedure's name");
    else if (spy_call_is_taken(name->text)) {
        Diagnostic *d = spy_fail(reader, "taken-name", name->span, "%.*s is a function of the language already",
                                 STR_ARG(name->text));
        diagnose_hint(reader->all, d, "choose another name, or define and call it as %.*s_", STR_ARG(name->text));
    }
    node->name = spy_procedure_read(name->text);
    if (!reader->failed) {
        reader->at++;
        read_parameters(reader, node);
    }
    if (!reader->failed && token_is_sign(token_now(reader), "->"))
        skip_annotation(reader);
    bool outer = reader->in_define;
    reader->in_define = true;
    node_add(reader->arena, node, read_block(reader, indent, place.nesting, S("")));
    reader->in_define = outer;
    return node;
}

/* ---- lines ---- */

/* Whether a failed line was the head of a block, so that what stands under it is read for its own problems. */
static bool is_head(const SpyReader *reader, const Line *line)
{
    const char *data = reader->text->source.data;
    uint32_t end = line->span.end;
    while (end > line->span.start && (data[end - 1] == ' ' || data[end - 1] == '\r'))
        end--;
    return end > line->span.start && data[end - 1] == ':';
}

static void skip_lost_block(SpyReader *reader, const Line *head, BlockPlace place)
{
    uint32_t indent = head->indent;
    const Token *opener = &reader->text->tokens[head->first];
    const Line *next = line_now(reader);
    uint32_t code = next ? next->next_code : reader->text->n_lines;
    if (code >= reader->text->n_lines || reader->text->lines[code].indent <= indent)
        return;
    bool inside = !head->spoiled && opener->kind == TOKEN_WORD && opener->word == WORD_CLASS;
    inside |= !head->spoiled && (token_is_name(opener, "match") || token_is_name(opener, "case"));
    if (is_head(reader, head) && place.nesting < AST_BLOCKS_MAX && !inside) {
        bool outer = reader->in_define;
        reader->in_define = true; /* it may have been one */
        read_lines(reader,
                   (BlockPlace){reader->text->lines[code].indent, place.nesting + 1, spy_node(reader, NODE_BLOCK)});
        reader->in_define = outer;
        return;
    }
    while (line_now(reader) && line_now(reader)->indent > indent)
        reader->line++;
}

static Node *read_compound(SpyReader *reader, BlockPlace place)
{
    switch (token_now(reader)->word) {
    case WORD_IF: return read_if(reader, place);
    case WORD_FOR: return read_for(reader, place);
    case WORD_WHILE: return read_while(reader, place);
    default: return read_define(reader, place);
    }
}

static bool is_compound(const Token *token)
{
    return token->kind == TOKEN_WORD &&
           (token->word == WORD_IF || token->word == WORD_FOR || token->word == WORD_WHILE || token->word == WORD_DEF);
}

/* A docstring's line as a comment can hold it: control characters become blanks, and none are left at its ends. */
static Str docstring_line(Arena *arena, Str piece)
{
    Buf clean = buf_in(arena);
    for (size_t i = 0; i < piece.len; i++)
        buf_char(&clean, (unsigned char)piece.data[i] < ' ' ? ' ' : piece.data[i]);
    return str_trim(buf_view(&clean));
}

/* A text alone on its line is what Python calls a docstring: a comment. */
static bool read_docstring(SpyReader *reader, const Line *line, Node *block, bool blank_before)
{
    const Token *token = token_now(reader);
    if (token->kind != TOKEN_TEXT || token_ahead(reader, 1)->kind != TOKEN_END || line->n_comments > 0)
        return false;
    Str rest = token->text;
    while (rest.data) {
        Str piece = docstring_line(reader->arena, str_cut(&rest, '\n'));
        bool edge = piece.len == 0 &&
                    (!rest.data || (block->n_kids > 0 && block->kids[block->n_kids - 1]->kind != NODE_COMMENT));
        if (!edge)
            add_statement(reader, block, comment_node(reader, piece, blank_before));
        blank_before = false;
    }
    reader->at++;
    return true;
}

/* Where inputs and connections may still stand. */
static bool only_inputs(const Node *program, bool connections_too)
{
    for (uint32_t i = 0; i < program->n_kids; i++) {
        int kind = program->kids[i]->kind;
        if (kind != NODE_COMMENT && kind != NODE_INPUT && !(connections_too && kind == NODE_CONNECTION))
            return false;
    }
    return true;
}

static void check_connection_place(SpyReader *reader, BlockPlace place, const Node *statement)
{
    if (reader->failed || statement->kind != NODE_CONNECTION)
        return;
    if (place.node->kind != NODE_PROGRAM || !only_inputs(place.node, true))
        spy_fail_with_hint(reader, "late-connection", statement->spy, "connections stand at the top, after the inputs",
                           "move this line up");
}

/* The statements of one line, with semicolons between them. */
static void add_simple_statements(SpyReader *reader, Node *block, Str trailing)
{
    bool in_program = block->kind == NODE_PROGRAM;
    do {
        if (token_now(reader)->kind == TOKEN_END)
            break;
        Node *statement = read_simple(reader, in_program && only_inputs(block, false));
        check_connection_place(reader, (BlockPlace){.node = block}, statement);
        if (reader->failed)
            return;
        statement->trailing = trailing;
        trailing = S("");
        add_statement(reader, block, statement);
    } while (spy_take_sign(reader, ";"));
    if (token_now(reader)->kind == TOKEN_END)
        return;
    const Token *token = token_now(reader);
    Diagnostic *d = spy_fail(reader, "unexpected", token->span, "the statement should end before %.*s",
                             STR_ARG(token_shown(reader, token)));
    if (token_is_sign(token, "="))
        diagnose_hint(reader->all, d, "on the left of = stands a name, record[\"field\"] or list[0]");
    else if (token->kind == TOKEN_NAME || token->kind == TOKEN_WORD || token->kind == TOKEN_TEXT ||
             token->kind == TOKEN_NUMBER)
        diagnose_hint(reader->all, d, "a comma, an operator or a new line is missing before it");
    else if (token_is_sign(token, ":"))
        diagnose_hint(reader->all, d, "blocks begin with if, elif, else, for, while or def");
    else if (token_is_sign(token, ":="))
        diagnose_hint(reader->all, d, "to set a fact, write =");
}

static void refuse_decorator(SpyReader *reader)
{
    spy_fail_with_hint(reader, "not-in-spy", token_now(reader)->span, "SPy has no decorators",
                       "take the line out; a procedure is def name(…): and its block");
}

static void read_code_line(SpyReader *reader, BlockPlace place)
{
    const Line *line = line_now(reader);
    uint32_t first = reader->at = line->first;
    bool blank = line->blank_before;
    reader->failed = line->spoiled;
    reader->depth = 0;
    if (line->spoiled) {
        reader->line++;
        skip_lost_block(reader, line, place);
        return;
    }
    Str trailing = take_comments(reader, line, place.node, &blank);
    if (read_docstring(reader, line, place.node, blank)) {
        reader->line++;
        return;
    }
    if (is_compound(token_now(reader))) {
        Node *statement = read_compound(reader, place);
        if (reader->failed)
            return;
        statement->trailing = trailing;
        statement->flags |= blank ? NODE_BLANK_BEFORE : 0;
        uint32_t end = statement->kids[statement->n_kids - 1]->spy.end;
        statement->spy = (Span){reader->text->tokens[first].span.start, end};
        add_statement(reader, place.node, statement);
        return;
    }
    uint32_t at = place.node->n_kids;
    if (token_is_sign(token_now(reader), "@"))
        refuse_decorator(reader);
    else
        add_simple_statements(reader, place.node, trailing);
    reader->line++;
    if (blank && place.node->n_kids > at && at > 0)
        place.node->kids[at]->flags |= NODE_BLANK_BEFORE;
    if (reader->failed)
        skip_lost_block(reader, line, place);
}

static void read_comment_line(SpyReader *reader, Node *block)
{
    const Line *line = line_now(reader);
    if (line->n_comments > 0) {
        Node *comment = comment_node(reader, reader->text->comments[line->first_comment].text, line->blank_before);
        comment->spy = line->span;
        add_statement(reader, block, comment);
    }
    reader->line++;
}

/* Whether a comment that is indented less than the block belongs to what follows the block. */
static bool comment_leaves(const SpyReader *reader, const Line *line, uint32_t indent)
{
    bool dedents = line->next_code >= reader->text->n_lines || reader->text->lines[line->next_code].indent < indent;
    return line->indent < indent && dedents;
}

static void read_lines(SpyReader *reader, BlockPlace place)
{
    for (const Line *line; (line = line_now(reader));) {
        if (line->is_comment) {
            if (comment_leaves(reader, line, place.indent))
                return;
            read_comment_line(reader, place.node);
            continue;
        }
        if (line->indent < place.indent)
            return;
        if (line->indent > place.indent) {
            Diagnostic *d = diagnose(reader->all, SEVERITY_ERROR, "bad-indentation", line->span,
                                     "this line is indented by %u, and its block by %u", line->indent, place.indent);
            diagnose_hint(reader->all, d, "indent it like the lines around it");
            uint32_t indent = line->indent;
            reader->line++;
            while (line_now(reader) && line_now(reader)->indent >= indent)
                reader->line++;
            continue;
        }
        read_code_line(reader, place);
    }
}

Node *spy_read(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all)
{
    Str text = str_copy(arena, source);
    SpyReader reader = {.arena = arena,
                        .catalog = catalog,
                        .all = all,
                        .text = spy_tokens(arena, text, all),
                        .facts = {.arena = arena},
                        .defines = {.arena = arena},
                        .connections = {.arena = arena},
                        .lost = {.arena = arena}};
    Node *program = node_new(arena, NODE_PROGRAM);
    collect_names(&reader);
    uint32_t margin = reader.text->n_lines > 0 ? reader.text->lines[0].next_code : 0;
    uint32_t indent = margin < reader.text->n_lines ? reader.text->lines[margin].indent : 0;
    while (line_now(&reader)) {
        read_lines(&reader, (BlockPlace){indent, 0, program});
        const Line *line = line_now(&reader);
        if (!line)
            break;
        /* Less indented than the text's own margin. */
        if (line->is_comment) {
            read_comment_line(&reader, program);
            continue;
        }
        Diagnostic *d = diagnose(all, SEVERITY_ERROR, "bad-indentation", line->span,
                                 "this line is indented less than the first one");
        diagnose_hint(all, d, "let the text begin at the left margin");
        indent = line->indent;
    }
    program->spy = (Span){0, (uint32_t)text.len};
    return program;
}

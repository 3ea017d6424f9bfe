/* lang/spy_inputs.c: name = read_input(…) and name = ask(…), whose arguments hold types. */
#include "lang/spy_reader.h"

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
Node *spy_read_input(SpyReader *reader, Node *target, bool at_top, uint32_t first)
{
    Span head = token_now(reader)->span;
    TypedCall call = read_typed_call(reader, true);
    apply_required(reader, &call);
    Node *node = spy_node(reader, NODE_INPUT);
    if (reader->failed)
        return node;
    node->text = spy_written_text(reader, call.positional, "an input's name");
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
Node *spy_read_ask(SpyReader *reader, Node *target)
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

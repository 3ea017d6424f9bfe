/* lang/spy_arguments.c: the arguments of any call, read and put in order. */
#include "lang/spy_reader.h"

static bool at_named_argument(const SpyReader *reader)
{
    const Token *token = token_now(reader);
    return (token->kind == TOKEN_NAME || token->kind == TOKEN_WORD) && token_is_sign(token_ahead(reader, 1), "=");
}

static CallArgument read_argument(SpyReader *reader)
{
    CallArgument argument = {0};
    uint32_t first = reader->at;
    if (token_is_sign(token_now(reader), "*") || token_is_sign(token_now(reader), "**")) {
        spy_fail_with_hint(reader, "no-star", token_now(reader)->span, "SPy unpacks no lists or records into arguments",
                           "write the arguments one by one, by name");
        return argument;
    }
    if (at_named_argument(reader)) {
        argument.name = str_lower(reader->arena, token_now(reader)->text);
        reader->at += 2;
    }
    argument.value = spy_read_expression(reader);
    if (token_is_word(token_now(reader), WORD_FOR) && argument.name.len == 0)
        argument.value = spy_read_generator(reader, argument.value, first, COLLECT_LAZY);
    argument.span = (Span){reader->text->tokens[first].span.start, reader->text->tokens[reader->at - 1].span.end};
    return argument;
}

static void add_argument(SpyReader *reader, CallArguments *arguments, uint32_t *cap, CallArgument argument)
{
    if (arguments->n == *cap) {
        uint32_t room = *cap ? *cap * 2 : 4;
        arguments->items = arena_grow(reader->arena, arguments->items, *cap * sizeof(CallArgument),
                                      room * sizeof(CallArgument), _Alignof(CallArgument));
        *cap = room;
    }
    arguments->items[arguments->n++] = argument;
}

/* Of the last one; `names` are those before it. */
static void refuse_argument_order(SpyReader *reader, const CallArguments *arguments, Map *names)
{
    const CallArgument *last = &arguments->items[arguments->n - 1];
    if (last->name.len == 0 && names->count > 0)
        spy_fail_with_hint(reader, "argument-order", last->span, "an argument without a name follows one with a name",
                           "put it first, or name it");
    else if (last->name.len > 0 && map_put(names, last->name, reader))
        spy_fail(reader, "doubled-argument", last->span, "%.*s is given twice", STR_ARG(last->name));
}

enum { ARGUMENTS_MAX = 256 };

CallArguments spy_read_arguments(SpyReader *reader)
{
    CallArguments arguments = {.span = token_now(reader)->span};
    uint32_t cap = 0;
    Map names = {.arena = reader->arena};
    spy_expect_sign(reader, "(", "before the arguments");
    while (!reader->failed && !token_is_sign(token_now(reader), ")")) {
        add_argument(reader, &arguments, &cap, read_argument(reader));
        if (arguments.n > ARGUMENTS_MAX)
            spy_fail(reader, "too-many-arguments", arguments.span, "a call has at most %d arguments", ARGUMENTS_MAX);
        if (!reader->failed)
            refuse_argument_order(reader, &arguments, &names);
        if (reader->failed || !spy_take_sign(reader, ","))
            break;
    }
    spy_expect_sign(reader, ")", "after the arguments");
    if (!reader->failed)
        arguments.span.end = reader->text->tokens[reader->at - 1].span.end;
    return arguments;
}

static uint32_t count_names(const char *const *names)
{
    uint32_t n = 0;
    while (names[n])
        n++;
    return n;
}

/* a, b and c */
static Str list_names(Arena *arena, const char *const *names)
{
    Buf out = buf_in(arena);
    uint32_t n = count_names(names);
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&out, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", names[i]);
    return buf_view(&out);
}

static uint32_t name_at(const char *const *names, Str name)
{
    uint32_t i = 0;
    while (names[i] && !str_eq(str_from_c(names[i]), name))
        i++;
    return i;
}

bool spy_bind_arguments(SpyReader *reader, const char *what, const CallArguments *arguments, const char *const *names,
                        uint32_t needed, Node **out)
{
    uint32_t n_names = count_names(names);
    for (uint32_t i = 0; i < n_names; i++)
        out[i] = NULL;
    for (uint32_t i = 0; i < arguments->n && !reader->failed; i++) {
        const CallArgument *argument = &arguments->items[i];
        uint32_t place = argument->name.len > 0 ? name_at(names, argument->name) : i;
        if (place >= n_names) {
            Diagnostic *d = argument->name.len > 0 ? spy_fail(reader, "unknown-argument", argument->span,
                                                              "%s has no argument %.*s", what, STR_ARG(argument->name))
                                                   : spy_fail(reader, "too-many-arguments", argument->span,
                                                              "%s takes no more arguments", what);
            if (n_names > 0)
                diagnose_hint(reader->all, d, "it takes %.*s", STR_ARG(list_names(reader->arena, names)));
        } else if (out[place])
            spy_fail(reader, "doubled-argument", argument->span, "%s is given twice", names[place]);
        else
            out[place] = argument->value;
    }
    for (uint32_t i = 0; i < needed && !reader->failed; i++) {
        if (!out[i]) {
            Diagnostic *d = spy_fail(reader, "missing-argument", arguments->span, "%s has no %s here, and needs it",
                                     what, names[i]);
            diagnose_hint(reader->all, d, "it takes %.*s", STR_ARG(list_names(reader->arena, names)));
        }
    }
    return !reader->failed;
}

Str spy_written_text(SpyReader *reader, const Node *value, const char *what)
{
    if (reader->failed)
        return S("");
    if (node_is_text(value))
        return value_str(value->value);
    Diagnostic *d = spy_fail(reader, "not-a-text", value->spy, "%s is a text written out here", what);
    diagnose_hint(reader->all, d, "write it in quotes");
    return S("");
}

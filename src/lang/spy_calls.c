/* lang/spy_calls.c: calls by name: of the language's functions, of procedures, of books. */
#include <string.h>

#include "lang/spy_reader.h"
#include "value/decimal.h"

/* ---- functions ---- */

/* Arguments of the language's functions that Python knows by name. */
static const struct NamedArgument {
    FunctionId function;
    const char *name;
    uint32_t place;
} named_arguments[] = {
    {FN_ROUND, "ndigits", 1}, {FN_ENUMERATE, "start", 1}, {FN_SPLIT, "sep", 1},       {FN_GET, "default", 2},
    {FN_DATE, "year", 0},     {FN_DATE, "month", 1},      {FN_DATE, "day", 2},        {FN_SELECT_COLUMNS, "columns", 1},
    {FN_SORT_BY, "by", 1},    {FN_SORT_DOWN_BY, "by", 1}, {FN_GROUP_BY, "by", 1},     {FN_UNIQUE_BY, "by", 1},
    {FN_DAYS, "days", 0},     {FN_HOURS, "hours", 0},     {FN_MINUTES, "minutes", 0}, {FN_SECONDS, "seconds", 0},
    {FN_WEEKS, "weeks", 0},
};

static void refuse_named_argument(SpyReader *reader, FunctionId function, const CallArgument *argument)
{
    bool sorts = function == FN_SORTED || function == FN_MIN || function == FN_MAX;
    Diagnostic *d = spy_fail(reader, "unknown-argument", argument->span, "%s has no argument %.*s",
                             functions[function].spy, STR_ARG(argument->name));
    if (sorts && str_eq(argument->name, S("key")))
        diagnose_hint(reader->all, d,
                      "name the field: sort_by(invoices, \"total\") or sort_down_by(invoices, \"total\")%s",
                      function == FN_SORTED ? "" : ", and take its first item");
    else if (sorts && str_eq(argument->name, S("reverse")))
        diagnose_hint(reader->all, d, "write reversed(sorted(…)) or sort_down_by(…, \"field\")");
    else
        diagnose_hint(reader->all, d, "give its arguments by position, without names");
}

static uint32_t argument_place(SpyReader *reader, FunctionId function, const CallArgument *argument, uint32_t position)
{
    if (argument->name.len == 0)
        return position;
    for (size_t i = 0; i < COUNT_OF(named_arguments); i++) {
        const struct NamedArgument *row = &named_arguments[i];
        if (row->function == function && str_eq(str_from_c(row->name), argument->name) && row->place == position)
            return row->place;
    }
    refuse_named_argument(reader, function, argument);
    return position;
}

static void check_argument_count(SpyReader *reader, const Node *call, Span span)
{
    const Function *row = &functions[call->function];
    uint32_t receiver = function_is_method(call->function);
    if (function_takes((FunctionId)call->function, call->n_kids))
        return;
    Buf expected = buf_in(reader->arena);
    if (row->min == row->max)
        buf_printf(&expected, "%u", row->min - receiver);
    else
        buf_printf(&expected, call->function == FN_DATE ? "%u or %u" : "%u to %u", row->min - receiver,
                   row->max - receiver);
    Diagnostic *d =
        spy_fail(reader, "wrong-arguments", span, "%s has %u argument%s here, and takes %.*s", row->spy,
                 call->n_kids - receiver, call->n_kids - receiver == 1 ? "" : "s", STR_ARG(buf_view(&expected)));
    if (call->function == FN_STRIP || call->function == FN_SPLIT)
        return;
    diagnose_hint(reader->all, d, "see %s in the language reference", row->spy);
}

/* date(2026, 4, 14) is a literal. */
static Node *fold_date(SpyReader *reader, Node *call)
{
    Value date;
    if (!ast_date_parts(call, &date))
        return call;
    Node *node = spy_literal(reader, date);
    return node;
}

/* time(9, 30) and time(9, 30, 15.5): a literal too; time(x) with one argument is a conversion. */
static Node *time_literal(SpyReader *reader, const CallArguments *arguments)
{
    int64_t part[3] = {0}, nanos = 0;
    bool good = arguments->n <= 3;
    for (uint32_t i = 0; i < arguments->n && good; i++) {
        const Node *node = arguments->items[i].value;
        Value whole, rest, billions;
        Error err;
        good = node->kind == NODE_LITERAL && node->value.kind == VALUE_NUMBER && arguments->items[i].name.len == 0;
        if (good && i < 2)
            good = value_to_int(node->value, &part[i]);
        else if (good)
            good = decimal_floor_divide(node->value, value_int(1), &whole, &err) && value_to_int(whole, &part[2]) &&
                   decimal_subtract(node->value, whole, &rest, &err) &&
                   decimal_multiply(rest, value_int(1000000000), &billions, &err) && value_to_int(billions, &nanos);
    }
    if (!good || part[0] < 0 || part[0] > 23 || part[1] < 0 || part[1] > 59 || part[2] < 0 || part[2] > 59) {
        spy_fail_with_hint(
            reader, "bad-time", arguments->span, "this is no time of day",
            "write hours, minutes and seconds as numbers, time(9, 30), or convert a text: time(\"09:30\")");
        return spy_failed_node(reader);
    }
    return spy_literal(reader, value_time((part[0] * 3600 + part[1] * 60 + part[2]) * 1000000000 + nanos));
}

Node *spy_read_function_call(SpyReader *reader, FunctionId function, Node *receiver, uint32_t first)
{
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed)
        return spy_failed_node(reader);
    if (function == FN_TIME && arguments.n >= 2)
        return spy_done(reader, time_literal(reader, &arguments), first);
    Node *call = spy_call_node(reader, function);
    if (receiver)
        node_add(reader->arena, call, receiver);
    for (uint32_t i = 0; i < arguments.n && !reader->failed; i++) {
        argument_place(reader, function, &arguments.items[i], call->n_kids);
        node_add(reader->arena, call, arguments.items[i].value);
    }
    if (reader->failed)
        return spy_failed_node(reader);
    check_argument_count(reader, call, (Span){reader->text->tokens[first].span.start, arguments.span.end});
    return spy_done(reader, fold_date(reader, call), first);
}

/* ---- procedures and books ---- */

/* `given` are the names of those before it. */
static void add_call_argument(SpyReader *reader, Node *call, Map *given, Str name, const CallArgument *argument)
{
    Node *node = spy_node(reader, NODE_ARGUMENT);
    node->name = name;
    node_add(reader->arena, node, argument->value);
    spy_refuse_misplaced(reader, node, argument->value);
    node->spy = argument->span;
    node->id = argument->value->id + 1;
    if (!reader->failed && map_put(given, name, node))
        spy_fail(reader, "doubled-argument", argument->span, "%.*s is given twice", STR_ARG(name));
    node_add(reader->arena, call, node);
}

static Node *read_procedure_call(SpyReader *reader, Str name, const DefineHead *head, uint32_t first)
{
    CallArguments arguments = spy_read_arguments(reader);
    Node *call = spy_node(reader, NODE_PROCEDURE_CALL);
    Map given = {.arena = reader->arena};
    call->name = name;
    for (uint32_t i = 0; i < arguments.n && !reader->failed; i++) {
        const CallArgument *argument = &arguments.items[i];
        Str parameter = argument->name;
        if (parameter.len == 0 && i < head->n_parameters)
            parameter = head->parameters[i];
        if (parameter.len == 0) {
            if (!spy_fail_if_lost(reader, name))
                spy_fail(reader, "too-many-arguments", argument->span, "%.*s takes %u argument%s", STR_ARG(name),
                         head->n_parameters, head->n_parameters == 1 ? "" : "s");
            break;
        }
        add_call_argument(reader, call, &given, parameter, argument);
    }
    return reader->failed ? spy_failed_node(reader) : spy_done(reader, call, first);
}

/* Arguments stand in the procedure's order, those it does not know behind them. */
static void sort_arguments(Node *call, const Procedure *procedure)
{
    uint32_t done = 0;
    for (uint32_t p = 0; p < procedure->n_parameters; p++) {
        for (uint32_t i = done; i < call->n_kids; i++) {
            if (!str_eq(call->kids[i]->name, procedure->parameters[p].name))
                continue;
            Node *found = call->kids[i];
            memmove(&call->kids[done + 1], &call->kids[done], (i - done) * sizeof(Node *));
            call->kids[done++] = found;
            break;
        }
    }
}

static Node *read_book_call(SpyReader *reader, Str alias, Str book, Str name, uint32_t first)
{
    CallArguments arguments = spy_read_arguments(reader);
    const Procedure *procedure = catalog_find(reader->catalog, book, name);
    Node *call = spy_node(reader, NODE_BOOK_CALL);
    Map given = {.arena = reader->arena};
    call->alias = alias;
    call->text = book;
    call->name = name;
    bool foreign = !procedure && alias.len == 0 && !spy_fail_if_lost(reader, book);
    if (foreign)
        spy_refuse_module(reader, book, (Span){reader->text->tokens[first].span.start, arguments.span.end});
    for (uint32_t i = 0; i < arguments.n && !reader->failed; i++) {
        const CallArgument *argument = &arguments.items[i];
        Str parameter = argument->name;
        if (parameter.len == 0 && procedure && i < procedure->n_parameters)
            parameter = procedure->parameters[i].name;
        if (parameter.len == 0 && !procedure)
            spy_fail_with_hint(reader, "unknown-procedure", arguments.span,
                               "no book has this procedure, so its arguments cannot be told apart without names",
                               "check the names of book and procedure, and name the arguments");
        else if (parameter.len == 0)
            spy_fail(reader, "too-many-arguments", argument->span, "%.*s.%.*s takes %u argument%s", STR_ARG(book),
                     STR_ARG(name), procedure->n_parameters, procedure->n_parameters == 1 ? "" : "s");
        else
            add_call_argument(reader, call, &given, parameter, argument);
    }
    if (reader->failed)
        return spy_failed_node(reader);
    if (procedure)
        sort_arguments(call, procedure);
    return spy_done(reader, call, first);
}

const Procedure *spy_only_procedure(const Catalog *catalog, Str name)
{
    const Procedure *found = NULL;
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        if (!str_eq(catalog->procedures[i]->name, name))
            continue;
        if (found)
            return NULL;
        found = catalog->procedures[i];
    }
    return found;
}

/* ---- names, and what is called by them ---- */

/* name(…), at the parenthesis. */
static Node *read_named_call(SpyReader *reader, const Token *token, uint32_t first)
{
    Str procedure_name = spy_procedure_read(token->text);
    const DefineHead *head = map_get(&reader->defines, procedure_name);
    if (head && !spy_call_is_taken(token->text))
        return read_procedure_call(reader, procedure_name, head, first);
    FunctionId function = function_find(token->text, false);
    if (function != FN_N_FUNCTIONS)
        return spy_read_function_call(reader, function, NULL, first);
    bool clock = token_is_name(token, "today") || token_is_name(token, "now");
    const Procedure *procedure = clock ? spy_only_procedure(reader->catalog, token->text) : NULL;
    return procedure ? read_book_call(reader, S(""), procedure->book, procedure->name, first)
                     : spy_refuse_function(reader, token);
}

/* How many names stand here with dots between them, when a ( follows the last; else 0. */
static uint32_t count_dotted(const SpyReader *reader)
{
    uint32_t at = reader->at, n = 0;
    const Token *tokens = reader->text->tokens;
    while (n < 5 && (tokens[at].kind == TOKEN_NAME || (n > 0 && tokens[at].kind == TOKEN_WORD))) {
        n++;
        if (token_is_sign(&tokens[at + 1], "("))
            return n;
        if (!token_is_sign(&tokens[at + 1], "."))
            return 0;
        at += 2;
    }
    return 0;
}

static Str dotted_name(const SpyReader *reader, uint32_t i)
{
    return reader->text->tokens[reader->at + 2 * i].text;
}

/* NULL when the names call no book: then it is a method. */
static Node *try_book_call(SpyReader *reader, uint32_t first)
{
    uint32_t n = count_dotted(reader);
    if (n < 2)
        return NULL;
    Str names[5];
    for (uint32_t i = 0; i < n; i++)
        names[i] = dotted_name(reader, i);
    bool prefixed = str_eq(names[0], S("kognitos")) && n >= 3;
    if (!prefixed && n != 2)
        return NULL;
    Str alias = S(""), book = names[n - 2], name = names[n - 1];
    if (prefixed && n == 4)
        alias = names[1];
    else if (prefixed && n == 5)
        return NULL;
    else if (!prefixed && map_get(&reader->facts, book))
        return NULL;
    else if (!prefixed && !catalog_find(reader->catalog, book, name)) {
        const Str *connected = map_get(&reader->connections, book);
        if (connected && catalog_find(reader->catalog, *connected, name)) {
            alias = book;
            book = *connected;
        } else if (function_find(name, true) != FN_N_FUNCTIONS || str_eq(name, S("join")) || str_eq(name, S("insert")))
            return NULL;
    }
    reader->at += 2 * n - 1;
    return read_book_call(reader, alias, book, name, first);
}

Node *spy_read_name(SpyReader *reader, uint32_t first)
{
    Node *call = try_book_call(reader, first);
    if (call)
        return call;
    const Token *token = token_now(reader);
    reader->at++;
    if (token_is_sign(token_now(reader), "("))
        return read_named_call(reader, token, first);
    Node *node = spy_node(reader, NODE_NAME);
    node->name = token->text;
    return spy_done(reader, node, first);
}

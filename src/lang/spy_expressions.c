/* lang/spy_expressions.c: reads SPy's expressions by precedence. */
#include <string.h>

#include "lang/format.h"
#include "lang/spy_reader.h"
#include "value/decimal.h"

/* ---- nodes ---- */

Node *spy_node(SpyReader *reader, NodeKind kind)
{
    return node_new(reader->arena, kind);
}

static void refuse_misplaced(SpyReader *reader, const Node *parent, const Node *kid)
{
    if (kid->kind == NODE_COLLECT && kid->op == COLLECT_LAZY && parent->kind != NODE_CALL)
        spy_fail_with_hint(reader, "lone-generator", kid->spy, "a generator stands only as the argument of a function",
                           "make it a list: [ … for … in … ]");
    if (kid->kind == NODE_CALL && functions[kid->function].style == STYLE_ACTION && parent->kind != NODE_EXPRESSION) {
        Diagnostic *d = spy_fail(reader, "action-as-value", kid->spy, "%s changes something and gives no value",
                                 functions[kid->function].spy);
        diagnose_hint(reader->all, d, "give it a line of its own");
    }
}

Node *spy_done(SpyReader *reader, Node *node, uint32_t first)
{
    const Token *tokens = reader->text->tokens;
    uint32_t last = reader->at > first ? reader->at - 1 : first;
    node->spy = (Span){tokens[first].span.start, tokens[last].span.end};
    uint32_t height = 0;
    for (uint32_t i = 0; i < node->n_kids && !reader->failed; i++) {
        height = MAX_OF(height, node->kids[i]->id);
        refuse_misplaced(reader, node, node->kids[i]);
    }
    node->id = height + 1;
    if (node->id > AST_EXPRESSION_MAX && node_is_expression(node) && !reader->failed)
        spy_fail_with_hint(reader, "too-deep", node->spy, "this expression is nested too deeply",
                           "give its parts names on lines of their own");
    return node;
}

static Node *failed_node(SpyReader *reader)
{
    return spy_node(reader, NODE_NOTHING);
}

static Node *literal(SpyReader *reader, Value value)
{
    Node *node = spy_node(reader, NODE_LITERAL);
    node->value = value;
    return node;
}

static Node *call_node(SpyReader *reader, FunctionId function)
{
    Node *node = spy_node(reader, NODE_CALL);
    node->function = (uint16_t)function;
    return node;
}

/* ---- arguments ---- */

static bool at_named_argument(const SpyReader *reader)
{
    const Token *token = token_now(reader);
    return (token->kind == TOKEN_NAME || token->kind == TOKEN_WORD) && token_is_sign(token_ahead(reader, 1), "=");
}

static Node *read_generator(SpyReader *reader, Node *element, uint32_t first, CollectOp op);

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
        argument.value = read_generator(reader, argument.value, first, COLLECT_LAZY);
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

/* ---- calls ---- */

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
    if (call->n_kids >= row->min && call->n_kids <= row->max)
        return;
    Buf expected = buf_in(reader->arena);
    if (row->min == row->max)
        buf_printf(&expected, "%u", row->min - receiver);
    else
        buf_printf(&expected, "%u to %u", row->min - receiver, row->max - receiver);
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
    Node *node = literal(reader, date);
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
        return failed_node(reader);
    }
    return literal(reader, value_time((part[0] * 3600 + part[1] * 60 + part[2]) * 1000000000 + nanos));
}

static Node *read_function_call(SpyReader *reader, FunctionId function, Node *receiver, uint32_t first)
{
    CallArguments arguments = spy_read_arguments(reader);
    if (reader->failed)
        return failed_node(reader);
    if (function == FN_TIME && arguments.n >= 2)
        return spy_done(reader, time_literal(reader, &arguments), first);
    Node *call = call_node(reader, function);
    if (receiver)
        node_add(reader->arena, call, receiver);
    for (uint32_t i = 0; i < arguments.n && !reader->failed; i++) {
        argument_place(reader, function, &arguments.items[i], call->n_kids);
        node_add(reader->arena, call, arguments.items[i].value);
    }
    if (reader->failed)
        return failed_node(reader);
    check_argument_count(reader, call, (Span){reader->text->tokens[first].span.start, arguments.span.end});
    return spy_done(reader, fold_date(reader, call), first);
}

/* `given` are the names of those before it. */
static void add_call_argument(SpyReader *reader, Node *call, Map *given, Str name, const CallArgument *argument)
{
    Node *node = spy_node(reader, NODE_ARGUMENT);
    node->name = name;
    node_add(reader->arena, node, argument->value);
    refuse_misplaced(reader, node, argument->value);
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
    return reader->failed ? failed_node(reader) : spy_done(reader, call, first);
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
    for (uint32_t i = 0; i < arguments.n && !reader->failed; i++) {
        const CallArgument *argument = &arguments.items[i];
        Str parameter = argument->name;
        if (parameter.len == 0 && procedure && i < procedure->n_parameters)
            parameter = procedure->parameters[i].name;
        if (!procedure && spy_fail_if_lost(reader, book))
            break;
        if (!procedure && str_eq(book, S("sys"))) {
            spy_fail_with_hint(reader, "unknown-procedure", arguments.span, "SPy has no sys",
                               "end the run with fail(\"reason\"), or with finish() where all went well");
            break;
        }
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
        return failed_node(reader);
    if (procedure)
        sort_arguments(call, procedure);
    return spy_done(reader, call, first);
}

/* What people bring from Python, and what SPy has instead. */
static const struct Foreign {
    const char *name, *hint;
} foreign_functions[] = {
    {"input",
     "inputs stand at the top: name = read_input(\"name\", type=text); to ask a person while running: ask(\"…\")"},
    {"open", "files come in as inputs and are read by the files book: files.read_table(file=…)"},
    {"format", "write a text with values in it: f\"{total:.2f} EUR\""},
    {"map", "write a comprehension: [f(x) for x in items]"},
    {"filter", "write a comprehension: [x for x in items if …]"},
    {"isinstance", "types are checked when the automation is saved; convert with number(x), str(x) or date(x)"},
    {"type", "types are checked when the automation is saved; convert with number(x), str(x) or date(x)"},
    {"exit", "end the run with finish() or fail(\"reason\")"},
    {"quit", "end the run with finish() or fail(\"reason\")"},
    {"tuple", "use list(…)"},
    {"divmod", "use a // b and a % b"},
    {"pow", "use a ** b"},
    {"decimal", "every number is an exact decimal already: write it plainly"},
    {"eval", "write the expression itself"},
    {"sleep", "use wait(minutes(5))"},
    {"timedelta", "use days(3), hours(2), minutes(30)"},
    {"iter", "use for x in items:"},
    {"next", "use first(x for x in items if …)"},
    {"at_the_same_time", "it stands only in a loop's head: for claim in at_the_same_time(claims):"},
    {"read_input", "inputs stand at the top, each on a line of its own: name = read_input(\"name\", type=text)"},
    {"ask", "give the answer a line of its own: cost_centre = ask(\"Which cost centre?\")"},
    {"print", "give it a line of its own"},
    {"say", "give it a line of its own"},
    {"set_output", "give it a line of its own: set_output(\"total\", value=total)"},
    {"ensure", "give it a line of its own: ensure(total > 0, \"…\")"},
    {"validate", "give it a line of its own"},
    {"wait", "give it a line of its own: wait(days(3))"},
    {"finish", "give it a line of its own"},
    {"fail", "give it a line of its own: fail(\"reason\")"},
    {"connection", "it stands at the top, on a line of its own: connection(\"erp\", book=\"http\")"},
    {"optional", "it stands only as an input's type: read_input(\"due date\", type=optional(date))"},
};

static Str nearest_function(SpyReader *reader, Str name, bool method)
{
    Str candidates[FN_N_FUNCTIONS + 64];
    uint32_t n = 0;
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        if (function_is_method(id) == method)
            candidates[n++] = str_from_c(functions[id].spy);
    }
    for (uint32_t i = 0; !method && i < reader->defines.count && i < 64; i++)
        candidates[n++] = reader->defines.entries[i].key;
    return nearest_spelling(name, candidates, n);
}

/* The only book that has a procedure of this name: today() for dates.today(). */
static const Procedure *only_procedure(const Catalog *catalog, Str name)
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

static Node *refuse_function(SpyReader *reader, const Token *token)
{
    Str name = token->text;
    for (size_t i = 0; i < COUNT_OF(foreign_functions); i++) {
        if (str_eq(str_from_c(foreign_functions[i].name), name)) {
            Diagnostic *d =
                spy_fail(reader, "no-such-function", token->span, "%.*s cannot be called here", STR_ARG(name));
            diagnose_hint(reader->all, d, "%s", foreign_functions[i].hint);
            return failed_node(reader);
        }
    }
    if (spy_fail_if_lost(reader, name))
        return failed_node(reader);
    Diagnostic *d =
        spy_fail(reader, "unknown-function", token->span, "there is no function or procedure %.*s", STR_ARG(name));
    Str near = nearest_function(reader, name, false);
    FunctionId method = function_find(name, true);
    const Procedure *procedure = only_procedure(reader->catalog, name);
    if (procedure)
        diagnose_hint(reader->all, d, "name its book: %.*s.%.*s(…)", STR_ARG(procedure->book),
                      STR_ARG(procedure->name));
    else if (method != FN_N_FUNCTIONS)
        diagnose_hint(reader->all, d, "write it behind its value: x.%s(…)", functions[method].spy);
    else if (near.len > 0)
        diagnose_hint(reader->all, d, "did you mean %.*s?", STR_ARG(near));
    else
        diagnose_hint(reader->all, d, "define it with def %.*s(…):, or call a book: book.procedure(…)", STR_ARG(name));
    return failed_node(reader);
}

/* name(…), at the parenthesis. */
static Node *read_named_call(SpyReader *reader, const Token *token, uint32_t first)
{
    Str procedure_name = spy_procedure_read(token->text);
    const DefineHead *head = map_get(&reader->defines, procedure_name);
    if (head && !spy_call_is_taken(token->text))
        return read_procedure_call(reader, procedure_name, head, first);
    FunctionId function = function_find(token->text, false);
    if (function != FN_N_FUNCTIONS)
        return read_function_call(reader, function, NULL, first);
    bool clock = token_is_name(token, "today") || token_is_name(token, "now");
    const Procedure *procedure = clock ? only_procedure(reader->catalog, token->text) : NULL;
    return procedure ? read_book_call(reader, S(""), procedure->book, procedure->name, first)
                     : refuse_function(reader, token);
}

/* ---- what follows a value: .name, .method(…), [index] ---- */

static const struct Foreign foreign_methods[] = {
    {"format", "write a text with values in it: f\"{total} EUR\""},
    {"sort", "make a sorted one: xs = sorted(xs), or sort_by(xs, \"field\")"},
    {"reverse", "make a reversed one: xs = reversed(xs)"},
    {"extend", "add the lists: xs = xs + more"},
    {"pop", "take an item with xs[0] or record.get(\"key\"); remove with .remove(…) or .delete_field(\"key\")"},
    {"update", "set the fields one by one: record[\"key\"] = value"},
    {"add", "sets grow by making a new one: set(list(s) + [x]); lists by .append(x)"},
    {"casefold", "use .lower()"},
    {"capitalize", "use .title()"},
    {"lstrip", "use .strip()"},
    {"rstrip", "use .strip()"},
    {"splitlines", "use .split(\"\\n\")"},
    {"isnumeric", "use .isdigit()"},
    {"isdecimal", "use .isdigit()"},
    {"has_key", "use \"key\" in record"},
    {"find", "use \"part\" in text, or find(record, \"field\")"},
    {"total_seconds", "compare durations with each other: x > hours(2)"},
    {"iterrows", "iterate over the table itself: for row in table:"},
    {"sum", "use sum(…)"},
    {"mean", "use average(…)"},
    {"head", "use a slice: table[:5]"},
};

static Node *refuse_method(SpyReader *reader, const Token *name)
{
    Diagnostic *d = spy_fail(reader, "unknown-method", name->span, "values have no method %.*s", STR_ARG(name->text));
    for (size_t i = 0; i < COUNT_OF(foreign_methods); i++) {
        if (str_eq(str_from_c(foreign_methods[i].name), name->text)) {
            diagnose_hint(reader->all, d, "%s", foreign_methods[i].hint);
            return failed_node(reader);
        }
    }
    FunctionId function = function_find(name->text, false);
    Str near = nearest_function(reader, name->text, true);
    if (function != FN_N_FUNCTIONS)
        diagnose_hint(reader->all, d, "write %s(…) around the value", functions[function].spy);
    else if (near.len > 0)
        diagnose_hint(reader->all, d, "did you mean %.*s?", STR_ARG(near));
    else
        diagnose_hint(reader->all, d, "books are called by their name: book.%.*s(…)", STR_ARG(name->text));
    return failed_node(reader);
}

/* sep.join(list) is join(sep, list), and moment.strftime(form) strftime(moment, form); xs.insert(0, x) puts x in
 * front. */
static Node *read_special_method(SpyReader *reader, const Token *name, Node *receiver, uint32_t first)
{
    if (token_is_name(name, "join"))
        return read_function_call(reader, FN_JOIN, receiver, first);
    if (token_is_name(name, "strftime"))
        return read_function_call(reader, FN_STRFTIME, receiver, first);
    CallArguments arguments = spy_read_arguments(reader);
    int64_t place = -1;
    if (reader->failed)
        return failed_node(reader);
    if (arguments.n != 2 || arguments.items[0].value->kind != NODE_LITERAL ||
        !value_to_int(arguments.items[0].value->value, &place) || place != 0) {
        spy_fail_with_hint(reader, "wrong-arguments", arguments.span, "insert only puts something at the front",
                           "write .insert(0, x), or .append(x) for the end");
        return failed_node(reader);
    }
    Node *call = call_node(reader, FN_INSERT_FIRST);
    node_add(reader->arena, call, receiver);
    node_add(reader->arena, call, arguments.items[1].value);
    return spy_done(reader, call, first);
}

static Node *read_method(SpyReader *reader, Node *receiver, uint32_t first)
{
    const Token *name = token_now(reader);
    reader->at++;
    FunctionId function = function_find(name->text, true);
    if (function != FN_N_FUNCTIONS)
        return read_function_call(reader, function, receiver, first);
    if (token_is_name(name, "join") || token_is_name(name, "strftime") || token_is_name(name, "insert"))
        return read_special_method(reader, name, receiver, first);
    return refuse_method(reader, name);
}

static Node *read_attribute(SpyReader *reader, Node *object, uint32_t first)
{
    static const FunctionId parts[] = {FN_YEAR, FN_MONTH, FN_DAY, FN_HOUR, FN_MINUTE};
    const Token *name = token_now(reader);
    if (name->kind != TOKEN_NAME && name->kind != TOKEN_WORD) {
        spy_fail_expected(reader, "a name after the dot");
        return failed_node(reader);
    }
    if (token_is_sign(token_ahead(reader, 1), "("))
        return read_method(reader, object, first);
    reader->at++;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!str_eq(str_from_c(functions[parts[i]].spy), name->text))
            continue;
        Node *call = call_node(reader, parts[i]);
        node_add(reader->arena, call, object);
        return spy_done(reader, call, first);
    }
    Diagnostic *d = spy_fail(reader, "no-attribute", name->span, "fields are not read with a dot");
    Str before = str_slice(reader->text->source, object->spy.start, object->spy.end);
    diagnose_hint(reader->all, d, "write %.*s[\"%.*s\"]", STR_ARG(before),
                  STR_ARG(name_to_words(reader->arena, name->text)));
    return failed_node(reader);
}

static Node *nothing_at(SpyReader *reader)
{
    Node *node = spy_node(reader, NODE_NOTHING);
    uint32_t at = token_now(reader)->span.start;
    node->spy = (Span){at, at};
    return node;
}

static bool at_slice_sign(const SpyReader *reader)
{
    return token_is_sign(token_now(reader), ":") || token_is_sign(token_now(reader), "]");
}

static Node *read_slice(SpyReader *reader, Node *object, Node *from, uint32_t first)
{
    Node *node = spy_node(reader, NODE_SLICE);
    node_add(reader->arena, node, object);
    node_add(reader->arena, node, from ? from : nothing_at(reader));
    for (int i = 0; i < 2; i++) {
        bool there = spy_take_sign(reader, ":") && !at_slice_sign(reader);
        node_add(reader->arena, node, there ? spy_read_expression(reader) : nothing_at(reader));
    }
    spy_expect_sign(reader, "]", "after the slice");
    return spy_done(reader, node, first);
}

static Node *read_subscript(SpyReader *reader, Node *object, uint32_t first)
{
    if (token_is_sign(token_now(reader), ":"))
        return read_slice(reader, object, NULL, first);
    Node *index = spy_read_expressions(reader);
    if (token_is_sign(token_now(reader), ":"))
        return read_slice(reader, object, index, first);
    spy_expect_sign(reader, "]", "after the index");
    if (node_is_text(index)) {
        Node *field = spy_node(reader, NODE_FIELD);
        field->text = value_str(index->value);
        node_add(reader->arena, field, object);
        return spy_done(reader, field, first);
    }
    Node *node = spy_node(reader, NODE_INDEX);
    node_add(reader->arena, node, object);
    node_add(reader->arena, node, index);
    return spy_done(reader, node, first);
}

static Node *read_postfix(SpyReader *reader, Node *node, uint32_t first)
{
    while (!reader->failed) {
        if (spy_take_sign(reader, "."))
            node = read_attribute(reader, node, first);
        else if (spy_take_sign(reader, "["))
            node = read_subscript(reader, node, first);
        else if (token_is_sign(token_now(reader), "("))
            spy_fail_with_hint(reader, "not-a-function", token_now(reader)->span,
                               "what stands before this ( cannot be called",
                               "only functions, procedures and books are called, by their names");
        else
            break;
    }
    return node;
}

/* ---- books: book.procedure(…), alias.procedure(…), kognitos.alias.book.procedure(…) ---- */

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

/* ---- atoms ---- */

static Node *read_name(SpyReader *reader, uint32_t first)
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

static Node *read_number(SpyReader *reader, uint32_t first)
{
    const Token *token = token_now(reader);
    Node *node = spy_node(reader, NODE_LITERAL);
    Error err;
    Str digits = token->text;
    if (str_starts(digits, S(".")))
        digits = str_printf(reader->arena, "0%.*s", STR_ARG(digits));
    if (str_ends(digits, S(".")))
        digits = str_slice(digits, 0, digits.len - 1);
    if (!decimal_parse(digits, &node->value, &err)) {
        spy_fail_with_hint(reader, "bad-number", token->span, "this number has more digits than a number can keep",
                           "numbers have up to 28 digits; longer ones are texts: put it in quotes");
        return node;
    }
    reader->at++;
    return spy_done(reader, node, first);
}

/* "a" "b" are one text. */
static Node *read_text(SpyReader *reader, uint32_t first)
{
    Str text = token_now(reader)->text;
    reader->at++;
    if (token_now(reader)->kind == TOKEN_TEXT) {
        Buf joined = buf_in(reader->arena);
        buf_str(&joined, text);
        for (; token_now(reader)->kind == TOKEN_TEXT; reader->at++)
            buf_str(&joined, token_now(reader)->text);
        text = buf_view(&joined);
    }
    return spy_done(reader, literal(reader, value_text(text)), first);
}

/* Adds a part to a template: texts that touch become one, templates within are taken apart. */
static void add_part(SpyReader *reader, Node *template, Node *part)
{
    if (part->kind == NODE_TEMPLATE) {
        for (uint32_t i = 0; i < part->n_kids; i++)
            add_part(reader, template, part->kids[i]);
        return;
    }
    Node *last = template->n_kids ? template->kids[template->n_kids - 1] : NULL;
    if (!node_is_text(part))
        node_add(reader->arena, template, part);
    else if (last && node_is_text(last)) {
        Str joined =
            str_printf(reader->arena, "%.*s%.*s", STR_ARG(value_str(last->value)), STR_ARG(value_str(part->value)));
        last->value = value_text(joined);
        last->spy.end = part->spy.end;
    } else if (part->value.high > 0)
        node_add(reader->arena, template, part);
}

/* {value:format}: a form of numbers and texts, or with %d and the like one of dates. */
static Node *read_template_format(SpyReader *reader, Node *value, uint32_t first)
{
    reader->at++; /* the colon */
    uint32_t at = reader->at;
    Str spec = token_now(reader)->text;
    Format ignored;
    ptrdiff_t percent = str_find_char(spec, '%');
    bool of_dates = percent >= 0 && (size_t)percent + 1 < spec.len;
    if (!of_dates && !format_read(spec, &ignored)) {
        spy_fail_with_hint(reader, "bad-format", token_now(reader)->span, "this format is not known", format_known);
        return value;
    }
    Node *form = literal(reader, value_text(spec));
    reader->at++;
    Node *call = spy_node(reader, NODE_CALL);
    call->function = (uint16_t)(of_dates ? FN_STRFTIME : FN_FORMAT);
    node_add(reader->arena, call, value);
    node_add(reader->arena, call, spy_done(reader, form, at));
    return spy_done(reader, call, first);
}

static void read_template_pieces(SpyReader *reader, Node *template)
{
    reader->at++;
    while (!reader->failed && token_now(reader)->kind != TOKEN_TEMPLATE_END) {
        uint32_t first = reader->at;
        if (token_now(reader)->kind == TOKEN_TEMPLATE_TEXT) {
            Node *text = literal(reader, value_text(token_now(reader)->text));
            reader->at++;
            add_part(reader, template, spy_done(reader, text, first));
            continue;
        }
        spy_expect_sign(reader, "{", "in this text");
        Node *value = spy_read_expressions(reader);
        if (!reader->failed && token_is_sign(token_now(reader), "="))
            spy_fail_with_hint(reader, "no-format", token_now(reader)->span, "{ } in a text holds a value alone",
                               "write the name in front: f\"total={total}\"");
        if (!reader->failed && token_is_sign(token_now(reader), ":"))
            value = read_template_format(reader, value, first + 1);
        spy_expect_sign(reader, "}", "after the value in this text");
        if (!reader->failed)
            add_part(reader, template, value);
    }
    if (!reader->failed)
        reader->at++;
}

/* f"…", and plain texts beside it. */
static Node *read_template(SpyReader *reader, uint32_t first)
{
    Node *template = spy_node(reader, NODE_TEMPLATE);
    while (!reader->failed) {
        uint32_t part = reader->at;
        if (token_now(reader)->kind == TOKEN_TEMPLATE_START)
            read_template_pieces(reader, template);
        else if (token_now(reader)->kind == TOKEN_TEXT)
            add_part(reader, template, read_text(reader, part));
        else
            break;
    }
    if (template->n_kids == 0)
        return spy_done(reader, literal(reader, value_text(S(""))), first);
    if (template->n_kids == 1 && node_is_text(template->kids[0]))
        return spy_done(reader, literal(reader, template->kids[0]->value), first);
    return spy_done(reader, template, first);
}

static bool text_beside_template(const SpyReader *reader)
{
    uint32_t at = reader->at;
    while (reader->text->tokens[at].kind == TOKEN_TEXT)
        at++;
    return reader->text->tokens[at].kind == TOKEN_TEMPLATE_START;
}

/* ---- comprehensions ---- */

static Node *read_target_name(SpyReader *reader)
{
    const Token *token = token_now(reader);
    uint32_t first = reader->at;
    Node *node = spy_node(reader, NODE_NAME);
    if (token->kind != TOKEN_NAME) {
        spy_fail_expected(reader, "a name for the items");
        return node;
    }
    node->name = token->text;
    reader->at++;
    return spy_done(reader, node, first);
}

Node *spy_read_loop_target(SpyReader *reader)
{
    uint32_t first = reader->at;
    bool bracket = spy_take_sign(reader, "(");
    Node *name = read_target_name(reader);
    if (!token_is_sign(token_now(reader), ",")) {
        if (bracket)
            spy_expect_sign(reader, ")", "after the name");
        return name;
    }
    Node *tuple = spy_node(reader, NODE_TUPLE);
    node_add(reader->arena, tuple, name);
    while (!reader->failed && spy_take_sign(reader, ","))
        node_add(reader->arena, tuple, read_target_name(reader));
    if (bracket)
        spy_expect_sign(reader, ")", "after the names");
    return spy_done(reader, tuple, first);
}

/* An expression that stops before a comprehension's own `if`. */
static Node *read_without_choice(SpyReader *reader);

static void add_flat(SpyReader *reader, Node *node, Node *operand);

/* if a if b is if a and b. */
static Node *read_filters(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *filter = read_without_choice(reader);
    if (reader->failed || !token_is_word(token_now(reader), WORD_IF))
        return filter;
    Node *both = spy_node(reader, NODE_AND);
    add_flat(reader, both, filter);
    while (!reader->failed && spy_take_word(reader, WORD_IF))
        add_flat(reader, both, read_without_choice(reader));
    return spy_done(reader, both, first);
}

/* One `for` with its `if`s; what its element is, the caller knows. */
static Node *read_for(SpyReader *reader, Node *element, CollectOp op)
{
    Node *node = spy_node(reader, NODE_COLLECT);
    node->op = (uint8_t)op;
    node_add(reader->arena, node, element);
    reader->at++;
    node_add(reader->arena, node, spy_read_loop_target(reader));
    if (!reader->failed && !spy_take_word(reader, WORD_IN))
        spy_fail_expected(reader, "\"in\" and what to go through");
    node_add(reader->arena, node, read_without_choice(reader));
    if (!reader->failed && spy_take_word(reader, WORD_IF))
        node_add(reader->arena, node, read_filters(reader));
    return node;
}

/* The last `for` is the element of the one before it, and so on: finished from the inside out. */
static Node *read_generator(SpyReader *reader, Node *element, uint32_t first, CollectOp op)
{
    Node *all[AST_EXPRESSION_MAX];
    uint32_t n = 0;
    all[n++] = read_for(reader, element, op);
    while (!reader->failed && token_is_word(token_now(reader), WORD_FOR)) {
        if (n == COUNT_OF(all)) {
            spy_fail(reader, "too-deep", token_now(reader)->span, "a comprehension has at most %d loops", (int)n);
            break;
        }
        all[n] = read_for(reader, element, COLLECT_MORE);
        all[n - 1]->kids[0] = all[n];
        n++;
    }
    uint32_t begins = element->spy.start;
    while (!reader->failed && --n > 0) {
        (void)spy_done(reader, all[n], first);
        all[n]->spy.start = begins;
    }
    return reader->failed ? failed_node(reader) : spy_done(reader, all[0], first);
}

/* ---- brackets ---- */

static Node *refuse_star(SpyReader *reader)
{
    spy_fail_with_hint(reader, "no-star", token_now(reader)->span, "SPy unpacks nothing with a star",
                       "add lists with +, and set the fields of records one by one");
    return failed_node(reader);
}

static Node *read_items(SpyReader *reader, Node *node, Node *item, const char *closing, uint32_t first)
{
    node_add(reader->arena, node, item);
    while (!reader->failed && spy_take_sign(reader, ",") && !token_is_sign(token_now(reader), closing))
        node_add(reader->arena, node, spy_read_expression(reader));
    spy_expect_sign(reader, closing, "after the items");
    return reader->failed ? failed_node(reader) : spy_done(reader, node, first);
}

static Node *read_list(SpyReader *reader, uint32_t first)
{
    reader->at++;
    if (spy_take_sign(reader, "]"))
        return spy_done(reader, spy_node(reader, NODE_LIST), first);
    Node *item = spy_read_expression(reader);
    if (reader->failed || !token_is_word(token_now(reader), WORD_FOR))
        return read_items(reader, spy_node(reader, NODE_LIST), item, "]", first);
    Node *node = read_generator(reader, item, first, COLLECT_LIST);
    spy_expect_sign(reader, "]", "after the comprehension");
    return spy_done(reader, node, first);
}

static Node *read_pair(SpyReader *reader, Node *key, uint32_t first)
{
    Node *pair = spy_node(reader, NODE_PAIR);
    node_add(reader->arena, pair, key);
    spy_expect_sign(reader, ":", "after the key");
    node_add(reader->arena, pair, spy_read_expression(reader));
    return spy_done(reader, pair, first);
}

static Node *read_record(SpyReader *reader, Node *key, uint32_t first, uint32_t pair_first)
{
    Node *pair = read_pair(reader, key, pair_first);
    if (!reader->failed && token_is_word(token_now(reader), WORD_FOR)) {
        Node *node = read_generator(reader, pair, first, COLLECT_RECORD);
        spy_expect_sign(reader, "}", "after the comprehension");
        return spy_done(reader, node, first);
    }
    Node *record = spy_node(reader, NODE_RECORD);
    node_add(reader->arena, record, pair);
    while (!reader->failed && spy_take_sign(reader, ",") && !token_is_sign(token_now(reader), "}")) {
        if (token_is_sign(token_now(reader), "**"))
            return refuse_star(reader);
        pair_first = reader->at;
        node_add(reader->arena, record, read_pair(reader, spy_read_expression(reader), pair_first));
    }
    spy_expect_sign(reader, "}", "after the fields");
    return reader->failed ? failed_node(reader) : spy_done(reader, record, first);
}

static Node *read_braces(SpyReader *reader, uint32_t first)
{
    reader->at++;
    if (spy_take_sign(reader, "}"))
        return spy_done(reader, spy_node(reader, NODE_RECORD), first);
    if (token_is_sign(token_now(reader), "**"))
        return refuse_star(reader);
    uint32_t item_first = reader->at;
    Node *item = spy_read_expression(reader);
    if (reader->failed)
        return item;
    if (token_is_sign(token_now(reader), ":"))
        return read_record(reader, item, first, item_first);
    if (!token_is_word(token_now(reader), WORD_FOR))
        return read_items(reader, spy_node(reader, NODE_SET), item, "}", first);
    Node *node = read_generator(reader, item, first, COLLECT_SET);
    spy_expect_sign(reader, "}", "after the comprehension");
    return spy_done(reader, node, first);
}

static Node *read_parentheses(SpyReader *reader, uint32_t first)
{
    reader->at++;
    if (token_is_sign(token_now(reader), ")")) {
        spy_fail_with_hint(reader, "empty-tuple", token_now(reader)->span, "nothing stands between these parentheses",
                           "an empty list is []");
        return failed_node(reader);
    }
    uint32_t inner = reader->at;
    Node *node = spy_read_expression(reader);
    if (reader->failed)
        return node;
    if (token_is_word(token_now(reader), WORD_FOR)) {
        node = read_generator(reader, node, inner, COLLECT_LAZY);
        spy_expect_sign(reader, ")", "after the generator");
        return spy_done(reader, node, first);
    }
    if (!token_is_sign(token_now(reader), ",")) {
        if (token_is_sign(token_now(reader), ":="))
            spy_fail_with_hint(reader, "no-walrus", token_now(reader)->span, "SPy sets no facts inside an expression",
                               "give it a line of its own before");
        spy_expect_sign(reader, ")", "after the expression");
        return node;
    }
    if (token_is_sign(token_ahead(reader, 1), ")")) {
        spy_fail_with_hint(reader, "short-tuple", token_now(reader)->span, "a tuple has at least two items",
                           "leave the comma out, or use a list: [x]");
        return failed_node(reader);
    }
    return read_items(reader, spy_node(reader, NODE_TUPLE), node, ")", first);
}

static Node *read_word(SpyReader *reader, uint32_t first)
{
    const Token *token = token_now(reader);
    switch (token->word) {
    case WORD_NONE: reader->at++; return spy_done(reader, literal(reader, value_null()), first);
    case WORD_TRUE: reader->at++; return spy_done(reader, literal(reader, value_bool(true)), first);
    case WORD_FALSE: reader->at++; return spy_done(reader, literal(reader, value_bool(false)), first);
    case WORD_LAMBDA:
        if (reader->at > 1 && token_is_sign(token - 1, "=") && token[-2].kind == TOKEN_NAME)
            map_put(&reader->lost, token[-2].text, reader);
        spy_fail_with_hint(
            reader, "no-lambda", token->span, "SPy has no lambda",
            "use a comprehension, a procedure with def, or a field's name: sort_by(invoices, \"total\")");
        break;
    case WORD_AWAIT:
    case WORD_YIELD:
        spy_fail_with_hint(reader, "no-such-word", token->span, "SPy has neither await nor yield",
                           "call it plainly: a run waits by itself until the call is done");
        break;
    default: spy_fail_expected(reader, "a value"); break;
    }
    return failed_node(reader);
}

static Node *read_atom(SpyReader *reader, uint32_t first)
{
    const Token *token = token_now(reader);
    switch (token->kind) {
    case TOKEN_NAME: return read_name(reader, first);
    case TOKEN_WORD: return read_word(reader, first);
    case TOKEN_NUMBER: return read_number(reader, first);
    case TOKEN_TEXT: return text_beside_template(reader) ? read_template(reader, first) : read_text(reader, first);
    case TOKEN_TEMPLATE_START: return read_template(reader, first);
    default: break;
    }
    if (token_is_sign(token, "("))
        return read_parentheses(reader, first);
    if (token_is_sign(token, "["))
        return read_list(reader, first);
    if (token_is_sign(token, "{"))
        return read_braces(reader, first);
    if (token_is_sign(token, "*"))
        return refuse_star(reader);
    spy_fail_expected(reader, "a value");
    return failed_node(reader);
}

/* ---- operators, loosest first ---- */

static Node *read_unary(SpyReader *reader);

static Node *binary(SpyReader *reader, ArithmeticOp op, Node *left, Node *right, uint32_t first)
{
    Node *node = spy_node(reader, NODE_ARITHMETIC);
    node->op = (uint8_t)op;
    node_add(reader->arena, node, left);
    node_add(reader->arena, node, right);
    return spy_done(reader, node, first);
}

static Node *read_power(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *base = read_postfix(reader, read_atom(reader, first), first);
    if (reader->failed || !spy_take_sign(reader, "**"))
        return base;
    return binary(reader, OP_POWER, base, read_unary(reader), first);
}

/* Counts what is open around an expression: brackets, signs before a value, powers. */
static bool enter(SpyReader *reader)
{
    if (++reader->depth <= EXPRESSION_NESTING_MAX)
        return true;
    if (!reader->failed)
        spy_fail_with_hint(reader, "too-deep", token_now(reader)->span, "this expression is nested too deeply",
                           "give its parts names on lines of their own");
    return false;
}

static Node *read_signed(SpyReader *reader)
{
    uint32_t first = reader->at;
    if (spy_take_sign(reader, "+"))
        return read_unary(reader);
    if (token_is_sign(token_now(reader), "~")) {
        spy_fail_with_hint(reader, "no-bits", token_now(reader)->span, "SPy has no operators on bits", "write not");
        return failed_node(reader);
    }
    if (!spy_take_sign(reader, "-"))
        return read_power(reader);
    Node *node = spy_node(reader, NODE_NEGATE);
    node_add(reader->arena, node, read_unary(reader));
    return spy_done(reader, node, first);
}

static Node *read_unary(SpyReader *reader)
{
    Node *node = enter(reader) ? read_signed(reader) : failed_node(reader);
    reader->depth--;
    return node;
}

static bool product_op(const Token *token, ArithmeticOp *out)
{
    static const struct {
        const char *sign;
        ArithmeticOp op;
    } rows[] = {{"*", OP_MULTIPLY}, {"/", OP_DIVIDE}, {"//", OP_FLOOR_DIVIDE}, {"%", OP_MODULO}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (token_is_sign(token, rows[i].sign)) {
            *out = rows[i].op;
            return true;
        }
    }
    return false;
}

static Node *read_product(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_unary(reader);
    ArithmeticOp op;
    while (!reader->failed && product_op(token_now(reader), &op)) {
        reader->at++;
        left = binary(reader, op, left, read_unary(reader), first);
    }
    return left;
}

static Node *read_sum(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_product(reader);
    while (!reader->failed) {
        bool plus = token_is_sign(token_now(reader), "+");
        if (!plus && !token_is_sign(token_now(reader), "-"))
            break;
        reader->at++;
        left = binary(reader, plus ? OP_ADD : OP_SUBTRACT, left, read_product(reader), first);
    }
    return left;
}

static void refuse_bits(SpyReader *reader)
{
    const Token *token = token_now(reader);
    static const char *const signs[] = {"&", "|", "^", "<<", ">>", "@"};
    for (size_t i = 0; i < COUNT_OF(signs) && !reader->failed; i++) {
        if (token_is_sign(token, signs[i]))
            spy_fail_with_hint(reader, "no-bits", token->span, "SPy has no operators on bits",
                               "join conditions with \"and\" and \"or\"");
    }
}

/* `is` and `is not` compare with None, True and False only, where they mean what == and != mean. */
static void check_is_operand(SpyReader *reader)
{
    const Token *token = token_now(reader);
    if (!token_is_word(token, WORD_NONE) && !token_is_word(token, WORD_TRUE) && !token_is_word(token, WORD_FALSE))
        spy_fail_with_hint(reader, "is-compares-identity", token->span, "\"is\" only asks for None, True or False",
                           "compare values with == or !=");
}

static bool compare_sign(const Token *token, CompareOp *out)
{
    static const struct {
        const char *sign;
        CompareOp op;
    } rows[] = {{"==", CMP_EQUAL},      {"!=", CMP_NOT_EQUAL}, {"<", CMP_LESS},
                {"<=", CMP_LESS_EQUAL}, {">", CMP_GREATER},    {">=", CMP_GREATER_EQUAL}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (token_is_sign(token, rows[i].sign)) {
            *out = rows[i].op;
            return true;
        }
    }
    return false;
}

static bool take_compare(SpyReader *reader, CompareOp *out)
{
    if (compare_sign(token_now(reader), out)) {
        reader->at++;
        return true;
    }
    if (spy_take_word(reader, WORD_IN)) {
        *out = CMP_IN;
        return true;
    }
    if (token_is_word(token_now(reader), WORD_NOT) && token_is_word(token_ahead(reader, 1), WORD_IN)) {
        reader->at += 2;
        *out = CMP_NOT_IN;
        return true;
    }
    if (!spy_take_word(reader, WORD_IS))
        return false;
    *out = spy_take_word(reader, WORD_NOT) ? CMP_NOT_EQUAL : CMP_EQUAL;
    check_is_operand(reader);
    return true;
}

static Node *read_comparison(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_sum(reader);
    refuse_bits(reader);
    CompareOp op;
    if (reader->failed || !take_compare(reader, &op))
        return left;
    Node *node = spy_node(reader, NODE_COMPARE);
    node_add(reader->arena, node, left);
    do {
        if (node->n_kids == 6) {
            spy_fail_with_hint(reader, "long-comparison", token_now(reader)->span,
                               "a comparison has at most six values", "join two of them with \"and\"");
            return node;
        }
        node->ops[node->n_kids - 1] = (uint8_t)op;
        node_add(reader->arena, node, reader->failed ? failed_node(reader) : read_sum(reader));
        refuse_bits(reader);
    } while (!reader->failed && take_compare(reader, &op));
    return spy_done(reader, node, first);
}

static Node *read_not(SpyReader *reader)
{
    uint32_t first = reader->at;
    if (!token_is_word(token_now(reader), WORD_NOT))
        return read_comparison(reader);
    reader->at++;
    Node *node = spy_node(reader, NODE_NOT);
    node_add(reader->arena, node, enter(reader) ? read_not(reader) : failed_node(reader));
    reader->depth--;
    return spy_done(reader, node, first);
}

/* a and (b and c) is a and b and c. */
static void add_flat(SpyReader *reader, Node *node, Node *operand)
{
    if (operand->kind != node->kind) {
        node_add(reader->arena, node, operand);
        return;
    }
    for (uint32_t i = 0; i < operand->n_kids; i++)
        node_add(reader->arena, node, operand->kids[i]);
}

static Node *read_and(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_not(reader);
    if (reader->failed || !token_is_word(token_now(reader), WORD_AND))
        return left;
    Node *node = spy_node(reader, NODE_AND);
    add_flat(reader, node, left);
    while (!reader->failed && spy_take_word(reader, WORD_AND))
        add_flat(reader, node, read_not(reader));
    return spy_done(reader, node, first);
}

static Node *read_without_choice(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_and(reader);
    if (reader->failed || !token_is_word(token_now(reader), WORD_OR))
        return left;
    Node *node = spy_node(reader, NODE_OR);
    add_flat(reader, node, left);
    while (!reader->failed && spy_take_word(reader, WORD_OR))
        add_flat(reader, node, read_and(reader));
    return spy_done(reader, node, first);
}

static Node *read_choice(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *value = read_without_choice(reader);
    if (reader->failed || !spy_take_word(reader, WORD_IF))
        return value;
    Node *node = spy_node(reader, NODE_CHOOSE);
    node_add(reader->arena, node, value);
    node_add(reader->arena, node, read_without_choice(reader));
    if (!reader->failed && !spy_take_word(reader, WORD_ELSE)) {
        spy_fail_expected(reader, "\"else\" and the value otherwise");
        return node;
    }
    node_add(reader->arena, node, spy_read_expression(reader));
    return spy_done(reader, node, first);
}

Node *spy_read_expression(SpyReader *reader)
{
    if (reader->failed)
        return failed_node(reader);
    Node *node = enter(reader) ? read_choice(reader) : failed_node(reader);
    reader->depth--;
    return node;
}

Node *spy_read_expressions(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *item = spy_read_expression(reader);
    if (reader->failed || !token_is_sign(token_now(reader), ","))
        return item;
    Node *tuple = spy_node(reader, NODE_TUPLE);
    node_add(reader->arena, tuple, item);
    while (!reader->failed && spy_take_sign(reader, ","))
        node_add(reader->arena, tuple, spy_read_expression(reader));
    return reader->failed ? failed_node(reader) : spy_done(reader, tuple, first);
}

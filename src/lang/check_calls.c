/* lang/check_calls.c: whether what is called exists and takes what it is given. */
#include "lang/check_internal.h"

/* ---- lists of names for hints ---- */

static Str list_parameters(Checker *checker, const Procedure *procedure)
{
    Buf out = buf_in(checker->arena);
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        const Parameter *parameter = &procedure->parameters[i];
        buf_printf(&out, "%s%.*s%s",
                   i == 0                            ? ""
                   : i + 1 < procedure->n_parameters ? ", "
                                                     : " and ",
                   STR_ARG(check_name(checker, parameter->name)), parameter->required ? "" : " (may be left out)");
    }
    return buf_view(&out);
}

static Str list_defined(Checker *checker, const Node *define)
{
    Buf out = buf_in(checker->arena);
    uint32_t n = define->n_kids - 1;
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&out, "%s%.*s%s",
                   i == 0      ? ""
                   : i + 1 < n ? ", "
                               : " and ",
                   STR_ARG(check_name(checker, define->kids[i]->name)),
                   define->kids[i]->n_kids ? " (may be left out)" : "");
    return buf_view(&out);
}

/* ---- books ---- */

enum { NAMES_MAX = 512 };

static void unknown_book(Checker *checker, const Node *call)
{
    Str names[NAMES_MAX];
    uint32_t n = 0;
    Buf listed = buf_in(checker->arena);
    for (uint32_t i = 0; i < checker->catalog->n_procedures && n < NAMES_MAX; i++) {
        Str book = checker->catalog->procedures[i]->book;
        if (n > 0 && str_eq(names[n - 1], book))
            continue;
        buf_printf(&listed, "%s%.*s", n ? ", " : "", STR_ARG(book));
        names[n++] = book;
    }
    Diagnostic *d = check_error(checker, "unknown-book", call, "there is no book %.*s", STR_ARG(call->text));
    Str near = nearest_spelling(call->text, names, n);
    if (near.len > 0)
        check_hint(checker, d, "did you mean %.*s?", STR_ARG(near));
    else
        check_hint(checker, d, "the books are %.*s", STR_ARG(buf_view(&listed)));
}

static bool book_exists(const Checker *checker, Str book)
{
    for (uint32_t i = 0; i < checker->catalog->n_procedures; i++) {
        if (str_eq(checker->catalog->procedures[i]->book, book))
            return true;
    }
    return false;
}

static void unknown_procedure(Checker *checker, const Node *call)
{
    Str names[NAMES_MAX];
    uint32_t n = 0;
    Buf listed = buf_in(checker->arena);
    for (uint32_t i = 0; i < checker->catalog->n_procedures && n < NAMES_MAX; i++) {
        const Procedure *procedure = checker->catalog->procedures[i];
        if (!str_eq(procedure->book, call->text))
            continue;
        buf_printf(&listed, "%s%.*s", n ? ", " : "", STR_ARG(procedure->name));
        names[n++] = procedure->name;
    }
    Diagnostic *d = check_error(checker, "unknown-procedure", call, "the book %.*s has no procedure %.*s",
                                STR_ARG(call->text), STR_ARG(call->name));
    Str near = nearest_spelling(call->name, names, n);
    if (near.len > 0)
        check_hint(checker, d, "did you mean %.*s?", STR_ARG(near));
    else
        check_hint(checker, d, "it has %.*s", STR_ARG(buf_view(&listed)));
}

static const Node *find_argument(const Node *call, Str name)
{
    for (uint32_t i = 0; i < call->n_kids; i++) {
        if (str_eq(call->kids[i]->name, name))
            return call->kids[i];
    }
    return NULL;
}

static void unknown_argument(Checker *checker, const Node *call, const Node *argument, Str takes)
{
    Diagnostic *d = check_error(checker, "unknown-argument", argument, "%.*s takes no %.*s",
                                STR_ARG(check_name(checker, call->name)), STR_ARG(check_name(checker, argument->name)));
    if (takes.len > 0)
        check_hint(checker, d, "it takes %.*s", STR_ARG(takes));
    else
        check_hint(checker, d, "it takes no arguments");
}

static void missing_argument(Checker *checker, const Node *call, Str parameter, Str takes)
{
    Diagnostic *d = check_error(checker, "missing-argument", call, "%.*s needs %s%.*s, which is not given",
                                STR_ARG(check_name(checker, call->name)), check_in_english(checker) ? "the " : "",
                                STR_ARG(check_name(checker, parameter)));
    if (check_in_english(checker))
        check_hint(checker, d, "add “… as the %.*s”; it takes %.*s", STR_ARG(check_name(checker, parameter)),
                   STR_ARG(takes));
    else
        check_hint(checker, d, "add %.*s=…; it takes %.*s", STR_ARG(parameter), STR_ARG(takes));
}

/* Kinds that no conversion brings together; where one might, the run converts or asks. */
static bool can_become(const Type *wanted, const Type *given)
{
    if (wanted->kind == TYPE_OPTIONAL)
        return given->kind == TYPE_NULL || can_become(wanted->inner, given);
    if (given->kind == TYPE_OPTIONAL || given->kind == TYPE_NULL || given->kind == TYPE_ANY ||
        wanted->kind == TYPE_ANY || given->kind == wanted->kind)
        return true;
    switch (wanted->kind) {
    case TYPE_NUMBER: return given->kind == TYPE_TEXT || given->kind == TYPE_BOOLEAN;
    case TYPE_BOOLEAN: return given->kind == TYPE_TEXT || given->kind == TYPE_NUMBER;
    case TYPE_TEXT: return given->kind < TYPE_FILE;
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_DATETIME:
    case TYPE_DURATION:
    case TYPE_ZONE: return given->kind == TYPE_TEXT || given->kind == TYPE_DATE || given->kind == TYPE_DATETIME;
    case TYPE_FILE: return given->kind == TYPE_LIST;
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_TABLE:
        return given->kind != TYPE_NUMBER && given->kind != TYPE_BOOLEAN && given->kind != TYPE_DATE &&
               given->kind != TYPE_DURATION && given->kind != TYPE_FILE;
    default: return given->kind != TYPE_NUMBER && given->kind != TYPE_BOOLEAN;
    }
}

static void check_argument_type(Checker *checker, const Procedure *procedure, const Node *argument, const Type *given)
{
    const Parameter *parameter = procedure_parameter(procedure, argument->name);
    if (!parameter || can_become(parameter->type, given))
        return;
    Diagnostic *d =
        check_error(checker, "wrong-type", argument->kids[0], "%.*s is needed here, and this is %.*s",
                    STR_ARG(check_type_shown(checker, parameter->type)), STR_ARG(check_type_shown(checker, given)));
    if (given->kind == TYPE_TEXT && parameter->type->kind == TYPE_FILE) /* the name of one */
        check_hint(checker, d,
                   check_in_english(checker)
                       ? "a file is an input: at the top, below “inputs”, write: the invoice file is a file"
                       : "a file is an input, at the top: invoice_file = read_input(\"invoice file\", type=file)");
    else if (parameter->description.len > 0)
        check_hint(checker, d, "the %.*s of %.*s is %.*s", STR_ARG(check_name(checker, parameter->name)),
                   STR_ARG(check_name(checker, procedure->name)), STR_ARG(parameter->description));
}

/* The call names no connection: the one that its procedure then takes is used, if the book is the same. */
static void note_usual_connection(Checker *checker, const Node *call)
{
    Str usual = call->procedure ? call->procedure->connection : S("");
    const Node *connection = usual.len > 0 ? map_get(&checker->connections, usual) : NULL;
    if (connection && str_eq(connection->text, call->text))
        map_put(&checker->used_connections, usual, checker);
}

static void check_alias(Checker *checker, const Node *call)
{
    if (call->alias.len == 0) {
        note_usual_connection(checker, call);
        return;
    }
    const Node *connection = map_get(&checker->connections, call->alias);
    map_put(&checker->used_connections, call->alias, checker);
    if (connection && !str_eq(connection->text, call->text)) {
        Diagnostic *d =
            check_error(checker, "wrong-book", call, "the connection \"%.*s\" belongs to the book %.*s, not %.*s",
                        STR_ARG(call->alias), STR_ARG(connection->text), STR_ARG(call->text));
        check_hint(checker, d, "use a connection of the book %.*s", STR_ARG(call->text));
    } else if (!connection && !str_eq(call->alias, call->text)) {
        Diagnostic *d = check_warning(checker, "undeclared-connection", call,
                                      "the connection \"%.*s\" is not named at the top", STR_ARG(call->alias));
        if (check_in_english(checker))
            check_hint(checker, d, "write: use the \"%.*s\" connection of the \"%.*s\" book", STR_ARG(call->alias),
                       STR_ARG(call->text));
        else
            check_hint(checker, d, "write: connection(\"%.*s\", book=\"%.*s\")", STR_ARG(call->alias),
                       STR_ARG(call->text));
    }
}

static void check_required(Checker *checker, const Node *call, const Procedure *procedure)
{
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        const Parameter *parameter = &procedure->parameters[i];
        if (parameter->required && !find_argument(call, parameter->name)) {
            missing_argument(checker, call, parameter->name, list_parameters(checker, procedure));
            return;
        }
    }
}

const Type *check_book_call(Checker *checker, Node *call)
{
    const Procedure *procedure = catalog_find(checker->catalog, call->text, call->name);
    const Type **types = NEW_ARRAY(checker->arena, const Type *, call->n_kids);
    call->procedure = procedure;
    check_alias(checker, call);
    for (uint32_t i = 0; i < call->n_kids; i++) {
        types[i] = check_expression(checker, call->kids[i]->kids[0]);
        if (procedure && !procedure_parameter(procedure, call->kids[i]->name))
            unknown_argument(checker, call, call->kids[i], list_parameters(checker, procedure));
        else if (procedure)
            check_argument_type(checker, procedure, call->kids[i], types[i]);
        else
            check_release(checker, types[i]);
    }
    if (procedure) {
        check_required(checker, call, procedure);
        return check_book_result(checker, call, types);
    }
    if (book_exists(checker, call->text))
        unknown_procedure(checker, call);
    else
        unknown_book(checker, call);
    return &type_any;
}

/* ---- the program's own procedures ---- */

static void unknown_definition(Checker *checker, const Node *call)
{
    Str names[NAMES_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < checker->procedures.count && n < NAMES_MAX; i++)
        names[n++] = checker->procedures.entries[i].key;
    if (!checker->readable)
        return;
    Diagnostic *d = check_error(checker, "unknown-procedure", call, "there is no procedure %.*s",
                                STR_ARG(check_name(checker, call->name)));
    Str near = nearest_spelling(call->name, names, n);
    if (near.len > 0)
        check_hint(checker, d, "did you mean %.*s?", STR_ARG(check_name(checker, near)));
}

/* A parameter is all that any call gives it. */
static void give_parameter(Checker *checker, const Scope *scope, const Node *define, Str name, const Type *type)
{
    Fact *fact = scope ? map_get(&scope->facts, name) : NULL;
    for (uint32_t k = 0; k + 1 < define->n_kids && fact && checker->quiet; k++) {
        if (str_eq(define->kids[k]->name, name))
            check_set_fact(checker, fact, type);
    }
}

const Type *check_procedure_call(Checker *checker, Node *call)
{
    const Node *define = map_get(&checker->procedures, call->name);
    Scope *scope = map_get(&checker->procedure_scopes, call->name);
    for (uint32_t i = 0; i < call->n_kids; i++) {
        const Type *type = check_expression(checker, call->kids[i]->kids[0]);
        if (define)
            give_parameter(checker, scope, define, call->kids[i]->name, type);
    }
    map_put(&checker->called, call->name, checker);
    if (!define) {
        unknown_definition(checker, call);
        return &type_any;
    }
    Str takes = list_defined(checker, define);
    for (uint32_t i = 0; i < call->n_kids; i++) {
        bool known = false;
        for (uint32_t k = 0; k + 1 < define->n_kids; k++)
            known |= str_eq(define->kids[k]->name, call->kids[i]->name);
        if (!known)
            unknown_argument(checker, call, call->kids[i], takes);
    }
    for (uint32_t k = 0; k + 1 < define->n_kids; k++) {
        if (define->kids[k]->n_kids == 0 && !find_argument(call, define->kids[k]->name)) {
            missing_argument(checker, call, define->kids[k]->name, takes);
            break;
        }
    }
    return scope && scope->result ? scope->result : &type_unknown;
}

bool check_gives_result(const Node *node)
{
    if (node->kind == NODE_RETURN)
        return node->n_kids > 0;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if ((node_is_statement(node->kids[i]) || node->kids[i]->kind == NODE_BLOCK) &&
            check_gives_result(node->kids[i]))
            return true;
    }
    return false;
}

void check_call_result(Checker *checker, const Node *call)
{
    const Node *define = map_get(&checker->procedures, call->name);
    if (!define || !checker->readable || check_gives_result(define))
        return;
    Diagnostic *d = check_warning(checker, "missing-result", call, "%.*s gives no result",
                                  STR_ARG(check_name(checker, call->name)));
    check_hint(checker, d, "%s",
               check_in_english(checker)
                   ? "end the procedure with “the result is …”, or call it in a sentence of its own"
                   : "end the procedure with return …, or call it on a line of its own");
}

/* ---- connections ---- */

void check_connections(Checker *checker, const Node *program)
{
    for (uint32_t i = 0; i < program->n_kids; i++) {
        Node *connection = program->kids[i];
        if (connection->kind != NODE_CONNECTION)
            continue;
        if (map_put(&checker->connections, connection->name, connection))
            check_error(checker, "doubled-connection", connection, "there is a connection \"%.*s\" already",
                        STR_ARG(connection->name));
        if (!book_exists(checker, connection->text))
            unknown_book(checker, connection);
    }
}

/* lang/explain.c: a paragraph for every kind of statement. */
#include "lang/explain.h"

#include "lang/english.h"
#include "lang/explain_internal.h"
#include "lang/function.h"

/* ---- where ---- */
Span explain_span(const Program *program, const Node *node)
{
    return program->diagnostics.spelling == SPELLING_SPY ? node->spy : node->english;
}

/* A statement's own span may end with its first line: what lies below it counts too. Bounded by AST_DEPTH_MAX. */
static uint32_t end_of(const Program *program, const Node *node) // NOLINT(misc-no-recursion)
{
    uint32_t end = explain_span(program, node).end;
    for (uint32_t i = 0; i < node->n_kids; i++)
        end = MAX_OF(end, end_of(program, node->kids[i]));
    return end;
}

static uint32_t first_line(const Explainer *e, const Node *node)
{
    return lines_at(e->lines, explain_span(e->program, node).start) + 1;
}

static uint32_t last_line(const Explainer *e, const Node *node)
{
    uint32_t end = end_of(e->program, node);
    return lines_at(e->lines, end > 0 ? end - 1 : 0) + 1;
}

const Node *explain_find(const Program *program, const Lines *lines, uint32_t line)
{
    const Node *around = NULL;
    for (uint32_t id = 1; id <= program->n_nodes; id++) {
        const Node *node = program->nodes[id];
        Span span = explain_span(program, node);
        if (!node_is_statement(node) || span.end <= span.start)
            continue;
        uint32_t first = lines_at(lines, span.start);
        if (first == line)
            return node;
        /* Ids are in the order of the text: the last one that reaches over the line is the innermost. */
        if (first < line && lines_at(lines, end_of(program, node) - 1) >= line)
            around = node;
    }
    return around;
}

/* "line 7" or "lines 7 to 9", of a block. */
static void add_lines(const Explainer *e, const Node *block)
{
    uint32_t first = first_line(e, block->kids[0]), last = last_line(e, block->kids[block->n_kids - 1]);
    if (first == last)
        buf_printf(e->out, "line %u", first);
    else
        buf_printf(e->out, "lines %u to %u", first, last);
}

/* ---- words ---- */
Str explain_words(const Explainer *e, const Node *node)
{
    return str_trim(english_print_words(e->arena, node, e->program->catalog));
}

Str explain_type(const Explainer *e, const Type *type)
{
    Str english = type_english(e->arena, type);
    bool bare = type->kind == TYPE_BOOLEAN || type->kind == TYPE_TEXT || type->kind == TYPE_ANY ||
                type->kind == TYPE_NULL || english.len == 0;
    if (bare)
        return english;
    bool vowel = str_find_char(S("aeio"), english.data[0]) >= 0;
    return str_printf(e->arena, "%s %.*s", vowel ? "an" : "a", STR_ARG(english));
}

static void say(const Explainer *e, const char *format, ...) PRINTF_LIKE(2, 3);
static void say(const Explainer *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(e->out, format, args);
    va_end(args);
}

static Str fact_words(const Explainer *e, Str name)
{
    Node node = {.kind = NODE_NAME, .name = name};
    return explain_words(e, &node);
}

/* ---- inputs and connections ---- */
static void explain_input(const Explainer *e, const Node *node)
{
    Str fact = fact_words(e, node->name), type = explain_type(e, node->type);
    say(e, "Whoever starts the run gives %.*s: %.*s, under the name \"%.*s\".", STR_ARG(fact), STR_ARG(type),
        STR_ARG(node->text));
    const Node *usually = node_kid(node, 0);
    if (usually) {
        Str value = explain_words(e, usually);
        say(e, " When it is left out, it is %.*s.", STR_ARG(value));
    } else if (node->flags & NODE_OPTIONAL) {
        say(e, " It may be left out; then it is missing, and sentences that need it ask for it.");
    } else {
        say(e,
            " When it is left out, or cannot be read as that, the run asks a person for it before it does anything.");
    }
}

static void explain_connection(const Explainer *e, const Node *node)
{
    say(e, "Sentences that name \"%.*s\" call the book of %.*s by the connection of that name. Nothing happens yet.",
        STR_ARG(node->name), STR_ARG(node->text));
}

/* ---- facts ---- */
static bool is_first_setting(const Explainer *e, const Node *name)
{
    for (uint32_t i = 0; i < e->program->n_facts; i++) {
        if (e->program->facts[i].set_at == name)
            return true;
    }
    return false;
}

static void explain_target(const Explainer *e, const Node *target)
{
    Str words = explain_words(e, target);
    if (target->kind == NODE_NAME && is_first_setting(e, target))
        say(e, " keeps it as %.*s.", STR_ARG(words));
    else if (target->kind == NODE_NAME)
        say(e, " keeps it as %.*s, in place of what that was.", STR_ARG(words));
    else if (target->kind == NODE_FIELD)
        say(e, " writes it down as %.*s; where there was no \"%.*s\" before, it is added.", STR_ARG(words),
            STR_ARG(target->text));
    else
        say(e, " puts it in place of %.*s.", STR_ARG(words));
}

static void explain_tuple(const Explainer *e, const Node *target)
{
    say(e, " takes its parts apart: ");
    for (uint32_t i = 0; i < target->n_kids; i++) {
        Str words = explain_words(e, target->kids[i]);
        say(e, "%s%.*s", i ? (i + 1 == target->n_kids ? " and " : ", ") : "", STR_ARG(words));
    }
    say(e, ". When there are more parts, or fewer, the run asks a person.");
}

static void explain_choices(const Explainer *e, const Node *choices)
{
    if (choices->kind != NODE_LIST) {
        Str words = explain_words(e, choices);
        say(e, " It is one of %.*s.", STR_ARG(words));
        return;
    }
    for (uint32_t i = 0; i < choices->n_kids; i++) {
        Str words = explain_words(e, choices->kids[i]);
        say(e, "%s%.*s", i ? (i + 1 == choices->n_kids ? " or " : ", ") : " It is one of ", STR_ARG(words));
    }
    say(e, ".");
}

static void explain_ask(const Explainer *e, const Node *target, const Node *ask)
{
    Str question = explain_words(e, ask->kids[0]), fact = explain_words(e, target);
    say(e, "Asks a person: %.*s. The run stands still until somebody answers; the answer", STR_ARG(question));
    if (ask->type->kind != TYPE_ANY) {
        Str type = explain_type(e, ask->type);
        say(e, ", %.*s,", STR_ARG(type));
    }
    say(e, " is kept as %.*s.", STR_ARG(fact));
    if (ask->n_kids > 1)
        explain_choices(e, ask->kids[1]);
}

static void explain_call(const Explainer *e, const Node *call)
{
    bool book = call->kind == NODE_BOOK_CALL;
    Str called = name_to_words(e->arena, call->name);
    if (book && call->procedure)
        say(e, "Calls “%.*s” of the book of %.*s: %.*s", STR_ARG(called), STR_ARG(call->text),
            STR_ARG(call->procedure->description));
    else if (book)
        say(e, "Calls “%.*s” of the book of %.*s.", STR_ARG(called), STR_ARG(call->text));
    else
        say(e, "Carries out the procedure “%.*s”.", STR_ARG(called));
    if (call->alias.len > 0)
        say(e, " It goes through the connection \"%.*s\".", STR_ARG(call->alias));
    for (uint32_t i = 0; i < call->n_kids; i++) {
        Str name = name_to_words(e->arena, call->kids[i]->name), value = explain_words(e, call->kids[i]->kids[0]);
        bool many = !str_eq(singular_of(e->arena, name), name);
        say(e, "%s the %.*s %s %.*s", i ? (i + 1 == call->n_kids ? " and" : ",") : " In this call", STR_ARG(name),
            many ? "are" : "is", STR_ARG(value));
    }
    say(e, call->n_kids ? "." : "");
}

static bool is_call(const Node *node)
{
    return node->kind == NODE_BOOK_CALL || node->kind == NODE_PROCEDURE_CALL;
}

static bool is_find(const Node *node)
{
    return node->kind == NODE_CALL && node->function == FN_FIND && node->kids[1]->kind == NODE_LITERAL;
}

static void explain_find_field(const Explainer *e, const Node *find)
{
    Str of = explain_words(e, find->kids[0]), key = explain_words(e, find->kids[1]);
    say(e, "Looks whether %.*s has %.*s, takes what stands there, or nothing, without a question, and", STR_ARG(of),
        STR_ARG(key));
}

static void explain_assign(const Explainer *e, const Node *node)
{
    const Node *target = node->kids[0], *value = node->kids[1];
    if (value->kind == NODE_ASK) {
        explain_ask(e, target, value);
        return;
    }
    if (is_call(value)) {
        explain_call(e, value);
        say(e, " When the result is there, the run");
    } else if (is_find(value)) {
        explain_find_field(e, value);
    } else {
        Str words = explain_words(e, value);
        say(e, node_is_constant(value) ? "Takes %.*s and" : "Works out %.*s and", STR_ARG(words));
    }
    if (target->kind == NODE_TUPLE)
        explain_tuple(e, target);
    else
        explain_target(e, target);
}

static void explain_action(const Explainer *e, const Node *call)
{
    if (is_call(call)) {
        explain_call(e, call);
        say(e, " What it gives is not kept.");
        return;
    }
    Str of = explain_words(e, call->kids[0]), what = call->n_kids > 1 ? explain_words(e, call->kids[1]) : S("");
    switch (call->function) {
    case FN_APPEND: say(e, "Adds %.*s at the end of %.*s.", STR_ARG(what), STR_ARG(of)); return;
    case FN_INSERT_FIRST: say(e, "Puts %.*s at the front of %.*s.", STR_ARG(what), STR_ARG(of)); return;
    case FN_REMOVE:
        say(e, "Takes the first %.*s out of %.*s. When there is none, the run asks a person.", STR_ARG(what),
            STR_ARG(of));
        return;
    case FN_DELETE_FIELD: say(e, "Takes the field %.*s out of %.*s.", STR_ARG(what), STR_ARG(of)); return;
    default: {
        Str words = explain_words(e, call);
        say(e, "Works out %.*s.", STR_ARG(words));
    }
    }
}

/* ---- choices and loops ---- */
static void explain_if(const Explainer *e, const Node *node)
{
    uint32_t i = 0;
    for (; i + 1 < node->n_kids; i += 2) {
        Str condition = explain_words(e, node->kids[i]);
        say(e, i ? " Otherwise, if %.*s, does " : "If %.*s, does ", STR_ARG(condition));
        add_lines(e, node->kids[i + 1]);
        say(e, ".");
    }
    if (i < node->n_kids) {
        say(e, " In every other case does ");
        add_lines(e, node->kids[i]);
        say(e, ".");
    } else {
        say(e, " In every other case nothing happens here.");
    }
    say(e, " Only one of these is done; then the run goes on below line %u.", last_line(e, node));
}

static void explain_for(const Explainer *e, const Node *node)
{
    const Node *block = node->kids[node->n_kids - 1];
    Str item = explain_words(e, node->kids[0]), all = explain_words(e, node->kids[1]);
    say(e, "Goes through %.*s from the first to the last. Each time the one at hand is called %.*s, and ", STR_ARG(all),
        STR_ARG(item));
    add_lines(e, block);
    bool one = first_line(e, block->kids[0]) == last_line(e, block->kids[block->n_kids - 1]);
    say(e, " %s done. Where there is none, nothing happens. After the last, the run goes on below line %u.",
        one ? "is" : "are", last_line(e, node));
    if (node->flags & NODE_SAME_TIME)
        say(e,
            " All are worked on at the same time, each by itself: one that waits for a person does not hold up the "
            "others. What is changed in %.*s stays; nothing else that an item sets is known below. When one of them "
            "fails, the run asks a person about it as soon as the others are done.",
            STR_ARG(item));
}

static void explain_repeat(const Explainer *e, const Node *node)
{
    Str count = explain_words(e, node->kids[0]);
    say(e, "Does ");
    add_lines(e, node->kids[1]);
    say(e, " %.*s times, then goes on below line %u.", STR_ARG(count), last_line(e, node));
}

static void explain_while(const Explainer *e, const Node *node)
{
    Str condition = explain_words(e, node->kids[0]);
    say(e, "As long as %.*s, does ", STR_ARG(condition));
    add_lines(e, node->kids[1]);
    say(e,
        " again and again; it looks before each round. Then the run goes on below line %u. Where the rounds never end, "
        "the run ends as failed after the most steps that a run may take.",
        last_line(e, node));
}

/* ---- procedures ---- */
static void explain_define(const Explainer *e, const Node *node)
{
    Str name = name_to_words(e->arena, node->name);
    say(e, "Says how to %.*s: ", STR_ARG(name));
    add_lines(e, node->kids[node->n_kids - 1]);
    say(e, ". Nothing happens here; it is done wherever a sentence calls it.");
    for (uint32_t i = 0; i + 1 < node->n_kids; i++) {
        const Node *usually = node_kid(node->kids[i], 0);
        Str parameter = fact_words(e, node->kids[i]->name);
        say(e, "%s %.*s", i ? "," : " It is told", STR_ARG(parameter));
        if (usually) {
            Str value = explain_words(e, usually);
            say(e, " (%.*s when not said)", STR_ARG(value));
        }
    }
    say(e, node->n_kids > 1 ? ". The facts it sets are its own." : " The facts it sets are its own.");
}

static void explain_return(const Explainer *e, const Node *node)
{
    if (node->n_kids == 0) {
        say(e, "Ends the procedure here, without a result; the run goes on where it was called.");
        return;
    }
    Str value = explain_words(e, node->kids[0]);
    say(e, "Ends the procedure here; its result is %.*s. The run goes on where it was called.", STR_ARG(value));
}

/* ---- checks and ends ---- */
static void explain_ensure(const Explainer *e, const Node *node)
{
    Str condition = explain_words(e, node->kids[0]);
    say(e,
        "Checks that %.*s. When it is so, nothing more happens. When it is not, the run stops here and asks a person",
        STR_ARG(condition));
    if (node->n_kids > 1) {
        Str message = explain_words(e, node->kids[1]);
        say(e, ", saying %.*s", STR_ARG(message));
    }
    say(e, ".");
}

static void explain_validate(const Explainer *e, const Node *node)
{
    say(e, "Checks %u things. When all hold, nothing more happens. Otherwise the run stops here and asks a person.",
        node->n_kids);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        Str condition = explain_words(e, node->kids[i]->kids[0]);
        say(e, "%s%.*s", i ? (i + 1 == node->n_kids ? ", and that " : ", that ") : " They are: that ",
            STR_ARG(condition));
    }
    say(e, ".");
}

static void explain_output(const Explainer *e, const Node *node)
{
    Str name = explain_words(e, node->kids[0]), value = explain_words(e, node->kids[1]);
    say(e,
        "Gives %.*s to whoever started the run, under the name %.*s. When the same name is given twice, the last one "
        "counts.",
        STR_ARG(value), STR_ARG(name));
}

static void explain_say(const Explainer *e, const Node *node)
{
    Str text = explain_words(e, node->kids[0]);
    say(e, "Writes %.*s into the run's journal, where people can read it.", STR_ARG(text));
    if (node->kids[0]->kind == NODE_TEMPLATE)
        say(e, " What stands in braces is filled in.");
}

static void explain_wait(const Explainer *e, const Node *node)
{
    Str moment = explain_words(e, node->kids[0]);
    say(e, "Waits %s%.*s, then goes on. A waiting run costs nothing and outlives a restart of the server.",
        node->flags & NODE_UNTIL ? "until " : "", STR_ARG(moment));
    if (node->flags & NODE_UNTIL)
        say(e, " When that moment has passed, it goes on at once.");
}

static void explain_fail(const Explainer *e, const Node *node)
{
    Str reason = explain_words(e, node->kids[0]);
    say(e, "Ends the run here as failed. The reason it gives is %.*s. Nothing below is done.", STR_ARG(reason));
}

static void explain_kind(const Explainer *e, const Node *node)
{
    switch (node->kind) {
    case NODE_COMMENT: say(e, "A note for readers. The run passes over it."); break;
    case NODE_INPUT: explain_input(e, node); break;
    case NODE_CONNECTION: explain_connection(e, node); break;
    case NODE_ASSIGN: explain_assign(e, node); break;
    case NODE_EXPRESSION: explain_action(e, node->kids[0]); break;
    case NODE_IF: explain_if(e, node); break;
    case NODE_FOR: explain_for(e, node); break;
    case NODE_REPEAT: explain_repeat(e, node); break;
    case NODE_WHILE: explain_while(e, node); break;
    case NODE_BREAK: say(e, "Leaves the loop at once; the run goes on with what stands below the loop."); break;
    case NODE_CONTINUE:
        say(e, "Leaves out the rest of the loop's sentences for this one, and goes on with the next.");
        break;
    case NODE_DEFINE: explain_define(e, node); break;
    case NODE_RETURN: explain_return(e, node); break;
    case NODE_ENSURE: explain_ensure(e, node); break;
    case NODE_VALIDATE: explain_validate(e, node); break;
    case NODE_OUTPUT: explain_output(e, node); break;
    case NODE_SAY: explain_say(e, node); break;
    case NODE_WAIT: explain_wait(e, node); break;
    case NODE_FINISH:
        say(e, "Ends the run here as completed. What it has put out so far stays; nothing below is done.");
        break;
    case NODE_FAIL: explain_fail(e, node); break;
    default: break;
    }
}

void explain_statement(Buf *out, Arena *arena, const Program *program, const Lines *lines, const Node *statement)
{
    Explainer e = {out, arena, program, lines};
    explain_kind(&e, statement);
    buf_char(out, '\n');
    explain_risks(&e, statement);
}

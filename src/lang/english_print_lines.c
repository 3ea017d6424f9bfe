/* lang/english_print_lines.c: statement → its lines up to its first block: a function a kind of sentence. */
#include <string.h>

#include "lang/english_internal.h"

/* ---- lines ---- */

void put_indent(EnglishPrinter *printer, uint32_t more)
{
    for (uint32_t i = 0; i < printer->indent + more; i++)
        show_words(printer, " ");
}

/* The end of a statement's first line: what stands behind it is no part of the statement. */
void end_line(EnglishPrinter *printer, const Node *node)
{
    printer->last_end = (uint32_t)printer->out.len;
    if (node && node->trailing.len > 0) {
        show_words(printer, "  # ");
        buf_str(&printer->out, node->trailing);
    }
    show_words(printer, "\n");
}

/* ---- facts ---- */

/* are a, b and c · is V */
static void print_what_it_is(EnglishPrinter *printer, Node *value, bool plural)
{
    show_words(printer, plural ? " are " : " is ");
    if (plural && value->kind == NODE_LIST && value->n_kids > 1) {
        show_mark_start(printer, value);
        show_items(printer, value->kids, value->n_kids);
        show_mark_end(printer, value);
        return;
    }
    bool joined = value->kind == NODE_AND || value->kind == NODE_OR || value->kind == NODE_NOT;
    show_value(printer, value, plural && joined ? LEVEL_COMPARE : LEVEL_OPEN);
}

static void show_target(EnglishPrinter *printer, Node *target)
{
    if (target->kind == NODE_NAME) {
        show_target_name(printer, target, true);
    } else {
        printer->setting = true;
        show_value(printer, target, LEVEL_OPEN);
        printer->setting = false;
    }
}

static void print_set(EnglishPrinter *printer, Node *node)
{
    Node *target = node->kids[0];
    show_words(printer, "set ");
    if (target->kind == NODE_TUPLE) {
        show_mark_start(printer, target);
        for (uint32_t i = 0; i < target->n_kids; i++) {
            if (i > 0)
                show_words(printer, i + 1 == target->n_kids ? " and " : ", ");
            show_target(printer, target->kids[i]);
        }
        show_mark_end(printer, target);
    } else {
        show_target(printer, target);
    }
    show_words(printer, " to ");
    show_value(printer, node->kids[1], LEVEL_OPEN);
    end_line(printer, node);
}

static bool is_change(const Node *node)
{
    const Node *target = node->kids[0], *value = node->kids[1];
    return target->kind != NODE_TUPLE && value->kind == NODE_ARITHMETIC && value->op <= OP_SUBTRACT &&
           ast_equal(target, value->kids[0]);
}

/* The left operand of a change stands in the text as its target. */
static void copy_spans(Node *to, const Node *from)
{
    to->english = from->english;
    for (uint32_t i = 0; i < to->n_kids; i++)
        copy_spans(to->kids[i], from->kids[i]);
}

static void print_change(EnglishPrinter *printer, Node *node)
{
    Node *sum = node->kids[1];
    show_words(printer, sum->op == OP_ADD ? "increase " : "decrease ");
    show_mark_start(printer, sum);
    show_value(printer, node->kids[0], LEVEL_OPEN);
    show_words(printer, " by ");
    show_value(printer, sum->kids[1], LEVEL_OPEN);
    show_mark_end(printer, sum);
    if (printer->spans)
        copy_spans(sum->kids[0], node->kids[0]);
    end_line(printer, node);
}

static bool is_find(const Node *node)
{
    const Node *value = node->kids[1];
    if (node->kids[0]->kind != NODE_NAME || value->kind != NODE_CALL || value->function != FN_FIND)
        return false;
    bool lazy = value->kids[0]->kind == NODE_COLLECT && value->kids[0]->op == COLLECT_LAZY; /* no field has one */
    return node_is_text(value->kids[1]) && !lazy;
}

static void print_find(EnglishPrinter *printer, Node *node)
{
    Node *call = node->kids[1];
    show_words(printer, "find ");
    show_mark_start(printer, call);
    show_possessive(printer, call->kids[0], value_str(call->kids[1]->value));
    show_mark_end(printer, call);
    show_mark_like(printer, call->kids[1], call);
    show_words(printer, " as ");
    show_target_name(printer, node->kids[0], true);
    end_line(printer, node);
}

static const char *article_for(Str words)
{
    return words.len > 0 && strchr("aeiou", words.data[0]) ? "an " : "a ";
}

static void print_type(EnglishPrinter *printer, const Type *type, bool optional)
{
    Str words = type_english(printer->arena, type);
    if (optional)
        show_words(printer, "an optional ");
    else if (type->kind != TYPE_ANY && type->kind != TYPE_BOOLEAN)
        show_words(printer, article_for(words));
    buf_str(&printer->out, words);
}

static void print_ask(EnglishPrinter *printer, Node *node)
{
    Node *target = node->kids[0], *ask = node->kids[1];
    show_mark_start(printer, ask);
    uint32_t start = (uint32_t)printer->out.len;
    show_words(printer, "ask ");
    show_value(printer, ask->kids[0], LEVEL_OPEN);
    if (str_eq(target->name, S("answer"))) {
        if (printer->spans)
            target->english = (Span){start, start + 3};
    } else {
        show_words(printer, " as ");
        show_target_name(printer, target, true);
    }
    end_line(printer, node);
    if (ask->n_kids > 1) {
        put_indent(printer, 2);
        show_words(printer, "the choices");
        print_what_it_is(printer, ask->kids[1], true);
        end_line(printer, NULL);
    }
    if (ask->type->kind != TYPE_ANY) {
        put_indent(printer, 2);
        show_words(printer, "the answer is ");
        print_type(printer, ask->type, false);
        end_line(printer, NULL);
    }
    if (printer->spans)
        ask->english.end = printer->last_end;
}

/* ---- calls ---- */

static bool is_placed(const Pattern *pattern, const Node *argument)
{
    for (uint8_t i = 0; i < pattern->n_pieces; i++) {
        int16_t gap = pattern->pieces[i].gap;
        if (gap >= 0 && str_eq(pattern->procedure->parameters[gap].name, argument->name))
            return true;
    }
    return false;
}

/* What the sentence does not place follows as lines: the subject is “…”. */
static void print_parameter_lines(EnglishPrinter *printer, const Pattern *pattern, Node *call)
{
    for (uint32_t i = 0; i < call->n_kids; i++) {
        Node *argument = call->kids[i];
        if (is_placed(pattern, argument))
            continue;
        Str words = name_to_words(printer->arena, argument->name);
        put_indent(printer, 2);
        show_mark_start(printer, argument);
        show_words(printer, "the ");
        bool plain = name_is_regular(argument->name) && words_are_free(printer->patterns, words);
        if (plain)
            buf_str(&printer->out, words);
        else
            show_text(printer, argument->name);
        print_what_it_is(printer, argument->kids[0], plain && words_are_plural(printer->arena, words));
        show_mark_end(printer, argument);
        end_line(printer, NULL);
    }
}

static void print_pattern_sentence(EnglishPrinter *printer, Node *node, const Pattern *pattern, Node *call,
                                   Node *result)
{
    show_mark_start(printer, call);
    show_pattern(printer, pattern, call, result);
    if (call->alias.len > 0) {
        show_words(printer, " using the ");
        show_text(printer, call->alias);
        show_words(printer, " connection");
    }
    end_line(printer, node);
    if (call->kind == NODE_BOOK_CALL)
        print_parameter_lines(printer, pattern, call);
    if (printer->spans)
        call->english.end = printer->last_end;
}

static void print_expression(EnglishPrinter *printer, Node *node)
{
    Node *call = node->kids[0];
    const Pattern *pattern = call->kind == NODE_PROCEDURE_CALL ? NULL : pattern_of_sentence(printer, call, false);
    if (pattern) {
        print_pattern_sentence(printer, node, pattern, call, NULL);
        return;
    }
    show_mark_start(printer, call);
    if (call->kind != NODE_PROCEDURE_CALL || !procedure_is_plain(printer, call->name))
        show_words(printer, "do ");
    show_call_in_words(printer, call, true);
    show_mark_end(printer, call);
    end_line(printer, node);
}

static void print_assign(EnglishPrinter *printer, Node *node)
{
    Node *target = node->kids[0], *value = node->kids[1];
    if (value->kind == NODE_ASK) {
        print_ask(printer, node);
    } else if (value->kind == NODE_BOOK_CALL && target->kind == NODE_NAME &&
               pattern_of_sentence(printer, value, true)) {
        print_pattern_sentence(printer, node, pattern_of_sentence(printer, value, true), value, target);
    } else if (is_find(node)) {
        print_find(printer, node);
    } else if (is_change(node)) {
        print_change(printer, node);
    } else if (target->kind != NODE_NAME || printer->guarded || str_eq(target->name, S("result"))) {
        print_set(printer, node);
    } else {
        bool plural = name_is_regular(target->name) && noun_is_plural(printer, target);
        show_target_name(printer, target, true);
        print_what_it_is(printer, value, plural);
        end_line(printer, node);
    }
}

/* ---- blocks ---- */

static void print_condition(EnglishPrinter *printer, const char *opening, Node *condition, const Node *node)
{
    show_words(printer, opening);
    show_deciding(printer, condition, LEVEL_OPEN);
    show_words(printer, " then");
    end_line(printer, node);
}

static void print_for(EnglishPrinter *printer, Node *node)
{
    show_words(printer, "for each ");
    show_targets(printer, node->kids[0]);
    show_words(printer, " in ");
    show_gone_through(printer, node->kids[1], LEVEL_CHOOSE);
    show_words(printer, node->flags & NODE_SAME_TIME ? ", at the same time" : "");
    end_line(printer, node);
}

static void print_define(EnglishPrinter *printer, Node *node)
{
    Str words = name_to_words(printer->arena, node->name);
    show_words(printer, "to ");
    if (procedure_is_plain(printer, node->name) ||
        (!printer->guarded && name_is_regular(node->name) && !str_contains(words, S("with"))))
        buf_str(&printer->out, words);
    else
        show_text(printer, node->name);
    for (uint32_t i = 0; i + 1 < node->n_kids; i++) {
        Node *parameter = node->kids[i], name = {.kind = NODE_NAME, .name = parameter->name};
        show_words(printer, i == 0 ? " with " : i + 2 == node->n_kids ? " and " : ", ");
        show_mark_start(printer, parameter);
        show_target_name(printer, &name, true);
        if (parameter->n_kids > 0) {
            show_words(printer, " (usually ");
            show_value(printer, parameter->kids[0], LEVEL_OPEN);
            show_words(printer, ")");
        }
        show_mark_end(printer, parameter);
    }
    end_line(printer, node);
}

static void show_ensure(EnglishPrinter *printer, Node *node)
{
    show_words(printer, "ensure ");
    show_deciding(printer, node->kids[0], node->n_kids > 1 ? LEVEL_CHOOSE : LEVEL_OPEN);
    if (node->n_kids > 1) {
        show_words(printer, ", or else ");
        show_value(printer, node->kids[1], LEVEL_OPEN);
    }
}

static void print_validate(EnglishPrinter *printer, Node *node)
{
    show_words(printer, "validate the following");
    end_line(printer, node);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        Node *ensure = node->kids[i];
        put_indent(printer, 2);
        show_mark_start(printer, ensure);
        show_ensure(printer, ensure);
        show_mark_end(printer, ensure);
        end_line(printer, NULL);
    }
}

/* ---- one line each ---- */

static void print_input(EnglishPrinter *printer, Node *node)
{
    bool plain = !printer->guarded && words_are_free(printer->patterns, node->text) &&
                 str_eq(name_from_words(printer->arena, node->text), node->name);
    show_words(printer, "the ");
    if (plain) {
        buf_str(&printer->out, node->text);
    } else {
        Node name = {.kind = NODE_NAME, .name = node->name};
        show_words(printer, "input ");
        show_text(printer, node->text);
        if (printer->guarded || !str_eq(name_from_words(printer->arena, node->text), node->name)) {
            show_words(printer, " as ");
            bool spans = printer->spans;
            printer->spans = false;
            show_target_name(printer, &name, true);
            printer->spans = spans;
        }
    }
    show_words(printer, plain && words_are_plural(printer->arena, node->text) ? " are " : " is ");
    print_type(printer, node->type, node->flags & NODE_OPTIONAL);
    if (node->n_kids > 0) {
        show_words(printer, ", usually ");
        show_value(printer, node->kids[0], LEVEL_OPEN);
    }
    end_line(printer, node);
}

static void print_words_and_value(EnglishPrinter *printer, Node *node, const char *words)
{
    show_words(printer, words);
    if (node->n_kids > 0)
        show_value(printer, node->kids[0], LEVEL_OPEN);
    end_line(printer, node);
}

static void print_while(EnglishPrinter *printer, Node *node)
{
    show_words(printer, "repeat while ");
    show_deciding(printer, node->kids[0], LEVEL_OPEN);
    end_line(printer, node);
}

static void print_output(EnglishPrinter *printer, Node *node)
{
    show_words(printer, "output ");
    show_value(printer, node->kids[1], LEVEL_OPEN);
    show_words(printer, " as ");
    show_value(printer, node->kids[0], LEVEL_OPEN);
    end_line(printer, node);
}

static void print_ensure(EnglishPrinter *printer, Node *node)
{
    show_ensure(printer, node);
    end_line(printer, node);
}

static void print_connection(EnglishPrinter *printer, Node *node)
{
    show_words(printer, "use the ");
    show_text(printer, node->name);
    show_words(printer, " connection of the ");
    show_text(printer, node->text);
    show_words(printer, " book");
    end_line(printer, node);
}

static void print_repeat(EnglishPrinter *printer, Node *node)
{
    show_words(printer, "repeat ");
    show_value(printer, node->kids[0], LEVEL_SUM);
    show_words(printer, " times");
    end_line(printer, node);
}

/* The lines of a statement up to its first block. */
void print_head(EnglishPrinter *printer, Node *node)
{
    switch (node->kind) {
    case NODE_INPUT: print_input(printer, node); break;
    case NODE_CONNECTION: print_connection(printer, node); break;
    case NODE_ASSIGN: print_assign(printer, node); break;
    case NODE_EXPRESSION: print_expression(printer, node); break;
    case NODE_IF: print_condition(printer, "if ", node->kids[0], node); break;
    case NODE_FOR: print_for(printer, node); break;
    case NODE_REPEAT: print_repeat(printer, node); break;
    case NODE_WHILE: print_while(printer, node); break;
    case NODE_BREAK: print_words_and_value(printer, node, "stop the loop"); break;
    case NODE_CONTINUE: print_words_and_value(printer, node, "go to the next one"); break;
    case NODE_DEFINE: print_define(printer, node); break;
    case NODE_RETURN:
        print_words_and_value(printer, node, node->n_kids ? "the result is " : "end the procedure");
        break;
    case NODE_ENSURE: print_ensure(printer, node); break;
    case NODE_VALIDATE: print_validate(printer, node); break;
    case NODE_OUTPUT: print_output(printer, node); break;
    case NODE_SAY: print_words_and_value(printer, node, "say "); break;
    case NODE_WAIT: print_words_and_value(printer, node, node->flags & NODE_UNTIL ? "wait until " : "wait "); break;
    case NODE_FINISH: print_words_and_value(printer, node, "finish"); break;
    case NODE_FAIL: print_words_and_value(printer, node, "fail with "); break;
    default: break;
    }
}

/* cli/show_tree.c: nodes and facts, one a line. */
#include "cli/show_tree.h"

#include "lang/function.h"
#include "lang/lines.h"

typedef struct Shown {
    Buf *out;
    Arena *arena;
    Lines lines;
    Spelling spelling;
} Shown;

static uint32_t line_of(const Shown *shown, const Node *node)
{
    Span span = shown->spelling == SPELLING_SPY ? node->spy : node->english;
    return lines_at(&shown->lines, span.start) + 1;
}

/* ---- the tree ---- */
static const char *const arithmetic_signs[] = {
    [OP_ADD] = "+",           [OP_SUBTRACT] = "-", [OP_MULTIPLY] = "*", [OP_DIVIDE] = "/",
    [OP_FLOOR_DIVIDE] = "//", [OP_MODULO] = "%",   [OP_POWER] = "**",
};
static const char *const compare_signs[] = {
    [CMP_EQUAL] = "==",  [CMP_NOT_EQUAL] = "!=",     [CMP_LESS] = "<", [CMP_LESS_EQUAL] = "<=",
    [CMP_GREATER] = ">", [CMP_GREATER_EQUAL] = ">=", [CMP_IN] = "in",  [CMP_NOT_IN] = "not in",
};
static const char *const collect_words[] = {[COLLECT_LIST] = "list",
                                            [COLLECT_SET] = "set",
                                            [COLLECT_RECORD] = "record",
                                            [COLLECT_LAZY] = "one by one",
                                            [COLLECT_MORE] = "for each of these"};

static void add_word(Buf *out, Str word)
{
    if (word.len > 0)
        buf_printf(out, " %.*s", STR_ARG(word));
}

static void add_literal(Buf *out, Value value)
{
    buf_char(out, ' ');
    if (value.kind == VALUE_TEXT)
        buf_char(out, '"');
    size_t start = out->len;
    if (value.kind == VALUE_NULL)
        buf_str(out, S("nothing"));
    else
        value_print(out, value);
    for (size_t i = start; i < out->len; i++) {
        if ((unsigned char)out->data[i] < ' ')
            out->data[i] = ' '; /* one node, one line */
    }
    if (value.kind == VALUE_TEXT)
        buf_char(out, '"');
}

static void add_type(Shown *shown, const Node *node)
{
    Str type = type_english(shown->arena, node->type);
    buf_printf(shown->out, ": %s%.*s", node->flags & NODE_OPTIONAL ? "optional " : "", STR_ARG(type));
}

/* What a node holds besides its kids. */
static void add_content(Shown *shown, const Node *node)
{
    Buf *out = shown->out;
    switch (node->kind) {
    case NODE_LITERAL: add_literal(out, node->value); return;
    case NODE_ARITHMETIC: buf_printf(out, " %s", arithmetic_signs[node->op]); return;
    case NODE_COMPARE:
        for (uint32_t i = 0; i + 1 < node->n_kids; i++)
            buf_printf(out, " %s", compare_signs[node->ops[i]]);
        return;
    case NODE_CALL: buf_printf(out, " %s", functions[node->function].spy); return;
    case NODE_COLLECT: buf_printf(out, " %s", collect_words[node->op]); return;
    case NODE_BOOK_CALL:
        buf_printf(out, " %.*s.%.*s", STR_ARG(node->text), STR_ARG(node->name));
        if (node->alias.len > 0)
            buf_printf(out, " by %.*s", STR_ARG(node->alias));
        return;
    case NODE_INPUT:
        buf_printf(out, " %.*s \"%.*s\"", STR_ARG(node->name), STR_ARG(node->text));
        add_type(shown, node);
        return;
    case NODE_ASK: add_type(shown, node); return;
    case NODE_FOR: buf_str(out, node->flags & NODE_SAME_TIME ? S(" at the same time") : S("")); return;
    case NODE_WAIT: buf_str(out, node->flags & NODE_UNTIL ? S(" until") : S("")); return;
    default: add_word(out, node->name); add_word(out, node->text);
    }
}

/* The depth is bounded by the reader: AST_EXPRESSION_MAX and AST_BLOCKS_MAX. */
static void add_node(Shown *shown, const Node *node, unsigned depth) // NOLINT(misc-no-recursion)
{
    buf_printf(shown->out, "%*s%s", (int)(2 * depth), "", node_kind_name((NodeKind)node->kind));
    add_content(shown, node);
    if (node_is_statement(node))
        buf_printf(shown->out, "  (line %u)", line_of(shown, node));
    buf_char(shown->out, '\n');
    for (uint32_t i = 0; i < node->n_kids; i++)
        add_node(shown, node->kids[i], depth + 1);
}

void show_tree(Buf *out, Arena *arena, const Source *source, const Program *program)
{
    Shown shown = {out, arena, lines_of(arena, source->text), source->spelling};
    add_node(&shown, program->tree, 0);
}

/* ---- facts ---- */
static size_t widest_name(const Program *program)
{
    size_t width = 0;
    for (uint32_t i = 0; i < program->n_facts; i++)
        width = MAX_OF(width, MIN_OF(program->facts[i].name.len, (size_t)40));
    return width;
}

static Str name_shown(const Shown *shown, Str name)
{
    bool words = shown->spelling == SPELLING_ENGLISH && name_is_regular(name);
    return words ? name_to_words(shown->arena, name) : name;
}

/* Of a record, of a table's rows, or of the records in a list; deeper ones below theirs. */
static void add_fields(Shown *shown, const Type *type, int indent) // NOLINT(misc-no-recursion)
{
    while ((type->kind == TYPE_LIST || type->kind == TYPE_OPTIONAL) && type->inner)
        type = type->inner;
    for (uint32_t i = 0; i < type->n_fields; i++) {
        Str inner = type_english(shown->arena, type->fields[i].type);
        buf_printf(shown->out, "%*s%.*s: %.*s\n", indent, "", STR_ARG(type->fields[i].name), STR_ARG(inner));
        add_fields(shown, type->fields[i].type, indent + 2);
    }
    bool is_open = type->open && (type->kind == TYPE_RECORD || type->kind == TYPE_TABLE);
    if (is_open && type->inner)
        buf_printf(shown->out, "%*severy field: %.*s\n", indent, "", STR_ARG(type_english(shown->arena, type->inner)));
    else if (is_open && type->n_fields > 0)
        buf_printf(shown->out, "%*s… and what else it comes with\n", indent, "");
}

static void add_fact(Shown *shown, const FactSpec *fact, size_t width)
{
    Str type = type_english(shown->arena, fact->type), name = name_shown(shown, fact->name);
    buf_printf(shown->out, "  %-*.*s  %.*s", (int)width, STR_ARG(name), STR_ARG(type));
    if (fact->is_input)
        buf_str(shown->out, S(", an input"));
    buf_printf(shown->out, "  (line %u)\n", line_of(shown, fact->set_at));
    add_fields(shown, fact->type, 4);
}

void show_types(Buf *out, Arena *arena, const Source *source, const Program *program)
{
    Shown shown = {out, arena, lines_of(arena, source->text), source->spelling};
    size_t width = widest_name(program);
    const Node *define = NULL;
    buf_str(out, program->n_facts ? S("Facts\n") : S("No facts\n"));
    for (uint32_t i = 0; i < program->n_facts; i++) {
        const FactSpec *fact = &program->facts[i];
        if (fact->define != define) {
            Str name = name_shown(&shown, fact->define->name);
            buf_printf(out, "In the procedure %.*s\n", STR_ARG(name));
            define = fact->define;
        }
        add_fact(&shown, fact, width);
    }
}

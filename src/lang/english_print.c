/* lang/english_print.c: tree → text. Every sentence is read back as soon as it stands there; where that gives another
 * tree (a name that looks like grammar, a catalog that words something alike), it is printed again, guarded. */
#include <string.h>

#include "lang/english_internal.h"

/* ---- blocks ---- */

static void print_statement(EnglishPrinter *printer, Node *node, bool first);

static void print_block(EnglishPrinter *printer, Node *block)
{
    printer->indent += 2;
    for (uint32_t i = 0; i < block->n_kids; i++)
        print_statement(printer, block->kids[i], i == 0);
    printer->indent -= 2;
    if (printer->spans && block->n_kids > 0)
        block->english = (Span){block->kids[0]->english.start, printer->last_end};
}

/* ---- reading back ---- */

/* The statement as its head alone would be read: empty blocks, no comment, one branch. */
static Node *head_of(Arena *arena, const Node *node)
{
    Node *head = NEW(arena, Node);
    *head = *node;
    head->kids = NULL;
    head->n_kids = 0;
    head->flags &= (uint8_t)~NODE_BLANK_BEFORE;
    head->trailing = S("");
    uint32_t n = node->kind == NODE_IF ? 2 : node->n_kids;
    for (uint32_t i = 0; i < n; i++)
        node_add(arena, head, node->kids[i]->kind == NODE_BLOCK ? node_new(arena, NODE_BLOCK) : node->kids[i]);
    return head;
}

static bool reads_back(EnglishPrinter *printer, const Node *node, Str text)
{
    Arena *arena = printer->scratch;
    ArenaMark mark = arena_mark(arena);
    Diagnostics all = {.arena = arena, .source = text};
    EnglishReader reader = english_reader(arena, text, printer->catalog, printer->patterns, &all);
    reader.trial = true;
    reader.facts = printer->facts;
    reader.procedures = printer->procedures;
    reader.owner = node_new(arena, NODE_PROGRAM);
    Node *read = NULL;
    if (reader.lines.count > 0) {
        next_sentence(&reader);
        read = node->kind == NODE_INPUT ? read_input_line(&reader) : read_sentence(&reader, 0);
    }
    bool same = read && !reader.failed && reader.line == reader.lines.count && ast_equal(read, head_of(arena, node));
    arena_release(arena, mark);
    return same;
}

static bool value_reads_back(EnglishPrinter *printer, const Node *node, Str text)
{
    Arena *arena = printer->scratch;
    ArenaMark mark = arena_mark(arena);
    Diagnostics all = {.arena = arena, .source = text};
    EnglishReader reader = english_reader(arena, text, printer->catalog, printer->patterns, &all);
    reader.trial = true;
    reader.facts = printer->facts;
    reader.owner = node_new(arena, NODE_PROGRAM);
    next_sentence(&reader);
    Node *read = read_value(&reader);
    bool same = read && end_sentence(&reader) && reader.line == reader.lines.count && ast_equal(read, node);
    arena_release(arena, mark);
    return same;
}

/* Whether one line stood in the source word for word: this node is what it was read as. */
static bool was_read(const EnglishPrinter *printer, Span span, Str text)
{
    Str stood =
        str_slice(printer->source, MIN_OF(span.start, printer->source.len), MIN_OF(span.end, printer->source.len));
    text = str_trim(text);
    return stood.len > 0 && str_find_char(text, '\n') < 0 && str_eq(str_trim(str_cut(&stood, '\n')), text);
}

/* The head of `node`, printed once, and again with every part guarded where that does not read back. `span` is where
 * it stood in the source. */
static void print_checked(EnglishPrinter *printer, Node *node, Span span)
{
    size_t start = printer->out.len;
    print_head(printer, node);
    Str text = str_skip(buf_view(&printer->out), start);
    if (was_read(printer, span, text) || reads_back(printer, node, text))
        return;
    printer->out.len = start;
    printer->guarded = true;
    print_head(printer, node);
    printer->guarded = false;
}

static void print_branches(EnglishPrinter *printer, Node *node)
{
    print_block(printer, node->kids[1]);
    for (uint32_t i = 2; i < node->n_kids; i += 2) {
        put_indent(printer, 0);
        if (i + 1 == node->n_kids) {
            show_words(printer, "otherwise");
            end_line(printer, NULL);
            print_block(printer, node->kids[i]);
            return;
        }
        Node branch = {.kind = NODE_IF, .n_kids = 2, .kids = &node->kids[i]};
        show_words(printer, "otherwise ");
        print_checked(printer, &branch, (Span){0});
        print_block(printer, node->kids[i + 1]);
    }
}

static void learn(EnglishPrinter *printer, const Node *target)
{
    if (target->kind == NODE_NAME)
        map_put(&printer->facts, target->name, (void *)target);
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        learn(printer, target->kids[i]);
}

static void print_comment(EnglishPrinter *printer, Node *node)
{
    show_words(printer, node->text.len > 0 ? "# " : "#");
    buf_str(&printer->out, node->text);
    end_line(printer, NULL);
}

/* What a statement teaches before the sentences behind it are read. */
static void learn_from(EnglishPrinter *printer, const Node *node)
{
    if (node->kind == NODE_ASSIGN || node->kind == NODE_FOR)
        learn(printer, node->kids[0]);
    if (node->kind == NODE_INPUT)
        map_put(&printer->facts, node->name, (void *)node);
    for (uint32_t i = 0; node->kind == NODE_DEFINE && i + 1 < node->n_kids; i++)
        map_put(&printer->facts, node->kids[i]->name, (void *)node);
}

static void print_statement(EnglishPrinter *printer, Node *node, bool first)
{
    if ((node->flags & NODE_BLANK_BEFORE) && !first)
        show_words(printer, "\n");
    put_indent(printer, 0);
    Span span = node->english;
    show_mark_start(printer, node);
    if (node->kind == NODE_COMMENT) {
        print_comment(printer, node);
    } else {
        print_checked(printer, node, span);
        learn_from(printer, node);
        if (node->kind == NODE_IF)
            print_branches(printer, node);
        else if (node->n_kids > 0 && node->kids[node->n_kids - 1]->kind == NODE_BLOCK)
            print_block(printer, node->kids[node->n_kids - 1]);
    }
    if (printer->spans)
        node->english.end = printer->last_end;
}

/* ---- the whole ---- */

static void learn_procedures(EnglishPrinter *printer, const Node *program)
{
    for (uint32_t i = 0; i < program->n_kids; i++) {
        const Node *node = program->kids[i];
        if (node->kind == NODE_DEFINE && name_is_regular(node->name))
            map_put(&printer->procedures, name_to_words(printer->arena, node->name), (void *)node);
    }
}

static void print_program(EnglishPrinter *printer, Node *program)
{
    uint32_t first_input = UINT32_MAX, last_input = 0;
    for (uint32_t i = program->n_kids; i-- > 0;) {
        if (program->kids[i]->kind == NODE_INPUT) {
            last_input = MAX_OF(last_input, i);
            first_input = i;
        }
    }
    for (uint32_t i = 0; i < program->n_kids; i++) {
        Node *node = program->kids[i];
        bool header = i == first_input;
        if (header && i > 0 && (node->flags & NODE_BLANK_BEFORE))
            show_words(printer, "\n");
        if (header)
            show_words(printer, "inputs\n");
        printer->indent = first_input != UINT32_MAX && i >= first_input && i <= last_input ? 2 : 0;
        print_statement(printer, node, header || i == 0);
    }
    printer->indent = 0;
    if (printer->spans)
        program->english = (Span){0, (uint32_t)printer->out.len};
}

static EnglishPrinter start(Arena *arena, const Catalog *catalog, Arena *scratch)
{
    return (EnglishPrinter){.arena = arena,
                            .out = buf_in(arena),
                            .catalog = catalog,
                            .patterns = english_patterns(scratch, catalog), /* a program is kept longer than these */
                            .facts = {.arena = arena},
                            .procedures = {.arena = arena},
                            .scratch = scratch};
}

Str english_print(Arena *arena, Node *program, const Catalog *catalog)
{
    return english_print_read(arena, program, catalog, S(""));
}

Str english_print_read(Arena *arena, Node *program, const Catalog *catalog, Str source)
{
    AUTO(arena_done)
    Arena scratch = {0};
    EnglishPrinter printer = start(arena, catalog, &scratch);
    printer.spans = true;
    printer.source = source;
    learn_procedures(&printer, program);
    print_program(&printer, program);
    return buf_view(&printer.out);
}

static void print_part(EnglishPrinter *printer, Node *node)
{
    if (node->kind == NODE_ARGUMENT) {
        show_argument(printer, node, false);
    } else if (node->kind == NODE_PAIR) {
        show_pair(printer, node);
    } else if (node->kind == NODE_PARAMETER) {
        show_target_name(printer, node, true);
    } else if (node_is_expression(node)) {
        size_t start_of = printer->out.len;
        show_value(printer, node, LEVEL_OPEN);
        if (value_reads_back(printer, node, str_skip(buf_view(&printer->out), start_of)))
            return;
        printer->out.len = start_of;
        printer->guarded = true;
        show_value(printer, node, LEVEL_OPEN);
    }
}

/* Bounded by AST_DEPTH_MAX. */
static void learn_facts(EnglishPrinter *printer, const Node *node) // NOLINT(misc-no-recursion)
{
    if (node->kind == NODE_NAME)
        map_put(&printer->facts, node->name, (void *)(uintptr_t)node);
    for (uint32_t i = 0; i < node->n_kids; i++)
        learn_facts(printer, node->kids[i]);
}

static Str print_node(Arena *arena, const Node *constant, const Catalog *catalog, bool facts_are_known)
{
    AUTO(arena_done)
    Arena scratch = {0};
    EnglishPrinter printer = start(arena, catalog, &scratch);
    Node *node = (Node *)(uintptr_t)constant; /* nothing is written to it while `spans` is false */
    if (facts_are_known)
        learn_facts(&printer, node);
    if (node->kind == NODE_PROGRAM) {
        learn_procedures(&printer, node);
        print_program(&printer, node);
    } else if (node->kind == NODE_BLOCK) {
        for (uint32_t i = 0; i < node->n_kids; i++)
            print_statement(&printer, node->kids[i], i == 0);
    } else if (node_is_statement(node)) {
        print_statement(&printer, node, true);
    } else {
        print_part(&printer, node);
    }
    Str text = buf_view(&printer.out);
    return str_ends(text, S("\n")) ? str_slice(text, 0, text.len - 1) : text;
}

Str english_print_node(Arena *arena, const Node *node, const Catalog *catalog)
{
    return print_node(arena, node, catalog, false);
}

Str english_print_words(Arena *arena, const Node *node, const Catalog *catalog)
{
    return print_node(arena, node, catalog, true);
}

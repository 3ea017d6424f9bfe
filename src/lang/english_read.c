/* lang/english_read.c: lines → blocks → the tree; and where reading starts. */
#include <string.h>

#include "base/codec.h"
#include "lang/english_internal.h"

/* ---- lines ---- */

static const Line *line_now(const EnglishReader *reader)
{
    return reader->line < reader->lines.count ? &reader->lines.items[reader->line] : NULL;
}

static const Line *sentence_ahead(const EnglishReader *reader)
{
    const Line *line = line_now(reader);
    return line && line->next < reader->lines.count ? &reader->lines.items[line->next] : NULL;
}

bool deeper_line_follows(const EnglishReader *reader, uint32_t indent)
{
    const Line *line = sentence_ahead(reader);
    return line && line->indent > indent;
}

static void add_statement(EnglishReader *reader, Node *owner, Node *node, bool blank_before)
{
    if (blank_before && owner->n_kids > 0)
        node->flags |= NODE_BLANK_BEFORE;
    node_add(reader->arena, owner, node);
}

static Str clean_comment(EnglishReader *reader, Str text, Span span)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.data[i] < ' ' && text.data[i] != '\t') {
            diagnose(reader->all, SEVERITY_ERROR, "unreadable-text", span, "this comment holds a control character");
            return S("");
        }
    }
    return text;
}

static void add_comment(EnglishReader *reader, Node *owner, Str text, Span span, bool blank_before)
{
    Node *node = node_new(reader->arena, NODE_COMMENT);
    node->text = clean_comment(reader, text, span);
    node->english = span;
    reader->last_end = span.end;
    add_statement(reader, owner, node, blank_before);
}

static void read_comment_line(EnglishReader *reader, Node *owner)
{
    const Line *line = line_now(reader);
    Str text = english_comment(reader->source, line->start + 1, line->end);
    add_comment(reader, owner, text, (Span){line->start, line->end}, line->blank_before);
    reader->line++;
}

void keep_comment(EnglishReader *reader)
{
    if (reader->sentence.has_comment)
        add_comment(reader, reader->owner, reader->sentence.comment, reader->sentence.comment_span, false);
}

void next_sentence(EnglishReader *reader)
{
    while (line_now(reader)->is_comment)
        read_comment_line(reader, reader->owner);
    const Line *line = line_now(reader);
    reader->line++;
    english_tokens(reader->arena, reader->source, line->start, line->end, &reader->sentence);
    reader->at = reader->nesting = 0;
    reader->failed = false;
    reader->element = reader->hiding = reader->stop_word = S("");
    reader->stops = NULL;
    reader->named_result = NULL;
    reader->last_end = token_at(reader, reader->sentence.count - 1)->end;
}

void skip_deeper_lines(EnglishReader *reader, uint32_t indent)
{
    while (deeper_line_follows(reader, indent))
        reader->line = line_now(reader)->next + 1;
}

bool otherwise_follows(const EnglishReader *reader, uint32_t indent)
{
    const Line *line = sentence_ahead(reader);
    if (!line || line->indent != indent)
        return false;
    Str text = str_slice(reader->source, line->start, line->end);
    if (!str_eq_fold(str_slice(text, 0, 9), S("otherwise")))
        return false;
    return text.len == 9 || strchr(" \t:#.", text.data[9]);
}

/* ---- blocks ---- */

/* A comment stands in the block that it is indented for, or that goes on behind it. */
static bool comment_belongs(const EnglishReader *reader, uint32_t indent)
{
    const Line *line = line_now(reader), *next = sentence_ahead(reader);
    return line->indent >= indent || (next && next->indent >= indent);
}

static void report_indent(EnglishReader *reader, const Line *line, uint32_t indent)
{
    Diagnostic *about = diagnose(reader->all, SEVERITY_ERROR, "unexpected-indent", (Span){line->start, line->end},
                                 "expected %u blanks before this sentence, but found %u", indent, line->indent);
    diagnose_hint(reader->all, about, "only sentences that open a block have deeper lines below them");
}

static bool read_statement(EnglishReader *reader, Node *owner, uint32_t indent)
{
    bool blank = line_now(reader)->blank_before;
    next_sentence(reader);
    Str trailing = reader->sentence.has_comment
                       ? clean_comment(reader, reader->sentence.comment, reader->sentence.comment_span)
                       : S("");
    reader->owner = owner;
    Node *node = read_sentence(reader, indent);
    reader->owner = owner;
    if (!node || reader->failed)
        return false;
    node->trailing = trailing;
    add_statement(reader, owner, node, blank);
    reader->last_end = node->english.end;
    return true;
}

static void read_statements(EnglishReader *reader, Node *owner, uint32_t indent)
{
    bool told = false;
    for (const Line *line = line_now(reader); line; line = line_now(reader)) {
        if (line->is_comment) {
            if (!comment_belongs(reader, indent))
                return;
            read_comment_line(reader, owner);
            continue;
        }
        if (line->indent < indent)
            return;
        if (line->indent > indent && !told)
            report_indent(reader, line, indent);
        bool deeper = line->indent > indent;
        told = !read_statement(reader, owner, line->indent) || deeper; /* lines below a failed one may be its block */
    }
}

static void set_block_span(Node *block)
{
    if (block->n_kids > 0)
        block->english = (Span){block->kids[0]->english.start, block->kids[block->n_kids - 1]->english.end};
}

Node *read_block(EnglishReader *reader, uint32_t indent)
{
    Node *block = node_new(reader->arena, NODE_BLOCK);
    if (reader->trial)
        return block;
    if (!deeper_line_follows(reader, indent)) {
        if (!reader->failed)
            fail_at(reader, 0, reader->sentence.count - 1, "missing-block", "indent what belongs to it by two blanks",
                    "expected at least one indented sentence below this one");
        return NULL;
    }
    if (reader->blocks >= AST_BLOCKS_MAX) {
        fail_at(reader, 0, reader->sentence.count - 1, "nested-too-deep", "move the inner part to a procedure",
                "blocks are nested more than %d deep", AST_BLOCKS_MAX);
        skip_deeper_lines(reader, indent);
        return NULL;
    }
    bool failed = reader->failed;
    Node *owner = reader->owner;
    reader->blocks++;
    read_statements(reader, block, sentence_ahead(reader)->indent);
    reader->blocks--;
    reader->owner = owner;
    reader->failed = failed;
    set_block_span(block);
    if (block->n_kids > 0)
        reader->last_end = block->english.end;
    return block;
}

/* ---- the whole ---- */

static bool is_inputs_header(const EnglishReader *reader)
{
    return word_at(reader, 0, "inputs") && (token_at(reader, 1)->kind == TOKEN_END ||
                                            (sign_at(reader, 1, ":") && token_at(reader, 2)->kind == TOKEN_END));
}

static bool inputs_may_stand(const Node *program)
{
    for (uint32_t i = 0; i < program->n_kids; i++) {
        if (program->kids[i]->kind != NODE_COMMENT && program->kids[i]->kind != NODE_INPUT)
            return false;
    }
    return true;
}

/* The lines below `inputs`, whose first token is in hand. */
static void read_inputs(EnglishReader *reader, Node *program, uint32_t indent, bool blank)
{
    if (!inputs_may_stand(program))
        fail_at(reader, 0, 1, "misplaced-sentence", "move the inputs to the top",
                "inputs come before all other sentences");
    else if (!deeper_line_follows(reader, indent))
        fail_at(reader, 0, 1, "missing-block", "as in: the invoice file is a file",
                "expected indented inputs below this line");
    if (reader->sentence.has_comment) {
        add_comment(reader, program, reader->sentence.comment, reader->sentence.comment_span, blank);
        blank = false;
    }
    while (deeper_line_follows(reader, indent)) {
        bool blank_here = line_now(reader)->blank_before || blank;
        blank = false;
        if (line_now(reader)->is_comment) {
            read_comment_line(reader, program);
            if (blank_here && program->n_kids > 1)
                program->kids[program->n_kids - 1]->flags |= NODE_BLANK_BEFORE;
            continue;
        }
        next_sentence(reader);
        Str trailing = reader->sentence.has_comment
                           ? clean_comment(reader, reader->sentence.comment, reader->sentence.comment_span)
                           : S("");
        Node *input = read_input_line(reader);
        if (!input)
            continue;
        input->trailing = trailing;
        add_statement(reader, program, input, blank_here);
    }
}

static void read_program(EnglishReader *reader, Node *program)
{
    uint32_t indent = sentence_ahead(reader) ? sentence_ahead(reader)->indent : 0;
    bool told = false;
    for (const Line *line = line_now(reader); line; line = line_now(reader)) {
        if (line->is_comment) {
            read_comment_line(reader, program);
            continue;
        }
        if (line->indent != indent && !told)
            report_indent(reader, line, indent);
        bool elsewhere = line->indent != indent;
        Str text = str_slice(reader->source, line->start, line->end);
        if (str_eq_fold(str_slice(text, 0, 6), S("inputs"))) {
            uint32_t before = reader->line, here = line->indent;
            bool blank = line->blank_before;
            reader->owner = program;
            next_sentence(reader);
            if (is_inputs_header(reader)) {
                read_inputs(reader, program, here, blank);
                continue;
            }
            reader->line = before;
        }
        told = !read_statement(reader, program, line->indent) || elsewhere;
    }
}

/* Procedures may be called before they are defined: their names are collected first. */
static void collect_procedures(EnglishReader *reader)
{
    for (uint32_t i = 0; i < reader->lines.count; i++) {
        const Line *line = &reader->lines.items[i];
        if (line->is_comment || line->end - line->start < 4 ||
            !str_eq_fold(str_slice(reader->source, line->start, line->start + 3), S("to ")))
            continue;
        english_tokens(reader->arena, reader->source, line->start, line->end, &reader->sentence);
        reader->at = 1;
        Str name = read_procedure_name(reader);
        if (name_is_regular(name))
            map_put(&reader->procedures, name_to_words(reader->arena, name), reader);
    }
}

EnglishReader english_reader(Arena *arena, Str source, const Catalog *catalog, const Patterns *patterns,
                             Diagnostics *all)
{
    static const Catalog none;
    EnglishReader reader = {.arena = arena,
                            .source = source,
                            .catalog = catalog ? catalog : &none,
                            .patterns = patterns,
                            .all = all,
                            .facts = {.arena = arena},
                            .procedures = {.arena = arena}};
    reader.lines = english_lines(arena, source);
    return reader;
}

/* The patterns live in `scratch`: nothing that is read points into them, and a tree is kept longer. */
static EnglishReader start(Arena *arena, Arena *scratch, Str source, const Catalog *catalog, Diagnostics *all)
{
    if (!all->arena)
        all->arena = arena;
    all->source = source;
    all->spelling = SPELLING_ENGLISH;
    if (source.len > 0 && !utf8_is_valid(source))
        diagnose(all, SEVERITY_ERROR, "unreadable-text", (Span){0, 0}, "the text is not UTF-8");
    return english_reader(arena, source, catalog, english_patterns(scratch, catalog), all);
}

Node *english_read(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all)
{
    AUTO(arena_done)
    Arena scratch = {0};
    EnglishReader reader = start(arena, &scratch, source, catalog, all);
    Node *program = node_new(arena, NODE_PROGRAM);
    program->english = (Span){0, (uint32_t)source.len};
    reader.owner = program;
    collect_procedures(&reader);
    read_program(&reader, program);
    ast_number(program);
    diagnostics_sort(all);
    return program;
}

Node *english_read_block(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all)
{
    AUTO(arena_done)
    Arena scratch = {0};
    EnglishReader reader = start(arena, &scratch, source, catalog, all);
    Node *block = node_new(arena, NODE_BLOCK);
    reader.owner = block;
    reader.blocks = 1;
    read_statements(&reader, block, sentence_ahead(&reader) ? sentence_ahead(&reader)->indent : 0);
    for (const Line *line = line_now(&reader); line && all->n_errors == 0; line = NULL)
        report_indent(&reader, line, reader.lines.items[0].indent);
    set_block_span(block);
    bool any = false;
    for (uint32_t i = 0; i < block->n_kids; i++)
        any |= block->kids[i]->kind != NODE_COMMENT;
    if (!any && all->n_errors == 0)
        diagnose(all, SEVERITY_ERROR, "unfinished-sentence", (Span){0, (uint32_t)source.len}, "expected a sentence");
    ast_number(block);
    diagnostics_sort(all);
    return block;
}

Node *english_read_expression(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all)
{
    AUTO(arena_done)
    Arena scratch = {0};
    EnglishReader reader = start(arena, &scratch, source, catalog, all);
    reader.owner = node_new(arena, NODE_BLOCK);
    if (!sentence_ahead(&reader)) {
        diagnose(all, SEVERITY_ERROR, "unfinished-sentence", (Span){0, (uint32_t)source.len}, "expected a value");
        return node_new(arena, NODE_NOTHING);
    }
    next_sentence(&reader);
    Node *value = read_value(&reader);
    if (value && value->kind == NODE_COLLECT && value->op == COLLECT_LAZY)
        value->op = COLLECT_LIST;
    if (value && end_sentence(&reader) && sentence_ahead(&reader)) {
        next_sentence(&reader);
        fail_expected(&reader, "the end of the value");
    }
    if (!value || reader.failed)
        value = node_new(arena, NODE_NOTHING);
    ast_number(value);
    diagnostics_sort(all);
    return value;
}

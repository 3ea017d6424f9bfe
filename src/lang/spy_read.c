/* lang/spy_read.c: SPy line by line: where reading starts. */
#include "lang/spy_reader.h"

/* Whether a failed line was the head of a block, so that what stands under it is read for its own problems. */
static bool is_head(const SpyReader *reader, const Line *line)
{
    const char *data = reader->text->source.data;
    uint32_t end = line->span.end;
    while (end > line->span.start && (data[end - 1] == ' ' || data[end - 1] == '\r'))
        end--;
    return end > line->span.start && data[end - 1] == ':';
}

static void skip_lost_block(SpyReader *reader, const Line *head, BlockPlace place)
{
    uint32_t indent = head->indent;
    const Token *opener = &reader->text->tokens[head->first];
    const Line *next = spy_line_now(reader);
    uint32_t code = next ? next->next_code : reader->text->n_lines;
    if (code >= reader->text->n_lines || reader->text->lines[code].indent <= indent)
        return;
    bool inside = !head->spoiled && opener->kind == TOKEN_WORD && opener->word == WORD_CLASS;
    inside |= !head->spoiled && (token_is_name(opener, "match") || token_is_name(opener, "case"));
    if (is_head(reader, head) && place.nesting < AST_BLOCKS_MAX && !inside) {
        bool outer = reader->in_define;
        reader->in_define = true; /* it may have been one */
        spy_read_lines(reader,
                       (BlockPlace){reader->text->lines[code].indent, place.nesting + 1, spy_node(reader, NODE_BLOCK)});
        reader->in_define = outer;
        return;
    }
    while (spy_line_now(reader) && spy_line_now(reader)->indent > indent)
        reader->line++;
}

static void refuse_decorator(SpyReader *reader)
{
    spy_fail_with_hint(reader, "not-in-spy", token_now(reader)->span, "SPy has no decorators",
                       "take the line out; a procedure is def name(…): and its block");
}

static void read_code_line(SpyReader *reader, BlockPlace place)
{
    const Line *line = spy_line_now(reader);
    uint32_t first = reader->at = line->first;
    bool blank = line->blank_before;
    reader->failed = line->spoiled;
    reader->depth = 0;
    if (line->spoiled) {
        reader->line++;
        skip_lost_block(reader, line, place);
        return;
    }
    Str trailing = spy_take_comments(reader, line, place.node, &blank);
    if (spy_read_docstring(reader, line, place.node, blank)) {
        reader->line++;
        return;
    }
    Node *statement = spy_read_compound(reader, place);
    if (statement) {
        if (reader->failed)
            return;
        statement->trailing = trailing;
        statement->flags |= blank ? NODE_BLANK_BEFORE : 0;
        uint32_t end = statement->kids[statement->n_kids - 1]->spy.end;
        statement->spy = (Span){reader->text->tokens[first].span.start, end};
        spy_add_statement(reader, place.node, statement);
        return;
    }
    uint32_t at = place.node->n_kids;
    if (token_is_sign(token_now(reader), "@"))
        refuse_decorator(reader);
    else
        spy_add_simple_statements(reader, place.node, trailing);
    reader->line++;
    if (blank && place.node->n_kids > at && at > 0)
        place.node->kids[at]->flags |= NODE_BLANK_BEFORE;
    if (reader->failed)
        skip_lost_block(reader, line, place);
}

void spy_read_lines(SpyReader *reader, BlockPlace place)
{
    for (const Line *line; (line = spy_line_now(reader));) {
        if (line->is_comment) {
            if (spy_comment_leaves(reader, line, place.indent))
                return;
            spy_read_comment_line(reader, place.node);
            continue;
        }
        if (line->indent < place.indent)
            return;
        if (line->indent > place.indent) {
            Diagnostic *d = diagnose(reader->all, SEVERITY_ERROR, "bad-indentation", line->span,
                                     "this line is indented by %u, and its block by %u", line->indent, place.indent);
            diagnose_hint(reader->all, d, "indent it like the lines around it");
            uint32_t indent = line->indent;
            reader->line++;
            while (spy_line_now(reader) && spy_line_now(reader)->indent >= indent)
                reader->line++;
            continue;
        }
        read_code_line(reader, place);
    }
}

Node *spy_read(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all)
{
    Str text = str_copy(arena, source);
    SpyReader reader = {.arena = arena,
                        .catalog = catalog,
                        .all = all,
                        .text = spy_tokens(arena, text, all),
                        .facts = {.arena = arena},
                        .defines = {.arena = arena},
                        .connections = {.arena = arena},
                        .lost = {.arena = arena}};
    Node *program = node_new(arena, NODE_PROGRAM);
    spy_outline(&reader);
    uint32_t margin = reader.text->n_lines > 0 ? reader.text->lines[0].next_code : 0;
    uint32_t indent = margin < reader.text->n_lines ? reader.text->lines[margin].indent : 0;
    while (spy_line_now(&reader)) {
        spy_read_lines(&reader, (BlockPlace){indent, 0, program});
        const Line *line = spy_line_now(&reader);
        if (!line)
            break;
        /* Less indented than the text's own margin. */
        if (line->is_comment) {
            spy_read_comment_line(&reader, program);
            continue;
        }
        Diagnostic *d = diagnose(all, SEVERITY_ERROR, "bad-indentation", line->span,
                                 "this line is indented less than the first one");
        diagnose_hint(all, d, "let the text begin at the left margin");
        indent = line->indent;
    }
    program->spy = (Span){0, (uint32_t)text.len};
    return program;
}

/* lang/spy_comments.c: where comments go, and with them the blank lines before statements. */
#include "lang/spy_reader.h"

Node *spy_comment_node(SpyReader *reader, Str text, bool blank_before)
{
    Node *node = spy_node(reader, NODE_COMMENT);
    node->text = text;
    node->flags = blank_before ? NODE_BLANK_BEFORE : 0;
    return node;
}

void spy_add_statement(SpyReader *reader, Node *block, Node *statement)
{
    if (block->n_kids == 0)
        statement->flags &= (uint8_t)~NODE_BLANK_BEFORE;
    node_add(reader->arena, block, statement);
}

Str spy_take_comments(SpyReader *reader, const Line *line, Node *block, bool *blank_before)
{
    const SpyComment *comments = &reader->text->comments[line->first_comment];
    uint32_t trailing = line->n_comments;
    for (uint32_t i = 0; i < line->n_comments && trailing == line->n_comments; i++) {
        if (comments[i].on_first_line)
            trailing = i;
    }
    for (uint32_t i = 0; i < line->n_comments; i++) {
        if (i == trailing)
            continue;
        spy_add_statement(reader, block, spy_comment_node(reader, comments[i].text, *blank_before));
        *blank_before = false;
    }
    return trailing < line->n_comments ? comments[trailing].text : S("");
}

/* A docstring's line as a comment can hold it: control characters become blanks, and none are left at its ends. */
static Str docstring_line(Arena *arena, Str piece)
{
    Buf clean = buf_in(arena);
    for (size_t i = 0; i < piece.len; i++)
        buf_char(&clean, (unsigned char)piece.data[i] < ' ' ? ' ' : piece.data[i]);
    return str_trim(buf_view(&clean));
}

bool spy_read_docstring(SpyReader *reader, const Line *line, Node *block, bool blank_before)
{
    const Token *token = token_now(reader);
    if (token->kind != TOKEN_TEXT || token_ahead(reader, 1)->kind != TOKEN_END || line->n_comments > 0)
        return false;
    Str rest = token->text;
    while (rest.data) {
        Str piece = docstring_line(reader->arena, str_cut(&rest, '\n'));
        bool edge = piece.len == 0 &&
                    (!rest.data || (block->n_kids > 0 && block->kids[block->n_kids - 1]->kind != NODE_COMMENT));
        if (!edge)
            spy_add_statement(reader, block, spy_comment_node(reader, piece, blank_before));
        blank_before = false;
    }
    reader->at++;
    return true;
}

void spy_read_comment_line(SpyReader *reader, Node *block)
{
    const Line *line = spy_line_now(reader);
    if (line->n_comments > 0) {
        Node *comment = spy_comment_node(reader, reader->text->comments[line->first_comment].text, line->blank_before);
        comment->spy = line->span;
        spy_add_statement(reader, block, comment);
    }
    reader->line++;
}

bool spy_comment_leaves(const SpyReader *reader, const Line *line, uint32_t indent)
{
    bool dedents = line->next_code >= reader->text->n_lines || reader->text->lines[line->next_code].indent < indent;
    return line->indent < indent && dedents;
}

/* lang/spy_outline.c: what the whole text sets and defines, looked up before it is read. */
#include <string.h>

#include "lang/spy_reader.h"

static void collect_loop_names(SpyReader *reader, uint32_t at)
{
    const Token *tokens = reader->text->tokens;
    for (; tokens[at].kind == TOKEN_NAME || tokens[at].kind == TOKEN_SIGN; at++) {
        if (tokens[at].kind == TOKEN_NAME)
            map_put(&reader->facts, tokens[at].text, reader);
    }
}

static bool is_assignment(const Token *token)
{
    static const char *const signs[] = {"=", "+=", "-=", "*=", "/=", "//=", "%=", "**="};
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (token_is_sign(token, signs[i]))
            return true;
    }
    return false;
}

/* a = …, a, b = …, a: number = …: the names before the sign, not those of x = y, a, z. */
static void collect_assigned_names(SpyReader *reader, const Line *line)
{
    const Token *token = &reader->text->tokens[line->first], *before = NULL;
    int brackets = 0;
    bool behind = false;
    for (; token->kind != TOKEN_END; before = token++) {
        if (token->kind == TOKEN_SIGN)
            brackets += strchr("([{", (int)token->sign)                        ? 1
                        : token->sign < 256 && strchr(")]}", (int)token->sign) ? -1
                                                                               : 0;
        bool starts = !before || token_is_sign(before, ",") || token_is_sign(before, ";") || token_is_sign(before, ":");
        bool ends = is_assignment(token + 1) || token_is_sign(token + 1, ",") || token_is_sign(token + 1, ":");
        if (brackets == 0)
            behind = is_assignment(token) || (behind && !token_is_sign(token, ";"));
        if (brackets == 0 && !behind && token->kind == TOKEN_NAME && starts && ends)
            map_put(&reader->facts, token->text, reader);
    }
}

static void collect_define(SpyReader *reader, uint32_t at)
{
    const Token *token = &reader->text->tokens[at];
    if (token->kind != TOKEN_NAME || !token_is_sign(token + 1, "("))
        return;
    DefineHead *head = NEW(reader->arena, DefineHead);
    uint32_t n = 0;
    for (const Token *next = token + 2; next->kind != TOKEN_END && !token_is_sign(next, ")"); next++)
        n++;
    head->parameters = NEW_ARRAY(reader->arena, Str, n);
    int brackets = 0;
    for (const Token *next = token + 1; next->kind != TOKEN_END; next++) {
        if (next->kind == TOKEN_NAME && brackets == 1 &&
            (token_is_sign(next - 1, "(") || token_is_sign(next - 1, ","))) {
            head->parameters[head->n_parameters++] = next->text;
            map_put(&reader->facts, next->text, reader);
        }
        if (next->kind == TOKEN_SIGN && next->sign < 256 && strchr("([{", (int)next->sign))
            brackets++;
        else if (next->kind == TOKEN_SIGN && next->sign < 256 && strchr(")]}", (int)next->sign) && --brackets == 0)
            break;
        if (head->n_parameters == n)
            break;
    }
    if (!spy_call_is_taken(token->text))
        map_put(&reader->defines, spy_procedure_read(token->text), head);
}

/* connection("erp", book="http") */
static void collect_connection(SpyReader *reader, const Token *token)
{
    Str *book = NEW(reader->arena, Str);
    if (!token_is_name(token, "connection") || token[1].kind == TOKEN_END || token[2].kind != TOKEN_TEXT)
        return;
    for (const Token *next = token + 3; next->kind != TOKEN_END; next++) {
        if (next->kind == TOKEN_TEXT)
            *book = next->text;
    }
    map_put(&reader->connections, token[2].text, book);
}

void spy_outline(SpyReader *reader)
{
    const SpyText *text = reader->text;
    for (uint32_t i = 0; i < text->n_lines; i++) {
        const Line *line = &text->lines[i];
        const Token *token = &text->tokens[line->first];
        if (line->is_comment)
            continue;
        collect_assigned_names(reader, line);
        if (token_is_word(token, WORD_DEF))
            collect_define(reader, line->first + 1);
        else
            collect_connection(reader, token);
    }
    for (uint32_t at = 0; at < text->n_tokens; at++) {
        if (token_is_word(&text->tokens[at], WORD_FOR))
            collect_loop_names(reader, at + 1);
    }
}

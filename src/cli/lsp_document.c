/* cli/lsp_document.c: read, checked, and its problems told. */
#include "cli/lsp_document.h"

#include "books/book.h"
#include "cli/source.h"

static Spelling spelling_of(Str uri, Str language)
{
    bool spy = str_eq(language, S("spy")) || str_eq(language, S("python")) || str_ends(uri, S(".spy")) ||
               str_ends(uri, S(".py"));
    return spy ? SPELLING_SPY : SPELLING_ENGLISH;
}

void lsp_document_set(LspDocument *document, Str uri, Str language, Str text)
{
    /* The uri may be the document's own. */
    Arena fresh = {0};
    *document = (LspDocument){.arena = document->arena, .uri = str_copy(&fresh, uri)};
    document->spelling = spelling_of(uri, language);
    if (text.len <= SOURCE_BYTES_MAX) {
        document->program = program_read(&fresh, text, document->spelling, books_catalog());
        document->lines = lines_of(&fresh, document->program->diagnostics.source);
    } else {
        document->lines = lines_of(&fresh, S(""));
    }
    arena_done(&document->arena);
    document->arena = fresh;
}

void lsp_document_done(LspDocument *document)
{
    arena_done(&document->arena);
}

/* ---- places ---- */
Span lsp_span(const LspDocument *document, const Node *node)
{
    return document->spelling == SPELLING_SPY ? node->spy : node->english;
}

static void add_position(JsonOut *out, Str key, const LspDocument *document, uint32_t offset)
{
    json_key(out, key);
    json_open_object(out);
    json_key(out, S("line"));
    json_i64(out, lines_at(&document->lines, offset));
    json_key(out, S("character"));
    json_i64(out, lines_column(&document->lines, offset));
    json_close_object(out);
}

void lsp_range(JsonOut *out, const LspDocument *document, Span span)
{
    json_open_object(out);
    add_position(out, S("start"), document, span.start);
    add_position(out, S("end"), document, span.end);
    json_close_object(out);
}

static uint32_t number_of(const Json *object, Str key)
{
    int64_t n = 0;
    if (!json_to_i64(json_get(object, key), &n) || n < 0)
        return 0;
    return (uint32_t)MIN_OF(n, (int64_t)INT32_MAX);
}

uint32_t lsp_position(const LspDocument *document, const Json *params)
{
    const Json *position = json_get(params, S("position"));
    return lines_offset(&document->lines, number_of(position, S("line")), number_of(position, S("character")));
}

/* ---- problems ---- */
static void add_problem(JsonOut *out, const LspDocument *document, const Diagnostic *problem)
{
    AUTO(buf_done)
    Buf message = {0};
    buf_str(&message, problem->message);
    if (problem->hint.len > 0)
        buf_printf(&message, "\n%.*s", STR_ARG(problem->hint));
    for (uint32_t i = 0; i < problem->n_choices; i++)
        buf_printf(&message, "\n%u. %.*s", i + 1, STR_ARG(problem->choices[i]));
    json_open_object(out);
    json_key(out, S("range"));
    lsp_range(out, document, problem->span);
    json_key(out, S("severity"));
    json_i64(out, problem->severity == SEVERITY_ERROR ? 1 : 2);
    json_member_str(out, S("code"), str_from_c(problem->code));
    json_member_str(out, S("source"), S("clerkwork"));
    json_member_str(out, S("message"), buf_view(&message));
    json_close_object(out);
}

static void add_too_long(JsonOut *out, const LspDocument *document)
{
    json_open_object(out);
    json_key(out, S("range"));
    lsp_range(out, document, (Span){0, 0});
    json_key(out, S("severity"));
    json_i64(out, 1);
    json_member_str(out, S("source"), S("clerkwork"));
    json_member_str(out, S("message"), S("This text is too long to be an automation: 1 MiB is the most."));
    json_close_object(out);
}

void lsp_document_diagnostics(JsonOut *out, const LspDocument *document, bool closed)
{
    json_open_object(out);
    json_member_str(out, S("uri"), document->uri);
    json_key(out, S("diagnostics"));
    json_open_array(out);
    if (!closed && !document->program)
        add_too_long(out, document);
    for (uint32_t i = 0; !closed && document->program && i < document->program->diagnostics.count; i++)
        add_problem(out, document, &document->program->diagnostics.items[i]);
    json_close_array(out);
    json_close_object(out);
}

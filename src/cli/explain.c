/* cli/explain.c: what a sentence will do, in words. */
#include "lang/explain.h"

#include <stdio.h>

#include "cli/command.h"
#include "cli/source.h"

typedef struct Explanation {
    Arena *arena;
    const Source *source;
    const Program *program;
    Lines lines;
} Explanation;

static Str first_line_of(const Explanation *x, const Node *statement)
{
    uint32_t line = lines_at(&x->lines, explain_span(x->program, statement).start);
    Span span = lines_span(&x->lines, line);
    return str_trim(str_slice(x->source->text, span.start, span.end));
}

static uint32_t line_of(const Explanation *x, const Node *node)
{
    return lines_at(&x->lines, explain_span(x->program, node).start) + 1;
}

/* ---- for people ---- */
static void add_fact(Buf *out, const Explanation *x, const FactSpec *fact)
{
    Str type = type_english(x->arena, fact->type);
    Str name = name_is_regular(fact->name) ? name_to_words(x->arena, fact->name) : fact->name;
    buf_printf(out, "  the %.*s (%.*s, line %u)\n", STR_ARG(name), STR_ARG(type), line_of(x, fact->set_at));
}

static void add_explanation(Buf *out, const Explanation *x, const Node *statement)
{
    uint32_t n = 0;
    const uint32_t *facts = explain_facts(x->arena, x->program, statement, &n);
    Str sentence = first_line_of(x, statement);
    buf_printf(out, "%.*s:%u: %.*s\n", STR_ARG(x->source->name), line_of(x, statement), STR_ARG(sentence));
    explain_statement(out, x->arena, x->program, &x->lines, statement);
    if (n > 0)
        buf_str(out, S("Facts in it:\n"));
    for (uint32_t i = 0; i < n; i++)
        add_fact(out, x, &x->program->facts[facts[i]]);
}

/* ---- as JSON ---- */
static void json_facts(JsonOut *out, const Explanation *x, const Node *statement)
{
    uint32_t n = 0;
    const uint32_t *facts = explain_facts(x->arena, x->program, statement, &n);
    json_key(out, S("facts"));
    json_open_array(out);
    for (uint32_t i = 0; i < n; i++) {
        const FactSpec *fact = &x->program->facts[facts[i]];
        json_open_object(out);
        json_member_str(out, S("name"), fact->name);
        json_key(out, S("type"));
        type_to_json(out, fact->type);
        json_key(out, S("line"));
        json_i64(out, line_of(x, fact->set_at));
        json_close_object(out);
    }
    json_close_array(out);
}

static void json_explanation(JsonOut *out, const Explanation *x, const Node *statement)
{
    Buf words = buf_in(x->arena);
    explain_statement(&words, x->arena, x->program, &x->lines, statement);
    json_open_object(out);
    json_member_str(out, S("file"), x->source->name);
    json_key(out, S("line"));
    json_i64(out, line_of(x, statement));
    json_member_str(out, S("kind"), str_from_c(node_kind_name((NodeKind)statement->kind)));
    json_member_str(out, S("sentence"), first_line_of(x, statement));
    json_member_str(out, S("explanation"), str_trim(buf_view(&words)));
    json_facts(out, x, statement);
    json_close_object(out);
}

/* ---- the command ---- */
static void add_one(Buf *out, const Explanation *x, const Node *statement, bool json)
{
    JsonOut writer = json_out(out);
    if (!json) {
        add_explanation(out, x, statement);
        return;
    }
    json_explanation(&writer, x, statement);
    buf_char(out, '\n');
}

static void add_whole_file(Buf *out, const Explanation *x, bool json)
{
    bool first = true;
    for (uint32_t id = 1; id <= x->program->n_nodes; id++) {
        const Node *node = x->program->nodes[id];
        if (!node_is_statement(node) || node->kind == NODE_COMMENT)
            continue;
        if (!first && !json)
            buf_char(out, '\n');
        add_one(out, x, node, json);
        first = false;
    }
}

/* "FILE:LINE" into both; 0 for the whole file. A name that ends in a colon and digits can be given with a line. */
static Str split_place(const char *operand, int64_t *out_line)
{
    Str place = str_from_c(operand);
    ptrdiff_t colon = str_find_last_char(place, ':');
    *out_line = 0;
    if (colon <= 0 || !str_to_i64(str_skip(place, (size_t)colon + 1), out_line))
        return place;
    if (*out_line == 0)
        *out_line = -1; /* there is no such line, while 0 is the whole file */
    return str_slice(place, 0, (size_t)colon);
}

static int explain(Arena *arena, const char *path, int64_t line, bool spy, bool json)
{
    Error err = {0};
    Source source;
    if (!source_read(arena, path, spy, &source, &err))
        return command_failed("explain", &err);
    Program *program = source_reread(arena, &source);
    if (!program->readable) {
        (void)source_report(&source, program);
        return EXIT_PROBLEMS;
    }
    Explanation x = {arena, &source, program, lines_of(arena, source.text)};
    Buf out = buf_in(arena);
    const Node *statement =
        line > 0 ? explain_find(program, &x.lines, (uint32_t)MIN_OF(line - 1, (int64_t)INT32_MAX)) : NULL;
    if (line > 0 && !statement) {
        (void)error_set(&err, NOT_FOUND, "", "there is no sentence in line %lld of %.*s, which has %u lines",
                        (long long)line, STR_ARG(source.name), x.lines.count);
        return command_failed("explain", &err);
    }
    if (statement)
        add_one(&out, &x, statement, json);
    else
        add_whole_file(&out, &x, json);
    return fwrite(out.len ? out.data : "", 1, out.len, stdout) == out.len ? EXIT_DONE : EXIT_FAILED;
}

static int run_explain(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char **operands = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    bool json = false, spy = false;
    int n = 0;
    int64_t line = 0;
    const CliOption options[] = {{.name = "json", .flag = &json}, {.name = "spy", .flag = &spy}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n != 1)
        return command_usage("explain", "name one sentence as FILE:LINE, or one file");
    Str path = split_place(operands[0], &line);
    if (line < 0)
        return command_usage("explain", "lines count from 1");
    return explain(&arena, str_to_c(&arena, path), line, spy, json);
}

const CliCommand command_explain = {
    .name = "explain",
    .summary = "say in words what a sentence of an automation will do",
    .help =
        "usage: clerkwork explain [--json] [--spy] FILE[:LINE]\n"
        "\n"
        "Says what the sentence in that line will do: what it works out and keeps, where the run goes on, and when\n"
        "it will stop and ask a person; then the facts in it, what they are and where they are set first. Without a\n"
        "line, all sentences of the file.\n"
        "\n"
        "  clerkwork explain invoices.english:12\n"
        "  clerkwork explain invoices.spy:8             SPy is explained in the same words\n"
        "  clerkwork explain --json invoices.english    one JSON object a sentence\n"
        "\n"
        "Exit code: 0 done, 1 the file cannot be read or the line holds no sentence, 2 the command line makes no\n"
        "sense, 3 a sentence of the file cannot be understood.\n",
    .run = run_explain,
};

/* cli/show.c: an automation's other spelling, its inputs and its outputs. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/show_tree.h"
#include "cli/source.h"
#include "lang/english.h"

static void add_inputs(Buf *out, Arena *arena, const Program *program)
{
    buf_str(out, program->n_inputs ? S("Inputs\n") : S("No inputs\n"));
    for (uint32_t i = 0; i < program->n_inputs; i++) {
        const InputSpec *input = &program->inputs[i];
        Str type = type_english(arena, input->type);
        buf_printf(out, "  %.*s: %.*s", STR_ARG(input->name), STR_ARG(type));
        if (input->fallback) {
            Str usually = english_print_node(arena, input->fallback, program->catalog);
            buf_printf(out, ", usually %.*s", STR_ARG(usually));
        }
        buf_char(out, '\n');
    }
}

static void add_outputs(Buf *out, Arena *arena, const Program *program)
{
    buf_str(out, program->n_outputs ? S("Outputs\n") : S("No outputs\n"));
    for (uint32_t i = 0; i < program->n_outputs; i++) {
        Str type = type_english(arena, program->outputs[i].type);
        buf_printf(out, "  %.*s: %.*s\n", STR_ARG(program->outputs[i].name), STR_ARG(type));
    }
}

static void add_json(Buf *text, const Program *program)
{
    JsonOut out = json_out(text);
    json_open_object(&out);
    json_member_str(&out, S("english_code"), program->english);
    json_member_str(&out, S("code"), program->spy);
    json_key(&out, S("code_mapping"));
    program_mapping_to_json(&out, program);
    json_key(&out, S("input_specs"));
    program_inputs_to_json(&out, program);
    json_key(&out, S("outputs"));
    json_open_array(&out);
    for (uint32_t i = 0; i < program->n_outputs; i++) {
        json_open_object(&out);
        json_member_str(&out, S("name"), program->outputs[i].name);
        json_key(&out, S("type"));
        type_to_json(&out, program->outputs[i].type);
        json_close_object(&out);
    }
    json_close_array(&out);
    json_close_object(&out);
    buf_char(text, '\n');
}

typedef enum ShowWhat { SHOW_OVERVIEW, SHOW_ENGLISH, SHOW_SPY, SHOW_TREE, SHOW_TYPES, SHOW_JSON } ShowWhat;

static void add_overview(Buf *out, Arena *arena, const Source *source, const Program *program)
{
    add_inputs(out, arena, program);
    add_outputs(out, arena, program);
    buf_char(out, '\n');
    buf_str(out, source->spelling == SPELLING_SPY ? program->english : program->spy);
}

static int show(const char *path, ShowWhat what)
{
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Source source;
    Program *program = NULL;
    if (!source_load(&arena, path, false, &source, &program, &err))
        return command_failed("show", &err);
    if (!source_report(&source, program))
        return EXIT_PROBLEMS;
    Buf out = buf_in(&arena);
    switch (what) {
    case SHOW_OVERVIEW: add_overview(&out, &arena, &source, program); break;
    case SHOW_ENGLISH: buf_str(&out, program->english); break;
    case SHOW_SPY: buf_str(&out, program->spy); break;
    /* Lines are those of the file as it stands. */
    case SHOW_TREE: show_tree(&out, &arena, &source, source_reread(&arena, &source)); break;
    case SHOW_TYPES: show_types(&out, &arena, &source, source_reread(&arena, &source)); break;
    case SHOW_JSON: add_json(&out, program); break;
    }
    return out.len == 0 || fwrite(out.data, 1, out.len, stdout) == out.len ? EXIT_DONE : EXIT_FAILED;
}

static int run_show(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char **files = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    bool english = false, spy = false, tree = false, types = false, json = false;
    int n_files = 0;
    const CliOption options[] = {{.name = "english", .flag = &english},
                                 {.name = "spy", .flag = &spy},
                                 {.name = "tree", .flag = &tree},
                                 {.name = "types", .flag = &types},
                                 {.name = "json", .flag = &json}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), files, &n_files))
        return EXIT_USAGE;
    if (n_files != 1)
        return command_usage("show", "name one file");
    if (english + spy + tree + types + json > 1)
        return command_usage("show", "--english, --spy, --tree, --types and --json exclude each other");
    ShowWhat what = english ? SHOW_ENGLISH
                    : spy   ? SHOW_SPY
                    : tree  ? SHOW_TREE
                    : types ? SHOW_TYPES
                    : json  ? SHOW_JSON
                            : SHOW_OVERVIEW;
    return show(files[0], what);
}

const CliCommand command_show = {
    .name = "show",
    .summary = "show an automation's inputs, outputs and other spelling",
    .help =
        "usage: clerkwork show [--english | --spy | --tree | --types | --json] FILE\n"
        "\n"
        "Shows what an automation needs and gives, and the same automation in its other spelling: English and SPy (a\n"
        "subset of Python) say the same, and either can be the source.\n"
        "\n"
        "  clerkwork show invoices.english              inputs, outputs, and the SPy\n"
        "  clerkwork show --spy invoices.english        only the SPy\n"
        "  clerkwork show --english invoices.spy        only the English\n"
        "  clerkwork show --types invoices.english      every fact: what it is, and where it is set first\n"
        "  clerkwork show --tree invoices.english       how the sentences were understood, part by part\n"
        "  clerkwork show --json invoices.english       both, and which part of one is which part of the other\n"
        "\n"
        "Exit code: 0 done, 1 the file cannot be read, 3 the automation has problems.\n",
    .run = run_show,
};

/* cli/run.c: an automation carried out here and now: no server, no store; questions are asked on the terminal. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/local_run.h"
#include "cli/source.h"
#include "cli/step.h"
#include "cli/terminal.h"
#include "value/wire.h"
#include "value/zone.h"

/* Blocks of so many bytes go back to the system as soon as they are free. Left to itself the C library keeps the room
 * of the first file that was read, in parts that later columns do not fit into. */
enum { LARGE_BLOCK = 128 * 1024 };

typedef struct TerminalRun {
    LocalRun run;
    const char **answers; /* given on the command line, used up one by one */
    int n_answers, next_answer;
    bool json;
    Stepper *stepper; /* NULL: it is not gone through by hand */
} TerminalRun;

static void terminal_run_done(TerminalRun *terminal)
{
    local_run_done(&terminal->run);
}

/* What the run says goes to standard output as it is said, or beside the JSON to standard error. */
static void print_said(void *self, Str text)
{
    const TerminalRun *terminal = self;
    FILE *out = terminal->json ? stderr : stdout;
    fprintf(out, "%.*s\n", STR_ARG(text));
    (void)fflush(out);
}

/* ---- questions ---- */
static bool next_answer(TerminalRun *terminal, Arena *arena, Str *out)
{
    if (terminal->next_answer < terminal->n_answers) {
        *out = str_from_c(terminal->answers[terminal->next_answer++]);
        fprintf(stderr, "> %.*s\n", STR_ARG(*out));
        return true;
    }
    if (isatty(STDIN_FILENO))
        fputs("> ", stderr);
    return terminal_read_answer(arena, out);
}

static bool try_answer(TerminalRun *terminal, Arena *arena, Str sentence, Error *err)
{
    bool remember = false;
    if (!local_run_answer(&terminal->run, arena, sentence, &remember, err))
        return false;
    if (remember)
        fputs("(kept for nothing but this answer: only a server remembers)\n", stderr);
    return true;
}

/* Asks until an answer is accepted; false when there is nobody left to ask. */
static bool ask(TerminalRun *terminal)
{
    const LocalRun *run = &terminal->run;
    AUTO(arena_done)
    Arena arena = {0};
    Buf text = buf_in(&arena);
    Str sentence;
    terminal_print_question(&text, evaluation_question(run->evaluation), run->program);
    fprintf(stderr, "%.*s", STR_ARG(buf_view(&text)));
    while (next_answer(terminal, &arena, &sentence)) {
        Error err = {0};
        if (sentence.len == 0)
            continue;
        if (try_answer(terminal, &arena, sentence, &err))
            return true;
        fprintf(stderr, "! %s\n", err.message);
    }
    return false;
}

/* ---- ends ---- */
enum { CHUNK = 64 * 1024 };

static void json_give(const JsonOut *out)
{
    (void)fwrite(out->buf->data, 1, out->buf->len, stdout);
    out->buf->len = 0;
}

/* Items leave as they are written: the text of a long table is never held whole. */
static void json_items(JsonOut *out, Value value)
{
    uint32_t n = value.kind == VALUE_LIST ? value.list->count : value.table->n_rows;
    json_open_array(out);
    for (uint32_t i = 0; i < n; i++) {
        value_to_plain_json(out, value.kind == VALUE_LIST ? value.list->items[i] : value_row(value.table, i));
        if (out->buf->len > CHUNK)
            json_give(out);
    }
    json_close_array(out);
}

static void json_output(JsonOut *out, Value value)
{
    Error ignored;
    bool has_items = value.kind == VALUE_LIST || value.kind == VALUE_TABLE;
    if (has_items && value_may_leave(value, &ignored))
        json_items(out, value);
    else
        value_to_plain_json(out, value);
}

static void json_outputs(JsonOut *out, const LocalRun *run)
{
    uint32_t n = 0;
    const Argument *outputs = evaluation_outputs(run->evaluation, &n);
    json_key(out, S("outputs"));
    json_open_object(out);
    for (uint32_t i = 0; i < n; i++) {
        json_key(out, outputs[i].name);
        json_output(out, outputs[i].value);
    }
    json_close_object(out);
}

static void print_json_end(const LocalRun *run, EvalStatus status)
{
    AUTO(buf_done)
    Buf text = {0};
    JsonOut out = json_out(&text);
    json_open_object(&out);
    if (status == EVAL_COMPLETED) {
        json_member_str(&out, S("state"), S("completed"));
        json_outputs(&out, run);
    } else if (status == EVAL_FAILED) {
        json_member_str(&out, S("state"), S("failed"));
        json_member_str(&out, S("description"), evaluation_failure(run->evaluation));
    } else {
        const Question *question = evaluation_question(run->evaluation);
        json_member_str(&out, S("state"), S("awaiting_guidance"));
        json_member_str(&out, S("kind"), str_from_c(question->kind));
        json_member_str(&out, S("description"), question->description);
    }
    json_close_object(&out);
    buf_char(&text, '\n');
    json_give(&out);
}

static void print_outputs(const LocalRun *run)
{
    AUTO(buf_done)
    Buf text = {0};
    uint32_t n = 0;
    const Argument *outputs = evaluation_outputs(run->evaluation, &n);
    for (uint32_t i = 0; i < n; i++) {
        buf_printf(&text, "%.*s: ", STR_ARG(outputs[i].name));
        terminal_print_value(&text, outputs[i].value);
    }
    if (text.len > 0)
        (void)fwrite(text.data, 1, text.len, stdout);
}

static int end(const TerminalRun *terminal, EvalStatus status)
{
    const LocalRun *run = &terminal->run;
    if (terminal->json)
        print_json_end(run, status);
    else if (status == EVAL_COMPLETED)
        print_outputs(run);
    else if (status == EVAL_FAILED)
        fprintf(stderr, "The run failed: %.*s\n", STR_ARG(evaluation_failure(run->evaluation)));
    else
        fputs("Nobody answered. Give answers with --answer, or on standard input.\n", stderr);
    return status == EVAL_COMPLETED ? EXIT_DONE : EXIT_PROBLEMS;
}

static bool go_on(TerminalRun *terminal, EvalStatus *out, bool *out_quit, Error *err)
{
    return terminal->stepper ? stepper_go_on(terminal->stepper, out, out_quit, err)
                             : local_run_go_on(&terminal->run, out, err);
}

static int carry_out(TerminalRun *terminal)
{
    for (;;) {
        Error err = {0};
        EvalStatus status;
        bool quit = false;
        if (!go_on(terminal, &status, &quit, &err))
            return command_failed("run", &err);
        if (quit) {
            fputs("The run was left before its end.\n", stderr);
            return EXIT_PROBLEMS;
        }
        if (status != EVAL_QUESTION || !ask(terminal))
            return end(terminal, status);
    }
}

/* ---- the command ---- */
typedef struct RunOptions {
    const char **files, **inputs, **answers, **connections;
    int n_files, n_inputs, n_answers, n_connections;
    const char *save, *time_zone, *sender, *private_addresses;
    bool json, spy, step, skip_waits, decimal_comma, day_first, twelve_hours;
} RunOptions;

static bool run_options(int argc, char **argv, Arena *arena, RunOptions *out)
{
    *out = (RunOptions){.files = NEW_ARRAY(arena, const char *, (size_t)argc + 1),
                        .inputs = NEW_ARRAY(arena, const char *, (size_t)argc + 1),
                        .answers = NEW_ARRAY(arena, const char *, (size_t)argc + 1),
                        .connections = NEW_ARRAY(arena, const char *, (size_t)argc + 1),
                        .save = ".",
                        .sender = "",
                        .private_addresses = "refuse",
                        .time_zone = ""};
    const CliOption options[] = {
        {.name = "input", .repeat = out->inputs, .n_repeat = &out->n_inputs},
        {.name = "answer", .repeat = out->answers, .n_repeat = &out->n_answers},
        {.name = "connection", .repeat = out->connections, .n_repeat = &out->n_connections},
        {.name = "sender", .value = &out->sender},
        {.name = "private-addresses", .value = &out->private_addresses},
        {.name = "save", .value = &out->save},
        {.name = "time-zone", .value = &out->time_zone},
        {.name = "json", .flag = &out->json},
        {.name = "spy", .flag = &out->spy},
        {.name = "step", .flag = &out->step},
        {.name = "skip-waits", .flag = &out->skip_waits},
        {.name = "decimal-comma", .flag = &out->decimal_comma},
        {.name = "day-first", .flag = &out->day_first},
        {.name = "twelve-hours", .flag = &out->twelve_hours},
    };
    return cli_options(argc, argv, options, COUNT_OF(options), out->files, &out->n_files);
}

/* Made before the run begins: at the end of its work it would be late to learn that there is nowhere to save. */
static bool make_save_directory(const char *path, Error *err)
{
    struct stat status;
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
        return true;
    return error_set(err, FAILED_PRECONDITION, "", "--save %s: %s", path,
                     errno == EEXIST ? "this is a file, not a directory" : strerror(errno));
}

static int run_file(const RunOptions *options, Arena *arena)
{
    Error err = {0};
    Source source;
    Program *program = NULL;
    if (!source_load(arena, options->files[0], options->spy, &source, &program, &err))
        return command_failed("run", &err);
    if (!source_report(&source, program))
        return EXIT_PROBLEMS;
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    AUTO(terminal_run_done)
    TerminalRun terminal = {
        .run = {.program = program,
                .world = {.save_directory = options->save,
                          .reach_private = strcmp(options->private_addresses, "allow") == 0,
                          .locale = local_locale(str_from_c(options->time_zone), options->decimal_comma,
                                                 options->day_first, options->twelve_hours)},
                .skip_waits = options->skip_waits,
                .said = print_said},
        .answers = options->answers,
        .n_answers = options->n_answers,
        .json = options->json,
    };
    terminal.run.self = &terminal;
    Argument *inputs = NEW_ARRAY(arena, Argument, (size_t)options->n_inputs);
    if (!local_run_inputs(&terminal.run, options->inputs, options->n_inputs, inputs, &err))
        return err.code == NOT_FOUND ? command_failed("run", &err) : command_usage("run", "%s", err.message);
    for (int i = 0; i < options->n_connections; i++) {
        if (!local_connection(&terminal.run.world, options->connections[i], options->sender, &err))
            return command_usage("run", "%s", err.message);
    }
    if (!make_save_directory(options->save, &err))
        return command_failed("run", &err);
    local_run_begin(&terminal.run, inputs, (uint32_t)options->n_inputs);
    AUTO(stepper_done)
    Stepper stepper = {0};
    if (options->step) {
        stepper_init(&stepper, arena, &source, &terminal.run, &terminal.next_answer);
        terminal.stepper = &stepper;
    }
    return carry_out(&terminal);
}

static int run_run(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    RunOptions options;
    if (!run_options(argc, argv, &arena, &options))
        return EXIT_USAGE;
    if (options.n_files != 1)
        return command_usage("run", "name one file to run");
    if (!zone_is_known(str_from_c(options.time_zone)))
        return command_usage("run", "there is no time zone \"%s\": use a name like Europe/Berlin", options.time_zone);
    return run_file(&options, &arena);
}

const CliCommand command_run = {
    .name = "run",
    .summary = "run an automation here and now, asking on the terminal",
    .help =
        "usage: clerkwork run FILE [--input \"NAME=VALUE\" ...] [--answer SENTENCE ...] [OPTION ...]\n"
        "\n"
        "Runs an automation without a server. What it says and puts out is printed; what it asks is asked here. An "
        "answer\n"
        "is a sentence of the same language: use \"PO-4711\", the tolerance is 0.05, skip this one, retry, stop "
        "the run.\n"
        "\n"
        "  --input \"NAME=VALUE\"   an input of the automation; \"NAME=@FILE\" gives a file\n"
        "  --answer SENTENCE      answers the first question, the next --answer the second, and so on\n"
        "  --save DIRECTORY       where files that the automation writes go (default: here; made if need be);\n"
        "                         none is overwritten\n"
        "  --connection NAME=URL  a server that the automation may call by that name; its credential is what the "
        "variable\n"
        "                         CLERKWORK_SECRET_NAME says: bearer TOKEN, basic USER:PASSWORD, or header NAME:VALUE\n"
        "  --sender ADDRESS       who writes the letters of an email connection\n"
        "  --private-addresses allow\n"
        "                         other servers may be in private networks, or this machine\n"
        "  --json                 print {state, outputs} as JSON; what the run says goes to standard error\n"
        "  --time-zone ZONE       like Europe/Berlin (default: UTC)\n"
        "  --decimal-comma        read 1.250,00 where a figure leaves it open\n"
        "  --day-first            read 03/04/2026 as the 3rd of April\n"
        "  --twelve-hours         times are written like 5:30 PM; ask about a 5:30 without AM or PM\n"
        "  --skip-waits           do not wait where the automation says so\n"
        "  --step                 stop before each sentence and show which facts changed: n goes on, b steps back,\n"
        "                         c continues, p FACT prints, q quits\n"
        "  --spy                  the file is SPy (files that end in .spy or .py are)\n"
        "\n"
        "  clerkwork run invoices.english --input \"invoice file=@invoices.csv\" --input tolerance=0.05\n"
        "\n"
        "Exit code: 0 completed, 1 a file cannot be read, 2 the command line makes no sense, 3 the automation has\n"
        "problems, the run failed, or nobody answered.\n",
    .run = run_run,
};

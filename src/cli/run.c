/* cli/run.c: an automation carried out here and now: no server, no store; questions are asked on the terminal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/source.h"
#include "cli/terminal.h"
#include "lang/answer.h"
#include "lang/trace.h"
#include "value/wire.h"
#include "value/zone.h"

#define FUEL_SLICE 10000000u

typedef struct LocalRun {
    const Program *program;
    Evaluation *evaluation;
    LocalWorld world;
    const char **answers; /* given on the command line, used up one by one */
    int n_answers, next_answer;
    bool json, skip_waits;
} LocalRun;

static void local_run_done(LocalRun *run)
{
    evaluation_free(run->evaluation);
    local_done(&run->world);
}

/* ---- inputs ---- */
static bool input_known(const Program *program, Str name, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Str *names = NEW_ARRAY(&arena, Str, program->n_inputs);
    Buf listed = buf_in(&arena);
    for (uint32_t i = 0; i < program->n_inputs; i++) {
        names[i] = program->inputs[i].name;
        if (name_alike(names[i], name))
            return true;
        buf_printf(&listed, "%s%.*s", i ? ", " : "", STR_ARG(names[i]));
    }
    Str near = nearest_spelling(name, names, program->n_inputs);
    if (near.len > 0)
        return error_set(err, INVALID_ARGUMENT, "", "there is no input \"%.*s\": did you mean \"%.*s\"?", STR_ARG(name),
                         STR_ARG(near));
    return error_set(err, INVALID_ARGUMENT, "", "there is no input \"%.*s\"; the inputs are: %.*s", STR_ARG(name),
                     STR_ARG(listed.len ? buf_view(&listed) : S("none")));
}

static Str input_name(const Program *program, Str given)
{
    for (uint32_t i = 0; i < program->n_inputs; i++) {
        if (name_alike(program->inputs[i].name, given))
            return program->inputs[i].name;
    }
    return given;
}

static TypeKind input_type(const Program *program, Str name)
{
    for (uint32_t i = 0; i < program->n_inputs; i++) {
        const Type *type = program->inputs[i].type;
        if (str_eq(program->inputs[i].name, name))
            return type->kind == TYPE_OPTIONAL ? type->inner->kind : type->kind;
    }
    return TYPE_ANY;
}

/* "name=text" or "name=@file". */
static bool input_read(LocalRun *run, const char *given, Argument *out, Error *err)
{
    Str rest = str_from_c(given), name = str_trim(str_cut(&rest, '='));
    if (!rest.data)
        return error_set(err, INVALID_ARGUMENT, "",
                         "--input %s says no value: write --input \"name=value\" or \"name=@file\"", given);
    if (!input_known(run->program, name, err))
        return false;
    out->name = input_name(run->program, name);
    if (str_starts(rest, S("@")))
        return local_grant(&run->world, rest.data + 1, &out->value, err);
    if (input_type(run->program, out->name) == TYPE_FILE)
        return error_set(err, INVALID_ARGUMENT, "", "the input \"%.*s\" is a file: write --input \"%.*s=@%.*s\"",
                         STR_ARG(out->name), STR_ARG(out->name), STR_ARG(rest));
    if (!utf8_is_valid(rest))
        return error_set(err, INVALID_ARGUMENT, "", "the input \"%.*s\" is not UTF-8 text", STR_ARG(name));
    out->value = value_text(rest);
    return true;
}

static bool inputs_read(LocalRun *run, const char **given, int n_given, Argument *out, Error *err)
{
    for (int i = 0; i < n_given; i++) {
        if (!input_read(run, given[i], &out[i], err))
            return false;
        for (int k = 0; k < i; k++) {
            if (str_eq(out[k].name, out[i].name))
                return error_set(err, INVALID_ARGUMENT, "", "the input \"%.*s\" is given twice", STR_ARG(out[i].name));
        }
    }
    return true;
}

/* ---- what a run may want ---- */
/* What the run says goes to standard output as it is said, or beside the JSON to standard error. */
static void print_said(const LocalRun *run)
{
    Reader batch = reader_of(evaluation_trace(run->evaluation));
    AUTO(arena_done)
    Arena arena = {0};
    TraceEntry entry;
    Error err = {0};
    while (trace_next(&arena, &batch, &entry, &err)) {
        if (entry.kind == TRACE_SAID)
            fprintf(run->json ? stderr : stdout, "%.*s\n", STR_ARG(entry.text));
        arena_reset(&arena);
    }
    evaluation_trace_clear(run->evaluation);
    (void)fflush(stdout);
}

static void carry_out_call(LocalRun *run)
{
    AUTO(arena_done)
    Arena arena = {0};
    const EvalCall *call = evaluation_call(run->evaluation);
    BookContext context = local_context(&run->world);
    Value result;
    Error err = {0};
    if (books_call(&context, call->procedure, call->arguments, call->n_arguments, &arena, &result, &err))
        evaluation_supply(run->evaluation, result);
    else
        evaluation_supply_error(run->evaluation, &err);
}

/* The next moment with this time of day, this date's midnight, or this date and time. */
static bool moment_to_us(const LocalRun *run, Value moment, int64_t *out_us, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Value now;
    if (!zone_local(&arena, run->world.time_zone, clock_now_us(), &now, err))
        return false;
    DateTime at = {.year = now.datetime->year, .month = now.datetime->month, .day = now.datetime->day};
    if (moment.kind == VALUE_DATETIME) {
        at = *moment.datetime;
    } else if (moment.kind == VALUE_DATE) {
        at = (DateTime){.year = moment.date.year, .month = moment.date.month, .day = moment.date.day};
    } else {
        int64_t seconds = moment.nanos / 1000000000;
        at.hour = (uint8_t)(seconds / 3600);
        at.minute = (uint8_t)(seconds / 60 % 60);
        at.second = (uint8_t)(seconds % 60);
    }
    return zone_instant(value_datetime(&arena, at), run->world.time_zone, out_us, err);
}

static bool wait_out(const LocalRun *run, Error *err)
{
    const EvalTimer *timer = evaluation_timer(run->evaluation);
    int64_t now = clock_now_us(), until = now + timer->seconds * 1000000;
    char text[CLOCK_TEXT_LEN];
    if (timer->until && !moment_to_us(run, timer->moment, &until, err))
        return false;
    if (!run->skip_waits && until > now) {
        clock_format(until, text);
        fprintf(stderr, "waiting until %.19sZ (--skip-waits goes on at once)\n", text);
        struct timespec left = {(until - now) / 1000000, (until - now) % 1000000 * 1000};
        while (nanosleep(&left, &left) != 0)
            continue;
    }
    evaluation_timer_fired(run->evaluation);
    return true;
}

/* ---- questions ---- */
static bool next_answer(LocalRun *run, Arena *arena, Str *out)
{
    if (run->next_answer < run->n_answers) {
        *out = str_from_c(run->answers[run->next_answer++]);
        fprintf(stderr, "> %.*s\n", STR_ARG(*out));
        return true;
    }
    if (isatty(STDIN_FILENO))
        fputs("> ", stderr);
    return terminal_read_answer(arena, out);
}

static bool try_answer(LocalRun *run, Arena *arena, Str sentence, Error *err)
{
    Answer answer;
    if (!utf8_is_valid(sentence))
        return error_set(err, INVALID_ARGUMENT, "", "the answer is not UTF-8 text");
    if (!answer_read(arena, sentence, run->program, evaluation_question(run->evaluation), &answer, err) ||
        !evaluation_answer(run->evaluation, &answer, err))
        return false;
    if (answer.remember)
        fputs("(kept for nothing but this answer: only a server remembers)\n", stderr);
    return true;
}

/* Asks until an answer is accepted; false when there is nobody left to ask. */
static bool ask(LocalRun *run)
{
    AUTO(arena_done)
    Arena arena = {0};
    Buf text = buf_in(&arena);
    Str sentence;
    terminal_print_question(&text, evaluation_question(run->evaluation), run->program);
    fprintf(stderr, "%.*s", STR_ARG(buf_view(&text)));
    while (next_answer(run, &arena, &sentence)) {
        Error err = {0};
        if (sentence.len == 0)
            continue;
        if (try_answer(run, &arena, sentence, &err))
            return true;
        fprintf(stderr, "! %s\n", err.message);
    }
    return false;
}

/* ---- ends ---- */
static void json_outputs(JsonOut *out, const LocalRun *run)
{
    uint32_t n = 0;
    const Argument *outputs = evaluation_outputs(run->evaluation, &n);
    json_key(out, S("outputs"));
    json_open_object(out);
    for (uint32_t i = 0; i < n; i++) {
        json_key(out, outputs[i].name);
        value_to_plain_json(out, outputs[i].value);
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
    (void)fwrite(text.data, 1, text.len, stdout);
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

static int end(const LocalRun *run, EvalStatus status)
{
    if (run->json)
        print_json_end(run, status);
    else if (status == EVAL_COMPLETED)
        print_outputs(run);
    else if (status == EVAL_FAILED)
        fprintf(stderr, "The run failed: %.*s\n", STR_ARG(evaluation_failure(run->evaluation)));
    else
        fputs("Nobody answered. Give answers with --answer, or on standard input.\n", stderr);
    return status == EVAL_COMPLETED ? EXIT_DONE : EXIT_PROBLEMS;
}

static int carry_out(LocalRun *run)
{
    for (;;) {
        Error err = {0};
        EvalStatus status = evaluation_run(run->evaluation, FUEL_SLICE);
        print_said(run);
        switch (status) {
        case EVAL_READY: break;
        case EVAL_CALL: carry_out_call(run); break;
        case EVAL_TIMER:
            if (!wait_out(run, &err))
                return command_failed("run", &err);
            break;
        case EVAL_QUESTION:
            if (!ask(run))
                return end(run, status);
            break;
        case EVAL_COMPLETED:
        case EVAL_FAILED: return end(run, status);
        }
    }
}

/* ---- the command ---- */
typedef struct RunOptions {
    const char **files, **inputs, **answers;
    int n_files, n_inputs, n_answers;
    const char *save, *time_zone;
    bool json, spy, skip_waits, decimal_comma, day_first;
} RunOptions;

static bool run_options(int argc, char **argv, Arena *arena, RunOptions *out)
{
    *out = (RunOptions){.files = NEW_ARRAY(arena, const char *, (size_t)argc + 1),
                        .inputs = NEW_ARRAY(arena, const char *, (size_t)argc + 1),
                        .answers = NEW_ARRAY(arena, const char *, (size_t)argc + 1),
                        .save = ".",
                        .time_zone = ""};
    const CliOption options[] = {
        {.name = "input", .repeat = out->inputs, .n_repeat = &out->n_inputs},
        {.name = "answer", .repeat = out->answers, .n_repeat = &out->n_answers},
        {.name = "save", .value = &out->save},
        {.name = "time-zone", .value = &out->time_zone},
        {.name = "json", .flag = &out->json},
        {.name = "spy", .flag = &out->spy},
        {.name = "skip-waits", .flag = &out->skip_waits},
        {.name = "decimal-comma", .flag = &out->decimal_comma},
        {.name = "day-first", .flag = &out->day_first},
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
    AUTO(local_run_done)
    LocalRun run = {
        .program = program,
        .world = {.save_directory = options->save,
                  .time_zone = str_from_c(options->time_zone),
                  .decimal_comma = options->decimal_comma,
                  .day_first = options->day_first},
        .answers = options->answers,
        .n_answers = options->n_answers,
        .json = options->json,
        .skip_waits = options->skip_waits,
    };
    Argument *inputs = NEW_ARRAY(arena, Argument, (size_t)options->n_inputs);
    if (!inputs_read(&run, options->inputs, options->n_inputs, inputs, &err))
        return err.code == NOT_FOUND ? command_failed("run", &err) : command_usage("run", "%s", err.message);
    if (!make_save_directory(options->save, &err))
        return command_failed("run", &err);
    run.evaluation =
        evaluation_new(program, inputs, (uint32_t)options->n_inputs,
                       (EvalOptions){.decimal_comma = options->decimal_comma, .day_first = options->day_first});
    return carry_out(&run);
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
    .help = "usage: clerkwork run FILE [--input \"NAME=VALUE\" ...] [--answer SENTENCE ...] [OPTION ...]\n"
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
            "  --json                 print {state, outputs} as JSON; what the run says goes to standard error\n"
            "  --time-zone ZONE       like Europe/Berlin (default: UTC)\n"
            "  --decimal-comma        read 1.250,00 where a figure leaves it open\n"
            "  --day-first            read 03/04/2026 as the 3rd of April\n"
            "  --skip-waits           do not wait where the automation says so\n"
            "  --spy                  the file is SPy (files that end in .spy or .py are)\n"
            "\n"
            "  clerkwork run invoices.english --input \"invoice file=@invoices.csv\" --input tolerance=0.05\n"
            "\n"
            "Exit code: 0 completed, 1 a file cannot be read, 2 the command line makes no sense, 3 the automation has\n"
            "problems, the run failed, or nobody answered.\n",
    .run = run_run,
};

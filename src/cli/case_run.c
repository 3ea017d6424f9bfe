/* cli/case_run.c: carries a case out and writes down what happens. */
#include <string.h>

#include "base/codec.h"
#include "cli/case.h"
#include "cli/local_run.h"
#include "cli/source.h"
#include "cli/terminal.h"
#include "value/wire.h"

typedef struct CaseRun {
    LocalRun run;
    Arena *arena;
    const Case *given;
    CaseOutcome *outcome;
    Buf transcript;
    int next_answer;
    bool *replied; /* by the case's replies: which have been given */
} CaseRun;

static void case_run_done(CaseRun *run)
{
    local_run_done(&run->run);
}

/* "say     text": the word, then the text; its further lines are set in as deep. */
static void add_entry(CaseRun *run, const char *word, Str text)
{
    buf_printf(&run->transcript, "%-8s", word);
    for (Str rest = text; rest.data;) {
        Str line = str_cut(&rest, '\n');
        buf_str(&run->transcript, line);
        if (rest.data)
            buf_str(&run->transcript, S("\n        "));
    }
    while (run->transcript.len > 0 && run->transcript.data[run->transcript.len - 1] == ' ')
        run->transcript.len--;
    buf_char(&run->transcript, '\n');
}

static void add_said(void *self, Str text)
{
    add_entry(self, "say", text);
}

/* ---- files beside the case ---- */
static bool name_is_taken(const CaseOutcome *outcome, Str name)
{
    for (uint32_t i = 0; i < outcome->n_files; i++) {
        if (str_eq_fold(outcome->files[i].name, name))
            return true;
    }
    return false;
}

/* Names of outputs are anything; names of files are letters, digits, blanks and what is in few people's way. */
static Str file_name(CaseRun *run, Str wanted, const char *ending)
{
    Buf plain = buf_in(run->arena);
    for (size_t i = 0; i < MIN_OF(wanted.len, (size_t)80); i++) {
        unsigned char c = (unsigned char)wanted.data[i];
        bool kept = c >= '0' && c <= '9';
        kept |= (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        kept |= c == ' ' || c == '-' || c == '_' || (c == '.' && i > 0);
        buf_char(&plain, kept ? (char)c : '_');
    }
    Str name = str_printf(run->arena, "%.*s%s", STR_ARG(buf_view(&plain)), ending);
    for (int n = 2; name_is_taken(run->outcome, name); n++)
        name = str_printf(run->arena, "%d %.*s%s", n, STR_ARG(buf_view(&plain)), ending);
    return name;
}

static void add_file(CaseRun *run, Str name, Str content)
{
    CaseOutcome *outcome = run->outcome;
    if (outcome->n_files == outcome->cap_files) {
        uint32_t cap = outcome->cap_files ? outcome->cap_files * 2 : 8;
        CaseFile *grown = NEW_ARRAY(run->arena, CaseFile, cap);
        if (outcome->n_files > 0)
            memcpy(grown, outcome->files, outcome->n_files * sizeof *grown);
        outcome->files = grown;
        outcome->cap_files = cap;
    }
    outcome->files[outcome->n_files++] = (CaseFile){name, content};
}

/* ---- values ---- */
static void add_quoted(Buf *out, Str text)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            buf_char(out, '"');
        buf_char(out, text.data[i]);
    }
    buf_char(out, '"');
}

/* Texts in quotation marks and all else bare: so 12 and "12" stay two things. */
static void add_cell(Buf *out, Value cell)
{
    AUTO(buf_done)
    Buf json = {0};
    if (cell.kind == VALUE_TEXT) {
        add_quoted(out, value_str(cell));
    } else if (cell.kind == VALUE_LIST || cell.kind == VALUE_SET || cell.kind == VALUE_RECORD ||
               cell.kind == VALUE_TABLE || cell.kind == VALUE_ROW || cell.kind == VALUE_FILE) {
        JsonOut writer = json_out(&json);
        value_to_plain_json(&writer, cell);
        add_quoted(out, buf_view(&json));
    } else if (cell.kind != VALUE_NULL) {
        value_print_data(out, cell);
    }
}

static Str table_text(Arena *arena, const Table *table)
{
    Buf out = buf_in(arena);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        if (i > 0)
            buf_char(&out, ',');
        add_quoted(&out, table->columns[i].name);
    }
    buf_char(&out, '\n');
    for (uint32_t row = 0; row < table->n_rows; row++) {
        for (uint32_t i = 0; i < table->n_columns; i++) {
            if (i > 0)
                buf_char(&out, ',');
            add_cell(&out, table->columns[i].cells[row]);
        }
        buf_char(&out, '\n');
    }
    return buf_view(&out);
}

static void add_output(CaseRun *run, const Argument *output)
{
    Value table;
    Buf line = buf_in(run->arena);
    buf_printf(&line, "%.*s = ", STR_ARG(output->name));
    if (terminal_as_table(run->arena, output->value, &table)) {
        Str name = file_name(run, output->name, ".csv");
        buf_printf(&line, "%u row%s in \"%.*s\"", table.table->n_rows, table.table->n_rows == 1 ? "" : "s",
                   STR_ARG(name));
        add_file(run, name, table_text(run->arena, table.table));
    } else if (output->value.kind == VALUE_FILE) {
        buf_printf(&line, "the file %.*s", STR_ARG(output->value.file->filename));
    } else {
        JsonOut json = json_out(&line);
        value_to_plain_json(&json, output->value);
    }
    add_entry(run, "output", buf_view(&line));
}

static void add_outputs(CaseRun *run)
{
    uint32_t n = 0;
    const Argument *outputs = evaluation_outputs(run->run.evaluation, &n);
    for (uint32_t i = 0; i < n; i++)
        add_output(run, &outputs[i]);
    for (uint32_t i = 0; i < run->run.world.n_saved; i++) {
        const SavedFile *file = &run->run.world.saved[i];
        Str name = file_name(run, file->filename, "");
        add_entry(run, "file",
                  str_printf(run->arena, "%.*s, %zu bytes, in \"%.*s\"", STR_ARG(file->filename), file->content.len,
                             STR_ARG(name)));
        add_file(run, name, str_copy(run->arena, file->content));
    }
}

/* ---- other servers ---- */
#define SENT_SHOWN 4000

static void add_call(CaseRun *run, const HttpCall *call)
{
    Buf text = buf_in(run->arena);
    buf_printf(&text, "%s %.*s", call->method, STR_ARG(call->url));
    for (int i = 0; call->mail && i < call->mail->n_to; i++)
        buf_printf(&text, "%s%.*s", i ? ", " : " to ", STR_ARG(call->mail->to[i]));
    bool readable = utf8_is_valid(call->body);
    Str shown = str_clip(call->body, SENT_SHOWN);
    if (call->body.len > 0 && !readable)
        buf_printf(&text, "\n%zu bytes", call->body.len);
    while (readable && shown.len > 0) {
        Str line = str_trim(str_cut(&shown, '\n'));
        buf_printf(&text, "\n%.*s", STR_ARG(line));
    }
    if (readable && call->body.len > SENT_SHOWN)
        buf_printf(&text, "\n… %zu bytes in all", call->body.len);
    add_entry(run, "call", buf_view(&text));
}

/* The first that was not given yet; when all were, the last one stays as it is. */
static const CaseReply *find_reply(CaseRun *run, const HttpCall *call)
{
    const CaseReply *found = NULL;
    for (int i = 0; i < run->given->n_replies; i++) {
        const CaseReply *reply = &run->given->replies[i];
        if (!str_eq(reply->method, str_from_c(call->method)) || !str_eq(reply->url, call->url))
            continue;
        found = reply;
        if (run->replied[i])
            continue;
        run->replied[i] = true;
        break;
    }
    return found;
}

bool case_reply(const CaseReply *reply, HttpCall *call, Error *err)
{
    static const CaseReply taken = {.status = 250};
    if (!reply && call->mail)
        reply = &taken;
    if (!reply)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the case does not say what %.*s answers: add a line `outside %s %.*s = 200 …` to it",
                         STR_ARG(str_clip(call->url, 200)), call->method, STR_ARG(str_clip(call->url, 200)));
    call->status = reply->status;
    call->sent = reply->trouble != UNAVAILABLE;
    if (reply->trouble != OK || (call->mail && reply->status >= 400)) {
        error_set(&call->err, reply->trouble == OK ? FAILED_PRECONDITION : reply->trouble, "", "%.*s %s",
                  STR_ARG(str_clip(call->url, 200)),
                  reply->trouble == DEADLINE_EXCEEDED ? "gave no answer in time."
                  : reply->trouble == UNAVAILABLE     ? "could not be reached."
                                                      : "did not take the letter.");
        return true;
    }
    buf_printf(&call->heads, "Content-Type: %s\r\n", reply->is_json ? "application/json" : "text/plain");
    buf_str(&call->answer, reply->content);
    return true;
}

static bool reply_to(void *self, BookErrand *errand, Error *err)
{
    CaseRun *run = self;
    HttpCall *call = &errand->call;
    add_call(run, call);
    return case_reply(find_reply(run, call), call, err);
}

/* ---- the run ---- */
/* Answers until one is accepted; false when none is left. */
static bool answer(CaseRun *run)
{
    const Question *question = evaluation_question(run->run.evaluation);
    add_entry(run, "ask", question->description);
    for (uint32_t i = 0; i < question->n_suggestions; i++)
        add_entry(run, "perhaps", question->suggestions[i]);
    while (run->next_answer < run->given->n_answers) {
        Error err = {0};
        bool remember;
        Str sentence = run->given->answers[run->next_answer++];
        add_entry(run, "answer", sentence);
        if (local_run_answer(&run->run, run->arena, sentence, &remember, &err))
            return true;
        add_entry(run, "refused", str_from_c(err.message));
    }
    return false;
}

static bool carry_out(CaseRun *run, Error *err)
{
    EvalStatus status;
    do {
        if (!local_run_go_on(&run->run, &status, err))
            return false;
    } while (status == EVAL_QUESTION && answer(run));
    add_outputs(run);
    if (status == EVAL_FAILED)
        add_entry(run, "end", str_printf(run->arena, "failed: %.*s", STR_ARG(evaluation_failure(run->run.evaluation))));
    else
        add_entry(run, "end", status == EVAL_COMPLETED ? S("completed") : S("waiting for an answer"));
    /* Answers that nobody asked for stay visible: an update must not lose them in silence. */
    for (; run->next_answer < run->given->n_answers; run->next_answer++)
        add_entry(run, "unasked", run->given->answers[run->next_answer]);
    return true;
}

static void add_problems(CaseRun *run, const Program *program)
{
    for (uint32_t i = 0; i < program->diagnostics.count; i++) {
        const Diagnostic *problem = &program->diagnostics.items[i];
        const char *severity = problem->severity == SEVERITY_ERROR ? "error" : "warning";
        Str text =
            str_printf(run->arena, "line %u, column %u: %s: %.*s%s%.*s", problem->line, problem->column, severity,
                       STR_ARG(problem->message), problem->hint.len ? "; " : "", STR_ARG(problem->hint));
        add_entry(run, "problem", text);
    }
}

bool case_run(Arena *arena, const Case *given, CaseOutcome *out, Error *err)
{
    Source source;
    Program *program = NULL;
    *out = (CaseOutcome){0};
    if (!source_load(arena, given->automation, false, &source, &program, err))
        return false;
    AUTO(case_run_done)
    CaseRun run = {.run = {.program = program,
                           .world = {.directory = given->directory,
                                     .locale = local_locale(given->time_zone, given->decimal_comma, given->day_first,
                                                            given->twelve_hours),
                                     .staged = true,
                                     .staged_now_us = given->now_us},
                           .skip_waits = true,
                           .said = add_said},
                   .replied = NEW_ARRAY(arena, bool, (size_t)given->n_replies),
                   .arena = arena,
                   .given = given,
                   .outcome = out,
                   .transcript = buf_in(arena)};
    run.run.self = &run;
    run.run.world.reply = reply_to;
    run.run.world.reply_self = &run;
    add_problems(&run, program);
    if (program->diagnostics.n_errors > 0) {
        out->transcript = buf_view(&run.transcript);
        return true;
    }
    Argument *inputs = NEW_ARRAY(arena, Argument, (size_t)given->n_inputs);
    if (!local_run_inputs(&run.run, given->inputs, given->n_inputs, inputs, err))
        return false;
    local_run_begin(&run.run, inputs, (uint32_t)given->n_inputs);
    if (!carry_out(&run, err))
        return false;
    out->transcript = buf_view(&run.transcript);
    return true;
}

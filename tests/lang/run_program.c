/* tests/lang/run_program.c: see run_program.h. */
#include "run_program.h"

#include <stdio.h>

#include "lang/eval_state.h"
#include "lang/program.h"

static const Parameter echo_parameters[] = {{S_INIT("value"), &type_any, true, S_INIT("what comes back")}};
static const Procedure echo = {.book = S_INIT("probe"),
                               .name = S_INIT("echo"),
                               .english = S_INIT("echo {value} as {result}"),
                               .parameters = echo_parameters,
                               .n_parameters = 1,
                               .result = &type_any,
                               .effect = EFFECT_PURE};
static const Procedure note = {.book = S_INIT("probe"),
                               .name = S_INIT("note"),
                               .english = S_INIT("note {value} as {result}"),
                               .parameters = echo_parameters,
                               .n_parameters = 1,
                               .result = &type_number,
                               .effect = EFFECT_ONCE};
static const Procedure broken = {.book = S_INIT("probe"),
                                 .name = S_INIT("broken"),
                                 .english = S_INIT("break {value} as {result}"),
                                 .parameters = echo_parameters,
                                 .n_parameters = 1,
                                 .result = &type_any,
                                 .effect = EFFECT_READ};
static const Procedure *const procedures[] = {&echo, &note, &broken};

const Catalog *probe_catalog(void)
{
    static const Catalog catalog = {procedures, COUNT_OF(procedures)};
    return &catalog;
}

Program *program_of(Arena *arena, Str source, Spelling spelling)
{
    Program *program = program_load(arena, source, spelling, probe_catalog());
    if (program->diagnostics.n_errors == 0 && program->code)
        return program;
    Buf out = {0};
    diagnostics_print(&out, &program->diagnostics, S("program"));
    fprintf(stderr, "%.*s\n", STR_ARG(buf_view(&out)));
    buf_done(&out);
    return NULL;
}

typedef struct Transcript {
    Arena *arena;
    Buf text, trace;
    const Str *answers;
    uint32_t n_answers, next_answer;
    uint32_t notes, breaks;
} Transcript;

static void take_trace(Transcript *transcript, Evaluation *evaluation)
{
    Reader batch = reader_of(evaluation_trace(evaluation));
    TraceEntry entry;
    Error err = {0};
    while (trace_next(transcript->arena, &batch, &entry, &err))
        if (entry.kind == TRACE_SAID)
            buf_printf(&transcript->text, "→ %.*s\n", STR_ARG(entry.text));
    if (err.code != OK)
        buf_printf(&transcript->text, "damaged journal: %s\n", err.message);
    buf_str(&transcript->trace, evaluation_trace(evaluation));
    evaluation_trace_clear(evaluation);
}

static void answer_call(Transcript *transcript, Evaluation *evaluation)
{
    const EvalCall *call = evaluation_call(evaluation);
    if (str_eq(call->procedure->name, S("note"))) {
        evaluation_supply(evaluation, NULL, value_int(++transcript->notes));
    } else if (str_eq(call->procedure->name, S("broken")) && transcript->breaks++ == 0) {
        Error err;
        (void)error_set(&err, UNAVAILABLE, "value", "the line is down");
        evaluation_supply_error(evaluation, &err);
    } else {
        evaluation_supply(evaluation, NULL, call->arguments[0].value);
    }
}

/* false when there is no answer left. */
static bool answer_question(Transcript *transcript, Evaluation *evaluation, const Program *program)
{
    const Question *question = evaluation_question(evaluation);
    buf_printf(&transcript->text, "? %.*s\n", STR_ARG(question->description));
    for (;;) {
        if (transcript->next_answer == transcript->n_answers)
            return false;
        Str said = transcript->answers[transcript->next_answer++];
        buf_printf(&transcript->text, "! %.*s\n", STR_ARG(said));
        Answer answer;
        Error err;
        if (answer_read(transcript->arena, said, program, question, &answer, &err) &&
            evaluation_answer(evaluation, &answer, &err))
            return true;
        buf_printf(&transcript->text, "refused: %s\n", err.message);
    }
}

static Evaluation *through_bytes(Transcript *transcript, Evaluation *evaluation, const Program *program,
                                 const RunMode *mode)
{
    Buf bytes = buf_in(transcript->arena), again = buf_in(transcript->arena);
    Evaluation *restored = NULL;
    Error err;
    evaluation_save_all(evaluation, &bytes);
    evaluation_free(evaluation);
    if (!evaluation_restore_all(program, buf_view(&bytes), (EvalOptions){.budget.trace_events = mode->trace_events},
                                &restored, &err)) {
        buf_printf(&transcript->text, "not restored: %s\n", err.message);
        return NULL;
    }
    evaluation_save_all(restored, &again);
    if (!str_eq(buf_view(&bytes), buf_view(&again)))
        buf_printf(&transcript->text, "saved again it is %zu other bytes, not %zu\n", again.len, bytes.len);
    restored->compact_always = mode->compact_always;
    return restored;
}

static bool go_on(Transcript *transcript, Evaluation **in_hand, const Program *program)
{
    if (evaluation_turn(in_hand))
        return true;
    Evaluation *evaluation = *in_hand;
    switch (evaluation_status(evaluation)) {
    case EVAL_READY: return true;
    case EVAL_CALL: answer_call(transcript, evaluation); return true;
    case EVAL_TIMER: {
        const EvalTimer *timer = evaluation_timer(evaluation);
        buf_printf(&transcript->text, "~ %lld\n", (long long)timer->seconds);
        evaluation_timer_fired(evaluation);
        return true;
    }
    case EVAL_QUESTION: return answer_question(transcript, evaluation, program);
    default: return false;
    }
}

static void take_end(Transcript *transcript, Evaluation *evaluation)
{
    uint32_t n;
    const Argument *outputs = evaluation_outputs(evaluation, &n);
    for (uint32_t i = 0; i < n; i++) {
        buf_printf(&transcript->text, "= %.*s: ", STR_ARG(outputs[i].name));
        value_print(&transcript->text, outputs[i].value);
        buf_char(&transcript->text, '\n');
    }
    if (evaluation_status(evaluation) == EVAL_FAILED)
        buf_printf(&transcript->text, "x %.*s\n", STR_ARG(evaluation_failure(evaluation)));
}

Str run_transcript(Arena *arena, const Program *program, const RunMode *mode, const Str *answers, uint32_t n_answers,
                   bool with_trace)
{
    Transcript transcript = {
        .arena = arena, .text = buf_in(arena), .trace = buf_in(arena), .answers = answers, .n_answers = n_answers};
    EvalOptions options = {.budget.trace_events = mode->trace_events};
    Evaluation *evaluation = evaluation_new(program, NULL, 0, options);
    evaluation->compact_always = mode->compact_always;
    bool goes_on = true;
    while (evaluation && goes_on) {
        (void)evaluation_run(evaluation, mode->slice);
        take_trace(&transcript, evaluation);
        if (mode->restore_always)
            evaluation = through_bytes(&transcript, evaluation, program, mode);
        if (evaluation)
            goes_on = go_on(&transcript, &evaluation, program);
        if (evaluation && goes_on && mode->restore_always) /* and once more, right after the answer */
            evaluation = through_bytes(&transcript, evaluation, program, mode);
    }
    if (evaluation) {
        take_trace(&transcript, evaluation);
        take_end(&transcript, evaluation);
    }
    evaluation_free(evaluation);
    if (with_trace)
        buf_str(&transcript.text, buf_view(&transcript.trace));
    return buf_view(&transcript.text);
}

static Str after_mark(Str line, Str mark)
{
    ptrdiff_t at = str_find(line, mark);
    if (at < 0)
        return (Str){0};
    Str rest = str_trim(str_skip(line, (size_t)at + mark.len));
    return rest.data ? rest : S("");
}

Str expected_transcript(Arena *arena, Str source, Str **out_answers, uint32_t *out_n)
{
    static const char *const marks[] = {"# → ", "# ? ", "# ~ ", "# = ", "# x ", "# refused: "};
    static const char *const shown[] = {"→ ", "? ", "~ ", "= ", "x ", "refused: "};
    Buf expected = buf_in(arena);
    *out_answers = NEW_ARRAY(arena, Str, source.len + 1);
    *out_n = 0;
    while (source.len > 0) {
        Str line = str_cut(&source, '\n');
        for (size_t i = 0; i < COUNT_OF(marks); i++) {
            Str text = after_mark(line, str_from_c(marks[i]));
            if (text.data)
                buf_printf(&expected, "%s%.*s\n", shown[i], STR_ARG(text));
        }
        Str answer = after_mark(line, S("# ! "));
        if (!answer.data)
            continue;
        Buf whole = buf_in(arena); /* further lines of an answer stand behind "# |" */
        buf_str(&whole, answer);
        for (Str more; (more = source, line = str_cut(&more, '\n'), after_mark(line, S("# |")).data); source = more)
            buf_printf(&whole, "\n%.*s", STR_ARG(str_skip(line, (size_t)str_find(line, S("# |")) + 3)));
        buf_printf(&expected, "! %.*s\n", STR_ARG(buf_view(&whole)));
        (*out_answers)[(*out_n)++] = buf_view(&whole);
    }
    return buf_view(&expected);
}

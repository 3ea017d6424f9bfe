/* cli/step.c: stops, what is said at them, and the way back. */
#include "cli/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "lang/eval_watch.h"
#include "lang/explain.h"

#define VALUE_BYTES_SHOWN 160

void stepper_init(Stepper *stepper, Arena *arena, const Source *source, LocalRun *run, int *n_answered)
{
    *stepper = (Stepper){.run = run,
                         .n_answered = n_answered,
                         .text = source_reread(arena, source),
                         .past = NEW_ARRAY(arena, StepPast, STEPS_KEPT_MAX)};
    stepper->lines = lines_of(arena, stepper->text->diagnostics.source);
}

void stepper_done(Stepper *stepper)
{
    for (uint32_t i = 0; i < stepper->n_past; i++)
        buf_done(&stepper->past[i].snapshot);
    stepper->n_past = 0;
    arena_done(&stepper->seen_arena);
}

/* ---- the past ---- */
static void forget_oldest(Stepper *stepper)
{
    stepper->past_bytes -= stepper->past[0].snapshot.len;
    buf_done(&stepper->past[0].snapshot);
    stepper->n_past--;
    memmove(stepper->past, stepper->past + 1, stepper->n_past * sizeof *stepper->past);
}

static void keep(Stepper *stepper)
{
    StepPast now = {.n_answered = *stepper->n_answered};
    evaluation_save_all(stepper->run->evaluation, &now.snapshot);
    while (stepper->n_past > 0 &&
           (stepper->n_past == STEPS_KEPT_MAX || stepper->past_bytes + now.snapshot.len > STEP_BYTES_MAX))
        forget_oldest(stepper);
    stepper->past_bytes += now.snapshot.len;
    stepper->past[stepper->n_past++] = now;
}

static bool step_back(Stepper *stepper, Error *err)
{
    if (stepper->n_past == 0) {
        fputs("There is nothing before this.\n", stderr);
        return true;
    }
    LocalRun *run = stepper->run;
    StepPast *then = &stepper->past[stepper->n_past - 1];
    EvalOptions options = {.reading = locale_reading(&run->world.locale)};
    Evaluation *restored = NULL;
    if (!evaluation_restore_all(run->program, buf_view(&then->snapshot), options, &restored, err))
        return false;
    evaluation_free(run->evaluation);
    run->evaluation = restored;
    evaluation_trace_clear(restored); /* what was said has been told */
    *stepper->n_answered = then->n_answered;
    stepper->past_bytes -= then->snapshot.len;
    buf_done(&then->snapshot);
    stepper->n_past--;
    return true;
}

/* ---- facts ---- */
static Str name_words(Arena *arena, Str name)
{
    return name_is_regular(name) ? name_to_words(arena, name) : name;
}

/* One line of it. */
static void add_value(Buf *out, Value value)
{
    size_t start = out->len;
    if (value.kind == VALUE_TABLE) {
        buf_printf(out, "a table of %u row%s", value.table->n_rows, value.table->n_rows == 1 ? "" : "s");
        return;
    }
    if (value.kind == VALUE_LIST && value.list->count > 4) {
        buf_printf(out, "a list of %u", value.list->count);
        return;
    }
    if (value.kind == VALUE_NULL)
        buf_str(out, S("nothing"));
    else if (value.kind == VALUE_LIST && value.list->count == 0)
        buf_str(out, S("an empty list"));
    else
        value_print(out, value);
    Str clipped = str_clip(str_slice(buf_view(out), start, out->len), VALUE_BYTES_SHOWN);
    bool cut = start + clipped.len < out->len;
    out->len = start + clipped.len;
    for (size_t i = start; i < out->len; i++) {
        if ((unsigned char)out->data[i] < ' ')
            out->data[i] = ' ';
    }
    if (cut)
        buf_str(out, S("…"));
}

/* What a value is, however large, in eight bytes: two values that differ have another one, as good as always. */
static uint64_t fingerprint(Value value)
{
    AUTO(buf_done)
    Buf text = {0};
    buf_printf(&text, "%d ", value.kind);
    value_print(&text, value);
    if (value.kind == VALUE_TABLE)
        buf_printf(&text, " %u", value.table->n_rows);
    return str_hash(buf_view(&text));
}

/* Tells every fact that is not what it was at the last stop, and remembers what it is now. */
static void show_changes(Stepper *stepper)
{
    Arena arena = {0};
    Map now = {.arena = &arena};
    uint32_t n = 0;
    const Argument *facts = evaluation_facts(stepper->run->evaluation, &arena, &n);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *print = NEW(&arena, uint64_t);
        *print = fingerprint(facts[i].value);
        const uint64_t *before = map_get(&stepper->seen, facts[i].name);
        map_put(&now, str_copy(&arena, facts[i].name), print);
        if (before && *before == *print)
            continue;
        Buf line = buf_in(&arena);
        Str name = name_words(&arena, facts[i].name);
        buf_printf(&line, "    the %.*s: ", STR_ARG(name));
        add_value(&line, facts[i].value);
        fprintf(stderr, "%.*s\n", STR_ARG(buf_view(&line)));
    }
    arena_done(&stepper->seen_arena);
    stepper->seen_arena = arena;
    stepper->seen = now;
    stepper->seen.arena = &stepper->seen_arena;
}

static void show_fact(const Stepper *stepper, Str wanted)
{
    AUTO(arena_done)
    Arena arena = {0};
    Buf out = buf_in(&arena);
    uint32_t n = 0;
    const Argument *facts = evaluation_facts(stepper->run->evaluation, &arena, &n);
    if (str_starts(wanted, S("the ")))
        wanted = str_trim(str_skip(wanted, 4));
    for (uint32_t i = 0; i < n; i++) {
        Str name = name_words(&arena, facts[i].name);
        if (wanted.len > 0 && !name_alike(facts[i].name, wanted))
            continue;
        buf_printf(&out, "    the %.*s: ", STR_ARG(name));
        if (wanted.len > 0) {
            terminal_print_value(&out, facts[i].value);
            break;
        }
        add_value(&out, facts[i].value);
        buf_char(&out, '\n');
    }
    if (out.len == 0)
        buf_printf(&out, "    %s\n", wanted.len ? "There is no such fact now; `p` alone lists all." : "No facts yet.");
    fprintf(stderr, "%.*s", STR_ARG(buf_view(&out)));
}

/* ---- stops ---- */
static void show_place(const Stepper *stepper, bool ended)
{
    uint32_t id = evaluation_sentence(stepper->run->evaluation);
    if (ended || id == 0 || id > stepper->text->n_nodes) {
        fputs("-- the end --\n", stderr);
        return;
    }
    uint32_t line = lines_at(&stepper->lines, explain_span(stepper->text, stepper->text->nodes[id]).start);
    Span span = lines_span(&stepper->lines, line);
    Str text = str_trim(str_slice(stepper->lines.text, span.start, span.end));
    fprintf(stderr, "%4u: %.*s\n", line + 1, STR_ARG(text));
}

static void show_help(void)
{
    fputs("    n       next: carry out this sentence (so does an empty line)\n"
          "    b       back: to before the last sentence; what was said or saved stays so\n"
          "    c       continue to the end\n"
          "    p FACT  print a fact; p alone lists all\n"
          "    q       quit\n",
          stderr);
}

typedef enum StepWish { WISH_NEXT, WISH_BACK, WISH_GO, WISH_QUIT } StepWish;

static StepWish ask_wish(const Stepper *stepper)
{
    for (;;) {
        AUTO(arena_done)
        Arena arena = {0};
        Str line;
        fputs("step> ", stderr);
        if (!terminal_read_line(&arena, &line))
            return WISH_QUIT;
        Str rest = line, word = str_cut(&rest, ' ');
        if (line.len == 0 || str_eq(line, S("n")) || str_eq(line, S("next")))
            return WISH_NEXT;
        if (str_eq(line, S("b")) || str_eq(line, S("back")))
            return WISH_BACK;
        if (str_eq(line, S("c")) || str_eq(line, S("continue")))
            return WISH_GO;
        if (str_eq(line, S("q")) || str_eq(line, S("quit")))
            return WISH_QUIT;
        if (str_eq(word, S("p")) || str_eq(word, S("print")))
            show_fact(stepper, str_trim(rest));
        else
            show_help();
    }
}

/* At a sentence, or at the end. False when it is enough. `out_moved`: the run is to be looked at again. */
static bool stop(Stepper *stepper, bool ended, bool *out_moved, bool *out_quit, Error *err)
{
    show_changes(stepper);
    show_place(stepper, ended);
    StepWish wish = ask_wish(stepper);
    *out_moved = wish == WISH_BACK;
    *out_quit = wish == WISH_QUIT && !ended;
    stepper->going = wish == WISH_GO;
    if (wish == WISH_BACK)
        return step_back(stepper, err);
    if (!ended)
        keep(stepper);
    return true;
}

static bool has_ended(EvalStatus status)
{
    return status == EVAL_COMPLETED || status == EVAL_FAILED;
}

/* Stops until whoever steps wants to go on from here. */
static bool stop_here(Stepper *stepper, bool *out_quit, Error *err)
{
    for (bool moved = true; moved && !*out_quit;) {
        bool ended = has_ended(evaluation_status(stepper->run->evaluation));
        if (!stop(stepper, ended, &moved, out_quit, err))
            return false;
    }
    return true;
}

bool stepper_go_on(Stepper *stepper, EvalStatus *out, bool *out_quit, Error *err)
{
    *out_quit = false;
    while (!*out_quit) {
        LocalRun *run = stepper->run;
        EvalStatus status =
            stepper->going ? evaluation_run(run->evaluation, LOCAL_RUN_FUEL) : evaluation_run_sentence(run->evaluation);
        local_run_tell(run);
        if (evaluation_turn(&run->evaluation))
            continue;
        *out = status;
        if (status == EVAL_QUESTION || (has_ended(status) && stepper->going))
            return true;
        if (status == EVAL_CALL || status == EVAL_TIMER) {
            if (!local_run_serve(run, status, err))
                return false;
            continue;
        }
        if (stepper->going)
            continue;
        if (!stop_here(stepper, out_quit, err))
            return false;
        /* Nobody stepped back from the end. */
        if (has_ended(status) && evaluation_status(stepper->run->evaluation) == status)
            return true;
    }
    return true;
}

/* simulation/universe.c: the clock, other systems, and what was done to them. */
#include <stdio.h>
#include <stdlib.h>

#include "simulation/internal.h"
#include "value/wire.h"

#define TROUBLE "(simulated trouble)"

struct WorldErrand {
    WorldErrand *next;
    void (*arrived)(void *context);
    void *context;
    Arena arena; /* all of the call, and its result */
    Locale locale;
    EvalCall call;
    Str key;
    int64_t run;
    Value result;
    Error err;
};

void universe_tell(Universe *universe, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buf_printf(&universe->story, "%10.3f s  %s\n", (double)(universe->now_us - universe->plan->start_us) / 1e6, text);
}

void universe_blame(Universe *universe, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    if (universe->wrong.len > 0)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    universe->wrong = str_copy(&universe->arena, str_from_c(text));
}

bool universe_is_dark(const Universe *universe)
{
    return simulated_disk_is_cut(universe->disk);
}

static int64_t now_us(void *self)
{
    return ((Universe *)self)->now_us;
}

/* ---- deeds ---- */

const Deed *universe_deed(const Universe *universe, Str key)
{
    for (int i = 0; key.len > 0 && i < universe->n_deeds; i++)
        if (str_eq(universe->deeds[i].key, key))
            return &universe->deeds[i];
    return NULL;
}

static void spell_exactly(const EvalCall *call, Buf *out)
{
    JsonOut json = json_out(out);
    buf_printf(out, "%.*s.%.*s ", STR_ARG(call->procedure->book), STR_ARG(call->procedure->name));
    json_open_object(&json);
    for (uint32_t i = 0; i < call->n_arguments; i++) {
        json_key(&json, call->arguments[i].name);
        value_to_plain_json(&json, call->arguments[i].value);
    }
    json_close_object(&json);
}

static Deed *add_deed(Universe *universe, const WorldCall *call)
{
    Buf exact = buf_in(&universe->arena), what = buf_in(&universe->arena);
    if (universe->n_deeds == universe->cap_deeds) {
        int cap = universe->cap_deeds ? 2 * universe->cap_deeds : 32;
        universe->deeds = arena_grow(&universe->arena, universe->deeds, (size_t)universe->cap_deeds * sizeof(Deed),
                                     (size_t)cap * sizeof(Deed), _Alignof(Deed));
        universe->cap_deeds = cap;
    }
    spell_exactly(call->call, &exact);
    if (universe->plan->spell)
        universe->plan->spell(universe->plan->self, call->call, &what);
    Deed *deed = &universe->deeds[universe->n_deeds++];
    *deed = (Deed){.run = call->run,
                   .key = str_copy(&universe->arena, call->idempotency_key),
                   .exact = buf_view(&exact),
                   .what = universe->plan->spell ? buf_view(&what) : buf_view(&exact)};
    return deed;
}

static Effect truth_of(const Universe *universe, const Procedure *procedure)
{
    return universe->plan->truth ? universe->plan->truth(universe->plan->self, procedure) : procedure->effect;
}

static bool tell_deed(const Deed *deed, Arena *arena, Value *out, Error *err)
{
    if (deed->err.code == OK)
        *out = value_copy_deep(arena, deed->result);
    else
        *err = deed->err;
    return deed->err.code == OK;
}

static void check_same(Universe *universe, const Deed *deed, const WorldCall *call)
{
    Buf exact = buf_in(&universe->arena);
    spell_exactly(call->call, &exact);
    if (!str_eq(buf_view(&exact), deed->exact))
        universe_blame(universe, "one idempotency key came with two calls: %.*s, and then %.*s", STR_ARG(deed->exact),
                       STR_ARG(buf_view(&exact)));
}

/* Twice is the same as once. */
static bool was_done_before(const Universe *universe, const Deed *deed)
{
    for (const Deed *earlier = universe->deeds; earlier < deed; earlier++)
        if (earlier->run == deed->run && str_eq(earlier->exact, deed->exact))
            return true;
    return false;
}

/* The other system does what it is asked. */
static bool carry_out(Universe *universe, const WorldCall *call, Arena *arena, Value *out, Error *err)
{
    const SimulationPlan *plan = universe->plan;
    Effect truth = truth_of(universe, call->call->procedure);
    if (truth == EFFECT_PURE || truth == EFFECT_READ)
        return plan->call(plan->self, call, arena, out, err);
    const Deed *before = truth == EFFECT_KEYED ? universe_deed(universe, call->idempotency_key) : NULL;
    if (before) {
        check_same(universe, before, call);
        return tell_deed(before, arena, out, err);
    }
    Deed *deed = add_deed(universe, call);
    if (plan->call(plan->self, call, &universe->arena, &deed->result, &deed->err))
        deed->err.code = OK;
    bool unreached = deed->err.code == UNAVAILABLE;
    if (unreached || (truth == EFFECT_REPEATABLE && was_done_before(universe, deed)))
        deed->what = S("");
    return tell_deed(deed, arena, out, err);
}

/* ---- trouble ---- */

bool is_simulated_trouble(const ExceptionRow *question)
{
    return str_eq(question->kind, S("in-doubt")) || str_contains(question->description, S(TROUBLE));
}

typedef enum Trouble {
    TROUBLE_NONE,
    TROUBLE_UNREACHABLE,
    TROUBLE_LOST,
    TROUBLE_DARK_BEFORE,
    TROUBLE_DARK_AFTER
} Trouble;

static Trouble next_trouble(Universe *universe)
{
    if (!universe->disturbed)
        return TROUBLE_NONE;
    switch (random_below(&universe->random, 24)) {
    case 0:
    case 1: universe->tally->unreachable++; return TROUBLE_UNREACHABLE;
    case 2:
    case 3: universe->tally->lost_answers++; return TROUBLE_LOST;
    case 4: return universe->crashes_left > 0 ? TROUBLE_DARK_BEFORE : TROUBLE_NONE;
    case 5:
    case 6: return universe->crashes_left > 0 ? TROUBLE_DARK_AFTER : TROUBLE_NONE;
    default: return TROUBLE_NONE;
    }
}

static void go_dark(Universe *universe)
{
    universe->dark_in_call = true;
    simulated_disk_cut(universe->disk);
}

static bool dark(Error *err)
{
    return error_set(err, CANCELLED, "", "the power is gone");
}

static bool ask_outside(Universe *universe, const WorldCall *call, Arena *arena, Value *out, Error *err)
{
    const Procedure *procedure = call->call->procedure;
    if (procedure->effect == EFFECT_PURE)
        return universe->plan->call(universe->plan->self, call, arena, out, err);
    if (universe_is_dark(universe))
        return dark(err);
    Trouble trouble = next_trouble(universe);
    universe->tally->calls++;
    if (trouble == TROUBLE_DARK_BEFORE) {
        universe_tell(universe, "the power goes before %.*s is asked to do anything", STR_ARG(procedure->name));
        go_dark(universe);
        return dark(err);
    }
    if (trouble == TROUBLE_UNREACHABLE) {
        universe_tell(universe, "%.*s cannot be reached", STR_ARG(procedure->name));
        return error_set(err, UNAVAILABLE, "", "the other system could not be reached " TROUBLE);
    }
    bool ok = carry_out(universe, call, arena, out, err);
    universe_tell(universe, "%.*s is carried out", STR_ARG(procedure->name));
    if (trouble == TROUBLE_DARK_AFTER) {
        universe_tell(universe, "the power goes before its answer is there");
        go_dark(universe);
        return dark(err);
    }
    if (trouble == TROUBLE_LOST) {
        universe_tell(universe, "its answer is lost");
        return error_set(err, DEADLINE_EXCEEDED, "", "the other system gave no answer in time " TROUBLE);
    }
    return ok;
}

static bool call_book(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err)
{
    return ask_outside(self, call, arena, out, err);
}

/* ---- calls under way ---- */

static bool prepare_errand(void *self, const WorldCall *call, void (*arrived)(void *context), void *context,
                           WorldErrand **out, Error *err)
{
    (void)self, (void)err;
    WorldErrand *errand = calloc(1, sizeof *errand);
    if (!errand)
        abort();
    *errand = (WorldErrand){
        .arrived = arrived, .context = context, .locale = *call->locale, .call = *call->call, .run = call->run};
    errand->result = value_null();
    errand->key = str_copy(&errand->arena, call->idempotency_key);
    errand->locale.time_zone = str_copy(&errand->arena, call->locale->time_zone);
    errand->call.alias = str_copy(&errand->arena, call->call->alias);
    Argument *arguments = NEW_ARRAY(&errand->arena, Argument, call->call->n_arguments + 1);
    for (uint32_t i = 0; i < call->call->n_arguments; i++)
        arguments[i] = (Argument){str_copy(&errand->arena, call->call->arguments[i].name),
                                  value_copy_deep(&errand->arena, call->call->arguments[i].value)};
    errand->call.arguments = arguments;
    *out = errand;
    return true;
}

static void send_errand(void *self, WorldErrand *errand)
{
    Universe *universe = self;
    WorldCall call = {.scope = &universe->scope,
                      .locale = &errand->locale,
                      .call = &errand->call,
                      .idempotency_key = errand->key,
                      .run = errand->run};
    if (ask_outside(universe, &call, &errand->arena, &errand->result, &errand->err))
        errand->err.code = OK;
    errand->next = universe->errands;
    universe->errands = errand;
    universe->n_errands++;
    universe->tally->outside++;
}

static void free_errand(WorldErrand *errand)
{
    arena_done(&errand->arena);
    free(errand);
}

static bool take_errand(void *self, const WorldCall *call, WorldErrand *errand, Arena *arena, Value *out, Error *err)
{
    (void)self, (void)call;
    bool ok = errand->err.code == OK;
    if (ok)
        *out = value_copy_deep(arena, errand->result);
    else
        *err = errand->err;
    free_errand(errand);
    return ok;
}

static void drop_errand(void *self, WorldErrand *errand)
{
    Universe *universe = self;
    for (WorldErrand **link = &universe->errands; *link; link = &(*link)->next)
        if (*link == errand) {
            *link = errand->next;
            universe->n_errands--;
            break;
        }
    free_errand(errand);
}

bool universe_arrive(Universe *universe)
{
    if (universe->n_errands == 0)
        return false;
    WorldErrand **link = &universe->errands;
    for (uint64_t i = random_below(&universe->random, (uint64_t)universe->n_errands); i > 0; i--)
        link = &(*link)->next;
    WorldErrand *errand = *link;
    *link = errand->next;
    universe->n_errands--;
    errand->arrived(errand->context);
    return true;
}

void universe_init(Universe *universe)
{
    universe->world = (World){.self = universe,
                              .now_us = now_us,
                              .call = call_book,
                              .prepare = prepare_errand,
                              .send = send_errand,
                              .take = take_errand,
                              .drop = drop_errand};
}

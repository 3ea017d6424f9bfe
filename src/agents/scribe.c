/* agents/scribe.c: turns descriptions into sentences by asking a model. */
#include "agents/scribe.h"

#include <pthread.h>
#include <stdlib.h>

#include "agents/author.h"
#include "agents/quill_payload.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "engine/thread.h"

/* For what comes around the model's own time: checking, the commit. */
#define SLACK_US ((int64_t)4 * 1000000)
#define LOST_MOST 1000

struct Scribe {
    Engine *engine;
    const Model *model;
    StoreReader *reader;
    Inbox *inbox;
    pthread_t thread;
    Str rules; /* of the prompt; in `arena` */
    Arena arena;
    pthread_mutex_t lock;
    ScribeTurn *turns; /* under `lock` */
    bool stopping;     /* under `lock` */
};

typedef enum TurnEnd { TURN_GOES_ON, TURN_ASKS, TURN_FAILS } TurnEnd;

struct ScribeTurn {
    Letter letter; /* to the scribe: begun, or answered */
    Scribe *scribe;
    ScribeTurn *next; /* the next four under the scribe's lock */
    uint64_t ticket;
    bool dropped, begun;
    bool lost; /* of a server before: ended at its time */
    /* The scribe thread's, but for `answer` while the model is asked. */
    Arena arena;
    Scope scope;
    AuthoringThread thread;
    Str task;
    int tries;
    int64_t begin_us;
    Str answer;
    Error err;
    bool retryable;
    AuthorStep step;
    /* What the next transaction writes. */
    Command command;
    TurnEnd end;
    Str say;
    int64_t until_us; /* and leaves as the thread's */
};

static ScribeTurn *turn_of_command(Command *command)
{
    return (ScribeTurn *)((char *)command - offsetof(ScribeTurn, command));
}

/* ---- the list of turns ---- */

static ScribeTurn *turn_new(Scribe *scribe, const AuthoringThread *thread)
{
    ScribeTurn *turn = calloc(1, sizeof *turn);
    if (!turn)
        abort();
    Arena *arena = &turn->arena;
    turn->scribe = scribe;
    turn->scope = thread->scope;
    turn->scope.organization_id = str_copy(arena, thread->scope.organization_id);
    turn->scope.workspace_id = str_copy(arena, thread->scope.workspace_id);
    turn->thread = (AuthoringThread){.key = thread->key,
                                     .automation = thread->automation,
                                     .id = str_copy(arena, thread->id),
                                     .agent_id = str_copy(arena, thread->agent_id),
                                     .generating_until_us = thread->generating_until_us};
    turn->begin_us = clock_monotonic_us();
    return turn;
}

static void turn_enlist(ScribeTurn *turn)
{
    Scribe *scribe = turn->scribe;
    turn->next = scribe->turns;
    scribe->turns = turn;
}

static void turn_end(ScribeTurn *turn)
{
    Scribe *scribe = turn->scribe;
    pthread_mutex_lock(&scribe->lock);
    ScribeTurn **at = &scribe->turns;
    while (*at != turn)
        at = &(*at)->next;
    *at = turn->next;
    pthread_mutex_unlock(&scribe->lock);
    arena_done(&turn->arena);
    free(turn);
}

ScribeTurn *scribe_reserve(Scribe *scribe, const AuthoringThread *thread, const PromptTask *task, Error *err)
{
    ScribeTurn *turn = turn_new(scribe, thread);
    int all = 0, own = 0;
    bool ok = prompt_task(&turn->arena, task, &turn->task, err);
    pthread_mutex_lock(&scribe->lock);
    for (const ScribeTurn *other = scribe->turns; other; other = other->next) {
        all += !other->lost;
        own += !other->lost && other->scope.organization == thread->scope.organization;
    }
    if (ok && (all >= SCRIBE_MOST || own >= SCRIBE_EACH))
        ok = error_set(err, UNAVAILABLE, "", "the model works on %d descriptions already; say it again in a moment",
                       own >= SCRIBE_EACH ? own : all);
    if (ok)
        turn_enlist(turn);
    pthread_mutex_unlock(&scribe->lock);
    if (ok)
        return turn;
    arena_done(&turn->arena);
    free(turn);
    return NULL;
}

void scribe_release(ScribeTurn *turn)
{
    if (turn)
        turn_end(turn);
}

void scribe_begin(ScribeTurn *turn, int64_t until_us)
{
    turn->thread.generating_until_us = until_us;
    pthread_mutex_lock(&turn->scribe->lock);
    turn->begun = true;
    pthread_mutex_unlock(&turn->scribe->lock);
    inbox_send(turn->scribe->inbox, &turn->letter);
}

int64_t scribe_until_us(const Scribe *scribe, int64_t now_us)
{
    return now_us + scribe->model->timeout_us + SLACK_US;
}

void scribe_drop(void *self, int64_t thread)
{
    Scribe *scribe = self;
    uint64_t ticket = 0;
    pthread_mutex_lock(&scribe->lock);
    for (ScribeTurn *turn = scribe->turns; turn; turn = turn->next) {
        if (turn->thread.key != thread || turn->lost)
            continue;
        turn->dropped = true;
        ticket = turn->ticket;
    }
    pthread_mutex_unlock(&scribe->lock);
    if (ticket)
        scribe->model->cancel(scribe->model->self, ticket);
}

/* ---- what a step writes ---- */

static bool put(Tx *tx, ScribeTurn *turn, ThreadEventKind kind, Str payload, Error *err)
{
    ThreadEvent event = {
        .thread = turn->thread.key, .agent_id = turn->thread.agent_id, .kind = kind, .payload = payload};
    return thread_put(tx, &turn->arena, &event, err);
}

static bool write_question(Tx *tx, ScribeTurn *turn, AuthoringThread *now, Error *err)
{
    Id id = id_new();
    Str interrupt_id = str_copy(&turn->arena, id_str(&id));
    now->pending = author_pending(&turn->arena, &turn->step, interrupt_id);
    return put(tx, turn, THREAD_AGENT_MESSAGE,
               thread_payload(&turn->arena, THREAD_AGENT_MESSAGE, turn->step.say, (Str){0}), err) &&
           put(tx, turn, THREAD_INTERRUPT, quill_interrupt_payload(&turn->arena, &turn->step, interrupt_id), err);
}

static bool step_write(Tx *tx, Command *command, Error *err)
{
    ScribeTurn *turn = turn_of_command(command);
    AuthoringThread now;
    if (!store_authoring_get(tx, &turn->arena, &turn->scope, turn->thread.automation, turn->thread.agent_id,
                             turn->thread.id, &now, err))
        return false;
    if (now.generating_until_us != turn->thread.generating_until_us)
        return error_set(err, ABORTED, "", "the turn was stopped");
    bool ok = true;
    now.generating_until_us = 0;
    now.update_us = tx_now_us(tx);
    switch (turn->end) {
    case TURN_GOES_ON:
        now.generating_until_us = scribe_until_us(turn->scribe, tx_now_us(tx));
        ok = put(tx, turn, THREAD_PROGRESS_NOTIFICATION, quill_progress_payload(&turn->arena, turn->say), err);
        break;
    case TURN_ASKS: ok = write_question(tx, turn, &now, err); break;
    case TURN_FAILS:
        ok = put(tx, turn, THREAD_COMPLETION_RESPONSE,
                 quill_failure_payload(&turn->arena, turn->say, error_code_name(turn->err.code), turn->retryable), err);
        break;
    }
    if (!ok || !store_authoring_update(tx, &now, err))
        return false;
    engine_tell_changed(tx, turn->scribe->engine, -turn->thread.key);
    turn->until_us = now.generating_until_us;
    return true;
}

/* False when the turn is over: it was stopped, or nothing can be written about it. */
static bool write_step(ScribeTurn *turn, TurnEnd end, Str say)
{
    Error err;
    turn->end = end;
    turn->say = say;
    turn->command = (Command){.apply = step_write};
    if (!store_execute(engine_store(turn->scribe->engine), &turn->command, &err))
        return false;
    turn->thread.generating_until_us = turn->until_us;
    return true;
}

static void finish(ScribeTurn *turn, TurnEnd end, Str say)
{
    bool written = write_step(turn, end, say);
    if (!turn->lost)
        LOG(LOG_INFO, "a description was worked on", LOG_STR("thread", turn->thread.id), LOG_NUM("asked", turn->tries),
            LOG_STR("came_of_it", !written           ? S("stopped")
                                  : end == TURN_ASKS ? S("a question")
                                                     : S("nothing")),
            LOG_STR("why", end == TURN_FAILS ? say : S("")),
            LOG_NUM("duration_us", clock_monotonic_us() - turn->begin_us));
    turn_end(turn);
}

static void fail(ScribeTurn *turn, ErrorCode code, bool retryable, Str why)
{
    turn->err.code = code;
    turn->retryable = retryable;
    finish(turn, TURN_FAILS,
           str_printf(&turn->arena, "%.*s The draft is as it was. Say it again, or write sentences of the language.",
                      STR_ARG(why)));
}

/* ---- asking ---- */

/* On any thread; the turn is nobody else's meanwhile. */
static void take_answer(void *context, const ModelAnswer *answer)
{
    ScribeTurn *turn = context;
    turn->answer = answer->err.code == OK ? str_copy(&turn->arena, answer->text) : (Str){0};
    turn->err = answer->err;
    turn->retryable = answer->retryable;
    inbox_send(turn->scribe->inbox, &turn->letter);
}

/* Under the lock, so that whoever drops the turn finds either no ticket and it unasked, or the ticket. */
static bool ask_model(ScribeTurn *turn, const ModelMessage *messages, int n)
{
    Scribe *scribe = turn->scribe;
    pthread_mutex_lock(&scribe->lock);
    bool ask = !turn->dropped && !scribe->stopping;
    if (ask)
        turn->ticket = scribe->model->ask(scribe->model->self, messages, n, take_answer, turn);
    pthread_mutex_unlock(&scribe->lock);
    return ask;
}

static void ask(ScribeTurn *turn)
{
    ModelMessage messages[] = {
        {"system", turn->scribe->rules}, {"user", turn->task}, {"assistant", turn->answer}, {"user", (Str){0}}};
    int n = 2;
    if (turn->tries > 0) {
        messages[3].content = prompt_again(&turn->arena, turn->step.diagnostics);
        n = 4;
    }
    turn->tries++;
    if (!ask_model(turn, messages, n))
        fail(turn, CANCELLED, true, S("The server was stopped meanwhile."));
}

/* ---- what an answer comes to ---- */

static void weigh(ScribeTurn *turn)
{
    Arena *arena = &turn->arena;
    Str text = prompt_sentences(turn->answer);
    if (str_trim(text).len == 0) {
        fail(turn, UNAVAILABLE, true, S("The model answered with nothing."));
        return;
    }
    author_weigh(arena, engine_catalog(turn->scribe->engine), text, SPELLING_ENGLISH, (Str){0}, &turn->step);
    bool wrong = turn->step.move == AUTHOR_ASKS;
    if (!wrong || turn->tries == SCRIBE_TRIES) {
        author_propose(arena, &turn->step, turn->tries);
        finish(turn, TURN_ASKS, (Str){0});
        return;
    }
    uint32_t n = turn->step.diagnostics->n_errors;
    if (write_step(turn, TURN_GOES_ON,
                   str_printf(arena, "The model's answer has %u problem%s; it is asked again, with %s (%d of %d).", n,
                              n == 1 ? "" : "s", n == 1 ? "it" : "them", turn->tries, SCRIBE_TRIES - 1)))
        ask(turn);
    else
        turn_end(turn);
}

static bool is_dropped(ScribeTurn *turn)
{
    pthread_mutex_lock(&turn->scribe->lock);
    bool dropped = turn->dropped;
    turn->ticket = 0;
    pthread_mutex_unlock(&turn->scribe->lock);
    return dropped;
}

static void turn_step(ScribeTurn *turn)
{
    if (is_dropped(turn)) /* whoever stopped it has said so, and then this is not written */
        fail(turn, CANCELLED, true, S("The turn was stopped."));
    else if (turn->tries == 0)
        ask(turn);
    else if (turn->err.code == CANCELLED)
        fail(turn, CANCELLED, true, S("The server was stopped meanwhile."));
    else if (turn->err.code != OK)
        fail(turn, turn->err.code, turn->retryable,
             str_printf(&turn->arena, "The model gave no answer: %s.", turn->err.message));
    else
        weigh(turn);
}

/* ---- turns that were lost ---- */

/* Those of a server before: what is still within its time may be another server's. */
static bool find_lost(Scribe *scribe, Error *err)
{
    Tx *tx;
    AuthoringThread *threads;
    int n;
    AUTO(arena_done)
    Arena arena = {0};
    if (!tx_begin_read(scribe->reader, &tx, err))
        return false;
    bool ok = store_authoring_generating(tx, &arena, LOST_MOST, &threads, &n, err);
    tx_end(tx);
    for (int i = 0; ok && i < n; i++) {
        ScribeTurn *turn = turn_new(scribe, &threads[i]);
        turn->lost = true;
        turn_enlist(turn);
    }
    return ok;
}

/* The lost turn whose time comes first; NULL without one. */
static ScribeTurn *first_lost(Scribe *scribe)
{
    ScribeTurn *first = NULL;
    pthread_mutex_lock(&scribe->lock);
    for (ScribeTurn *turn = scribe->turns; turn; turn = turn->next) {
        if (turn->lost && (!first || turn->thread.generating_until_us < first->thread.generating_until_us))
            first = turn;
    }
    pthread_mutex_unlock(&scribe->lock);
    return first;
}

/* Ends those whose time has come; how long to sleep then, < 0 for ever. */
static int64_t end_lost(Scribe *scribe)
{
    for (;;) {
        ScribeTurn *turn = first_lost(scribe);
        int64_t left = turn ? turn->thread.generating_until_us - clock_now_us() : -1;
        if (!turn || left > 0)
            return left;
        fail(turn, UNAVAILABLE, true, S("The server was stopped before the model had answered."));
    }
}

/* ---- life ---- */

/* Nothing more comes: every turn that was begun has ended. */
static bool is_over(Scribe *scribe)
{
    pthread_mutex_lock(&scribe->lock);
    bool over = scribe->stopping;
    for (const ScribeTurn *turn = scribe->turns; turn; turn = turn->next)
        over = over && !turn->begun;
    pthread_mutex_unlock(&scribe->lock);
    return over;
}

static void *scribe_main(void *self)
{
    Scribe *scribe = self;
    while (!is_over(scribe)) {
        Letter *letters = inbox_take_wait(scribe->inbox, end_lost(scribe));
        while (letters) {
            ScribeTurn *turn = (ScribeTurn *)letters;
            letters = letters->next;
            turn_step(turn);
        }
    }
    return NULL;
}

static void scribe_free(Scribe *scribe)
{
    while (scribe->turns)
        turn_end(scribe->turns);
    store_reader_close(scribe->reader);
    inbox_free(scribe->inbox);
    pthread_mutex_destroy(&scribe->lock);
    arena_done(&scribe->arena);
    free(scribe);
}

bool scribe_start(Engine *engine, const Model *model, Scribe **out, Error *err)
{
    Scribe *scribe = calloc(1, sizeof *scribe);
    if (!scribe)
        abort();
    scribe->engine = engine;
    scribe->model = model;
    scribe->inbox = inbox_new();
    pthread_mutex_init(&scribe->lock, NULL);
    scribe->rules = prompt_rules(&scribe->arena, engine_catalog(engine));
    bool ok = store_reader_open(engine_store(engine), &scribe->reader, err) && find_lost(scribe, err);
    if (ok && pthread_create(&scribe->thread, NULL, scribe_main, scribe) != 0)
        ok = error_set(err, RESOURCE_EXHAUSTED, "", "the system refused a thread");
    if (!ok) {
        scribe_free(scribe);
        return false;
    }
    *out = scribe;
    return true;
}

void scribe_stop(Scribe *scribe)
{
    if (!scribe)
        return;
    uint64_t tickets[SCRIBE_MOST];
    int n = 0;
    pthread_mutex_lock(&scribe->lock);
    scribe->stopping = true;
    for (const ScribeTurn *turn = scribe->turns; turn; turn = turn->next) {
        if (turn->ticket && n < SCRIBE_MOST)
            tickets[n++] = turn->ticket;
    }
    pthread_mutex_unlock(&scribe->lock);
    for (int i = 0; i < n; i++)
        scribe->model->cancel(scribe->model->self, tickets[i]);
    inbox_wake(scribe->inbox);
    pthread_join(scribe->thread, NULL);
    scribe_free(scribe);
}

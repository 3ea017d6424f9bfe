/* bench/fill.c: runs of the past, written as the server itself writes them, through store/: with their questions, their
 * children and the sums that are kept beside them. For figures of large workspaces, and for tests that count.
 *
 *   fill DATA ORGANIZATION < RUNS     the server must not be running
 *
 * A line is a run:
 *   CREATE_US STATE WORKSPACE AUTOMATION QUESTIONS
 * STATE is that of store/run.h as a number. AUTOMATION is "-" for an execution by itself, "+" for a child of the last
 * run that was none. QUESTIONS is "-", or for each question its end and a comma: a person's answer u, a guide's g,
 * archived a, each with the seconds that it took, such as u30; or p, still open. The first is raised a second after the
 * run began, the next a second later. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/map.h"
#include "store/exception.h"
#include "store/run.h"
#include "store/tenant.h"

#define BATCH 2000 /* runs of one commit; more when the last has children */
#define SECOND INT64_C(1000000)
#define ELSEWHERE 1 /* runs that should be going are another process's: the server leaves them alone */

typedef struct Line {
    long long create_us;
    int state;
    char workspace[64], automation[64], questions[128];
} Line;

typedef struct Filling {
    Command command;
    Arena names, arena; /* for ever; of one batch */
    Map automations;    /* by their ids */
    Str organization;
    Line *lines;
    int n, cap;
} Filling;

static void die(const char *what, const char *detail)
{
    fprintf(stderr, "fill: %s: %s\n", what, detail);
    exit(1);
}

static Str new_id(Arena *arena, int64_t us)
{
    Id id = id_new_at(us);
    return str_copy(arena, id_str(&id));
}

static bool find_workspace(Tx *tx, Filling *filling, const char *id, Scope *out, Error *err)
{
    Organization organization;
    Workspace workspace;
    if (!store_organization_get(tx, &filling->names, filling->organization, &organization, err) ||
        !store_workspace_get(tx, &filling->names, organization.key, str_from_c(id), &workspace, err))
        return false;
    *out = (Scope){organization.key, workspace.key, organization.id, workspace.id};
    return true;
}

/* What all runs of an automation have in common, looked up once. */
static bool find_automation(Tx *tx, Filling *filling, const Line *line, const RunRow **out, Error *err)
{
    Arena *names = &filling->names;
    Str key = str_printf(names, "%s/%s", line->workspace, line->automation);
    RunRow *row = map_get(&filling->automations, key);
    *out = row;
    if (row)
        return true;
    row = NEW(names, RunRow);
    Automation automation = {0};
    if (!find_workspace(tx, filling, line->workspace, &row->scope, err) ||
        (strcmp(line->automation, "-") != 0 &&
         !store_automation_get(tx, names, &row->scope, str_from_c(line->automation), true, &automation, err)))
        return false;
    row->automation = automation.key;
    row->revision = automation.published_revision;
    row->automation_id = automation.id;
    map_put(&filling->automations, key, row);
    *out = row;
    return true;
}

static bool insert_run(Tx *tx, Filling *filling, const Line *line, const RunRow *top, RunRow *run, Error *err)
{
    const RunRow *common = top;
    if (!top && !find_automation(tx, filling, line, &common, err))
        return false;
    *run = (RunRow){.scope = common->scope,
                    .id = new_id(&filling->arena, line->create_us),
                    .execution_id = new_id(&filling->arena, line->create_us),
                    .automation = common->automation,
                    .revision = common->revision,
                    .automation_id = common->automation_id,
                    .stage = STAGE_PUBLISHED,
                    .version = {1, 0},
                    .source = SOURCE_MANUAL,
                    .inputs = S("{}"),
                    .state = RUN_PENDING,
                    .node = ELSEWHERE,
                    .create_us = line->create_us,
                    .update_us = line->create_us,
                    .state_us = line->create_us};
    if (top) {
        run->parent = run->top = top->key;
        run->parent_run = top->id;
    }
    return store_run_insert(tx, run, err);
}

static bool insert_question(Tx *tx, Filling *filling, const RunRow *run, int at, const char *end, Error *err)
{
    int64_t create_us = run->create_us + (at + 1) * SECOND;
    ExceptionRow exception = {.scope = run->scope,
                              .id = new_id(&filling->arena, create_us),
                              .run = run->key,
                              .automation = run->automation,
                              .run_id = run->id,
                              .automation_id = run->automation_id,
                              .execution_id = run->execution_id,
                              .stage = STAGE_PUBLISHED,
                              .extra = S("{}"),
                              .state = EXCEPTION_PENDING,
                              .create_us = create_us};
    if (*end != 'p') {
        exception.state = *end == 'a' ? EXCEPTION_ARCHIVED : EXCEPTION_RESOLVED;
        exception.resolver = *end == 'u' ? S("users/ada") : (*end == 'g' ? S("agents/astral") : S(""));
        exception.resolve_us = exception.create_us + atoi(end + 1) * SECOND;
    }
    return store_exception_insert(tx, &exception, err);
}

static bool insert_questions(Tx *tx, Filling *filling, const RunRow *run, const char *questions, Error *err)
{
    int at = 0;
    for (const char *end = questions; end && *end != '-' && *end; at++) {
        if (!insert_question(tx, filling, run, at, end, err))
            return false;
        end = strchr(end, ',');
        end = end ? end + 1 : NULL;
    }
    return true;
}

static bool move_run(Tx *tx, RunRow *run, RunState state, Error *err)
{
    if (state == RUN_PENDING)
        return true;
    run->state = state;
    if (state != RUN_EXECUTING && state != RUN_STOPPING)
        run->node = 0;
    if (state == RUN_COMPLETED)
        run->outputs = S("{}");
    if (state == RUN_AWAITING_GUIDANCE || state == RUN_FAILED)
        run->description = S("What is it?");
    return store_run_update(tx, run, err);
}

/* A run ends after its children, so the last is the first to take its state. */
static bool fill(Tx *tx, Command *command, Error *err)
{
    Filling *filling = (Filling *)command;
    RunRow *runs = NEW_ARRAY(&filling->arena, RunRow, (size_t)filling->n);
    const RunRow *top = NULL;
    for (int i = 0; i < filling->n; i++) {
        const Line *line = &filling->lines[i];
        bool child = strcmp(line->automation, "+") == 0;
        if (!insert_run(tx, filling, line, child ? top : NULL, &runs[i], err) ||
            !insert_questions(tx, filling, &runs[i], line->questions, err))
            return false;
        top = child ? top : &runs[i];
    }
    for (int i = filling->n; i-- > 0;) {
        if (!move_run(tx, &runs[i], (RunState)filling->lines[i].state, err))
            return false;
    }
    return true;
}

static bool read_line(Line *out)
{
    char text[512];
    if (!fgets(text, sizeof text, stdin))
        return false;
    if (sscanf(text, "%lld %d %63s %63s %127s", &out->create_us, &out->state, out->workspace, out->automation,
               out->questions) != 5 ||
        out->state < 0 || out->state >= RUN_N_STATES)
        die("not a run", text);
    return true;
}

static void write_batch(Store *store, Filling *filling)
{
    Error err = {0};
    if (filling->n > 0 && !store_execute(store, &filling->command, &err))
        die("the store refuses", err.message);
    arena_reset(&filling->arena);
    filling->n = 0;
}

static void add_line(Filling *filling, const Line *line)
{
    if (filling->n == filling->cap) {
        filling->cap = filling->cap ? filling->cap * 2 : BATCH;
        filling->lines = realloc(filling->lines, (size_t)filling->cap * sizeof *filling->lines);
        if (!filling->lines)
            die("no memory", "");
    }
    filling->lines[filling->n++] = *line;
}

int main(int argc, char **argv)
{
    Error err = {0};
    Store *store;
    if (argc != 3) {
        fprintf(stderr, "usage: fill DATA ORGANIZATION < RUNS\n");
        return 2;
    }
    StoreOptions options = {.location = str_from_c(argv[1]), .synchronous_normal = true};
    if (!store_open(&options, &store, &err))
        die("cannot open the store", err.message);
    Filling filling = {.command.apply = fill, .organization = str_from_c(argv[2])};
    filling.automations.arena = &filling.names;
    Line line;
    while (read_line(&line)) {
        if (filling.n >= BATCH && strcmp(line.automation, "+") != 0)
            write_batch(store, &filling);
        add_line(&filling, &line);
    }
    write_batch(store, &filling);
    store_close(store);
    free(filling.lines);
    arena_done(&filling.arena);
    arena_done(&filling.names);
    return 0;
}

/* tests/store/same/insight.c: what analytics are made of: sums of runs, estimates, sizes of files. */
#include "store/same/side.h"

#include "store/estimate.h"
#include "store/rollup.h"

/* Sums come in no certain order, and are cut where the database likes: what is said is what they come to. */
typedef struct Sums {
    int64_t total, completed, manual, failed, weighed;
} Sums;

static void add_sum(void *self, const RunSum *sum)
{
    Sums *sums = self;
    sums->total += sum->counts.total;
    sums->completed += sum->counts.completed;
    sums->manual += sum->counts.manual;
    sums->failed += sum->counts.failed;
    sums->weighed += sum->counts.total * (sum->workspace * 7 + sum->automation * 31);
}

static void add_going(void *self, const RunSum *sum, RunState state)
{
    Sums *sums = self;
    add_sum(self, sum);
    sums->weighed += sum->counts.total * (int64_t)state * 101;
}

static void say_sums(Side *s, const Sums *sums)
{
    say(s, "total", sums->total);
    say(s, "completed", sums->completed);
    say(s, "manual", sums->manual);
    say(s, "failed", sums->failed);
    say(s, "weighed", sums->weighed);
}

static bool sums_of_runs(Tx *tx, Side *s, Error *err)
{
    const Scope *where = place(s);
    int64_t from_us = s->now_us - below(s, 500) * 1000003, bound = from_us + below(s, 100) * 1000003;
    const SumWindow window = {from_us, from_us + below(s, 3) * ROLLUP_US, &bound, (int)below(s, 2)};
    Sums sums = {0};
    if (!store_run_sums(tx, where, &window, add_sum, &sums, err) ||
        !store_runs_going(tx, where, from_us, window.until_us, add_going, &sums, err) ||
        !store_runs_awaiting(tx, where, from_us, window.until_us, add_sum, &sums, err))
        return false;
    say_sums(s, &sums);
    return true;
}

static bool automation_sums(Tx *tx, Side *s, Error *err)
{
    AutomationRuns *rows;
    int n;
    if (!store_automation_runs(tx, &s->f.arena, place(s), &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].workspace_id);
        say_text(s, rows[i].automation_id);
        say_text(s, rows[i].display_name);
        say(s, "total", rows[i].counts.total);
        say(s, "completed", rows[i].counts.completed);
        say(s, "failed", rows[i].counts.failed);
    }
    return true;
}

static bool estimates(Tx *tx, Side *s, Error *err)
{
    Estimate estimate = {below(s, 1000000), below(s, 5000)};
    EstimatedAutomation *rows;
    int n;
    if (coin(s)) /* of another workspace is refused */
        return store_estimate_put(tx, place(s), 1 + below(s, s->automations + 1), &estimate, err);
    if (!store_estimated_automations(tx, &s->f.arena, place(s), &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].automation_id);
        say_text(s, rows[i].workspace_id);
        say(s, "deleted", rows[i].deleted);
        say(s, "estimated", rows[i].estimated);
        say(s, "cost", rows[i].estimate.cost_micros);
        say(s, "saved", rows[i].estimate.time_saved_s);
    }
    return true;
}

const Operation same_insights[] = {
    {"sums_of_runs", sums_of_runs},
    {"automation_sums", automation_sums},
    {"estimates", estimates},
    {0},
};

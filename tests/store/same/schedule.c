/* tests/store/same/schedule.c: when automations run by themselves. */
#include "store/same/side.h"

#include "store/schedule.h"

static bool schedules(Tx *tx, Side *s, Error *err)
{
    ScheduleRow row = {.scope = s->f.scope,
                       .automation = s->f.automation.key + below(s, 3),
                       .automation_id = S("a1"),
                       .config = text(s),
                       .enabled = coin(s),
                       .next_us = moment(s)};
    ScheduleFire fire = {.due_us = s->now_us - below(s, 20), .outcome = (FireOutcome)below(s, 4), .run_id = text(s)};
    ScheduleFire *fires;
    int n;
    bool found;
    int64_t soonest;
    switch (below(s, 5)) {
    case 0: return store_schedule_insert(tx, &row, err);
    case 1: return store_schedule_update(tx, &row, err);
    case 2: return store_schedule_note(tx, &row, &fire, err);
    case 3: return random_chance(&s->random, 3) ? store_schedule_delete(tx, &s->f.scope, row.automation, err) : true;
    default:
        if (!store_schedule_fires(tx, &s->f.arena, &s->f.scope, row.automation, LIMIT, &fires, &n, err))
            return false;
        for (int i = 0; i < n; i++)
            say(s, "fire", fires[i].due_us);
        if (!store_schedule_soonest(tx, &soonest, err) ||
            !store_schedule_due(tx, &s->f.arena, s->now_us, &found, &row, err))
            return false;
        say(s, "soonest", soonest);
        say(s, "due", found ? row.automation : 0);
        if (!store_schedule_get(tx, &s->f.arena, place(s), s->f.automation.key + below(s, 3), &row, err) ||
            !store_schedule_is_noted(tx, &row, s->now_us - below(s, 20), &found, err))
            return false;
        say_text(s, row.config);
        say(s, "noted", found);
        return true;
    }
}

const Operation same_schedules[] = {
    {"schedules", schedules},
    {0},
};

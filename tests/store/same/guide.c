/* tests/store/same/guide.c: answers that are kept. */
#include "store/same/side.h"

static bool guides(Tx *tx, Side *s, Error *err)
{
    GuideEntry entry = {.automation = s->f.automation.key,
                        .automation_id = s->f.automation.id,
                        .title = text(s),
                        .answer = text(s),
                        .state = coin(s) ? GUIDE_APPROVED : GUIDE_PENDING_APPROVAL,
                        .version = {1, 0},
                        .sentence_hash = (uint64_t)below(s, 3),
                        .kind = S("value"),
                        .missing = coin(s) ? S("total") : S("Total")};
    GuideEntry *rows;
    int n;
    switch (below(s, 3)) {
    case 0:
        entry.id = name(s, 'g', ++s->guides);
        if (!store_guide_insert(tx, &s->f.scope, &entry, err))
            return false;
        break;
    case 1:
        if (!store_guide_get(tx, &s->f.arena, &s->f.scope, 0, any(s, 'g', s->guides), &entry, err))
            return false;
        entry.state = GUIDE_PENDING_APPROVAL + (GuideState)below(s, 4);
        entry.notes = text(s);
        entry.delete_us = random_chance(&s->random, 4) ? s->now_us : 0;
        if (!store_guide_update(tx, &s->f.scope, &entry, err))
            return false;
        break;
    default:
        if (!store_guide_hit(tx, 1 + below(s, s->guides + 1), err))
            return false;
    }
    if (!store_guide_match(tx, &s->f.arena, s->f.automation.key, (uint64_t)below(s, 3), S("value"), S("total"),
                           (GuideState)(GUIDE_PENDING_APPROVAL + below(s, 4)), &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].id);
        say(s, "hits", rows[i].hits);
    }
    return true;
}

static const Filter *guide_filter(Side *s)
{
    switch (below(s, 4)) {
    case 0: return filter_text(&s->f, "content", any_op(s), coin(s) ? "ärger" : "%");
    case 1: return filter_text(&s->f, "title", any_op(s), coin(s) ? "B*" : "{\"n\":1}");
    case 2: return filter_number(&s->f, "update_time", coin(s) ? FILTER_GE : FILTER_LT, moment(s));
    default: return NULL;
    }
}

static bool guide_lists(Tx *tx, Side *s, Error *err)
{
    ListQuery query = query_of(s, guide_filter(s));
    ListEnd end;
    GuideEntry *rows;
    int n;
    if (!store_guide_list(tx, &s->f.arena, &s->f.scope, below(s, 3), &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].id);
        say_text(s, rows[i].title);
        say(s, "state", rows[i].state);
    }
    say_end(s, &query, &end);
    return true;
}

const Operation same_guides[] = {
    {"guides", guides},
    {"guide_lists", guide_lists},
    {0},
};

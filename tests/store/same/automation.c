/* tests/store/same/automation.c: automations and their revisions. */
#include "store/same/side.h"

static bool automations(Tx *tx, Side *s, Error *err)
{
    Revision revision = s->f.revision;
    Automation *automation = &s->f.automation;
    if (random_chance(&s->random, 5))
        return store_revision_discard_drafts(tx, automation->key, err);
    revision.version = (Version){1, (int32_t)(s->now_us % 1000000)};
    revision.published = coin(s);
    revision.english = text(s);
    revision.default_inputs = text(s);
    if (!store_revision_add(tx, &s->f.scope, &revision, err))
        return false;
    automation->display_name = text(s);
    automation->keep_runs_us = below(s, 9);
    return store_automation_update(tx, &s->f.scope, automation, err);
}

const Operation same_automations[] = {
    {"automations", automations},
    {0},
};

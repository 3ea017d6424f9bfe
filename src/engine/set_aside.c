/* engine/set_aside.c: what could not be seen to is passed over for a minute. */
#include "engine/set_aside.h"

#include "base/log.h"

#define SET_ASIDE_FOR_US (60LL * 1000000)

static const char *const kind_names[] = {[ASIDE_RUN] = "run",
                                         [ASIDE_AUTOMATION] = "automation",
                                         [ASIDE_WORKSPACE] = "workspace",
                                         [ASIDE_ORGANIZATION] = "organization"};

AsideTry set_aside_begin(const SetAside *aside, int64_t now_us)
{
    return (AsideTry){.aside = aside, .afresh = now_us >= aside->until_us};
}

bool set_aside_has(const AsideTry *try, AsideKind kind, int64_t key)
{
    for (int i = 0; i < set_aside_count(try); i++)
        if (try->aside->rows[i].kind == kind && try->aside->rows[i].key == key)
            return true;
    return false;
}

int set_aside_count(const AsideTry *try)
{
    return try->afresh ? 0 : try->aside->n;
}

int64_t set_aside_until_us(const AsideTry *try)
{
    return set_aside_count(try) ? try->aside->until_us : 0;
}

void set_aside_kept(SetAside *aside, const AsideTry *try)
{
    if (try->afresh)
        *aside = (SetAside){0};
}

bool set_aside_refused(SetAside *aside, const AsideTry *try, int64_t now_us, const Error *err)
{
    set_aside_kept(aside, try);
    /* A store that is not to be had says nothing of the row. */
    if (try->at.key == 0 || err->code == UNAVAILABLE || aside->n == SET_ASIDE_MOST)
        return false;
    if (aside->n == 0)
        aside->until_us = now_us + SET_ASIDE_FOR_US;
    aside->rows[aside->n++] = try->at;
    LOG(LOG_WARN, "it is set aside for a minute, so that nothing else waits for it",
        LOG_NUM(kind_names[try->at.kind], try->at.key), LOG_STR("reason", str_from_c(err->message)));
    return true;
}

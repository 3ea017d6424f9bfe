/* store/exception_sum.c: sums of exceptions, kept. They are read as lists are (exception.c). */
#include "store/exception_sum.h"

#include <stdlib.h>

struct ExceptionChange {
    ExceptionChange *next;
    ExceptionPlace place;
    int64_t more;
};

void exception_sum_add(Tx *tx, const ExceptionPlace *place, int64_t more)
{
    ExceptionChange *change = NEW(tx->arena, ExceptionChange);
    *change = (ExceptionChange){.next = tx->exception_changes, .place = *place, .more = more};
    change->place.automation_id = str_copy(tx->arena, place->automation_id);
    change->place.group = str_copy(tx->arena, place->group);
    tx->exception_changes = change;
}

/* ---- one row ---- */

static void bind_place(Query *query, const ExceptionPlace *place)
{
    bind_i64(query, place->organization);
    bind_i64(query, place->workspace);
    bind_i64(query, place->state);
    bind_i64(query, place->automation);
    bind_text(query, place->group);
}

static bool get_row(Tx *tx, const ExceptionPlace *place, bool *out_found, int64_t *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT exceptions FROM exception_sum WHERE organization = $1 AND workspace = $2 AND state = $3 "
                    "AND automation = $4 AND group_name = $5",
                    err))
        return false;
    bind_place(&query, place);
    return query_one_i64(&query, out_found, out, err);
}

static bool put_row(Tx *tx, const ExceptionPlace *place, int64_t exceptions, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "INSERT INTO exception_sum (organization, workspace, state, automation, group_name, automation_id, "
            "exceptions) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organization, workspace, state, automation, "
            "group_name) DO UPDATE SET exceptions = excluded.exceptions",
            err))
        return false;
    bind_place(&query, place);
    bind_text(&query, place->automation_id);
    bind_i64(&query, exceptions);
    return query_run(&query, err);
}

static bool remove_row(Tx *tx, const ExceptionPlace *place, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "DELETE FROM exception_sum WHERE organization = $1 AND workspace = $2 AND state = $3 AND "
                    "automation = $4 AND group_name = $5",
                    err))
        return false;
    bind_place(&query, place);
    return query_run(&query, err);
}

static bool write_sum(Tx *tx, const ExceptionPlace *place, int64_t more, Error *err)
{
    bool found = false;
    int64_t exceptions = 0;
    if (more == 0)
        return true;
    if (!get_row(tx, place, &found, &exceptions, err))
        return false;
    exceptions = (found ? exceptions : 0) + more;
    return exceptions != 0 ? put_row(tx, place, exceptions, err) : remove_row(tx, place, err);
}

/* ---- all of a transaction ---- */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const void *left, const void *right)
{
    const ExceptionPlace *a = &(*(ExceptionChange *const *)left)->place;
    const ExceptionPlace *b = &(*(ExceptionChange *const *)right)->place;
    int order = compare_numbers(a->organization, b->organization);
    order = order ? order : compare_numbers(a->workspace, b->workspace);
    order = order ? order : compare_numbers(a->state, b->state);
    order = order ? order : compare_numbers(a->automation, b->automation);
    return order ? order : str_compare(a->group, b->group);
}

bool exception_sum_write_changes(Tx *tx, Error *err)
{
    size_t n = 0;
    for (const ExceptionChange *change = tx->exception_changes; change; change = change->next)
        n++;
    if (n == 0)
        return true;
    ExceptionChange **changes = NEW_ARRAY(tx->arena, ExceptionChange *, n);
    n = 0;
    for (ExceptionChange *change = tx->exception_changes; change; change = change->next)
        changes[n++] = change;
    qsort(changes, n, sizeof *changes, compare_places);
    for (size_t from = 0, to; from < n; from = to) {
        int64_t more = 0;
        for (to = from; to < n && compare_places(&changes[from], &changes[to]) == 0; to++)
            more += changes[to]->more;
        if (!write_sum(tx, &changes[from]->place, more, err))
            return false;
    }
    return true;
}

bool exception_sum_verify(Database *database, Findings *findings, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t wrong = 0;
    if (!query_open(
            &query, database,
            "SELECT count(*) FROM (SELECT organization FROM (SELECT organization, workspace, state, automation, "
            "group_name, exceptions FROM exception_sum UNION ALL SELECT organization, workspace, state, automation, "
            "group_name, -1 FROM exception) AS counted GROUP BY organization, workspace, state, automation, group_name "
            "HAVING sum(exceptions) <> 0) AS wrong",
            err) ||
        !query_one_i64(&query, &found, &wrong, err))
        return false;
    if (wrong > 0)
        findings_add(findings, "%lld sums of exceptions are not what a count gives", (long long)wrong);
    return true;
}

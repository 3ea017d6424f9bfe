/* tests/store/postgres/schema.c */
#include "store/postgres/schema.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *server_url(void)
{
    return getenv("CLERKWORK_TEST_POSTGRES");
}

bool schema_wanted(void)
{
    return server_url() != NULL;
}

long long schema_ask(const char *url, const char *sql)
{
    PGconn *link = PQconnectdb(url ? url : server_url());
    PGresult *result = PQexec(link, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s: %s\n", sql, PQerrorMessage(link));
        abort();
    }
    long long answer = status == PGRES_TUPLES_OK && PQntuples(result) > 0 ? atoll(PQgetvalue(result, 0, 0)) : -1;
    PQclear(result);
    PQfinish(link);
    return answer;
}

/* Emptied and given out again: to make all tables anew takes a hundred times as long as to empty them. */
static char given_back[8][SCHEMA_URL_MOST];
static int n_given_back;

void schema_make(char out_url[SCHEMA_URL_MOST])
{
    static int made;
    char sql[128];
    if (n_given_back > 0) {
        memcpy(out_url, given_back[--n_given_back], SCHEMA_URL_MOST);
        return;
    }
    snprintf(sql, sizeof sql, "CREATE SCHEMA s%d_%d", (int)getpid(), ++made);
    schema_ask(NULL, sql);
    snprintf(out_url, SCHEMA_URL_MOST, "%s&options=-csearch_path%%3Ds%d_%d", server_url(), (int)getpid(), made);
}

/* What the migrations wrote stays: their numbers and the roles of organization 0. */
static const char empty_sql[] =
    "DO $$ DECLARE name text; BEGIN "
    "FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT IN "
    "('schema_version', 'role') LOOP EXECUTE 'DELETE FROM ' || name; END LOOP; "
    "DELETE FROM role WHERE organization <> 0; "
    "FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() LOOP "
    "PERFORM setval(name::regclass, CASE name WHEN 'role_key_seq' THEN 1000 ELSE 1 END, false); END LOOP; END $$";

void schema_give_back(const char *url)
{
    assert(n_given_back < 8);
    schema_ask(url, empty_sql);
    snprintf(given_back[n_given_back++], SCHEMA_URL_MOST, "%s", url);
}

void schema_cut_connections(void)
{
    schema_ask(NULL,
               "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'clerkwork'");
}

/* tests/store/postgres/schema.h: a schema of its own for each fixture, in the PostgreSQL that with_server.py started.
 */
#ifndef CLERKWORK_TESTS_STORE_POSTGRES_SCHEMA_H
#define CLERKWORK_TESTS_STORE_POSTGRES_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

enum { SCHEMA_URL_MOST = 256 };

/* CLERKWORK_TEST_POSTGRES is set: fixtures are to lie in PostgreSQL. */
bool schema_wanted(void);
/* Makes an empty one (at first without tables) and writes the URL that leads into it; aborts when it cannot. */
void schema_make(char out_url[SCHEMA_URL_MOST]);
void schema_give_back(const char *url); /* empties it for the next one */
/* Ends all other sessions of this server, as a cut connection would. */
void schema_cut_connections(void);
/* Runs one statement in the schema; its first column, or -1 when it gives none. */
long long schema_ask(const char *url, const char *sql);

#endif

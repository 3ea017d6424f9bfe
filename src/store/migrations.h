/* store/migrations.h: the table made of migrations/NNN_*.sql at build time. The n-th row brings version n to n + 1. */
#ifndef CLERKWORK_STORE_MIGRATIONS_H
#define CLERKWORK_STORE_MIGRATIONS_H

#include <stddef.h>

typedef struct Migration {
    const char *name;
    const char *const *statements;
    size_t n_statements;
} Migration;

extern const Migration migrations[];
extern const int n_migrations;

#endif

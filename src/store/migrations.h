/* store/migrations.h: the table made of migrations/NNN_*.sql at build time. One row a version, in their order; the
 * numbers may have gaps. */
#ifndef CLERKWORK_STORE_MIGRATIONS_H
#define CLERKWORK_STORE_MIGRATIONS_H

#include <stddef.h>

typedef struct Migration {
    int version;
    const char *name;
    const char *const *statements;
    size_t n_statements;
} Migration;

extern const Migration migrations[];
extern const int n_migrations;

#endif

/* cli/junit.h: results of `clerkwork test` as CI systems read them: JUnit's XML. */
#ifndef CLERKWORK_CLI_JUNIT_H
#define CLERKWORK_CLI_JUNIT_H

#include "base/error.h"

#define JUNIT_TEXT_MAX (64u << 10) /* of what is wrong with one case */

typedef struct JunitCase {
    Str path;
    Str wrong;   /* "" when it passed */
    bool broken; /* it could not be carried out: an error, not a failure */
    int64_t duration_us;
} JunitCase;

/* Replaces the file. What XML cannot hold is written as "?". */
MUST_USE bool junit_write(const char *path, const JunitCase *cases, uint32_t n_cases, Error *err);

#endif

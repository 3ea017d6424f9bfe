/* tests/base/check.h: cmocka, and the comparisons that all our tests need. */
#ifndef CLERKWORK_TESTS_BASE_CHECK_H
#define CLERKWORK_TESTS_BASE_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"

/* Both texts stand in the message when they differ. */
#define assert_str_equal(actual, expected) check_str(actual, expected, __FILE__, __LINE__)
static inline void check_str(Str actual, Str expected, const char *file, int line)
{
    if (!str_eq(actual, expected))
        print_error("found    `%.*s`\nexpected `%.*s`\n", STR_ARG(actual), STR_ARG(expected));
    _assert_true(str_eq(actual, expected), "the texts are equal", file, line);
}

/* The call worked; when not, the error's text stands in the message. */
#define assert_fine(call, err) check_fine(call, err, #call, __FILE__, __LINE__)
static inline void check_fine(bool fine, const Error *err, const char *call, const char *file, int line)
{
    if (!fine)
        print_error("%s: [%s] %s\n", error_code_name(err->code), err->field, err->message);
    _assert_true(fine, call, file, line);
}

#endif

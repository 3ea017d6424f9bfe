/* base/macros.h: the few words that C17 lacks. */
#ifndef CLERKWORK_BASE_MACROS_H
#define CLERKWORK_BASE_MACROS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The result tells whether the call worked: not looking at it is a bug. */
#define MUST_USE __attribute__((warn_unused_result))

/* A variable that gives itself back at the end of its scope: AUTO(file_done) File file = {0}; */
#define AUTO(done) __attribute__((cleanup(done)))

/* The call takes printf arguments: `text` and `first` count from 1. */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* Wide enough for any product of two 64-bit numbers. */
__extension__ typedef unsigned __int128 Uint128;

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (1u << (n))

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

#endif

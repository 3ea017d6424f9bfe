/* api/spelling.h: members of answers whose names clients read in either spelling, snake_case or lowerCamelCase. */
#ifndef CLERKWORK_API_SPELLING_H
#define CLERKWORK_API_SPELLING_H

#include "base/json.h"

/* Writes into `json`, its names in one of the spellings. */
typedef struct Spelled {
    JsonOut *json;
    Arena *arena;
    bool camel;
} Spelled;

/* `name` is given in snake_case. */
void spelled_key(const Spelled *out, const char *name);
void spelled_text(const Spelled *out, const char *name, Str text);
void spelled_count(const Spelled *out, const char *name, int64_t n); /* as text, as the contract has 64-bit numbers */
void spelled_double(const Spelled *out, const char *name, double n);

#endif

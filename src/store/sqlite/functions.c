/* store/sqlite/functions.c: lower, strpos and the clock. */
#include "store/sqlite/functions.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/clock.h"
#include "base/str.h"

static Str argument(sqlite3_value *value)
{
    const char *data = (const char *)sqlite3_value_text(value);
    return str_of(data ? data : "", (size_t)sqlite3_value_bytes(value));
}

static bool is_ascii(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.data[i] >= 0x80)
            return false;
    }
    return true;
}

static void lower_ascii(sqlite3_context *context, Str text)
{
    char *out = sqlite3_malloc64(text.len + 1);
    if (!out) {
        sqlite3_result_error_nomem(context);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    sqlite3_result_text64(context, out, text.len, sqlite3_free, SQLITE_UTF8);
}

static void lower(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    Str text = argument(values[0]);
    if (is_ascii(text)) {
        lower_ascii(context, text);
        return;
    }
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len, &folded,
                                        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    if (len < 0) /* not UTF-8: then it is compared as it is */
        sqlite3_result_text64(context, text.data, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_result_text64(context, (const char *)folded, (sqlite3_uint64)len, SQLITE_TRANSIENT, SQLITE_UTF8);
    free(folded);
}

static void strpos(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int64(context, str_find(argument(values[0]), argument(values[1])) + 1);
}

static void now_us(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n, (void)values;
    sqlite3_result_int64(context, clock_now_us());
}

int functions_register(sqlite3 *handle)
{
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS };
    int code = sqlite3_create_function(handle, "lower", 1, FLAGS, NULL, lower, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function(handle, "strpos", 2, FLAGS, NULL, strpos, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function(handle, "database_now_us", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, now_us, NULL,
                                       NULL);
    return code;
}

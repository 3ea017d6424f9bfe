/* base/error.c: filling in an Error, and what its codes are called elsewhere. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Text that was cut may end within a character: drops the rest of it. */
static void drop_partial_character(char *text)
{
    size_t len = strlen(text), start = len;
    while (start > 0 && len - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t expected = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (len - (start - 1) < expected)
        text[start - 1] = '\0';
}

static void set_field(Error *err, const char *field)
{
    size_t len = strnlen(field, sizeof err->field - 1);
    memmove(err->field, field, len);
    err->field[len] = '\0';
    drop_partial_character(err->field);
}

bool error_set(Error *err, ErrorCode code, const char *field, const char *format, ...)
{
    assert(code != OK);
    Error filled = {.code = code}; /* apart from *err: the arguments may point into it */
    set_field(&filled, field);
    va_list args;
    va_start(args, format);
    vsnprintf(filled.message, sizeof filled.message, format, args);
    va_end(args);
    drop_partial_character(filled.message);
    *err = filled;
    return false;
}

bool error_set_errno(Error *err, const char *what)
{
    int number = errno;
    char text[128];
    bool disk_full = number == ENOSPC || number == EDQUOT;
    return error_set(err, disk_full ? UNAVAILABLE : INTERNAL, "", "%s: %s%s", what,
                     strerror_r(number, text, sizeof text), disk_full ? "; free space on the disk and try again" : "");
}

bool error_within(Error *err, const char *prefix)
{
    char inner[sizeof err->field];
    memcpy(inner, err->field, sizeof inner);
    bool needs_dot = inner[0] != '\0' && inner[0] != '[';
    char joined[2 * sizeof inner];
    snprintf(joined, sizeof joined, "%.*s%s%s", (int)sizeof inner - 1, prefix, needs_dot ? "." : "", inner);
    set_field(err, joined);
    return false;
}

void error_clear(Error *err)
{
    *err = (Error){0};
}

static const struct {
    const char *name;
    int http;
} codes[] = {
    [OK] = {"OK", 200},
    [CANCELLED] = {"CANCELLED", 499},
    [INVALID_ARGUMENT] = {"INVALID_ARGUMENT", 400},
    [DEADLINE_EXCEEDED] = {"DEADLINE_EXCEEDED", 504},
    [NOT_FOUND] = {"NOT_FOUND", 404},
    [ALREADY_EXISTS] = {"ALREADY_EXISTS", 409},
    [PERMISSION_DENIED] = {"PERMISSION_DENIED", 403},
    [RESOURCE_EXHAUSTED] = {"RESOURCE_EXHAUSTED", 429},
    [FAILED_PRECONDITION] = {"FAILED_PRECONDITION", 400},
    [ABORTED] = {"ABORTED", 409},
    [OUT_OF_RANGE] = {"OUT_OF_RANGE", 400},
    [UNIMPLEMENTED] = {"UNIMPLEMENTED", 501},
    [INTERNAL] = {"INTERNAL", 500},
    [UNAVAILABLE] = {"UNAVAILABLE", 503},
    [DATA_LOSS] = {"DATA_LOSS", 500},
    [UNAUTHENTICATED] = {"UNAUTHENTICATED", 401},
};

static bool is_known(ErrorCode code)
{
    return (size_t)code < COUNT_OF(codes) && codes[code].name;
}

const char *error_code_name(ErrorCode code)
{
    return is_known(code) ? codes[code].name : "UNKNOWN";
}

int error_code_http(ErrorCode code)
{
    return is_known(code) ? codes[code].http : 500;
}

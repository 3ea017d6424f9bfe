#include "api/respond.h"

#include <stdio.h>

static void violation_to_json(JsonOut *out, Str field, Str description)
{
    json_open_object(out);
    json_member_str(out, S("field"), field);
    json_member_str(out, S("description"), description);
    json_close_object(out);
}

static void bad_request_to_json(JsonOut *out, const Error *err, const Violations *wrong)
{
    json_open_object(out);
    json_member_str(out, S("@type"), S("type.googleapis.com/google.rpc.BadRequest"));
    json_key(out, S("field_violations"));
    json_open_array(out);
    if (!wrong || wrong->count == 0)
        violation_to_json(out, str_from_c(err->field), str_from_c(err->message));
    for (uint32_t i = 0; wrong && i < wrong->count; i++)
        violation_to_json(out, wrong->items[i].field, wrong->items[i].description);
    json_close_array(out);
    json_close_object(out);
}

static void retry_to_json(JsonOut *out, int seconds)
{
    char delay[24];
    int len = snprintf(delay, sizeof delay, "%ds", seconds);
    json_open_object(out);
    json_member_str(out, S("@type"), S("type.googleapis.com/google.rpc.RetryInfo"));
    json_member_str(out, S("retry_delay"), str_of(delay, (size_t)len));
    json_close_object(out);
}

static void details_to_json(JsonOut *out, const Error *err, const Violations *wrong, int retry_after_s)
{
    json_key(out, S("details"));
    json_open_array(out);
    if (err->code == INVALID_ARGUMENT && (err->field[0] || (wrong && wrong->count)))
        bad_request_to_json(out, err, wrong);
    if (retry_after_s > 0)
        retry_to_json(out, retry_after_s);
    json_close_array(out);
}

/* Clients show the message alone, so it names the field, which a violation has beside it. */
static Str message_with_field(const Error *err, char *room, size_t cap)
{
    bool named = err->field[0] == '\0' || str_starts(str_from_c(err->message), str_from_c(err->field));
    (void)snprintf(room, cap, "%s%s%s", named ? "" : err->field, named ? "" : ": ", err->message);
    return str_from_c(room);
}

void error_to_json(JsonOut *out, const Error *err, int http_status, const Violations *wrong, int retry_after_s)
{
    char whole[sizeof err->field + sizeof err->message + 2];
    Str message = message_with_field(err, whole, sizeof whole);
    json_open_object(out);
    json_key(out, S("code"));
    json_i64(out, err->code);
    json_member_str(out, S("message"), message);
    details_to_json(out, err, wrong, retry_after_s);
    json_key(out, S("error"));
    json_open_object(out);
    json_key(out, S("code"));
    json_i64(out, http_status);
    json_member_str(out, S("message"), message);
    json_member_str(out, S("status"), str_from_c(error_code_name(err->code)));
    details_to_json(out, err, wrong, retry_after_s);
    json_close_object(out);
    json_close_object(out);
}

int error_http_status(const Error *err, bool wrong_method)
{
    return wrong_method ? 405 : error_code_http(err->code);
}

/* base/log.c: one line, one write, so that lines of several threads never mix. */
#include "base/log.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"

static const Str level_names[] = {
    [LOG_DEBUG] = S_INIT("debug"),
    [LOG_INFO] = S_INIT("info"),
    [LOG_WARN] = S_INIT("warn"),
    [LOG_ERROR] = S_INIT("error"),
};

/* One a process, set at start from the settings. */
static _Atomic LogLevel least_level = LOG_INFO;

void log_set_level(LogLevel level)
{
    atomic_store_explicit(&least_level, level, memory_order_relaxed);
}

bool log_enabled(LogLevel level)
{
    return level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

/* Paths and names may come straight from a stranger: what is not UTF-8 is replaced, what is long is cut. */
static void write_text(JsonOut *out, Str text)
{
    enum { LONGEST = 4096 };
    if (text.len <= LONGEST && utf8_is_valid(text)) {
        json_str(out, text);
        return;
    }
    Buf clean = {0};
    for (size_t at = 0; at < text.len && at < LONGEST;)
        utf8_add(&clean, utf8_next(text, &at));
    json_str(out, buf_view(&clean));
    buf_done(&clean);
}

static void write_all(Str line)
{
    while (line.len > 0) {
        ssize_t written = write(STDERR_FILENO, line.data, line.len);
        if (written <= 0)
            return; /* nobody is left to tell */
        line = str_skip(line, (size_t)written);
    }
}

void log_write(LogLevel level, const char *message, const LogField *fields, size_t n_fields)
{
    Buf line = {0};
    JsonOut out = json_out(&line);
    json_open_object(&out);
    json_member_time_us(&out, S("time"), clock_now_us());
    json_member_str(&out, S("level"), level_names[level]);
    json_key(&out, S("message"));
    write_text(&out, str_from_c(message));
    for (size_t i = 0; i < n_fields; i++) {
        json_key(&out, str_from_c(fields[i].key));
        if (fields[i].text.data)
            write_text(&out, fields[i].text);
        else
            json_i64(&out, fields[i].number);
    }
    json_close_object(&out);
    buf_char(&line, '\n');
    write_all(buf_view(&line));
    buf_done(&line);
}

/* cli/case.c: reads what is given. */
#include "cli/case.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"
#include "cli/source.h"
#include "value/zone.h"

/* A standing clock must stand somewhere: at the begin of a working week. */
#define USUAL_NOW S("2026-01-05T09:00:00Z")

typedef bool CaseWord(Arena *arena, Case *out, Str rest, Error *err);

static bool word_run(Arena *arena, Case *out, Str rest, Error *err)
{
    if (out->automation)
        return error_set(err, INVALID_ARGUMENT, "", "a case has one `run`");
    bool absolute = str_starts(rest, S("/"));
    out->automation = str_to_c(arena, absolute ? rest : str_printf(arena, "%s/%.*s", out->directory, STR_ARG(rest)));
    return true;
}

static bool word_with(Arena *arena, Case *out, Str rest, Error *err)
{
    Str name = str_trim(str_cut(&rest, '='));
    if (!rest.data || name.len == 0)
        return error_set(err, INVALID_ARGUMENT, "", "write `with NAME = VALUE` or `with NAME = @FILE`");
    out->inputs[out->n_inputs++] =
        str_to_c(arena, str_printf(arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(str_trim(rest))));
    return true;
}

static bool word_at(Arena *arena, Case *out, Str rest, Error *err)
{
    (void)arena;
    return clock_parse(rest, &out->now_us) ||
           error_set(err, INVALID_ARGUMENT, "", "“%.*s” is no moment: write it as 2026-04-14T09:00:00Z", STR_ARG(rest));
}

static bool word_zone(Arena *arena, Case *out, Str rest, Error *err)
{
    (void)arena;
    out->time_zone = rest;
    return zone_is_known(rest) ||
           error_set(err, INVALID_ARGUMENT, "", "there is no time zone “%.*s”: use a name like Europe/Berlin",
                     STR_ARG(rest));
}

static bool word_read(Arena *arena, Case *out, Str rest, Error *err)
{
    (void)arena;
    bool comma = str_eq(rest, S("decimal comma")), day = str_eq(rest, S("day first"));
    bool twelve = str_eq(rest, S("twelve hours"));
    out->decimal_comma |= comma;
    out->day_first |= day;
    out->twelve_hours |= twelve;
    return comma || day || twelve ||
           error_set(
               err, INVALID_ARGUMENT, "",
               "write `read decimal comma` (1.250,00), `read day first` (03/04/2026) or `read twelve hours` (5:30 PM)");
}

/* "@FILE", or the content itself; what reads as JSON is JSON. */
static bool read_content(Arena *arena, const Case *given, Str text, CaseReply *out, Error *err)
{
    const Json *json;
    Error ignored = {0};
    out->content = text;
    if (str_starts(text, S("@"))) {
        Str path = str_skip(text, 1);
        if (!str_starts(path, S("/")))
            path = str_printf(arena, "%s/%.*s", given->directory, STR_ARG(path));
        if (!read_whole_file(arena, str_to_c(arena, path), CASE_REPLY_BYTES_MAX, &out->content, err))
            return false;
    }
    out->is_json = json_parse(arena, out->content, 200, &json, &ignored);
    return true;
}

/* GET https://shop.example/orders/7 = 200 @order.json */
static bool word_outside(Arena *arena, Case *out, Str rest, Error *err)
{
    CaseReply reply = {.method = str_cut(&rest, ' ')};
    ptrdiff_t equals = str_find(rest, S(" = "));
    Str what = equals < 0 ? S("") : str_trim(str_skip(rest, (size_t)equals + 3));
    Str status = str_cut(&what, ' ');
    int64_t number = 0;
    reply.url = str_trim(str_slice(rest, 0, equals < 0 ? 0 : (size_t)equals));
    if (str_eq(status, S("unreachable")))
        reply.trouble = UNAVAILABLE;
    else if (str_eq(status, S("silent")))
        reply.trouble = DEADLINE_EXCEEDED;
    else if (!str_to_i64(status, &number) || number < 100 || number > 599)
        reply.url = S("");
    if (reply.url.len == 0)
        return error_set(
            err, INVALID_ARGUMENT, "",
            "write `outside GET https://… = 200 CONTENT` or `= 200 @FILE`; for no answer at all, `= silent` "
            "or `= unreachable`");
    reply.status = (int)number;
    out->replies[out->n_replies] = reply;
    return read_content(arena, out, str_trim(what), &out->replies[out->n_replies++], err);
}

static const struct {
    Str word;
    CaseWord *take;
} words[] = {
    {S_INIT("run"), word_run},        {S_INIT("with"), word_with}, {S_INIT("at"), word_at},
    {S_INIT("time-zone"), word_zone}, {S_INIT("read"), word_read}, {S_INIT("outside"), word_outside},
};

static bool read_line(Arena *arena, Case *out, Str line, Error *err)
{
    Str rest = line, word = str_cut(&rest, ' ');
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq(word, words[i].word))
            return words[i].take(arena, out, str_trim(rest), err);
    }
    return error_set(err, INVALID_ARGUMENT, "",
                     "“%.*s” is none of `run`, `with`, `outside`, `at`, `time-zone`, `read`, and no comment",
                     STR_ARG(str_clip(word, 60)));
}

/* Everything up to and with the line of dashes; without one, everything. */
static bool read_head(Arena *arena, Case *out, Str text, Error *err)
{
    Str rest = text;
    for (int number = 1; rest.len > 0; number++) {
        Str line = str_trim(str_cut(&rest, '\n'));
        if (str_eq(line, S("---")))
            break;
        Error why = {0};
        if (line.len > 0 && line.data[0] != '#' && !read_line(arena, out, line, &why))
            return error_set(err, INVALID_ARGUMENT, "", "%s:%d: %s", out->path, number, why.message);
    }
    out->head = str_slice(text, 0, text.len - rest.len);
    out->expected = rest.len > 0 ? rest : S("");
    return out->automation || error_set(err, INVALID_ARGUMENT, "",
                                        "%s does not say which automation to run: begin with `run FILE`", out->path);
}

/* An answer's further lines are set in by eight. */
static void read_answers(Arena *arena, Case *out)
{
    Str rest = out->expected;
    Buf answer = buf_in(arena);
    bool open = false;
    for (bool more = true; more;) {
        more = rest.len > 0;
        Str line = more ? str_cut(&rest, '\n') : S("");
        if (open && str_starts(line, S("        "))) {
            buf_char(&answer, '\n');
            buf_str(&answer, str_skip(line, 8));
            continue;
        }
        if (open)
            out->answers[out->n_answers++] = str_trim(buf_view(&answer));
        /* Answers that were left over are given again: the question may be back. */
        open = str_starts(line, S("answer ")) || str_starts(line, S("unasked "));
        answer = buf_in(arena);
        if (open)
            buf_str(&answer, str_trim(str_skip(line, 7)));
    }
}

static size_t count_lines(Str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    return n;
}

static bool set_usual_now(Case *out, Error *err)
{
    return clock_parse(USUAL_NOW, &out->now_us) || error_set(err, INTERNAL, "", "the usual moment cannot be read");
}

bool case_of_file(const char *automation, const char **inputs, int n_inputs, Str *answers, int n_answers, Case *out,
                  Error *err)
{
    *out = (Case){.path = automation,
                  .automation = automation,
                  .inputs = inputs,
                  .n_inputs = n_inputs,
                  .answers = answers,
                  .n_answers = n_answers};
    return set_usual_now(out, err);
}

bool case_read(Arena *arena, const char *path, Case *out, Error *err)
{
    Str text;
    if (!read_whole_file(arena, path, CASE_BYTES_MAX, &text, err))
        return false;
    if (!utf8_is_valid(text) || memchr(text.data, '\0', text.len))
        return error_set(err, INVALID_ARGUMENT, "", "%s is not UTF-8 text", path);
    const char *slash = strrchr(path, '/');
    size_t n_lines = count_lines(text);
    *out = (Case){.path = path,
                  .directory = slash ? str_to_c(arena, str_of(path, (size_t)(slash - path))) : ".",
                  .inputs = NEW_ARRAY(arena, const char *, n_lines),
                  .replies = NEW_ARRAY(arena, CaseReply, n_lines),
                  .answers = NEW_ARRAY(arena, Str, n_lines)};
    if (slash == path)
        out->directory = "/";
    if (!set_usual_now(out, err) || !read_head(arena, out, text, err))
        return false;
    read_answers(arena, out);
    return true;
}

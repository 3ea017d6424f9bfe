/* books/pattern.c: the one place of this folder where PCRE2 is met. */
#include "books/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_STEPS_MAX 2000000u
#define MATCH_HEAP_KIB_MAX 32768u

static bool refuse_pattern(Str source, int code, size_t at, Error *err)
{
    char reason[160];
    (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    return error_set(err, INVALID_ARGUMENT, "pattern", "\"%.*s\" is no pattern: at byte %zu, %s",
                     STR_ARG(str_slice(source, 0, 80)), at, reason);
}

static void names_read(Pattern *pattern)
{
    uint32_t count = 0, width = 0;
    PCRE2_SPTR table = NULL;
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &width);
    (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; i++, table += width)
        pattern->names[table[0] << 8 | table[1]] = str_from_c((const char *)table + 2);
    pattern->has_names = count > 0;
}

bool pattern_compile(Str source, Pattern *out, Error *err)
{
    int code = 0;
    size_t at = 0;
    Pattern pattern = {0};
    source = source.len ? source : S("");
    if (source.len > PATTERN_BYTES_MAX)
        return error_set(err, INVALID_ARGUMENT, "pattern", "the pattern has %zu bytes: %d are the most", source.len,
                         PATTERN_BYTES_MAX);
    pattern.code = pcre2_compile((PCRE2_SPTR)source.data, source.len, PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                                 &code, &at, NULL);
    if (!pattern.code)
        return refuse_pattern(source, code, at, err);
    (void)pcre2_pattern_info(pattern.code, PCRE2_INFO_CAPTURECOUNT, &pattern.n_groups);
    if (pattern.n_groups > PATTERN_GROUPS_MAX) {
        pattern_done(&pattern);
        return error_set(err, INVALID_ARGUMENT, "pattern", "the pattern has more than %d groups", PATTERN_GROUPS_MAX);
    }
    names_read(&pattern);
    pattern.match = pcre2_match_data_create_from_pattern(pattern.code, NULL);
    pattern.limits = pcre2_match_context_create(NULL);
    assert(pattern.match && pattern.limits);
    (void)pcre2_set_match_limit(pattern.limits, MATCH_STEPS_MAX);
    (void)pcre2_set_heap_limit(pattern.limits, MATCH_HEAP_KIB_MAX);
    *out = pattern;
    return true;
}

bool pattern_find(const Pattern *pattern, Str text, size_t from, Match *out, bool *out_found, Error *err)
{
    assert(text.data);
    *out_found = false;
    if (from > text.len)
        return true;
    /* Checked once, by the first search: the rest of a text that is well-formed is. */
    uint32_t options = from > 0 ? PCRE2_NO_UTF_CHECK : 0;
    int result =
        pcre2_match(pattern->code, (PCRE2_SPTR)text.data, text.len, from, options, pattern->match, pattern->limits);
    if (result == PCRE2_ERROR_NOMATCH)
        return true;
    if (result < 0 && result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21)
        return error_set(err, INVALID_ARGUMENT, "text", "the text is not valid UTF-8");
    if (result < 0)
        return error_set(err, RESOURCE_EXHAUSTED, "pattern",
                         "the pattern tries too many ways to match this text: make it more exact");
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(pattern->match);
    for (uint32_t i = 0; i <= pattern->n_groups; i++) {
        bool took_part = (int)i < result && ends[2 * i] != PCRE2_UNSET;
        out->groups[i] = took_part ? str_slice(text, ends[2 * i], ends[2 * i + 1]) : (Str){0};
    }
    *out_found = true;
    return true;
}

size_t match_end(Str text, const Match *match)
{
    Str whole = match->groups[0];
    size_t end = (size_t)(whole.data - text.data) + whole.len;
    if (whole.len > 0)
        return end;
    end++;
    while (end < text.len && ((unsigned char)text.data[end] & 0xC0) == 0x80)
        end++;
    return end;
}

void pattern_done(Pattern *pattern)
{
    pcre2_match_context_free(pattern->limits);
    pcre2_match_data_free(pattern->match);
    pcre2_code_free(pattern->code);
    *pattern = (Pattern){0};
}

/* api/duration.c: lengths of time in bodies. */
#include "api/duration.h"

#include "base/clock.h"

bool duration_of_body(const Json *body, const char *field, int64_t least_s, const char *zero_means, int64_t *out_us,
                      Error *err)
{
    static const int64_t second_us = 1000000, most_s = 36500LL * 86400;
    Str text = json_text(json_get(body, str_from_c(field)));
    int64_t us = 0;
    bool reads = text.len == 0 || (duration_parse(text, &us) && us % second_us == 0);
    if (!reads || (us != 0 && (us < least_s * second_us || us > most_s * second_us)))
        return error_set(err, INVALID_ARGUMENT, field,
                         "%.*s is not accepted; give whole seconds from %llds to %llds, or 0s for %s",
                         STR_ARG(str_slice(text, 0, 40)), (long long)least_s, (long long)most_s, zero_means);
    *out_us = us;
    return true;
}

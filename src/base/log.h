/* base/log.h: one JSON object a line on standard error. Only edges log (request handler, worker loop, start and
 * stop); inner code returns errors. Never pass secrets: bodies, tokens and values do not belong here. */
#ifndef CLERKWORK_BASE_LOG_H
#define CLERKWORK_BASE_LOG_H

#include "base/str.h"

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR } LogLevel;

typedef struct LogField {
    const char *key;
    Str text;       /* used when data != NULL */
    int64_t number; /* else this */
} LogField;

void log_set_level(LogLevel level);
bool log_enabled(LogLevel level);
void log_write(LogLevel level, const char *message, const LogField *fields, size_t n_fields);
#define LOG(level, message, ...)                                                                                       \
    do {                                                                                                               \
        if (log_enabled(level)) {                                                                                      \
            const LogField log_fields_[] = {{"", {0}, 0}, __VA_ARGS__};                                                \
            log_write(level, message, log_fields_ + 1, COUNT_OF(log_fields_) - 1);                                     \
        }                                                                                                              \
    } while (0)
#define LOG_STR(key, str)                                                                                              \
    {                                                                                                                  \
        key, str, 0                                                                                                    \
    }
#define LOG_NUM(key, number)                                                                                           \
    {                                                                                                                  \
        key, {0}, number                                                                                               \
    }

#endif

/* cli/setting.h: the server's settings: one table with name, default and meaning; read from a file, from CLERKWORK_…
 * variables and from flags, later ones winning in this order. */
#ifndef CLERKWORK_CLI_SETTING_H
#define CLERKWORK_CLI_SETTING_H

#include "base/buf.h"
#include "base/error.h"

typedef enum SettingId {
    SETTING_DATA,
    SETTING_DATABASE,
    SETTING_PROCESSES,
    SETTING_LEASE_SECONDS,
    SETTING_ADDRESS,
    SETTING_PORT,
    SETTING_TLS_CERTIFICATE,
    SETTING_TLS_KEY,
    SETTING_SYNCHRONOUS,
    SETTING_WORKERS,
    SETTING_READERS,
    SETTING_MAX_ACTIVE_RUNS,
    SETTING_MAX_OUTSIDE_CALLS,
    SETTING_CHILDREN_AT_ONCE,
    SETTING_MAX_CONNECTIONS,
    SETTING_RATE_LIMIT,
    SETTING_ADDRESS_LIMIT,
    SETTING_RATE_WINDOW,
    SETTING_RUN_FUEL,
    SETTING_RUN_MEMORY_MB,
    SETTING_RUN_OUTPUT_MB,
    SETTING_RUN_TRACE_EVENTS,
    SETTING_KEEP_RUNS_DAYS,
    SETTING_PRIVATE_ADDRESSES,
    SETTING_FOLDER_ROOT,
    SETTING_FOLDER_QUIET_SECONDS,
    SETTING_CA_FILE,
    SETTING_KEY_FILE,
    SETTING_MAIL_URL,
    SETTING_MAIL_SENDER,
    SETTING_MAIL_USER,
    SETTING_MAIL_PASSWORD,
    SETTING_PUBLIC_URL,
    SETTING_MODEL_URL,
    SETTING_MODEL_KEY,
    SETTING_MODEL_NAME,
    SETTING_MODEL_TIMEOUT,
    SETTING_ORGANIZATION_FILE_MB,
    SETTING_DRAIN_SECONDS,
    SETTING_LOG_LEVEL,
    SETTING_CHECK_RESPONSES,
    SETTING_N
} SettingId;

typedef struct Setting {
    const char *name; /* "tls-certificate": the flag; CLERKWORK_TLS_CERTIFICATE; tls-certificate = … in the file */
    const char *fallback;
    bool number;
    int64_t least, most; /* of a number */
    const char *choices; /* "full normal", or NULL for any text */
    const char *meaning;
} Setting;

extern const Setting settings[SETTING_N];

typedef struct Settings {
    Arena arena;
    Str text[SETTING_N];
    int64_t number[SETTING_N];
} Settings;

/* Reads --config FILE (or CLERKWORK_CONFIG), the environment and the flags in argv. INVALID_ARGUMENT names the setting,
 * where it was said, and what would be accepted. */
MUST_USE bool settings_read(Settings *out, int argc, char **argv, Error *err);
void settings_done(Settings *all);
void settings_print(Buf *out); /* the table, for --help and docs/settings.md */

#endif

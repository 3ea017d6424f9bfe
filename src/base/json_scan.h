/* base/json_scan.h: the doorstep to simdjson (C++); only json_parse.c and codec.c come here. */
#ifndef CLERKWORK_BASE_JSON_SCAN_H
#define CLERKWORK_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum JsonScanResult { SCAN_OK, SCAN_BAD_UTF8, SCAN_OPEN_STRING, SCAN_CONTROL_CHARACTER } JsonScanResult;

/* Finds where tokens begin: every bracket, brace, colon, comma, opening quote, and the first byte of every other run
 * of characters. Checks that the text is UTF-8, that strings are closed and hold no bare control characters; nothing
 * else. The positions belong to the calling thread and last until its next scan. Text of 4 GB and more is refused by
 * the caller. */
JsonScanResult json_scan(const char *data, size_t len, const uint32_t **out_starts, size_t *out_count);
/* Gives back the memory that a large text needed. */
void json_scan_shrink(void);

bool json_scan_utf8(const char *data, size_t len);

#ifdef __cplusplus
}
#endif

#endif

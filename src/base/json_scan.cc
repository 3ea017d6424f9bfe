/* base/json_scan.cc: simdjson's first stage, with vector instructions chosen by what the processor has. */
#include "base/json_scan.h"

#include <cstdlib>
#include <memory>
#include <simdjson.h>

namespace
{

constexpr size_t kept_capacity = 64 * 1024; /* what an idle thread may sit on, times four bytes */

using Scanner = std::unique_ptr<simdjson::internal::dom_parser_implementation>;
thread_local Scanner scanner;
thread_local size_t capacity;

void make_room(size_t len)
{
    if (scanner && len <= capacity)
        return;
    capacity = len <= 4096 ? 4096 : len <= kept_capacity ? kept_capacity : len;
    scanner.reset();
    /* Depth is counted by the caller; one level is the least that simdjson allocates. */
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, scanner))
        std::abort(); /* out of memory */
}

} // namespace

extern "C" JsonScanResult json_scan(const char *data, size_t len, const uint32_t **out_starts, size_t *out_count)
{
    *out_count = 0;
    if (len == 0)
        return SCAN_OK;
    make_room(len);
    switch (scanner->stage1(reinterpret_cast<const uint8_t *>(data), len, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS: break;
    case simdjson::EMPTY: return SCAN_OK;
    case simdjson::UNCLOSED_STRING: return SCAN_OPEN_STRING;
    case simdjson::UNESCAPED_CHARS: return SCAN_CONTROL_CHARACTER;
    default: return SCAN_BAD_UTF8;
    }
    *out_starts = scanner->structural_indexes.get();
    *out_count = scanner->n_structural_indexes;
    return SCAN_OK;
}

extern "C" void json_scan_shrink(void)
{
    if (capacity > kept_capacity) {
        scanner.reset();
        capacity = 0;
    }
}

extern "C" bool json_scan_utf8(const char *data, size_t len)
{
    return simdjson::validate_utf8(data, len);
}

#include "api/spelling.h"

void spelled_key(const Spelled *out, const char *name)
{
    if (!out->camel) {
        json_key(out->json, str_from_c(name));
        return;
    }
    Buf text = buf_in(out->arena);
    for (const char *c = name; *c; c++) {
        bool up = *c == '_' && c[1];
        c += up;
        buf_char(&text, (char)(up ? *c - 'a' + 'A' : *c));
    }
    json_key(out->json, buf_view(&text));
}

void spelled_text(const Spelled *out, const char *name, Str text)
{
    spelled_key(out, name);
    json_str(out->json, text);
}

void spelled_count(const Spelled *out, const char *name, int64_t n)
{
    spelled_key(out, name);
    json_i64_text(out->json, n);
}

void spelled_double(const Spelled *out, const char *name, double n)
{
    spelled_key(out, name);
    json_raw(out->json, str_printf(out->arena, "%.15g", n));
}

/* books/errand.c: what errands of all books share. */
#include "books/errand.h"

#include <stdio.h>
#include <string.h>

#include "books/book.h"

/* Shorter ones are in every other text. */
#define SECRET_LEAST 4

const char *const book_auth_names[AUTH_N] = {"none", "bearer", "basic", "header"};

Str errand_secret(BookErrand *errand, Str secret)
{
    assert(errand->n_secrets < (int)COUNT_OF(errand->secrets));
    return errand->secrets[errand->n_secrets++] = secret;
}

void book_errand_done(BookErrand *errand)
{
    for (int i = 0; i < errand->n_secrets; i++)
        if (errand->secrets[i].len > 0)
            explicit_bzero((char *)(uintptr_t)errand->secrets[i].data, errand->secrets[i].len);
    http_call_done(&errand->call);
    arena_done(&errand->arena);
    *errand = (BookErrand){0};
}

static Str blot_one(Arena *arena, Str secret, Str text)
{
    if (secret.len < SECRET_LEAST || !str_contains(text, secret))
        return text;
    Buf out = buf_in(arena);
    for (ptrdiff_t at; (at = str_find(text, secret)) >= 0; text = str_skip(text, (size_t)at + secret.len)) {
        buf_str(&out, str_slice(text, 0, (size_t)at));
        buf_str(&out, S("[secret]"));
    }
    buf_str(&out, text);
    return buf_view(&out);
}

Str errand_blot(Arena *arena, const BookErrand *errand, Str text)
{
    for (int i = 0; i < errand->n_secrets; i++)
        text = blot_one(arena, errand->secrets[i], text);
    return text;
}

bool errand_failed(const BookErrand *errand, const char *what_may_have, Error *err)
{
    const Error *why = &errand->call.err;
    bool doubtful = errand->effect == EFFECT_ONCE && errand->call.sent && why->code != OK;
    return error_set(err, why->code, why->field, "%s%s%s", why->message, doubtful ? " " : "",
                     doubtful ? what_may_have : "");
}

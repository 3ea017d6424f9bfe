/* base/id.c: random bytes from the system, and ids made of them. */
#include "base/id.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/random.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static _Thread_local struct {
    bool on;
    Random random;
} simulated;

static void simulated_bytes(unsigned char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)random_next(&simulated.random);
}

void random_bytes(void *out, size_t len)
{
    if (simulated.on) {
        simulated_bytes(out, len);
        return;
    }
    for (size_t done = 0; done < len;) {
        ssize_t got = getrandom((char *)out + done, len - done, 0);
        if (got >= 0) {
            done += (size_t)got;
        } else if (errno != EINTR) {
            /* Going on without randomness would make ids and tokens that can be guessed. */
            perror("clerkwork: getrandom");
            abort();
        }
    }
}

uint64_t random_u64(void)
{
    uint64_t n;
    random_bytes(&n, sizeof n);
    return n;
}

typedef struct IdBytes {
    unsigned char stock[12 * ID_LEN];
    size_t left;
} IdBytes;
static _Thread_local IdBytes id_bytes;

void random_simulate(uint64_t seed)
{
    simulated.on = true;
    simulated.random = random_of(seed);
    id_bytes.left = 0;
}

/* A system call for every id would cost more than the id: each thread draws for twelve at once. Bytes are wiped as
 * they are given out. */
static void draw_id_bytes(unsigned char out[ID_LEN])
{
    if (id_bytes.left == 0) {
        random_bytes(id_bytes.stock, sizeof id_bytes.stock);
        id_bytes.left = sizeof id_bytes.stock;
    }
    id_bytes.left -= ID_LEN;
    memcpy(out, id_bytes.stock + id_bytes.left, ID_LEN);
    explicit_bzero(id_bytes.stock + id_bytes.left, ID_LEN);
}

Id id_new(void)
{
    unsigned char random[ID_LEN];
    draw_id_bytes(random);
    Id id = {0};
    for (size_t i = 0; i < ID_LEN; i++)
        id.text[i] = alphabet[random[i] & 63];
    return id;
}

Id id_new_at(int64_t us)
{
    static const char ascending[] = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    enum { MOMENT_LEN = 7 }; /* until 2109, when they begin anew: then only what is made around that day lies apart */
    Id id = id_new();
    uint64_t ms = (uint64_t)us / 1000;
    for (size_t i = MOMENT_LEN; i-- > 0; ms >>= 6)
        id.text[i] = ascending[ms & 63];
    return id;
}

bool id_is_valid(Str text)
{
    if (text.len != ID_LEN)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\0' || !strchr(alphabet, text.data[i]))
            return false;
    }
    return true;
}

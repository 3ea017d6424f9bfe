#include "api/rate.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Two places a key may stand in; the one that was used longer ago is given up. A key that loses its bucket starts with
 * a full one, so a lost bucket can only be generous. */
#define N_BUCKETS 8192

typedef struct Bucket {
    int64_t key;
    int64_t level_us; /* what is in it, in time: one call costs window / limit */
    int64_t seen_us;
} Bucket;

struct RateLimiter {
    int64_t limit, window_us, cost_us;
    pthread_mutex_t lock;
    Bucket buckets[N_BUCKETS]; /* under the lock */
};

RateLimiter *rate_new(int64_t limit, int64_t window_s)
{
    RateLimiter *limiter = calloc(1, sizeof *limiter);
    if (!limiter)
        abort();
    limiter->limit = limit;
    limiter->window_us = window_s * 1000000;
    limiter->cost_us = limit > 0 ? MAX_OF(limiter->window_us / limit, 1) : 0;
    pthread_mutex_init(&limiter->lock, NULL);
    return limiter;
}

static Bucket *bucket_of_locked(RateLimiter *limiter, int64_t key, int64_t now_us)
{
    uint64_t hash = (uint64_t)key * 0x9E3779B97F4A7C15u;
    Bucket *first = &limiter->buckets[(hash >> 32) % N_BUCKETS];
    Bucket *second = &limiter->buckets[(hash >> 8) % N_BUCKETS];
    if (first->key == key && first->seen_us)
        return first;
    if (second->key == key && second->seen_us)
        return second;
    Bucket *taken = first->seen_us <= second->seen_us ? first : second;
    *taken = (Bucket){.key = key, .level_us = limiter->window_us, .seen_us = now_us};
    return taken;
}

static RateAnswer take_locked(RateLimiter *limiter, int64_t key, int64_t now_us)
{
    Bucket *bucket = bucket_of_locked(limiter, key, now_us);
    int64_t passed = MAX_OF(now_us - bucket->seen_us, 0);
    bucket->level_us = MIN_OF(bucket->level_us + passed, limiter->window_us);
    bucket->seen_us = MAX_OF(now_us, bucket->seen_us);
    RateAnswer answer = {.allowed = bucket->level_us >= limiter->cost_us,
                         .limit = limiter->limit,
                         .window_s = limiter->window_us / 1000000};
    if (answer.allowed)
        bucket->level_us -= limiter->cost_us;
    else
        answer.retry_s = MAX_OF((limiter->cost_us - bucket->level_us + 999999) / 1000000, 1);
    answer.remaining = MIN_OF(bucket->level_us / limiter->cost_us, limiter->limit);
    answer.reset_s = (limiter->window_us - bucket->level_us + 999999) / 1000000;
    return answer;
}

RateAnswer rate_ask(RateLimiter *limiter, int64_t key, int64_t now_us)
{
    if (limiter->limit <= 0)
        return (RateAnswer){.allowed = true};
    pthread_mutex_lock(&limiter->lock);
    RateAnswer answer = take_locked(limiter, key, now_us);
    pthread_mutex_unlock(&limiter->lock);
    return answer;
}

int64_t rate_key_of_address(Str peer, uint32_t about)
{
    char text[INET6_ADDRSTRLEN] = {0};
    unsigned char bytes[16];
    struct in6_addr v6;
    if (peer.len > 0)
        memcpy(text, peer.data, MIN_OF(peer.len, sizeof text - 1));
    Str network = peer;
    if (inet_pton(AF_INET, text, bytes) == 1) {
        network = str_of((const char *)bytes, 4);
    } else if (inet_pton(AF_INET6, text, &v6) == 1) {
        bool mapped = IN6_IS_ADDR_V4MAPPED(&v6);
        memcpy(bytes, &v6, sizeof bytes);
        network = mapped ? str_of((const char *)bytes + 12, 4) : str_of((const char *)bytes, 8);
    }
    return (int64_t)(str_hash_secret(network) ^ (about + UINT64_C(1)) * UINT64_C(0xD6E8FEB86659FD93));
}

void rate_free(RateLimiter *limiter)
{
    if (!limiter)
        return;
    pthread_mutex_destroy(&limiter->lock);
    free(limiter);
}

#include "http/private_address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/macros.h"

static const struct {
    uint32_t prefix;
    int bits;
} private_v4[] = {
    {0x00000000, 8},  /* 0.0.0.0/8: this network */
    {0x0a000000, 8},  /* 10.0.0.0/8 */
    {0x64400000, 10}, /* 100.64.0.0/10: shared by carriers */
    {0x7f000000, 8},  /* 127.0.0.0/8: loopback */
    {0xa9fe0000, 16}, /* 169.254.0.0/16: link-local, and the metadata of clouds */
    {0xac100000, 12}, /* 172.16.0.0/12 */
    {0xc0000000, 24}, /* 192.0.0.0/24: protocol assignments */
    {0xc0000200, 24}, /* 192.0.2.0/24: documentation */
    {0xc0a80000, 16}, /* 192.168.0.0/16 */
    {0xc6120000, 15}, /* 198.18.0.0/15: benchmarks */
    {0xc6336400, 24}, /* 198.51.100.0/24: documentation */
    {0xcb007100, 24}, /* 203.0.113.0/24: documentation */
    {0xe0000000, 3},  /* 224.0.0.0/3: multicast, reserved, broadcast */
};

static bool v4_is_private(uint32_t address)
{
    for (size_t i = 0; i < COUNT_OF(private_v4); i++)
        if ((address ^ private_v4[i].prefix) >> (32 - private_v4[i].bits) == 0)
            return true;
    return false;
}

static uint32_t v4_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool v6_is_private(const uint8_t *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
        return v4_is_private(v4_at(a + 12));
    if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
        return v4_is_private(v4_at(a + 2));
    if (a[0] >> 5 != 1) /* only 2000::/3 is global unicast: no ::1, fc00::/7, fe80::/10, ff00::/8 */
        return true;
    return (a[0] == 0x20 && a[1] == 0x01 && a[2] < 2) || /* 2001::/23: protocol assignments, Teredo */
           (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8) || /* 2001:db8::/32: documentation */
           (a[0] == 0x3f && a[1] == 0xff && a[2] < 0x10);                    /* 3fff::/20: documentation */
}

bool address_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return v4_is_private(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        return v6_is_private(v6.sin6_addr.s6_addr);
    }
    return true;
}

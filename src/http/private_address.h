/* http/private_address.h: which addresses are not out in the world. */
#ifndef CLERKWORK_HTTP_PRIVATE_ADDRESS_H
#define CLERKWORK_HTTP_PRIVATE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Whether the address is one that the IANA special-purpose registries (RFC 6890 and its successors) do not call
 * globally reachable, or a multicast one; IPv4 inside IPv6 (mapped, 6to4, NAT64) counts as what is inside. Families
 * that are not internet are private. */
bool address_is_private(const struct sockaddr *address);

#endif

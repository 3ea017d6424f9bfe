/* base/inbox.h: messages to one thread from any. Sending gives the message away. */
#ifndef CLERKWORK_BASE_INBOX_H
#define CLERKWORK_BASE_INBOX_H

#include "base/macros.h"

typedef struct Letter {
    struct Letter *next;
} Letter; /* embedded first in what is sent */

typedef struct Inbox Inbox;

Inbox *inbox_new(void);
/* True when the inbox was empty: the receiver may need waking (inbox_take_wait wakes by itself). */
bool inbox_send(Inbox *inbox, Letter *letter);
Letter *inbox_take(Inbox *inbox);                          /* all that wait, oldest first; NULL when none */
Letter *inbox_take_wait(Inbox *inbox, int64_t timeout_us); /* sleeps until there is one; < 0 is for ever */
/* Lets a sleeper return with NULL; when none sleeps, the next inbox_take_wait that would sleep returns at once. */
void inbox_wake(Inbox *inbox);
void inbox_free(Inbox *inbox); /* must be empty; NULL is accepted */

#endif

/* api/api.h: the contract's operations as a handler of the HTTP server.
 *
 * api_handler routes by the contract, asks auth/ who calls and whether they may, limits the rate, checks arguments,
 * runs the operation's handler at its place (loop, reader thread, writer) and answers. Order of life: store and engine
 * are opened, then the api, then the server with api_handler; after http_server_run has returned, api_close, then
 * engine and store. */
#ifndef CLERKWORK_API_API_H
#define CLERKWORK_API_API_H

#include "agents/scribe.h"
#include "api/postman.h"
#include "engine/engine.h"
#include "http/server.h"
#include "store/store.h"

typedef struct Api Api;

typedef struct ApiOptions {
    Store *store;
    Engine *engine;
    Scribe *scribe;         /* takes descriptions of automations; NULL: no model is configured */
    const Postman *postman; /* sends invitations; NULL: no mail server is configured. Outlives the api */
    Str public_url;         /* what links to this server begin with; "": the caller's own scheme and host */
    Str version;
    int readers;             /* threads that read; 0: 2 */
    int blockers;            /* threads for operations that wait for the engine; 0: 8 */
    int64_t rate_limit;      /* calls a token may make in a window; 0: no limit */
    int64_t address_limit;   /* calls without a valid token that an address may make in a window; 0: no limit */
    int64_t rate_window_s;   /* 0: 60 */
    const char *folder_root; /* where folders lie that triggers may watch; NULL: none may */
    int64_t folder_quiet_us; /* how long a file there must have stood still before it is taken; 0: 2 s */
    int64_t folder_look_us;  /* between two looks; 0: 1 s */
    bool check_responses; /* every answer is held against the contract; one that does not fit ends the process with the
                             reason */
} ApiOptions;

MUST_USE bool api_open(const ApiOptions *options, Api **out, Error *err);
HttpHandler api_handler(Api *api);
/* From any thread, when shutdown begins: /readyz says no from now on. */
void api_drain(Api *api);
void api_close(Api *api); /* NULL is accepted */

#endif

/* api/signed_url.h: URLs that need no token: what they open, and until when, is sealed in them. One opens one thing in
 * one way; whoever has it may use it until it expires. */
#ifndef CLERKWORK_API_SIGNED_URL_H
#define CLERKWORK_API_SIGNED_URL_H

#include "api/request.h"

typedef enum SignedPurpose { SIGNED_DOWNLOAD, SIGNED_UPLOAD } SignedPurpose;

/* How long the body asks for: an hour when it does not say, at most a week. INVALID_ARGUMENT on expire_duration. */
MUST_USE bool signed_url_lasts(const ApiRequest *request, int64_t *out_us, Error *err);
/* `target`: "organizations/o[/workspaces/w][/files/F]". As the caller reaches the server. */
Str signed_url_make(const ApiRequest *request, SignedPurpose purpose, Str target, int64_t expire_us);
/* The place of the URL's `target`, and the file in it, if there is one. With a view. PERMISSION_DENIED for a URL that
 * was changed, is for something else, or has expired; NOT_FOUND when the place is gone. */
MUST_USE bool signed_url_read(const ApiRequest *request, SignedPurpose purpose, Scope *out_scope, Str *out_file,
                              Error *err);

#endif

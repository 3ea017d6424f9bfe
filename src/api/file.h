/* api/file.h: files as the API writes them. */
#ifndef CLERKWORK_API_FILE_H
#define CLERKWORK_API_FILE_H

#include "api/request.h"
#include "store/file.h"

/* The metadata as one JSON object. */
void file_to_json(ApiRequest *request, const FileRow *file);

/* What a file is uploaded for, where it is for more than to be there. */
typedef struct UploadPurpose UploadPurpose;
struct UploadPurpose {
    /* Within the transaction that inserts the file; perhaps more than once. */
    bool (*keep)(Tx *tx, ApiRequest *request, const FileRow *file, UploadPurpose *purpose, Error *err);
    void (*write)(ApiRequest *request, UploadPurpose *purpose); /* the answer's JSON, in place of the metadata */
};

/* upload.c: a body that streams to disk. */
MUST_USE bool upload_begin(ApiRequest *request, Error *err);                             /* at header time */
MUST_USE bool upload_begin_for(ApiRequest *request, UploadPurpose *purpose, Error *err); /* lives as long as it */
MUST_USE bool upload_begin_signed(ApiRequest *request, Error *err); /* of a signed URL: the body is the file */
MUST_USE bool upload_end(ApiRequest *request, Error *err);          /* the body is complete; answers by itself */

#endif

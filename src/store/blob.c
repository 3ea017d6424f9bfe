/* store/blob.c: the bytes of files. */
#include "store/internal.h"
bool blob_prepare(Store *store, Error *err)
{
    (void)store, (void)err;
    return true;
}
bool blob_sweep(Store *store, Error *err)
{
    (void)store, (void)err;
    return true;
}
void blob_apply_changes(Store *store, const FileChange *changes)
{
    (void)store, (void)changes;
}

/* auth/seal.c */
#include "auth/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/id.h"

enum { VERSION = 1, NONCE_LEN = 12, TAG_LEN = 16, HEAD_LEN = 1 + NONCE_LEN, KEY_FILE_MOST = 256 };

/* ---- the key file: base64 on one line ---- */

static bool write_key(int fd, Error *err)
{
    unsigned char bytes[SEAL_KEY_LEN];
    AUTO(buf_done)
    Buf text = {0};
    random_bytes(bytes, sizeof bytes);
    base64_encode(&text, str_of((const char *)bytes, sizeof bytes));
    buf_char(&text, '\n');
    bool ok = write(fd, text.data, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    OPENSSL_cleanse(bytes, sizeof bytes);
    OPENSSL_cleanse(text.data, text.len);
    return ok || error_set_errno(err, "writing the key file");
}

/* Under another name first: whoever else looks sees no key or a whole one, and who comes second takes the first. */
static bool make_key(Arena *arena, const char *path, Error *err)
{
    Id id = id_new();
    const char *fresh = str_to_c(arena, str_printf(arena, "%s.%s", path, id.text));
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(err, fresh);
    bool ok = write_key(fd, err);
    close(fd);
    if (ok && link(fresh, path) != 0 && errno != EEXIST)
        ok = error_set_errno(err, path);
    (void)unlink(fresh);
    return ok;
}

static bool read_key(int fd, const char *path, SealKey *out, Error *err)
{
    struct stat status;
    char text[KEY_FILE_MOST];
    if (fstat(fd, &status) != 0)
        return error_set_errno(err, path);
    if (status.st_mode & (S_IRWXG | S_IRWXO))
        return error_set(err, FAILED_PRECONDITION, "key-file", "others may read the key file %s: chmod 600 it", path);
    ssize_t len = read(fd, text, sizeof text);
    if (len < 0)
        return error_set_errno(err, path);
    AUTO(arena_done)
    Arena arena = {0};
    Str bytes = {0};
    bool ok = base64_decode(&arena, str_trim(str_of(text, (size_t)len)), &bytes) && bytes.len == SEAL_KEY_LEN;
    if (ok) {
        memcpy(out->bytes, bytes.data, SEAL_KEY_LEN);
        OPENSSL_cleanse((char *)(uintptr_t)bytes.data, bytes.len);
    }
    OPENSSL_cleanse(text, sizeof text);
    return ok || error_set(err, DATA_LOSS, "key-file",
                           "%s holds no key; put back the one that credentials were sealed "
                           "with, or set them anew",
                           path);
}

bool seal_key_read(const char *path, bool make, SealKey *out, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && make) {
        if (!make_key(&arena, path, err))
            return false;
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0 && errno == ENOENT)
        return error_set(err, NOT_FOUND, "key-file",
                         "the key file %s is not there, without which no credential can be opened; put it back, or set "
                         "the credentials anew",
                         path);
    if (fd < 0)
        return error_set_errno(err, path);
    bool ok = read_key(fd, path, out, err);
    close(fd);
    return ok;
}

void seal_key_done(SealKey *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}

/* ---- sealing ---- */

/* Everything that decides whose the secret is and where it is sent. */
static Str context_of(Arena *arena, const ConnectionRow *row)
{
    Buf text = buf_in(arena);
    const Str parts[] = {
        row->scope.organization_id, row->scope.workspace_id, row->name, row->book, row->url, row->user};
    buf_printf(&text, "connection %lld", (long long)row->auth);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        buf_varint(&text, parts[i].len);
        buf_str(&text, parts[i]);
    }
    return buf_view(&text);
}

typedef EVP_CIPHER_CTX Cipher;
static void cipher_done(Cipher **cipher)
{
    EVP_CIPHER_CTX_free(*cipher);
}

static bool encrypt(const SealKey *key, Str context, Str secret, unsigned char *out)
{
    AUTO(cipher_done)
    Cipher *cipher = EVP_CIPHER_CTX_new();
    unsigned char *nonce = out + 1, *body = out + HEAD_LEN;
    int n;
    out[0] = VERSION;
    random_bytes(nonce, NONCE_LEN);
    return cipher && EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key->bytes, nonce) == 1 &&
           EVP_EncryptUpdate(cipher, NULL, &n, (const unsigned char *)context.data, (int)context.len) == 1 &&
           EVP_EncryptUpdate(cipher, body, &n, (const unsigned char *)secret.data, (int)secret.len) == 1 &&
           EVP_EncryptFinal_ex(cipher, body + n, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_LEN, body + secret.len) == 1;
}

static bool decrypt(const SealKey *key, Str context, Str sealed, unsigned char *out)
{
    AUTO(cipher_done)
    Cipher *cipher = EVP_CIPHER_CTX_new();
    const unsigned char *bytes = (const unsigned char *)sealed.data;
    int len = (int)sealed.len - HEAD_LEN - TAG_LEN, n;
    unsigned char tag[TAG_LEN];
    memcpy(tag, bytes + HEAD_LEN + len, TAG_LEN);
    return cipher && EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key->bytes, bytes + 1) == 1 &&
           EVP_DecryptUpdate(cipher, NULL, &n, (const unsigned char *)context.data, (int)context.len) == 1 &&
           EVP_DecryptUpdate(cipher, out, &n, bytes + HEAD_LEN, len) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1 &&
           EVP_DecryptFinal_ex(cipher, out + n, &n) == 1;
}

bool seal_connection(Arena *arena, const SealKey *key, Str secret, ConnectionRow *row, Error *err)
{
    if (secret.len == 0) {
        row->sealed = S("");
        return true;
    }
    size_t len = HEAD_LEN + secret.len + TAG_LEN;
    unsigned char *out = arena_alloc(arena, len, 1);
    if (!encrypt(key, context_of(arena, row), secret, out))
        return error_set(err, INTERNAL, "", "the credential could not be encrypted");
    row->sealed = str_of((const char *)out, len);
    return true;
}

bool unseal_connection(Arena *arena, const SealKey *key, const ConnectionRow *row, Str *out, Error *err)
{
    *out = S("");
    if (row->sealed.len == 0)
        return true;
    bool whole = row->sealed.len > HEAD_LEN + TAG_LEN && row->sealed.data[0] == VERSION;
    unsigned char *room = arena_alloc(arena, row->sealed.len, 1);
    if (!whole || !decrypt(key, context_of(arena, row), row->sealed, room))
        return error_set(err, DATA_LOSS, "",
                         "the credential of the connection \"%.*s\" does not open with this server's key file; set it "
                         "anew with clerkwork connection set",
                         STR_ARG(row->name));
    *out = str_of((const char *)room, row->sealed.len - HEAD_LEN - TAG_LEN);
    return true;
}

/* Commands called as the program calls them. */
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int setup(void **state)
{
    Fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    memcpy(f->directory, "/tmp/clerkwork-test-XXXXXX", sizeof "/tmp/clerkwork-test-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    *state = f;
    return 0;
}

static void remove_all(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    if (!S_ISDIR(status.st_mode)) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char inner[512];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        assert_true(snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) < (int)sizeof inner);
        remove_all(inner);
    }
    (void)closedir(folder);
    assert_int_equal(rmdir(path), 0);
}

int teardown(void **state)
{
    Fixture *f = *state;
    remove_all(f->directory);
    free(f);
    return 0;
}

const char *write_file(Fixture *f, const char *name, const char *text)
{
    (void)snprintf(f->path, sizeof f->path, "%s/%s", f->directory, name);
    for (char *slash = strchr(f->path + strlen(f->directory) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(f->path, 0777);
        *slash = '/';
    }
    FILE *file = fopen(f->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    return f->path;
}

void read_back(const char *directory, const char *name, char *out, size_t size)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(out, 1, size - 1, file) : 0;
    out[n] = '\0';
    if (file)
        (void)fclose(file);
}

static void redirect(Fixture *f, int fd, const char *name, int flags)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", f->directory, name);
    int file = open(path, flags | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    f->saved[fd] = dup(fd);
    assert_true(dup2(file, fd) == fd);
    (void)close(file);
}

int command(Fixture *f, const CliCommand *what, const char *input, const char *const *arguments)
{
    char *argv[32] = {(char *)what->name};
    int argc = 1;
    while (arguments[argc - 1]) {
        argv[argc] = (char *)arguments[argc - 1];
        argc++;
    }
    char kept[sizeof f->path];
    memcpy(kept, f->path, sizeof kept);
    (void)write_file(f, "in", input);
    memcpy(f->path, kept, sizeof kept);
    (void)fflush(NULL);
    redirect(f, 0, "in", O_RDONLY);
    redirect(f, 1, "out", O_WRONLY | O_TRUNC);
    redirect(f, 2, "err", O_WRONLY | O_TRUNC);
    clearerr(stdin);
    int status = what->run(argc, argv);
    (void)fflush(NULL);
    for (int fd = 0; fd < 3; fd++) {
        (void)dup2(f->saved[fd], fd);
        (void)close(f->saved[fd]);
    }
    clearerr(stdin);
    read_back(f->directory, "out", f->out, sizeof f->out);
    read_back(f->directory, "err", f->err, sizeof f->err);
    return status;
}

void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        print_error("“%s” does not stand in:\n%s\n", part, text);
    assert_non_null(strstr(text, part));
}

/* Preloaded into a process, kills it at its Nth write or sync to the files of a database: KILL_AT, counted from 1.
 * At the end of one that lives, says to stdout how many there were. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int count;

/* Only once KILL_ARMED is set, by the process itself, when what is to be disturbed begins. */
static void step(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0 || getenv("KILL_ARMED") == NULL) {
        return;
    }
    path[size] = '\0';
    if (strstr(path, ".db") == NULL) {
        return;
    }
    count++;
    const char *at = getenv("KILL_AT");
    if (at != NULL && atoi(at) == count) {
        kill(getpid(), SIGKILL);
    }
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (real == NULL) {
        real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    }
    step(fd);
    return real(fd, bytes, size, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
    return pwrite64(fd, bytes, size, offset);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (real == NULL) {
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    }
    step(fd);
    return real(fd);
}

int fsync(int fd) {
    static int (*real)(int);
    if (real == NULL) {
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    }
    step(fd);
    return real(fd);
}

__attribute__((destructor)) static void tell(void) {
    printf("%d\n", count);
    fflush(stdout);
}

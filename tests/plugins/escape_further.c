/* More ways out of a sandbox: races against whoever judges a call, calls that few know, and what a worker leaves in
 * the memory and the limits of the processes that it forks. See escape.c. */
#define _GNU_SOURCE
#include "escape.h"
#include "zoo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Races: one thread makes a call again and again while another changes what the call is about. */
enum { RACE_MS = 400 };
static volatile int racing;

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void race(void *(*change)(void *), void *what, void (*call)(void *)) {
    pthread_t thread;
    racing = 1;
    if (pthread_create(&thread, NULL, change, what) == 0) {
        for (int64_t end = now_ms() + RACE_MS; now_ms() < end;) {
            call(what);
        }
        racing = 0;
        pthread_join(thread, NULL);
    }
}

static char changing[2][4096], volatile_path[4096];
static void *change_path(void *unused) {
    (void)unused;
    for (int at = 0; racing; at ^= 1) {
        memcpy(volatile_path, changing[at], sizeof volatile_path);
    }
    return NULL;
}
static void race_paths(void (*call)(void *)) {
    /* Both of one length, so that no mixture of them is a path of its own. */
    snprintf(changing[0], sizeof *changing, "%s", own("race"));
    snprintf(changing[1], sizeof *changing, "%s", target("victim"));
    put_and_close(open(own("race"), O_CREAT | O_WRONLY, 0600));
    race(change_path, NULL, call);
}
static void call_open(void *unused) {
    (void)unused;
    put_and_close((int)syscall(SYS_openat, AT_FDCWD, volatile_path, O_WRONLY | O_CREAT | O_APPEND, 0600));
}
static void call_open_for_ioctl(void *unused) {
    (void)unused;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, volatile_path, 3);
    if (fd >= 0) {
        char path[64], name[4096] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        escaped_if(readlink(path, name, sizeof name - 1) > 0 && strstr(name, "/victim") != NULL, "esc_racemode");
        close(fd);
    }
}
static void call_metadata(void *unused) {
    (void)unused;
    chmod(volatile_path, 0777);
    struct timespec long_ago[2] = {{1, 0}, {1, 0}};
    utimensat(AT_FDCWD, volatile_path, long_ago, 0);
    if (chown(volatile_path, 1, 1) != 0) {
        errno = 0;
    }
}
static void call_unlink(void *unused) {
    (void)unused;
    unlink(volatile_path);
}
static void race_open(void) { race_paths(call_open); }
static void race_mode(void) { race_paths(call_open_for_ioctl); }
static void race_metadata(void) { race_paths(call_metadata); }
static void race_unlink(void) { race_paths(call_unlink); }

static void *swap_folder(void *unused) {
    (void)unused;
    while (racing) {
        syscall(SYS_renameat2, AT_FDCWD, own("swap"), AT_FDCWD, own("other"), 2); /* RENAME_EXCHANGE */
    }
    return NULL;
}
static void call_in_folder(void *unused) {
    (void)unused;
    put_and_close(open(own("swap/victim"), O_CREAT | O_WRONLY | O_APPEND, 0600));
    unlink(own("swap/empty/none"));
}
static void race_folder(void) {
    mkdir(own("swap"), 0700);
    if (symlink(target("."), own("other")) == 0) {
        race(swap_folder, NULL, call_in_folder);
    }
}

static int race_fd, mine_fd, theirs_fd;
static void *change_descriptor(void *unused) {
    (void)unused;
    for (int at = 0; racing; at ^= 1) {
        dup2(at ? theirs_fd : mine_fd, race_fd);
    }
    return NULL;
}
static void call_lock(void *unused) {
    (void)unused;
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    flock(race_fd, LOCK_EX | LOCK_NB);
    fcntl(race_fd, F_OFD_SETLK, &lock);
}
static void race_lock(void) {
    mine_fd = open(own("race"), O_CREAT | O_RDWR, 0600);
    theirs_fd = open("/etc/passwd", O_RDONLY);
    race_fd = dup(theirs_fd);
    call_lock(NULL);
    race(change_descriptor, NULL, call_lock);
    char path[64], bytes[4096] = "";
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", theirs_fd);
    int info = open(path, O_RDONLY);
    if (info >= 0) {
        escaped_if(read(info, bytes, sizeof bytes - 1) > 0 && strstr(bytes, "lock:") != NULL, "esc_racelock");
        close(info);
    }
    close(mine_fd), close(theirs_fd), close(race_fd);
}

/* What comes from the worker: memory, limits, descriptors */
static void ml_memory(void) {
    /* "a secret that nobody else holds" backwards, so that it does not find itself. */
    static const char sdrawkcab[] = "sdloh esle ydobon taht terces a";
    enum { LENGTH = sizeof sdrawkcab - 1 };
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY);
    char *block = malloc(1 << 20);
    char line[512];
    while (maps != NULL && memory >= 0 && fgets(line, sizeof line, maps) != NULL) {
        unsigned long start, end;
        char rights[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) != 3 || rights[0] != 'r') {
            continue;
        }
        escaped_if(rights[1] == 'w' && rights[3] == 's', "esc_memory shared");
        for (; start < end; start += (1 << 20) - LENGTH) {
            size_t size = end - start < 1 << 20 ? end - start : 1 << 20;
            ssize_t got = pread(memory, block, size, (off_t)start);
            for (ssize_t at = 0; at + LENGTH <= got; at++) {
                int same = 0;
                while (same < LENGTH && block[at + same] == sdrawkcab[LENGTH - 1 - same]) {
                    same++;
                }
                if (same == LENGTH) {
                    memset(block + at, 0, LENGTH);
                    escaped("esc_memory secret");
                }
            }
        }
    }
    free(block);
    if (maps != NULL) {
        fclose(maps);
    }
    close(memory);
}
static void ml_limits(void) {
    /* A crash would be reported by a program that the kernel starts, unless the limit is 1 (core(5)). */
    struct rlimit limit = {0, 1};
    escaped_if(setrlimit(RLIMIT_CORE, &limit) == 0, "esc_core");
    struct rlimit now = {99, 99};
    escaped_if(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &now) == 0 && now.rlim_cur != 1, "esc_core");
}
static void ml_priority(void) {
    struct rlimit limit;
    escaped_if(getrlimit(RLIMIT_RTPRIO, &limit) != 0 || limit.rlim_max != 0, "esc_realtime limit");
    escaped_if(getrlimit(RLIMIT_NICE, &limit) != 0 || limit.rlim_max != 0, "esc_realtime limit");
    struct sched_param param = {1};
    escaped_if(sched_setscheduler(0, SCHED_FIFO, &param) == 0, "esc_realtime");
    escaped_if(setpriority(PRIO_PROCESS, 0, -5) == 0, "esc_realtime nice");
}
static void ml_descriptors(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", target("dgram"));
    char control[CMSG_SPACE(sizeof(int))] = "";
    struct iovec bytes = {"zoo", 3};
    for (int fd = 0; fd < 1024; fd++) {
        struct msghdr message = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &bytes,
                                 .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
        escaped_if(sendmsg(fd, &message, MSG_DONTWAIT) >= 0, "esc_sendfd");
        int size = 0;
        socklen_t length = sizeof size;
        escaped_if(getsockopt(fd, SOL_SOCKET, SO_TYPE, &size, &length) == 0, "esc_sendfd socket");
    }
}

/* Sockets that two ends of one process share */
static void ne_pairs(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    static const char *const names[] = {"dgram", "stream"};
    static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM, SOCK_RAW};
    for (int i = 0; i < 8; i++) {
        int ends[2];
        snprintf(address.sun_path, sizeof address.sun_path, "%s", target(names[i & 1]));
        if (socketpair(AF_UNIX, types[i >> 1], 0, ends) != 0) {
            continue;
        }
        sendto(ends[0], "zoo", 3, MSG_NOSIGNAL, (void *)&address, sizeof address);
        close(ends[1]);
        struct sockaddr nobody = {.sa_family = AF_UNSPEC};
        connect(ends[0], &nobody, sizeof nobody);
        shutdown(ends[0], SHUT_RDWR);
        sendto(ends[0], "zoo", 3, MSG_NOSIGNAL, (void *)&address, sizeof address);
        if (connect(ends[0], (void *)&address, sizeof address) == 0 && write(ends[0], "zoo", 3) == 3) {
            errno = 0;
        }
        close(ends[0]);
    }
}
static void ne_filter(void) {
    int ends[2];
    struct sock_filter code[] = {{0x06, 0, 0, 0xFFFF}};
    struct sock_fprog program = {1, code};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0) {
        escaped_if(setsockopt(ends[0], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0, "esc_sockfilter");
        int name = ends[1];
        escaped_if(setsockopt(ends[0], SOL_SOCKET, SO_ATTACH_BPF, &name, sizeof name) == 0, "esc_sockfilter");
        close(ends[0]), close(ends[1]);
    }
}

/* Files */
static void wr_access(void) {
    /* With the access mode 3 a file is opened for ioctl alone. */
    int fd = open(target("victim"), 3);
    escaped_if(fd >= 0, "esc_access");
    fd = open("/dev/null", O_RDWR);
    escaped_if(ioctl(fd, 0x5412, "x") == 0, "esc_access"); /* TIOCSTI */
    close(fd);
    creat(target("esc_access"), 0600);
}
static void wr_readable(void) {
    int fd = open("/etc/passwd", O_RDONLY), other = open("/etc/group", O_RDONLY), ends[2];
    off64_t at = 0;
    escaped_if(ftruncate(fd, 1 << 20) == 0, "esc_readable");
    escaped_if(fallocate(fd, 0, 0, 1) == 0, "esc_readable");
    escaped_if(pwrite(fd, "", 0, 0) == 0, "esc_readable");
    escaped_if(copy_file_range(other, NULL, fd, &at, 0, 0) == 0, "esc_readable");
    escaped_if(sendfile(fd, other, NULL, 1) >= 0, "esc_readable");
    if (pipe(ends) == 0) {
        put_and_close(dup(ends[1]));
        escaped_if(splice(ends[0], NULL, fd, NULL, 0, 0) > 0, "esc_readable");
        close(ends[0]), close(ends[1]);
    }
    escaped_if(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED, "esc_readable");
    char *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    escaped_if(memory != MAP_FAILED && mprotect(memory, 4096, PROT_READ | PROT_WRITE) == 0, "esc_readable");
    close(fd), close(other);
}
static void wr_own_process(void) {
    static const char *const names[] = {"oom_score_adj", "comm", "uid_map", "setgroups", "coredump_filter",
                                        "clear_refs", "timerslack_ns", "attr/current", "mem", "task/../comm"};
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "/proc/self/%s", names[i]);
        escaped_if(open(path, O_WRONLY) >= 0, "esc_ownproc");
    }
}
static void rd_around(void) {
    static const char *const ways[] = {"/proc/self/../%d/environ", "/proc/self/task/../../%d/maps", "/proc/%d/root",
                                       "/proc/%d/cwd", "/proc/%d/fd", "/proc/%d/task", "/proc/self/root/proc/%d/mem",
                                       "/proc/%d/ns/mnt", "/proc/%d/map_files", "/proc/%d/io"};
    char path[64], link[64];
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        for (int which = 0; which < 3; which++) {
            snprintf(path, sizeof path, ways[i], which == 2 ? 1 : which ? (int)getppid() : number("ZOO_PID"));
            escaped_if(open(path, O_RDONLY) >= 0 || readlink(path, link, sizeof link) >= 0, "esc_around");
        }
    }
    escaped_if(open("/proc", O_RDONLY) >= 0, "esc_around");
    escaped_if(open("/proc/keys", O_RDONLY) >= 0 || open("/proc/kcore", O_RDONLY) >= 0, "esc_around");
}

/* Programs */
static int start_now(void *words) {
    execv("/bin/sh", words);
    syscall(SYS_execveat, AT_FDCWD, "/bin/sh", words, environ, 0);
    _exit(1);
}
static void ex_spawn(void) {
    static char command[4300], stack[1 << 16];
    snprintf(command, sizeof command, "echo zoo > %s", target("esc_spawn"));
    char *const words[] = {"sh", "-c", command, NULL};
    pid_t child;
    if (posix_spawn(&child, "/bin/sh", NULL, NULL, words, environ) == 0) {
        waitpid(child, NULL, 0);
    }
    child = clone(start_now, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)words);
    if (child > 0) {
        waitpid(child, NULL, 0);
    }
    FILE *shell = popen(command, "r");
    if (shell != NULL) {
        pclose(shell);
    }
}

/* Other processes: what is sent ends none but the witness's, which listens for it; by default SIGURG is ignored. */
static void sg_everyone(void) {
    kill(-1, SIGURG);
    syscall(SYS_kill, -getpgid(number("ZOO_PID")), SIGURG);
    escaped_if(kill(-getpgid(getppid()), 0) == 0, "esc_everyone group");
    escaped_if(syscall(SYS_tkill, getppid(), 0) == 0, "esc_everyone thread");
    siginfo_t info = {.si_code = SI_QUEUE};
    escaped_if(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), 0, &info) == 0, "esc_everyone queue");
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGTERM};
    event._sigev_un._tid = number("ZOO_PID");
    timer_t timer;
    escaped_if(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0, "esc_everyone timer");
    escaped_if(setpgid(number("ZOO_PID"), 0) == 0, "esc_everyone setpgid");
    escaped_if(setpriority(PRIO_USER, 0, 1) == 0 || setpriority(PRIO_PGRP, getppid(), 1) == 0, "esc_everyone nice");
    escaped_if(syscall(SYS_ioprio_set, 3, 0, 0) == 0, "esc_everyone ioprio");
    int ends[2];
    if (pipe(ends) == 0) {
        struct { int type, pid; } owner = {1, number("ZOO_PID")};
        escaped_if(fcntl(ends[0], 15, &owner) == 0, "esc_everyone owner"); /* F_SETOWN_EX */
        close(ends[0]), close(ends[1]);
    }
}

/* Calls that few know. The arguments make no sense, and with a length of 0 sethostname would do what it says: -1 is
 * refused by all of them, and anything but a plain refusal says that the sandbox let the call through. */
static void kn_calls(void) {
    static const short calls[] = {
        SYS_acct, SYS_quotactl, SYS_syslog, SYS_sethostname, SYS_setdomainname, SYS_settimeofday,
        SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_swapoff, SYS_kexec_file_load, SYS_shmat, SYS_shmctl,
        SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semop, SYS_semctl, SYS_semtimedop, SYS_mq_notify, SYS_mq_timedsend,
        SYS_inotify_init1, SYS_inotify_add_watch, SYS_fanotify_mark, SYS_io_setup, SYS_io_submit, SYS_move_pages,
        SYS_migrate_pages, SYS_get_robust_list, SYS_syncfs, SYS_getxattr, SYS_listxattr,
        428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */, 431 /* fsconfig */, 432 /* fsmount */,
        433 /* fspick */, 435 /* clone3 */, 437 /* openat2 */, 442 /* mount_setattr */, 443 /* quotactl_fd */,
        444, 445, 446 /* landlock */, 447 /* memfd_secret */, 448 /* process_mrelease */, 450, 457 /* statmount */,
        458 /* listmount */, 459, 460, 461 /* security modules */, 467 /* open_tree_attr */, 468, 469, 470, 471, 600,
#if defined __x86_64__
        SYS_uselib, SYS_ustat, SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_lookup_dcookie, SYS_sysfs,
#endif
    };
    char name[64];
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        long result = syscall(calls[i], -1L, -1L, -1L, -1L, -1L, -1L);
        snprintf(name, sizeof name, "esc_calls %d", calls[i]);
        escaped_if(result >= 0 || (errno != ENOSYS && errno != EPERM && errno != EACCES), name);
    }
}

/* Floods of attempts and of files */
static void fl_attempts(void) {
    for (int i = 0; i < 16; i++) {
        if (fork() == 0) {
            char name[64];
            for (int j = 0; j < 2000; j++) {
                snprintf(name, sizeof name, "esc_flood\033[31m\xff %d-%d", i, j);
                put_and_close(open(target(name), O_CREAT | O_WRONLY, 0600));
                socket(AF_INET, SOCK_STREAM, 0);
            }
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {
    }
}
static void fl_judge(void) {
    /* Addresses beyond all memory, a list that ends with what is mapped, and links one behind the other. */
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), path[2][64];
    uintptr_t places[] = {UINTPTR_MAX, UINTPTR_MAX - 7, UINTPTR_MAX >> 1, (uintptr_t)page + 4092, 1};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        syscall(SYS_execve, "/bin/sh", places[i], NULL);
        syscall(SYS_execve, places[i], places[i], NULL);
        syscall(SYS_unlink, places[i]);
        syscall(SYS_renameat2, -1, places[i], -1, places[i], -1);
    }
    for (int i = 0; i < 3000; i++) {
        snprintf(path[i & 1], sizeof *path, "%d", i);
        if (chdir(own("")) == 0 && symlink(path[~i & 1], path[i & 1]) != 0) {
            break;
        }
    }
    chmod(path[1], 0600);
    put_and_close(open("/proc/self/fd/99999999999999999999", O_WRONLY));
}
static void fl_closed(void) {
    if (rmdir(own("")) == 0) {
        mkdir(own(""), 0);
    }
}
static void fl_hide(void) {
    char name[64];
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "esc_hide-%d", i);
        put_and_close(open(target(name), O_CREAT | O_WRONLY, 0600));
    }
    escaped_if(socket(AF_INET, SOCK_DGRAM, 0) >= 0, "esc_hide");
}
static void fl_files(void) {
    char name[64];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "left\n\033[31m\xff-%d", i);
        put_and_close(open(own(name), O_CREAT | O_WRONLY, 0));
        mkdir(own("deep"), 0300);
        if (chdir(own("deep")) == 0) {
            mkdir("deeper", 0);
        }
    }
    if (chdir(own("")) == 0) {
        for (int i = 0; i < 300 && mkdir("d", 0700) == 0 && chdir("d") == 0; i++) {
        }
    }
}

const struct way_out further_ways_out[] = {
    {"esc_raceopen", race_open}, {"esc_racemode", race_mode}, {"esc_racemeta", race_metadata}, {"esc_racedel", race_unlink},
    {"esc_racedir", race_folder}, {"esc_racelock", race_lock}, {"esc_memory", ml_memory}, {"esc_core", ml_limits},
    {"esc_realtime", ml_priority}, {"esc_sendfd", ml_descriptors}, {"esc_pairs", ne_pairs},
    {"esc_sockfilter", ne_filter}, {"esc_access", wr_access}, {"esc_readable", wr_readable},
    {"esc_ownproc", wr_own_process}, {"esc_around", rd_around}, {"esc_spawn", ex_spawn}, {"esc_everyone", sg_everyone},
    {"esc_calls", kn_calls}, {"esc_flood", fl_attempts}, {"esc_judge", fl_judge}, {"esc_closed", fl_closed}, {"esc_hide", fl_hide}, {"esc_left", fl_files}, {"", NULL},
};

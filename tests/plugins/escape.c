/* Every way that is known to get out of a sandbox. Each leaves a trace outside where it succeeds: something changed in
 * the folder of the witness ($ZOO_WITNESS), a datagram or connection that the witness receives, or a line
 * `zoo-escaped NAME` in the output, where nobody outside could see it.
 *
 * The witness says where it listens: ZOO_TCP, ZOO_UDP (ports), ZOO_ABSTRACT (a name), ZOO_PID (a process to harm). */
#define _GNU_SOURCE
#include "escape.h"
#include "zoo.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

const char *target(const char *name) {
    static _Thread_local char paths[4][4096];
    static _Thread_local int next;
    char *path = paths[next++ % 4];
    const char *folder = getenv("ZOO_WITNESS");
    snprintf(path, sizeof paths[0], "%s/%s", folder == NULL ? "/nonexistent" : folder, name);
    return path;
}

const char *own(const char *name) {
    static _Thread_local char paths[4][4096];
    static _Thread_local int next;
    char *path = paths[next++ % 4];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof paths[0], "%s/%s", folder == NULL ? "/nonexistent" : folder, name);
    return path;
}

int number(const char *name) {
    const char *text = getenv(name);
    return text == NULL ? -1 : atoi(text);
}

void escaped(const char *name) {
    printf("zoo-escaped %s\n", name);
    fflush(stdout);
}

void escaped_if(int succeeded, const char *name) {
    if (succeeded) {
        escaped(name);
    }
}

static void spill(int fd, const char *name) {
    char bytes[256] = "";
    if (fd >= 0 && read(fd, bytes, sizeof bytes - 1) > 0 && strstr(bytes, "the witness's secret") != NULL) {
        escaped(name);
    }
    if (fd >= 0) {
        close(fd);
    }
}

void put_and_close(int fd) {
    if (fd >= 0) {
        if (write(fd, "zoo\n", 4) < 0) {
            errno = 0;
        }
        close(fd);
    }
}

/* Network */
static void to_port(int type, const char *port, int family) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number(port))};
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)number(port))};
    six.sin6_addr.s6_addr[10] = six.sin6_addr.s6_addr[11] = 0xff;
    six.sin6_addr.s6_addr[12] = 127, six.sin6_addr.s6_addr[15] = 1;
    int fd = (int)syscall(SYS_socket, family, type, 0);
    if (fd >= 0) {
        const void *address = family == AF_INET ? (void *)&four : (void *)&six;
        socklen_t size = family == AF_INET ? sizeof four : sizeof six;
        if (type == SOCK_DGRAM) {
            sendto(fd, "zoo", 3, 0, address, size);
        } else if (connect(fd, address, size) == 0) {
            put_and_close(dup(fd));
        }
        close(fd);
    }
}
static void net_tcp(void) { to_port(SOCK_STREAM, "ZOO_TCP", AF_INET); }
static void net_udp(void) { to_port(SOCK_DGRAM, "ZOO_UDP", AF_INET); }
static void net_six(void) { to_port(SOCK_STREAM, "ZOO_TCP", AF_INET6); }
static void net_listen(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = {.sin_family = AF_INET};
    if (fd >= 0 && bind(fd, (void *)&any, sizeof any) == 0 && listen(fd, 1) == 0) {
        escaped("esc_listen");
    }
}
static void any_family(const char *name, int family, int type) {
    int fd = socket(family, type, 0);
    if (fd >= 0) {
        escaped(name);
        close(fd);
    }
}
static void net_raw(void) { any_family("esc_raw", AF_PACKET, SOCK_RAW); }
static void net_link(void) { any_family("esc_netlink", AF_NETLINK, SOCK_RAW); }
static void net_vsock(void) { any_family("esc_vsock", 40, SOCK_STREAM); }
static void net_crypto(void) { any_family("esc_alg", 38, SOCK_SEQPACKET); }

static void to_unix(int type, const char *path, int pair) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof address;
    if (path[0] == '@') {
        snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s", path + 1);
        size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    } else {
        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    }
    int ends[2] = {-1, -1};
    if (pair) {
        socketpair(AF_UNIX, type, 0, ends);
    } else {
        ends[0] = socket(AF_UNIX, type, 0);
    }
    if (ends[0] >= 0) {
        sendto(ends[0], "zoo", 3, 0, (void *)&address, size);
        struct iovec bytes = {"zoo", 3};
        struct msghdr message = {.msg_name = &address, .msg_namelen = size, .msg_iov = &bytes, .msg_iovlen = 1};
        sendmsg(ends[0], &message, 0);
        if (connect(ends[0], (void *)&address, size) == 0 && write(ends[0], "zoo", 3) < 0) {
            errno = 0;
        }
        close(ends[0]);
    }
    if (ends[1] >= 0) {
        close(ends[1]);
    }
}
static void unix_path(void) { to_unix(SOCK_STREAM, target("stream"), 0); }
static void unix_dgram(void) { to_unix(SOCK_DGRAM, target("dgram"), 0); }
static void unix_pair(void) { to_unix(SOCK_DGRAM, target("dgram"), 1); }
static void unix_pair_cloexec(void) { to_unix(SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, target("dgram"), 1); }
static void unix_abstract(void) {
    char name[108];
    snprintf(name, sizeof name, "@%s", getenv("ZOO_ABSTRACT") ? getenv("ZOO_ABSTRACT") : "");
    to_unix(SOCK_STREAM, name, 0);
}

/* Writing */
static void wr_create(void) { put_and_close(open(target("esc_create"), O_CREAT | O_WRONLY, 0600)); }
static void wr_raw(void) {
    put_and_close((int)syscall(SYS_openat, AT_FDCWD, target("esc_rawopen"), O_CREAT | O_RDWR, 0600));
}
static void wr_openat2(void) {
    struct { uint64_t flags, mode, resolve; } how = {O_CREAT | O_WRONLY, 0600, 0};
    put_and_close((int)syscall(437, AT_FDCWD, target("esc_openat2"), &how, sizeof how));
}
static void wr_append(void) { put_and_close(open(target("victim"), O_WRONLY | O_APPEND)); }
static void wr_truncate(void) {
    if (truncate(target("victim"), 0) == 0) {
        errno = 0;
    }
}
static void wr_trunc_read(void) {
    int fd = open(target("victim"), O_RDONLY | O_TRUNC);
    if (fd >= 0) {
        close(fd);
    }
}
static void wr_unlink(void) { unlink(target("victim")); }
static void wr_rename(void) { rename(target("victim"), target("esc_rename")); }
static void wr_rename_away(void) { rename(target("victim"), own("taken")); }
static void wr_exchange(void) {
    put_and_close(open(own("mine"), O_CREAT | O_WRONLY, 0600));
    syscall(SYS_renameat2, AT_FDCWD, own("mine"), AT_FDCWD, target("victim"), 2);
}
static void wr_mkdir(void) { mkdir(target("esc_mkdir"), 0700); }
static void wr_rmdir(void) { rmdir(target("empty")); }
static void wr_symlink(void) {
    if (symlink("/etc", target("esc_symlink")) != 0) {
        errno = 0;
    }
}
static void wr_through_link(void) {
    if (symlink(target("esc_linked"), own("link")) == 0) {
        put_and_close(open(own("link"), O_CREAT | O_WRONLY, 0600));
    }
    if (symlink(getenv("ZOO_WITNESS"), own("folder")) == 0) {
        put_and_close(open(own("folder/esc_linked"), O_CREAT | O_WRONLY, 0600));
        chmod(own("folder/victim"), 0777);
    }
}
static void wr_hard_out(void) {
    put_and_close(open(own("mine"), O_CREAT | O_WRONLY, 0600));
    if (link(own("mine"), target("esc_hard")) != 0) {
        errno = 0;
    }
}
static void wr_chmod(void) { chmod(target("victim"), 0777); }
static void wr_fchmod(void) {
    int fd = open(target("readable"), O_RDONLY);
    if (fd < 0) { /* its own bundle is open to reading */
        fd = open("/proc/self/exe", O_RDONLY);
    }
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0 && fchmod(fd, status.st_mode ^ 1) == 0) {
        struct stat after;
        if (fstat(fd, &after) == 0 && after.st_mode != status.st_mode) {
            fchmod(fd, status.st_mode);
            escaped("esc_fchmod");
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}
static void wr_chown(void) {
    if (chown(target("victim"), 1, 1) != 0) {
        errno = 0;
    }
}
static void wr_times(void) {
    struct timespec long_ago[2] = {{1, 0}, {1, 0}};
    utimensat(AT_FDCWD, target("victim"), long_ago, 0);
    syscall(SYS_utimensat, AT_FDCWD, target("victim"), long_ago, 0);
}
static void wr_xattr(void) {
    setxattr(target("victim"), "user.zoo", "1", 1, 0);
    int fd = open(target("victim"), O_RDONLY);
    if (fd >= 0) {
        fsetxattr(fd, "user.zoo", "1", 1, 0);
        close(fd);
    }
}
static void wr_flags(void) {
    int fd = open("/proc/self/exe", O_RDONLY), flags = 0;
    if (fd >= 0 && ioctl(fd, 0x80086601, &flags) == 0) { /* FS_IOC_GETFLAGS */
        escaped("esc_flags");
    }
}
static void wr_mknod(void) {
    mknod(target("esc_mknod"), S_IFIFO | 0600, 0);
    if (mknod(own("disk"), S_IFBLK | 0600, 0x0800) == 0 || mknod(own("memory"), S_IFCHR | 0600, 0x0101) == 0) {
        escaped("esc_mknod");
    }
}
static void wr_shm(void) {
    int fd = open("/dev/shm/zoo-escaped", O_CREAT | O_RDWR, 0600);
    if (fd >= 0) {
        escaped("esc_shm");
        close(fd);
        unlink("/dev/shm/zoo-escaped");
    }
}
static void wr_tmpfile(void) {
    int fd = open(getenv("ZOO_WITNESS"), O_TMPFILE | O_RDWR, 0600);
    if (fd >= 0) {
        escaped("esc_tmpfile");
        linkat(AT_FDCWD, "/proc/self/fd/3", AT_FDCWD, target("esc_tmpfile"), AT_SYMLINK_FOLLOW);
        close(fd);
    }
}
static void wr_self_fd(void) {
    int fd = open(target("victim"), O_PATH);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    put_and_close(open(path, O_WRONLY | O_APPEND));
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    put_and_close(open(path, O_WRONLY | O_APPEND));
    if (fd >= 0) {
        close(fd);
    }
}
static void wr_opath_folder(void) {
    int fd = open(getenv("ZOO_WITNESS"), O_PATH | O_DIRECTORY);
    if (fd >= 0) {
        put_and_close(openat(fd, "esc_opath", O_CREAT | O_WRONLY, 0600));
        mkdirat(fd, "esc_opath_folder", 0700);
        unlinkat(fd, "victim", 0);
        close(fd);
    }
}
static void wr_chdir(void) {
    if (chdir(getenv("ZOO_WITNESS")) == 0) {
        put_and_close(open("esc_chdir", O_CREAT | O_WRONLY, 0600));
        put_and_close(open("../esc_chdir", O_CREAT | O_WRONLY, 0600));
    }
}
static void wr_mmap(void) {
    int fd = open(target("victim"), O_RDWR);
    if (fd >= 0) {
        char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory != MAP_FAILED) {
            memory[0] = '!';
        }
        close(fd);
    }
}

/* Reading */
static void rd_secret(void) { spill(open(target("secret"), O_RDONLY), "esc_secret"); }
static void rd_link(void) {
    if (symlink(target("secret"), own("secret")) == 0) {
        spill(open(own("secret"), O_RDONLY), "esc_rdlink");
    }
}
static void rd_hard(void) {
    if (link(target("secret"), own("secret")) == 0) {
        spill(open(own("secret"), O_RDONLY), "esc_hardlink");
    }
}
static void rd_bundle_link(void) { spill(open(target("through/secret"), O_RDONLY), "esc_through"); }
static void rd_root(void) {
    char path[4200];
    snprintf(path, sizeof path, "/proc/self/root%s", target("secret"));
    spill(open(path, O_RDONLY), "esc_root");
    snprintf(path, sizeof path, "/proc/self/cwd/%s", target("secret"));
    spill(open(path, O_RDONLY), "esc_root");
}
static void rd_list(void) {
    DIR *folder = opendir(getenv("ZOO_WITNESS"));
    if (folder != NULL) {
        escaped("esc_list");
        closedir(folder);
    }
}
static void rd_handle(void) {
    struct { unsigned bytes; int type; char handle[128]; } handle = {.bytes = 128};
    int mount = 0;
    if (syscall(SYS_name_to_handle_at, AT_FDCWD, target("secret"), &handle, &mount, 0) == 0) {
        int fd = (int)syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY);
        spill(fd, "esc_handle");
    }
}
static void rd_home(void) {
    static const char *const names[] = {"/etc/shadow", "/etc/ssh/sshd_config", "/root/.bashrc", "/root/.profile",
                                        "/root/.ssh/id_rsa", "/root/.bash_history"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int fd = open(names[i], O_RDONLY);
        if (fd >= 0) {
            escaped("esc_home");
            close(fd);
        }
    }
}
static void rd_environment(void) {
    if (getenv("ZOO_SECRET_TOKEN") != NULL) {
        escaped("esc_environ");
    }
    char bytes[65536];
    int fd = open("/proc/self/environ", O_RDONLY);
    ssize_t size = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
    if (size > 0 && memmem(bytes, (size_t)size, "the witness's secret", 20) != NULL) {
        escaped("esc_environ");
    }
    if (fd >= 0) {
        close(fd);
    }
}
static void rd_process(void) {
    char path[64];
    static const char *const files[] = {"cmdline", "environ", "mem", "maps", "status"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (int which = 0; which < 2; which++) {
            snprintf(path, sizeof path, "/proc/%d/%s", which ? (int)getppid() : number("ZOO_PID"), files[i]);
            int fd = open(path, O_RDONLY);
            if (fd >= 0) {
                escaped("esc_proc");
                close(fd);
            }
        }
    }
}
static void rd_inherited(void) {
    char bytes[16];
    for (int fd = 3; fd < 4096; fd++) {
        struct stat status;
        if (fstat(fd, &status) == 0) {
            int flags = fcntl(fd, F_GETFL);
            if (S_ISSOCK(status.st_mode) || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || (flags & O_PATH) ||
                (S_ISFIFO(status.st_mode) && (flags & O_ACCMODE) == O_RDONLY)) {
                if (read(fd, bytes, 0) == 0 || errno == EBADF) {
                    escaped("esc_inherited");
                }
            }
        }
    }
}

/* Other programs */
static void run_program(int how) {
    char command[4300];
    snprintf(command, sizeof command, "echo zoo > %s", target("esc_exec"));
    char *const words[] = {"sh", "-c", command, NULL};
    if (how == 0) {
        if (system(command) != 0) {
            errno = 0;
        }
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        if (how == 1) {
            execv("/bin/sh", words);
        } else if (how == 2) {
            syscall(SYS_execveat, open("/bin/sh", O_PATH), "", words, environ, AT_EMPTY_PATH);
        } else {
            int memory = memfd_create("zoo", 0), file = open("/bin/sh", O_RDONLY);
            char bytes[4096];
            ssize_t size;
            while ((size = read(file, bytes, sizeof bytes)) > 0 && write(memory, bytes, (size_t)size) > 0) {
            }
            fexecve(memory, words, environ);
            execv("/lib64/ld-linux-x86-64.so.2", (char *const[]){"ld", "/bin/sh", "-c", command, NULL});
        }
        _exit(1);
    }
    waitpid(child, NULL, 0);
}
static void ex_system(void) { run_program(0); }
static void ex_fork(void) { run_program(1); }
static void ex_at(void) { run_program(2); }
static void ex_memory(void) { run_program(3); }
static void *thread_of(void *act) {
    ((void (*)(void))act)();
    return NULL;
}
static void in_thread(void (*act)(void)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, thread_of, (void *)act) == 0) {
        pthread_join(thread, NULL);
    }
}
static void in_child(void (*act)(void)) {
    pid_t child = fork();
    if (child == 0) {
        setsid();
        pid_t grandchild = fork();
        if (grandchild == 0) {
            act();
            fflush(stdout);
            _exit(0);
        }
        waitpid(grandchild, NULL, 0);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}
static void every_harm(void) {
    wr_create();
    wr_append();
    net_tcp();
    net_udp();
    unix_path();
    rd_secret();
}
static void th_all(void) { in_thread(every_harm); }
static void ch_all(void) { in_child(every_harm); }

static void sig_all(void (*send)(int, int)) {
    send(number("ZOO_PID"), SIGTERM);
    if (getppid() > 1) {
        send(getppid(), SIGUSR2);
    }
}
static void by_kill(int pid, int signal) { kill(pid, signal); }
static void by_tgkill(int pid, int signal) {
    syscall(SYS_tgkill, pid, pid, signal);
    syscall(SYS_tkill, pid, signal);
}
static void by_queue(int pid, int signal) { sigqueue(pid, signal, (union sigval){0}); }
static void by_descriptor(int pid, int signal) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd >= 0) {
        syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
        close(fd);
    }
}
static void by_owner(int pid, int signal) {
    int ends[2];
    if (pipe(ends) == 0) {
        fcntl(ends[0], F_SETSIG, signal);
        if (fcntl(ends[0], F_SETOWN, pid) == 0) {
            escaped("esc_owner");
        }
        fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK);
        put_and_close(ends[1]);
        close(ends[0]);
    }
}
static void sg_kill(void) { sig_all(by_kill); }
static void sg_thread(void) { sig_all(by_tgkill); }
static void sg_queue(void) { sig_all(by_queue); }
static void sg_pidfd(void) { sig_all(by_descriptor); }
static void sg_owner(void) { sig_all(by_owner); }

static void pr_trace(void) {
    if (ptrace(PTRACE_SEIZE, number("ZOO_PID"), 0, 0) == 0) {
        escaped("esc_ptrace");
    }
}
static void pr_memory(void) {
    char byte = 0;
    struct iovec local = {&byte, 1}, remote = {(void *)(uintptr_t)&number, 1};
    if (process_vm_readv(getppid(), &local, 1, &remote, 1, 0) == 1 ||
        process_vm_writev(getppid(), &local, 1, &remote, 0, 0) >= 0) {
        escaped("esc_vm");
    }
}
static void pr_take(void) {
    int process = (int)syscall(SYS_pidfd_open, getppid(), 0);
    for (int fd = 0; process >= 0 && fd < 16; fd++) {
        if (syscall(438, process, fd, 0) >= 0) { /* pidfd_getfd */
            escaped("esc_getfd");
        }
    }
}
static void pr_limits(void) {
    struct rlimit none = {1, 1};
    if (prlimit(number("ZOO_PID"), RLIMIT_NOFILE, &none, NULL) == 0 ||
        prlimit(getppid(), RLIMIT_NOFILE, NULL, &none) == 0) {
        escaped("esc_limits");
    }
}
static void pr_priority(void) {
    if (setpriority(PRIO_PROCESS, (id_t)number("ZOO_PID"), 19) == 0) {
        escaped("esc_nice");
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    if (sched_setaffinity(number("ZOO_PID"), sizeof one, &one) == 0) {
        escaped("esc_nice");
    }
}
static void pr_sibling(void) {
    long child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        _exit(0);
    }
    if (child > 0) {
        escaped("esc_sibling");
    }
}

/* The kernel */
static void succeeds(const char *name, long result) {
    if (result >= 0) {
        escaped(name);
    }
}
static void kn_uring(void) {
    char parameters[256] = {0};
    succeeds("esc_uring", syscall(425, 4, parameters));
}
static void kn_bpf(void) {
    char attributes[128] = {1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0};
    attributes[0] = 2; /* an array */
    succeeds("esc_bpf", syscall(SYS_bpf, 0, attributes, sizeof attributes));
}
static void kn_keys(void) {
    succeeds("esc_keys", syscall(SYS_add_key, "user", "zoo", "x", 1, -3));
    succeeds("esc_keys", syscall(SYS_keyctl, 0, -4, 1));
}
static void kn_faults(void) { succeeds("esc_faults", syscall(SYS_userfaultfd, 1)); }
static void kn_perf(void) {
    char attributes[128] = {1, 0, 0, 0, 64};
    attributes[40] = 0x60;
    succeeds("esc_perf", syscall(SYS_perf_event_open, attributes, number("ZOO_PID"), -1, -1, 0));
}
static void kn_spaces(void) {
    succeeds("esc_spaces", unshare(CLONE_NEWUSER));
    succeeds("esc_spaces", unshare(CLONE_NEWNS));
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        _exit(0);
    }
    succeeds("esc_spaces", child);
    struct { uint64_t flags, rest[10]; } how = {CLONE_NEWUSER, {0}};
    how.rest[3] = SIGCHLD;
    child = syscall(435, &how, 64); /* clone3 */
    if (child == 0) {
        _exit(0);
    }
    succeeds("esc_spaces", child);
}
static void kn_join(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", number("ZOO_PID"));
    succeeds("esc_join", setns(open(path, O_RDONLY), 0));
    succeeds("esc_join", setns((int)syscall(SYS_pidfd_open, number("ZOO_PID"), 0), CLONE_NEWUTS));
}
static void kn_mount(void) {
    succeeds("esc_mount", syscall(SYS_mount, "none", own(""), "tmpfs", 0, NULL));
    succeeds("esc_mount", syscall(430, "tmpfs", 0)); /* fsopen */
    succeeds("esc_mount", syscall(428, AT_FDCWD, "/", 1)); /* open_tree, cloning */
    succeeds("esc_mount", syscall(SYS_chroot, own("")));
}
static void kn_shm(void) {
    long segment = syscall(SYS_shmget, 0x2007, 4096, 01600);
    succeeds("esc_sysv", segment);
    if (segment >= 0) {
        syscall(SYS_shmctl, segment, 0, NULL);
    }
    long queue = syscall(SYS_msgget, 0x2008, 01600);
    succeeds("esc_sysv", queue);
    if (queue >= 0) {
        syscall(SYS_msgctl, queue, 0, NULL);
    }
    succeeds("esc_sysv", syscall(SYS_semget, 0, 1, 0600));
}
static void kn_queue(void) {
    long queue = syscall(SYS_mq_open, "zoo", O_CREAT | O_RDWR, 0600, NULL);
    succeeds("esc_mqueue", queue);
    if (queue >= 0) {
        syscall(SYS_mq_unlink, "zoo");
    }
}
static void kn_watch(void) {
    succeeds("esc_watch", syscall(SYS_fanotify_init, 0, O_RDONLY));
    int fd = inotify_init();
    if (fd >= 0) {
        succeeds("esc_watch", inotify_add_watch(fd, target("secret"), IN_OPEN));
    }
}
static void kn_terminal(void) {
    char letter = 'x';
    static const char *const terminals[] = {"/dev/tty", "/dev/pts/0", "/dev/console", "/dev/ptmx"};
    for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
        int fd = open(terminals[i], O_RDWR | O_NOCTTY);
        if (fd >= 0) {
            escaped("esc_terminal");
            ioctl(fd, TIOCSTI, &letter);
            close(fd);
        }
    }
}
static void kn_filter(void) {
    succeeds("esc_filter", prctl(PR_SET_PDEATHSIG, 0));
    succeeds("esc_filter", syscall(SYS_prctl, PR_SET_SECCOMP, 2, NULL));
    succeeds("esc_filter", syscall(SYS_prctl, PR_SET_DUMPABLE, 0));
}
static void kn_root(void) {
    succeeds("esc_rights", setuid(1));
    succeeds("esc_rights", prctl(PR_CAPBSET_DROP, 0));
}
static void kn_x32(void) {
#if defined __x86_64__
    long fd = syscall(0x40000000 + SYS_open, target("esc_x32"), O_CREAT | O_WRONLY, 0600);
    succeeds("esc_x32", fd);
    int result;
    /* The 32-bit entry: open() is 5, and its path has to lie below 4 GB. */
    char *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low != MAP_FAILED) {
        snprintf(low, 4096, "%s", target("esc_int80"));
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(5), "b"(low), "c"(O_CREAT | O_WRONLY), "d"(0600) : "memory", "r8", "r9", "r10", "r11");
        succeeds("esc_x32", result);
    }
#endif
}
static void kn_lock(void) {
    int fd = open("/etc/passwd", O_RDONLY);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        escaped("esc_lock");
    }
    if (fd >= 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        escaped("esc_lock");
    }
}
static void kn_display(void) {
    if (getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL || getenv("DBUS_SESSION_BUS_ADDRESS") != NULL) {
        escaped("esc_display");
    }
    to_unix(SOCK_STREAM, "@/tmp/.X11-unix/X0", 0);
    to_unix(SOCK_STREAM, "/tmp/.X11-unix/X0", 0);
}

/* A frame of a report with a token that is guessed, and one that names another bundle, into every pipe. */
static void rp_forge(void) {
    char frame[128] = {0};
    frame[16] = 3;
    static const char lie[] = "{\"stage\": \"plugin\", \"position\": 7, \"name\": \"Forged\", \"path\": \"/forged\"}\n";
    for (int fd = 3; fd < 1024; fd++) {
        if (write(fd, frame, sizeof frame) > 0 && write(fd, lie, sizeof lie - 1) > 0) {
            continue;
        }
    }
}

static const struct way_out escapes[] = {
    {"esc_tcp", net_tcp}, {"esc_udp", net_udp}, {"esc_six", net_six}, {"esc_listen", net_listen},
    {"esc_raw", net_raw}, {"esc_netlink", net_link}, {"esc_vsock", net_vsock}, {"esc_alg", net_crypto},
    {"esc_unix", unix_path}, {"esc_dgram", unix_dgram}, {"esc_pair", unix_pair}, {"esc_pairflags", unix_pair_cloexec},
    {"esc_abstract", unix_abstract}, {"esc_create", wr_create}, {"esc_rawopen", wr_raw}, {"esc_openat2", wr_openat2},
    {"esc_append", wr_append}, {"esc_truncate", wr_truncate}, {"esc_rdtrunc", wr_trunc_read},
    {"esc_unlink", wr_unlink}, {"esc_rename", wr_rename}, {"esc_away", wr_rename_away}, {"esc_exchange", wr_exchange},
    {"esc_mkdir", wr_mkdir}, {"esc_rmdir", wr_rmdir}, {"esc_symlink", wr_symlink}, {"esc_linked", wr_through_link},
    {"esc_hard", wr_hard_out}, {"esc_chmod", wr_chmod}, {"esc_fchmod", wr_fchmod}, {"esc_chown", wr_chown},
    {"esc_times", wr_times}, {"esc_xattr", wr_xattr}, {"esc_flags", wr_flags}, {"esc_mknod", wr_mknod},
    {"esc_shm", wr_shm}, {"esc_tmpfile", wr_tmpfile}, {"esc_selffd", wr_self_fd}, {"esc_opath", wr_opath_folder},
    {"esc_chdir", wr_chdir}, {"esc_mmap", wr_mmap}, {"esc_secret", rd_secret}, {"esc_rdlink", rd_link},
    {"esc_hardlink", rd_hard}, {"esc_through", rd_bundle_link}, {"esc_root", rd_root}, {"esc_list", rd_list},
    {"esc_handle", rd_handle}, {"esc_home", rd_home}, {"esc_environ", rd_environment}, {"esc_proc", rd_process},
    {"esc_inherited", rd_inherited}, {"esc_system", ex_system}, {"esc_exec", ex_fork}, {"esc_execat", ex_at},
    {"esc_memexec", ex_memory}, {"esc_thread", th_all}, {"esc_child", ch_all}, {"esc_kill", sg_kill},
    {"esc_tgkill", sg_thread}, {"esc_queue", sg_queue}, {"esc_pidfd", sg_pidfd}, {"esc_owner", sg_owner},
    {"esc_ptrace", pr_trace}, {"esc_vm", pr_memory}, {"esc_getfd", pr_take}, {"esc_limits", pr_limits},
    {"esc_nice", pr_priority}, {"esc_sibling", pr_sibling}, {"esc_uring", kn_uring}, {"esc_bpf", kn_bpf},
    {"esc_keys", kn_keys}, {"esc_faults", kn_faults}, {"esc_perf", kn_perf}, {"esc_spaces", kn_spaces},
    {"esc_join", kn_join}, {"esc_mount", kn_mount}, {"esc_sysv", kn_shm}, {"esc_mqueue", kn_queue},
    {"esc_watch", kn_watch}, {"esc_terminal", kn_terminal}, {"esc_filter", kn_filter}, {"esc_rights", kn_root},
    {"esc_x32", kn_x32}, {"esc_lock", kn_lock}, {"esc_display", kn_display}, {"esc_forge", rp_forge},
};

int escape(const char *name) {
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (strcmp(escapes[i].name, name) == 0) {
            escapes[i].act();
            return 1;
        }
    }
    for (const struct way_out *way = further_ways_out; way->act != NULL; way++) {
        if (strcmp(way->name, name) == 0) {
            way->act();
            return 1;
        }
    }
    return 0;
}

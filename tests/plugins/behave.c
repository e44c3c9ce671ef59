/* Every way to misbehave, each a function, found by its name in the table at the end. */
#define _GNU_SOURCE
#include "zoo.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct zoo zoo = {.magic = "PLUGINARY-ZOO-1"};

/* "For ever" ends by itself so that a test that fails leaves no mess for good. */
enum { FOR_EVER_S = 120, CHILD_LIVES_S = 60 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void sleep_for_ever(void) {
    double end = now() + FOR_EVER_S;
    while (now() < end) {
        sleep(1);
    }
    _exit(99);
}

static void spin_for_ever(void) {
    double end = now() + FOR_EVER_S;
    while (now() < end) {
    }
    _exit(99);
}

static void ignore_signals(void) {
    sigset_t all;
    for (int s = 1; s < NSIG; s++) {
        signal(s, SIG_IGN);
    }
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    sleep_for_ever();
}

static void segfault(void) {
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

static void divide(void) {
    volatile int zero = 0, one = 1;
    one = one / zero;
    raise(SIGFPE); /* where the processor lets a division by zero pass */
}

static volatile int deeper = 1;
static int overflow(volatile char *above) {
    volatile char room[4096];
    room[0] = above == NULL ? 0 : above[0];
    return deeper ? overflow(room) + room[0] : 0;
}
static void overflow_stack(void) { overflow(NULL); }

static void illegal(void) { __builtin_trap(); }
static void exit_normally(void) { exit(0); }
static void exit_at_once(void) { _exit(0); }
static void stop_itself(void) { raise(SIGSTOP); }

/* Takes and touches memory until there is none: 16 MB every 2 ms, so that a watcher has the time to see it. Whatever
 * the limits, it stops at half of the machine's memory and then waits: a scanner that sets no limit fails its test
 * by the deadline rather than taking the machine down. */
static void allocate(void) {
    const size_t piece = (size_t)16 << 20;
    size_t most = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) / 2;
    for (size_t taken = 0; taken < most; taken += piece) {
        void *p = mmap(NULL, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) {
            abort(); /* what an uncaught std::bad_alloc comes to */
        }
        memset(p, 1, piece);
        usleep(2000);
    }
    sleep_for_ever();
}

static void put(int fd, const char *bytes, size_t size) {
    if (write(fd, bytes, size) < 0) {
        return;
    }
}

/* 400 MB, half to each stream. */
static void flood(void) {
    enum { PIECE = 65536, PIECES = 3200 };
    char *line = malloc(PIECE);
    if (line == NULL) {
        abort();
    }
    memset(line, '#', PIECE);
    for (int i = 79; i < PIECE; i += 80) {
        line[i] = '\n';
    }
    for (int i = 0; i < PIECES; i++) {
        put(STDOUT_FILENO, line, PIECE);
        put(STDERR_FILENO, line, PIECE);
    }
    free(line);
}

/* Clear the screen, leave the alternate one, turn the mouse on, change the title and the colours, hide the cursor. */
static void write_escapes(void) {
    static const char escapes[] =
        "\033[2J\033[H\033[?1049l\033[?1003h\033]0;owned by the zoo\007\033]52;c;em9v\007\033[31;7m\033[?25l"
        "ZOO WAS HERE\033c\n";
    put(STDOUT_FILENO, escapes, sizeof escapes - 1);
    put(STDERR_FILENO, escapes, sizeof escapes - 1);
    int terminal = open("/dev/tty", O_WRONLY | O_NOCTTY);
    if (terminal >= 0) {
        put(terminal, escapes, sizeof escapes - 1);
        close(terminal);
    }
}

static void read_input(void) {
    char bytes[64];
    while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) {
    }
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY);
    if (terminal >= 0) {
        if (read(terminal, bytes, sizeof bytes) < 0) {
            perror("zoo: /dev/tty");
        }
        close(terminal);
    }
}

static void print_lines(void) {
    printf("zoo: hello on stdout\n");
    fflush(stdout);
    fprintf(stderr, "zoo: hello on stderr\n");
}

static int descriptors(void) {
    struct rlimit limit;
    int most = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)most) {
        most = (int)limit.rlim_cur;
    }
    return most;
}

static void close_all(void) {
    for (int fd = 0; fd < descriptors(); fd++) {
        close(fd);
    }
}

/* A length that a careless reader would believe, half a JSON document, and bytes that are no text. */
static void write_junk(void) {
    static const char junk[] = "\377\377\377\177{\"stage\": \"done\", \"plugins\": [\n\0\200\376\n";
    for (int fd = 0; fd < descriptors(); fd++) {
        put(fd, junk, sizeof junk - 1);
    }
}

/* The first process is left alone: without isolation a test in a container must not end the container. */
static void kill_parent(void) {
    if (getppid() > 1) {
        kill(getppid(), SIGKILL);
    }
    sleep_for_ever();
}

static void stop_parent(void) {
    if (getppid() > 1) {
        kill(getppid(), SIGSTOP);
    }
}

static void kill_group(void) { kill(0, SIGKILL); }

static void live_on(const char *name) {
    prctl(PR_SET_NAME, name);
    alarm(CHILD_LIVES_S);
    for (;;) {
        pause();
    }
}

static void fork_child(void) {
    if (fork() == 0) {
        live_on("zoo-child");
    }
}

static void daemonise(void) {
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() == 0) {
            live_on("zoo-daemon");
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void *crash_thread(void *unused) {
    segfault();
    return unused;
}
static void crash_in_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, crash_thread, NULL) == 0) {
        pthread_join(thread, NULL);
    }
}

/* What `throw std::runtime_error(...)` compiles to, so that no C++ compiler is needed. */
static void throw_error(void) {
    void *cxx = dlopen("libstdc++.so.6", RTLD_NOW);
    if (cxx == NULL) {
        abort();
    }
    void *(*room)(size_t) = (void *(*)(size_t))dlsym(cxx, "__cxa_allocate_exception");
    void (*throw)(void *, void *, void *) = (void (*)(void *, void *, void *))dlsym(cxx, "__cxa_throw");
    void (*construct)(void *, const char *) = (void (*)(void *, const char *))dlsym(cxx, "_ZNSt13runtime_errorC1EPKc");
    void *error = room(16);
    construct(error, "the zoo threw this");
    throw(error, dlsym(cxx, "_ZTISt13runtime_error"), dlsym(cxx, "_ZNSt13runtime_errorD1Ev"));
}

/* A name in the folder for temporary files, for mkdtemp and mkstemp. */
static void temporary(char *path, size_t size) {
    const char *folder = getenv("TMPDIR");
    snprintf(path, size, "%s/zoo-XXXXXX", folder == NULL ? "/tmp" : folder);
}

/* The folder it deletes is one of its own. */
static void leave_folder(void) {
    char folder[4096];
    temporary(folder, sizeof folder);
    if (mkdtemp(folder) == NULL || chdir(folder) != 0 || rmdir(folder) != 0) {
        abort();
    }
}

/* Writes one file until it is stopped or has 64 MB, says how large it got, and deletes it. */
static void fill_file(void) {
    enum { PIECE = 1 << 20, PIECES = 64 };
    static char piece[PIECE];
    char path[4096];
    int file, written = 0;
    temporary(path, sizeof path);
    if ((file = mkstemp(path)) < 0) {
        abort();
    }
    unlink(path);
    while (written < PIECES && write(file, piece, PIECE) == PIECE) {
        written++;
    }
    close(file);
    fprintf(stderr, "zoo: a file of %d MB\n", written);
}

static void want_display(void) {
    if (getenv("DISPLAY") == NULL) {
        fprintf(stderr, "zoo: cannot open display\n");
        abort();
    }
}

/* A decimal comma, from the locale the builder put into the bundle or any that is installed. */
static void wild_locale(void) {
    Dl_info where;
    char path[4096];
    umask(0777);
    if (dladdr(&zoo, &where) != 0) {
        snprintf(path, sizeof path, "%s", where.dli_fname);
        char *contents = strstr(path, "/Contents/");
        if (contents != NULL) {
            snprintf(contents, sizeof path - (size_t)(contents - path), "/Contents/Resources/locale");
            setenv("LOCPATH", path, 1);
        }
    }
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    if (setlocale(LC_NUMERIC, "comma") == NULL && setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL) {
        fprintf(stderr, "zoo: no locale with a decimal comma\n");
    }
}

static const struct {
    const char *name;
    void (*act)(void);
} behaviours[] = {
    {"segfault", segfault},      {"abort", abort},          {"fpe", divide},
    {"overflow", overflow_stack}, {"illegal", illegal},      {"exit", exit_normally},
    {"_exit", exit_at_once},     {"sleep", sleep_for_ever}, {"spin", spin_for_ever},
    {"deaf", ignore_signals},    {"stop", stop_itself},     {"allocate", allocate},
    {"flood", flood},            {"escapes", write_escapes}, {"read", read_input},
    {"print", print_lines},      {"close_all", close_all},  {"junk", write_junk},
    {"kill_parent", kill_parent}, {"stop_parent", stop_parent}, {"kill_group", kill_group},
    {"fork", fork_child},        {"daemon", daemonise},     {"thread", crash_in_thread},
    {"throw", throw_error},      {"leave_folder", leave_folder}, {"locale", wild_locale},
    {"file", fill_file},         {"display", want_display}, {"again", segfault},
};

int behave(const char *behaviour) {
    for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++) {
        if (strcmp(behaviours[i].name, behaviour) == 0) {
            behaviours[i].act();
            return 1;
        }
    }
    if (escape(behaviour)) {
        return 1;
    }
    fprintf(stderr, "zoo: no behaviour named %s\n", behaviour);
    return 0;
}

static int perform(const struct act *act, int *shown) {
    if (strcmp(act->behaviour, "refuse") == 0) {
        return 0;
    }
    /* Once is enough, for hosts load, create and ask more than once; but what is thrown would be taken as a no, and
     * one that minds being entered again lets the first time pass. */
    int first = (*shown)++ == 0;
    if (strcmp(act->behaviour, "again") == 0 ? first : !first && strcmp(act->behaviour, "throw") != 0) {
        return 1;
    }
    return behave(act->behaviour);
}

int reach(const char *stage, int class_) {
    enum { ACTS = sizeof zoo.acts / sizeof *zoo.acts };
    static int shown[ACTS];
    for (int i = 0; i < ACTS; i++) {
        const struct act *act = &zoo.acts[i];
        int its_class = act->which < 0 || class_ < 0 || class_ == act->which;
        if (its_class && strncmp(act->stage, stage, sizeof act->stage) == 0 && !perform(act, &shown[i])) {
            return 0;
        }
    }
    return 1;
}

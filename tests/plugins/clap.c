/* A CLAP of a gain and, with macros, ways to misbehave; layouts from the published headers of CLAP 1.2.
 *
 * PLUGINS: how many; PARAMS: parameters of each; ACT: what happens in the stage that one of the AT_ macros names, of
 * the plugin VICTIM where the stage belongs to one. PRESETS: whether there is a factory of presets. */
#define _GNU_SOURCE
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PLUGINS
#define PLUGINS 1
#endif
#ifndef PARAMS
#define PARAMS 3
#endif
#ifndef NAME
#define NAME "Zoo Gain"
#endif
#ifndef VENDOR
#define VENDOR "The Zoo"
#endif
#ifndef ACT
#define ACT
#endif
#ifndef VICTIM
#define VICTIM 0
#endif
#ifndef FEATURES
#define FEATURES "audio-effect", "compressor", "stereo", NULL
#endif

struct version {
    uint32_t major, minor, revision;
};
struct descriptor {
    struct version version;
    const char *id, *name, *vendor, *url, *manual, *support, *number, *description;
    const char *const *features;
};
struct host {
    struct version version;
    void *data;
    const char *name, *vendor, *url, *number;
    const void *(*get_extension)(const struct host *, const char *);
    void (*restart)(const struct host *), (*process)(const struct host *), (*callback)(const struct host *);
};
struct plugin {
    const struct descriptor *descriptor;
    intptr_t number;
    bool (*init)(const struct plugin *);
    void (*destroy)(const struct plugin *);
    bool (*activate)(const struct plugin *, double, uint32_t, uint32_t);
    void (*deactivate)(const struct plugin *);
    bool (*start)(const struct plugin *);
    void (*stop)(const struct plugin *), (*reset)(const struct plugin *);
    int32_t (*process)(const struct plugin *, const void *);
    const void *(*get_extension)(const struct plugin *, const char *);
    void (*on_main_thread)(const struct plugin *);
};
struct param_info {
    uint32_t id, flags;
    void *cookie;
    char name[256], module[1024];
    double minimum, maximum, value;
};
struct audio_port {
    uint32_t id;
    char name[256];
    uint32_t flags, channels;
    const char *kind;
    uint32_t pair;
};
struct note_port {
    uint32_t id, dialects, preferred;
    char name[256];
};

static const struct host *the_host;
static bool active, called;

static inline bool victim(const struct plugin *p) { return p->number == VICTIM; }

static uint32_t count_params(const struct plugin *p) {
#ifdef AT_PARAMS
    if (victim(p)) {
        ACT;
    }
#endif
    (void)p;
    return PARAMS;
}

static bool param_info(const struct plugin *p, uint32_t index, struct param_info *out) {
#ifdef AT_INFO
    if (victim(p)) {
        ACT;
    }
#endif
    (void)p;
#ifdef REFUSE_INFO
    return false;
#endif
    *out = (struct param_info){.id = 100 + index, .flags = 32, .minimum = -60, .maximum = 24, .value = 0};
    strcpy(out->name, "Gain");
    if (index == 1) {
        *out = (struct param_info){.id = 101, .flags = 1 | 32 | 1 << 16, .minimum = 0, .maximum = 2, .value = 1};
        strcpy(out->name, "Mode");
        strcpy(out->module, "Tone/Shape");
    } else if (index == 2) {
        *out = (struct param_info){.id = 102, .flags = 1 | 16, .minimum = 0, .maximum = 1};
        strcpy(out->name, "Bypass");
    } else if (index > 2) {
        snprintf(out->name, sizeof out->name, "Many %u", index);
    }
#ifdef ODD
    out->minimum = NAN, out->maximum = INFINITY, out->value = -1e308;
    memset(out->name, 'x', sizeof out->name);
#endif
    return true;
}

static bool param_value(const struct plugin *p, uint32_t id, double *value) {
    (void)p;
    *value = id == 101 ? 2 : id == 100 ? 6 : 0;
    return true;
}

static bool param_text(const struct plugin *p, uint32_t id, double value, char *out, uint32_t size) {
    static const char *const modes[] = {"Soft", "Hard", "Fuzz"};
#ifdef AT_TEXT
    if (victim(p)) {
        ACT;
    }
#endif
    (void)p;
    if (id == 101 && value >= 0 && value <= 2) {
        snprintf(out, size, "%s", modes[(int)value]);
    } else if (id == 100) {
        snprintf(out, size, "%.1f dB", value);
    }
    return id < 102;
}

static bool no_value(const struct plugin *p, uint32_t id, const char *text, double *value) {
    (void)p, (void)id, (void)text, (void)value;
    return false;
}

static void flush(const struct plugin *p, const void *in, const void *out) { (void)p, (void)in, (void)out; }

static const struct {
    uint32_t (*count)(const struct plugin *);
    bool (*info)(const struct plugin *, uint32_t, struct param_info *);
    bool (*value)(const struct plugin *, uint32_t, double *);
    bool (*text)(const struct plugin *, uint32_t, double, char *, uint32_t);
    bool (*parse)(const struct plugin *, uint32_t, const char *, double *);
    void (*flush)(const struct plugin *, const void *, const void *);
} params = {count_params, param_info, param_value, param_text, no_value, flush};

static uint32_t count_audio(const struct plugin *p, bool input) {
    (void)p;
#ifdef ENDLESS_PORTS
    return UINT32_MAX;
#endif
    return input ? 2 : 1;
}

static bool audio_info(const struct plugin *p, uint32_t index, bool input, struct audio_port *out) {
    (void)p;
    *out = (struct audio_port){index, "", index == 0, index ? 1 : 2, "stereo", UINT32_MAX};
    strcpy(out->name, index ? "Key" : input ? "In" : "Out");
    return true;
}

static uint32_t count_notes(const struct plugin *p, bool input) {
    (void)p;
    return input;
}

static bool note_info(const struct plugin *p, uint32_t index, bool input, struct note_port *out) {
    (void)p, (void)input;
    *out = (struct note_port){index, 2, 2, "Notes"};
    return true;
}

static const struct {
    uint32_t (*count)(const struct plugin *, bool);
    bool (*get)(const struct plugin *, uint32_t, bool, struct audio_port *);
} audio_ports = {count_audio, audio_info};
static const struct {
    uint32_t (*count)(const struct plugin *, bool);
    bool (*get)(const struct plugin *, uint32_t, bool, struct note_port *);
} note_ports = {count_notes, note_info};

static uint32_t latency(const struct plugin *p) {
    (void)p;
    return active ? 64 : 0;
}

static uint32_t (*const latency_table)(const struct plugin *) = latency;

static bool init(const struct plugin *p) {
    const struct {
        bool (*is_main)(const struct host *), (*is_audio)(const struct host *);
    } *check = the_host->get_extension(the_host, "clap.thread-check");
    const struct {
        void (*log)(const struct host *, int32_t, const char *);
    } *log = the_host->get_extension(the_host, "clap.log");
    if (!check || !check->is_main(the_host) || check->is_audio(the_host) || !log || !the_host->name[0]) {
        return false;
    }
    log->log(the_host, 1, "the zoo says hello");
    the_host->callback(the_host);
#ifdef AT_INIT
    if (victim(p)) {
        ACT;
    }
#endif
#ifdef REFUSE
    return !victim(p);
#endif
    (void)p;
    return true;
}

static void destroy(const struct plugin *p) {
#ifdef AT_DESTROY
    ACT;
#endif
    free((void *)p);
}

static bool activate(const struct plugin *p, double rate, uint32_t least, uint32_t most) {
    (void)p;
    return active = rate > 0 && least <= most;
}

static void deactivate(const struct plugin *p) {
    (void)p;
    active = false;
}

static const void *get_extension(const struct plugin *p, const char *id) {
    (void)p;
    return !called                            ? NULL
           : !strcmp(id, "clap.params")       ? (const void *)&params
           : !strcmp(id, "clap.audio-ports")  ? (const void *)&audio_ports
           : !strcmp(id, "clap.note-ports")   ? (const void *)&note_ports
           : !strcmp(id, "clap.latency")      ? (const void *)&latency_table
                                              : NULL;
}

static void on_main_thread(const struct plugin *p) {
    (void)p;
    called = true;
}

struct factory;

static uint32_t count(const struct factory *f) {
    (void)f;
    return PLUGINS;
}

static const struct descriptor *describe(const struct factory *f, uint32_t index) {
    static const char *const features[] = {FEATURES};
    (void)f;
#ifdef AT_DESCRIPTOR
    if (index == VICTIM) {
        ACT;
    }
#endif
    struct descriptor *d = calloc(1, sizeof *d);
    char id[32], name[64];
    snprintf(id, sizeof id, "org.zoo.gain-%u", index);
    snprintf(name, sizeof name, index ? "%s %u" : "%s", NAME, index + 1);
    *d = (struct descriptor){{1, 2, 0}, strdup(id), strdup(name), VENDOR, "", "", "", "1.2.3", "", features};
    return d;
}

static const struct plugin *create(const struct factory *f, const struct host *host, const char *id) {
    struct plugin *p = calloc(1, sizeof *p);
    (void)f;
    the_host = host;
    *p = (struct plugin){NULL, atoi(id + strlen("org.zoo.gain-")), init, destroy, activate, deactivate, NULL, NULL, NULL,
                         NULL, get_extension, on_main_thread};
#ifdef AT_CREATE
    if (victim(p)) {
        ACT;
    }
#endif
#ifdef NO_INSTANCE
    return NULL;
#endif
    return p;
}

static const struct factory_table {
    uint32_t (*count)(const struct factory *);
    const struct descriptor *(*describe)(const struct factory *, uint32_t);
    const struct plugin *(*create)(const struct factory *, const struct host *, const char *);
} factory = {count, describe, create};

#ifdef PRESETS
struct receiver {
    void *data;
    void (*error)(const struct receiver *, int32_t, const char *);
    bool (*begin)(const struct receiver *, const char *, const char *);
    void (*plugin)(const struct receiver *, const char *const *);
    void (*soundpack)(const struct receiver *, const char *);
    void (*flags)(const struct receiver *, uint32_t);
    void (*creator)(const struct receiver *, const char *);
};
struct indexer {
    struct version version;
    const char *name, *vendor, *url, *number;
    void *data;
    bool (*filetype)(const struct indexer *, const char *const *);
    bool (*location)(const struct indexer *, const void *);
};
struct provider {
    const void *descriptor, *data;
    bool (*init)(const struct provider *);
    void (*destroy)(const struct provider *);
    bool (*metadata)(const struct provider *, uint32_t, const char *, const struct receiver *);
    const void *(*extension)(const struct provider *, const char *);
};
static const struct indexer *the_indexer;

static bool provider_init(const struct provider *p) {
    static const char *const type[] = {"Zoo", "", "zoo"};
    static struct {
        uint32_t flags;
        const char *name;
        uint32_t kind;
        const char *place;
    } inside = {0, "Factory", 1, NULL}, files = {0, "Files", 0, NULL};
    (void)p;
    files.place = getenv("ZOO_PRESETS");
    return the_indexer->filetype(the_indexer, type) && the_indexer->location(the_indexer, &inside) &&
           (!files.place || the_indexer->location(the_indexer, &files));
}

static void provider_destroy(const struct provider *p) { (void)p; }

static bool metadata(const struct provider *p, uint32_t kind, const char *place, const struct receiver *out) {
    static const char *const id[] = {"clap", "org.zoo.gain-0"};
    (void)p;
    if (kind == 1) {
        for (long i = 0; i < PRESETS; i++) {
            if (!out->begin(out, i ? "More" : "Warm", "key")) {
                break;
            }
            out->plugin(out, id);
            out->creator(out, "Zoo Keeper");
        }
        return true;
    }
    const char *slash = strrchr(place, '/');
    if (out->begin(out, slash + 1, NULL)) {
        out->plugin(out, id);
    }
    return true;
}

static const void *describe_provider(const struct factory *f, uint32_t index) {
    static const struct {
        struct version version;
        const char *id, *name, *vendor;
    } d = {{1, 2, 0}, "org.zoo.presets", "Zoo presets", "The Zoo"};
    (void)f, (void)index;
    return &d;
}

static uint32_t one(const struct factory *f) {
    (void)f;
    return 1;
}

static const void *create_provider(const struct factory *f, const struct indexer *indexer, const char *id) {
    static const struct provider provider = {NULL, NULL, provider_init, provider_destroy, metadata, NULL};
    (void)f, (void)id;
    the_indexer = indexer;
    return &provider;
}

static const struct {
    uint32_t (*count)(const struct factory *);
    const void *(*describe)(const struct factory *, uint32_t);
    const void *(*create)(const struct factory *, const struct indexer *, const char *);
} preset_factory = {one, describe_provider, create_provider};
#endif

static bool entry_init(const char *path) {
#ifdef AT_ENTRY
    ACT;
#endif
#ifdef REFUSE_ENTRY
    return false;
#endif
    return path && path[0] == '/';
}

static void entry_end(void) {}

static const void *get_factory(const char *id) {
#ifdef AT_FACTORY
    ACT;
#endif
#ifdef PRESETS
    if (!strcmp(id, "clap.preset-discovery-factory/2")) {
        return &preset_factory;
    }
#endif
#ifdef NO_FACTORY
    return NULL;
#endif
    return strcmp(id, "clap.plugin-factory") ? NULL : &factory;
}

#ifdef AT_LOAD
__attribute__((constructor)) static void load(void) { ACT; }
#endif

__attribute__((visibility("default"))) const struct {
    struct version version;
    bool (*init)(const char *);
    void (*end)(void);
    const void *(*factory)(const char *);
} clap_entry = {{1, 2, 0}, entry_init, entry_end, get_factory};

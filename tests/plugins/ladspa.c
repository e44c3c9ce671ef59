/* A LADSPA library of a gain and, with macros, ways to misbehave; layout from the published ladspa.h.
 *
 * PLUGINS: how many descriptors; PORTS: ports of each; ACT: what happens in STAGE (LOAD, DESCRIPTOR, CREATE). */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PLUGINS
#define PLUGINS 1
#endif
#ifndef PORTS
#define PORTS 4
#endif
#ifndef NAME
#define NAME "Zoo Gain"
#endif
#ifndef MAKER
#define MAKER "The Zoo <keeper@zoo.example>"
#endif
#ifndef ACT
#define ACT
#endif
#ifndef ID
#define ID (7000 + index)
#endif

struct hint {
    int hints;
    float lower, upper;
};

struct descriptor {
    unsigned long id;
    const char *label;
    int properties;
    const char *name, *maker, *copyright;
    unsigned long port_count;
    const int *kinds;
    const char *const *names;
    const struct hint *hints;
    void *data, *(*create)(const struct descriptor *, unsigned long);
    void (*connect)(void *, unsigned long, float *), (*activate)(void *), (*run)(void *, unsigned long);
    void (*run_adding)(void *, unsigned long), (*gain)(void *, float), (*deactivate)(void *), (*cleanup)(void *);
};

static int kinds[PORTS > 4 ? PORTS : 4] = {1 | 8, 2 | 8, 1 | 4, 2 | 4};
static const char *names[PORTS > 4 ? PORTS : 4] = {"In", "Out", "Gain (dB)", "latency"};
static struct hint hints[PORTS > 4 ? PORTS : 4] = {{0, 0, 0}, {0, 0, 0}, {1 | 2 | 0x200, -60, 24}, {0, 0, 0}};

#ifdef AT_LOAD
__attribute__((constructor)) static void load(void) { ACT; }
#endif

static void *create(const struct descriptor *d, unsigned long rate) {
    (void)d, (void)rate;
#ifdef AT_CREATE
    ACT;
#endif
    return NULL;
}

__attribute__((visibility("default"))) const struct descriptor *ladspa_descriptor(unsigned long index) {
    static struct descriptor made;
    static char label[32];
#ifdef AT_DESCRIPTOR
    if (index == AT_DESCRIPTOR) {
        ACT;
    }
#endif
    if (PLUGINS >= 0 && index >= (unsigned long)PLUGINS) {
        return NULL;
    }
    for (int i = 4; i < PORTS; i++) {
        kinds[i] = 1 | 4;
        names[i] = "Many";
        hints[i] = (struct hint){1 | 2, 0, 1};
    }
#ifdef ODD
    hints[2] = (struct hint){1 | 2 | 0xC0, NAN, INFINITY};
    names[2] = NULL;
#endif
    struct descriptor *d = PLUGINS > 1 ? calloc(1, sizeof made) : &made;
    strcpy(label, "zoo");
    *d = (struct descriptor){ID, PLUGINS > 1 ? strdup(label) : label, 0, NAME, MAKER, "", PORTS, kinds, names, hints, NULL,
                             create, NULL, NULL, NULL, NULL, NULL, NULL, NULL};
#ifdef NO_ARRAYS
    d->kinds = NULL, d->names = NULL, d->hints = NULL, d->port_count = 1ul << 40;
#endif
    return d;
}

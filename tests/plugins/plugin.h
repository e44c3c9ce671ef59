/* What the factory and the plugins it makes know of each other, and what a trait can change. */
#ifndef ZOO_PLUGIN_H
#define ZOO_PLUGIN_H

#include "vst3.h"
#include "zoo.h"

#include <stddef.h>
#include <string.h>

enum { MOST_PARAMETERS = 8192, RING = 16384 };
enum { GAIN = 0, MODE = 1, BYPASS = 2, MIX = 3 };

/* The interfaces that an object has. */
enum {
    COMPONENT_PART = 1,
    PROCESSOR_PART = 2,
    CONTROLLER_PART = 4,
    MAPPING_PART = 8,
    UNITS_PART = 16,
    CONNECTION_PART = 32,
};

/* A whole plugin, its component alone, or its controller alone: that is what `parts` says. */
struct plugin {
    /* One address for each interface: a host holds the address of the pointer to the table. */
    const struct component_table *component;
    const struct processor_table *processor;
    const struct controller_table *controller;
    const struct midi_mapping_table *mapping;
    const struct unit_info_table *units;
    const struct connection_table *connection;
    int references, class_, parts;
    void *host, *handler;
    struct connection_table **peer; /* what it is connected to */
    int received;                   /* bits of what has arrived, for messages.c */
    double rate, phase;
    int note;
    int position;
    float ring[2][RING];
    double values[MOST_PARAMETERS];
};
#define PLUGIN(self, part) ((struct plugin *)((char *)(self) - offsetof(struct plugin, part)))

static inline int is(const uint8_t *a, const uint8_t *b) { return memcmp(a, b, sizeof(uid)) == 0; }

/* The first three functions of every table. */
#define SHARED(part)                                                              \
    static result part##_query(self s, const uint8_t *iid, void **out) {          \
        return plugin_query(PLUGIN(s, part), iid, out);                           \
    }                                                                             \
    static uint32_t part##_add_ref(self s) { return (uint32_t)++PLUGIN(s, part)->references; } \
    static uint32_t part##_release(self s) { return plugin_release(PLUGIN(s, part)); }

result plugin_query(struct plugin *, const uint8_t *iid, void **out);
uint32_t plugin_release(struct plugin *);

/* The functions of the good plugin. There is one set for the module, and a trait writes its own over some of them
 * when the module is loaded. */
extern struct component_table component_table;
extern struct processor_table processor_table;
extern struct controller_table controller_table;
extern struct midi_mapping_table mapping_table;
extern struct unit_info_table units_table;
extern struct connection_table connection_table;
extern struct factory_table factory_table;

/* What else a trait can change. */
extern struct answers {
    int parts;       /* the interfaces of what a component's class id makes */
    int controller;  /* the interfaces of a controller with a class id of its own, or 0 where there is none */
    result refusal;  /* what queryInterface returns, with NULL, for an interface that is not there */
    int factory;     /* the newest IPluginFactory: 1, 2 or 3 */
    double declared; /* the default value of every parameter, or -1 for those of the good plugin */
} answers;

/* The class id of a class's component or controller. */
void class_id(int32_t class_, int controller, uint8_t *cid);

/* ASCII as UTF-16, with its end. */
void widen(uint16_t *out, const char *ascii);

int parameter_count(void);
double default_of(uint32_t id);
double decibels(double value);
result load_state(struct plugin *, struct stream_table **);
result save_state(struct plugin *, struct stream_table **);

/* A new object of one class with some of the interfaces, asked for by one of them. */
result new_plugin(int32_t class_, int parts, const uint8_t *iid, void **out);

/* The traits, each a function that changes what a plugin answers; traits.c finds them by name. */
void use_trait(void);
#define TRAITS(X)                                                                                                  \
    /* controller_variants.c */ X(separate_controller) X(no_controller) X(controller_gone) X(wants_handler)                \
    /* state.c */ X(state_matters) X(state_stream)                                                                 \
    /* counts.c */ X(wrong_counts) X(huge_count) X(negative_count) X(same_ids) X(huge_steps) X(null_interfaces)    \
    X(null_instances) X(bus_list_changes) X(huge_buses)                                                            \
    /* texts.c */ X(endless_names) X(invalid_strings) X(nan_values) X(swapped_texts) X(swapped_parameters)         \
    /* units.c */ X(units) X(unit_loop) X(many_programs) X(huge_units) X(huge_programs) X(mapped_controllers)      \
    /* buses.c */ X(sidechain) X(mono_to_stereo)                                                                   \
    /* hosts.c */ X(wants_everything) X(thread_callbacks)                                                          \
    /* processing.c */ X(forgets_state) X(nan_at_rate) X(nan_in_small_buffer) X(nan_when_moved) X(dies_at_rate)
#define DECLARE(name) void trait_##name(void);
TRAITS(DECLARE)

#endif

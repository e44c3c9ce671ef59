/* One instance of a plugin: what its interfaces share, and the component. Good in itself (a gain with latency, or a
 * sine per note); where it misbehaves is what `reach` is told, and what it answers may be changed by a trait.
 */
#define _GNU_SOURCE
#include "plugin.h"

#include <stdlib.h>
#include <unistd.h>

struct answers answers = {
    .parts = COMPONENT_PART | PROCESSOR_PART | CONTROLLER_PART | MAPPING_PART,
    .refusal = NO_INTERFACE,
    .factory = 3,
    .declared = -1,
};

void widen(uint16_t *out, const char *ascii) {
    while ((*out++ = (uint8_t)*ascii++) != 0) {
    }
}

int parameter_count(void) { return zoo.parameters + zoo.midi_controllers; }

double default_of(uint32_t id) {
    return answers.declared >= 0 ? answers.declared : id == BYPASS || id == MODE ? 0.0 : 0.5;
}

/* ---- what all its interfaces share ---- */

result plugin_query(struct plugin *p, const uint8_t *iid, void **out) {
    static const struct {
        int part;
        uid iid;
        size_t at;
    } interfaces[] = {
        {COMPONENT_PART, IID_COMPONENT, offsetof(struct plugin, component)},
        {PROCESSOR_PART, IID_PROCESSOR, offsetof(struct plugin, processor)},
        {CONTROLLER_PART, IID_CONTROLLER, offsetof(struct plugin, controller)},
        {MAPPING_PART, IID_MIDI_MAPPING, offsetof(struct plugin, mapping)},
        {UNITS_PART, IID_UNIT_INFO, offsetof(struct plugin, units)},
        {CONNECTION_PART, IID_CONNECTION, offsetof(struct plugin, connection)},
    };
    static const uid unknown = IID_UNKNOWN, base = IID_BASE;
    int any = is(iid, unknown) || is(iid, base);
    for (size_t i = 0; i < sizeof interfaces / sizeof *interfaces; i++) {
        if ((p->parts & interfaces[i].part) && (any || is(iid, interfaces[i].iid))) {
            *out = (char *)p + interfaces[i].at;
            p->references++;
            return OK;
        }
    }
    *out = NULL;
    return answers.refusal;
}

uint32_t plugin_release(struct plugin *p) {
    if (--p->references > 0) {
        return (uint32_t)p->references;
    }
    free(p);
    return 0;
}

SHARED(component)

/* ---- component ---- */

static result initialize(self s, void *host) {
    struct plugin *p = PLUGIN(s, component);
    p->host = host;
    if (zoo.delay_ms > 0) {
        usleep((useconds_t)zoo.delay_ms * 1000);
    }
    return reach("initialise", p->class_) ? OK : FALSE_;
}

static result terminate(self s) {
    reach("terminate", PLUGIN(s, component)->class_);
    return OK;
}

static result get_controller_id(self s, uint8_t *out) {
    (void)s, (void)out;
    return NOT_DONE; /* the component is the controller */
}

static result set_io_mode(self s, int32_t mode) {
    (void)s, (void)mode;
    return NOT_DONE;
}

static int32_t count_buses(self s, int32_t media, int32_t direction) {
    (void)s;
    if (media == EVENTS) {
        return zoo.instrument != EFFECT && direction == INPUT;
    }
    return direction == OUTPUT || zoo.instrument == EFFECT;
}

static result get_bus(self s, int32_t media, int32_t direction, int32_t index, struct bus_info *out) {
    if (index < 0 || index >= count_buses(s, media, direction)) {
        return INVALID;
    }
    memset(out, 0, sizeof *out);
    out->media = media;
    out->direction = direction;
    out->channels = media == AUDIO ? 2 : 16;
    widen(out->name, media == EVENTS ? "Notes" : direction == INPUT ? "In" : "Out");
    out->kind = MAIN_BUS;
    out->flags = ACTIVE_BUS;
    return OK;
}

static result get_routing(self s, void *in, void *out) {
    (void)s, (void)in, (void)out;
    return NOT_DONE;
}

static result activate_bus(self s, int32_t media, int32_t direction, int32_t index, uint8_t on) {
    (void)on;
    return index >= 0 && index < count_buses(s, media, direction) ? OK : INVALID;
}

static result set_active(self s, uint8_t on) {
    (void)s, (void)on;
    return OK;
}

result load_state(struct plugin *p, struct stream_table **stream) {
    int32_t size = (int32_t)sizeof(double) * parameter_count(), done = 0;
    double values[MOST_PARAMETERS];
    if ((*stream)->read(stream, values, size, &done) != OK || done != size) {
        return FALSE_;
    }
    memcpy(p->values, values, (size_t)size);
    return OK;
}

result save_state(struct plugin *p, struct stream_table **stream) {
    int32_t done;
    return (*stream)->write(stream, p->values, (int32_t)sizeof(double) * parameter_count(), &done);
}

static result set_state(self s, struct stream_table **stream) { return load_state(PLUGIN(s, component), stream); }
static result get_state(self s, struct stream_table **stream) { return save_state(PLUGIN(s, component), stream); }

struct component_table component_table = {
    component_query, component_add_ref, component_release, initialize,   terminate,  get_controller_id, set_io_mode,
    count_buses,     get_bus,           get_routing,       activate_bus, set_active, set_state,         get_state,
};

/* ---- birth ---- */

result new_plugin(int32_t class_, int parts, const uint8_t *iid, void **out) {
    struct plugin *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return FALSE_;
    }
    p->component = &component_table;
    p->processor = &processor_table;
    p->controller = &controller_table;
    p->mapping = &mapping_table;
    p->units = &units_table;
    p->connection = &connection_table;
    p->references = 1;
    p->class_ = class_;
    p->parts = parts;
    p->rate = 44100;
    p->note = -1;
    for (int i = 0; i < parameter_count(); i++) {
        p->values[i] = default_of((uint32_t)i);
    }
    result said = plugin_query(p, iid, out);
    plugin_release(p);
    return said;
}

/* A plugin whose every answer comes from a row of bytes: counts, codes, texts, flags, numbers, NULLs, and what it asks
 * of its host.
 *
 * It keeps what a host cannot check: an interface that it gives is the one that was asked for, it writes no more than
 * a field holds, and it never ends the process itself. Everything else may be a lie.
 */
#define _GNU_SOURCE
#include "random.h"

#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* ---- one object with every interface ---- */

static result query(self s, const uint8_t *iid, void **out);

static uint32_t count_references(self s) {
    (void)s;
    return (uint32_t)number();
}

static result set_context(self s, void *given) {
    (void)s;
    context = given;
    ask();
    return code();
}

static result plain(self s) {
    (void)s;
    return code();
}

static result get_controller_id(self s, uint8_t *cid) {
    (void)s;
    if (next() % 4) {
        raw(cid, sizeof(uid));
    }
    return code();
}

static result set_mode(self s, int32_t mode) {
    (void)s, (void)mode;
    return code();
}

static int32_t count_buses(self s, int32_t media, int32_t direction) {
    (void)s, (void)media, (void)direction;
    return number();
}

static result get_bus(self s, int32_t media, int32_t direction, int32_t index, struct bus_info *out) {
    (void)s, (void)media, (void)direction, (void)index;
    out->media = number();
    out->direction = number();
    out->channels = number();
    out->kind = number();
    out->flags = (uint32_t)number();
    WIDE(out->name);
    return code();
}

static result get_routing(self s, void *in, void *out) {
    (void)s, (void)in, (void)out;
    return code();
}

static result activate_bus(self s, int32_t media, int32_t direction, int32_t index, uint8_t on) {
    (void)s, (void)media, (void)direction, (void)index, (void)on;
    return code();
}

static result switch_(self s, uint8_t on) {
    (void)s, (void)on;
    return code();
}

static result with_stream(self s, struct stream_table **stream) {
    (void)s;
    return use_stream(stream);
}

static const struct component_table component_table = {
    query,   count_references, count_references, set_context, plain,       get_controller_id, set_mode, count_buses,
    get_bus, get_routing,      activate_bus,     switch_,     with_stream, with_stream,
};

static result set_arrangements(self s, uint64_t *in, int32_t ins, uint64_t *out, int32_t outs) {
    (void)s, (void)in, (void)ins, (void)out, (void)outs;
    return code();
}

static result get_arrangement(self s, int32_t direction, int32_t index, uint64_t *out) {
    (void)s, (void)direction, (void)index;
    raw(out, sizeof *out);
    return code();
}

static result set_up(self s, struct setup *setup) {
    (void)s, (void)setup;
    return code();
}

static result process(self s, struct process_data *data) {
    (void)s, (void)data;
    return code();
}

static const struct processor_table processor_table = {
    query,    count_references, count_references, set_arrangements, get_arrangement,  set_mode,
    count_references, set_up,   switch_,          process,          count_references,
};

static int32_t count(self s) {
    (void)s;
    return number();
}

static result get_parameter(self s, int32_t index, struct parameter_info *out) {
    (void)s;
    ask();
    out->id = next() % 2 ? (uint32_t)index : (uint32_t)number();
    out->steps = number();
    out->initial = real();
    out->unit = number();
    out->flags = number();
    WIDE(out->title);
    WIDE(out->short_title);
    WIDE(out->units);
    return code();
}

static result text_of_value(self s, uint32_t id, double value, uint16_t *out) {
    (void)s, (void)id, (void)value;
    WIDE_ARGUMENT(out);
    return code();
}

static result value_of_text(self s, uint32_t id, const uint16_t *said, double *out) {
    (void)s, (void)id, (void)said;
    *out = real();
    return code();
}

static double convert(self s, uint32_t id, double value) {
    (void)s, (void)id, (void)value;
    return real();
}

static double get_value(self s, uint32_t id) {
    (void)s, (void)id;
    return real();
}

static result set_value(self s, uint32_t id, double value) {
    (void)s, (void)id, (void)value;
    return code();
}

static result set_handler(self s, void *handler) {
    (void)s;
    component_handler = handler;
    ask();
    return code();
}

static void *create_view(self s, const char *kind) {
    (void)s, (void)kind;
    return NULL;
}

static const struct controller_table controller_table = {
    query,       count_references, count_references, set_context,   plain,         with_stream, with_stream,
    with_stream, count,            get_parameter,    text_of_value, value_of_text, convert,     convert,
    get_value,   set_value,        set_handler,      create_view,
};

static result get_mapped(self s, int32_t bus, int16_t channel, int16_t controller, uint32_t *id) {
    (void)s, (void)bus, (void)channel, (void)controller;
    *id = (uint32_t)number();
    return code();
}

static const struct midi_mapping_table mapping_table = {query, count_references, count_references, get_mapped};

static result get_unit(self s, int32_t index, struct unit *out) {
    (void)s, (void)index;
    out->id = number();
    out->parent = number();
    out->programs = number();
    WIDE(out->name);
    return code();
}

static result get_list(self s, int32_t index, struct program_list *out) {
    (void)s, (void)index;
    out->id = number();
    out->count = number();
    WIDE(out->name);
    return code();
}

static result get_program(self s, int32_t list, int32_t program, uint16_t *out) {
    (void)s, (void)list, (void)program;
    WIDE_ARGUMENT(out);
    return code();
}

static result get_program_info(self s, int32_t list, int32_t program, const char *key, uint16_t *out) {
    (void)key;
    return get_program(s, list, program, out);
}

static result has_pitch_names(self s, int32_t list, int32_t program) {
    (void)s, (void)list, (void)program;
    return code();
}

static result get_pitch_name(self s, int32_t list, int32_t program, int16_t pitch, uint16_t *out) {
    (void)pitch;
    return get_program(s, list, program, out);
}

static result unit_of_bus(self s, int32_t media, int32_t direction, int32_t bus, int32_t channel, int32_t *unit) {
    (void)s, (void)media, (void)direction, (void)bus, (void)channel;
    *unit = number();
    return code();
}

static result set_program_data(self s, int32_t list, int32_t program, struct stream_table **stream) {
    (void)s, (void)list, (void)program;
    return use_stream(stream);
}

static const struct unit_info_table units_table = {
    query,    count_references, count_references, count,          get_unit, count,    get_list,    get_program,
    get_program_info, has_pitch_names, get_pitch_name, count, set_mode, unit_of_bus, set_program_data,
};

/* Nothing is sent to what it is connected to, which may be itself. */
static result connect(self s, struct connection_table **other) {
    (void)s, (void)other;
    ask();
    return code();
}

static result notify(self s, struct message_table **message) {
    (void)s, (void)message;
    return code();
}

static const struct connection_table connection_table = {
    query, count_references, count_references, connect, connect, notify,
};

static const void *const parts[] = {
    &component_table, &processor_table, &controller_table, &mapping_table, &units_table, &connection_table,
};

/* The right interface or none; a no may come with one, and a yes without. */
static result query(self s, const uint8_t *iid, void **out) {
    static const uid iids[] = {
        IID_COMPONENT, IID_PROCESSOR, IID_CONTROLLER, IID_MIDI_MAPPING, IID_UNIT_INFO, IID_CONNECTION,
    };
    (void)s;
    if (next() % 8 < 7) {
        *out = NULL;
    }
    for (size_t i = 0; i < COUNT(iids); i++) {
        if (memcmp(iid, iids[i], sizeof(uid)) == 0 && next() % 8 < 7) {
            *out = (void *)&parts[i];
            return code();
        }
    }
    *out = NULL;
    return next() % 4 ? NO_INTERFACE : code();
}

/* ---- the factory ---- */

static result factory_query(self s, const uint8_t *iid, void **out) {
    static const uid iids[] = {IID_UNKNOWN, IID_FACTORY, IID_FACTORY2, IID_FACTORY3};
    *out = NULL;
    for (size_t i = 0; i < COUNT(iids); i++) {
        if (memcmp(iid, iids[i], sizeof(uid)) == 0 && next() % 8 < 7) {
            *out = s;
            return code();
        }
    }
    return next() % 4 ? NO_INTERFACE : code();
}

static result get_info(self s, struct factory_info *out) {
    (void)s;
    NARROW(out->vendor);
    NARROW(out->url);
    NARROW(out->email);
    out->flags = number();
    return code();
}

/* What the three kinds of class info begin with. */
static void begin_class(uint8_t *cid, int32_t *cardinality, char *category) {
    raw(cid, sizeof(uid));
    *cardinality = number();
    memset(category, 0, 32);
    switch (next() % 16) {
    case 14: strcpy(category, "Component Controller Class"); break;
    case 15: words(category, 32, 1); break;
    default: strcpy(category, "Audio Module Class"); break;
    }
}

static result get_class(self s, int32_t index, struct class_info *out) {
    (void)s, (void)index;
    begin_class(out->cid, &out->cardinality, out->category);
    NARROW(out->name);
    return code();
}

static result get_class2(self s, int32_t index, struct class_info2 *out) {
    (void)s, (void)index;
    begin_class(out->cid, &out->cardinality, out->category);
    NARROW(out->name);
    out->flags = (uint32_t)number();
    NARROW(out->subcategories);
    NARROW(out->vendor);
    NARROW(out->version);
    NARROW(out->sdk);
    return code();
}

static result get_class_wide(self s, int32_t index, struct class_info_wide *out) {
    (void)s, (void)index;
    begin_class(out->cid, &out->cardinality, out->category);
    WIDE(out->name);
    out->flags = (uint32_t)number();
    NARROW(out->subcategories);
    WIDE(out->vendor);
    WIDE(out->version);
    WIDE(out->sdk);
    return code();
}

static result create(self s, const uint8_t *cid, const uint8_t *iid, void **out) {
    (void)cid;
    ask();
    return query(s, iid, out);
}

static const struct factory_table factory_table = {
    factory_query, count_references, count_references, get_info,       count,
    get_class,     create,           get_class2,       get_class_wide, set_context,
};

EXPORT uint8_t ModuleEntry(void *module) {
    (void)module;
    return next() % 32 != 31;
}

EXPORT uint8_t ModuleExit(void) { return next() % 2; }

EXPORT void *GetPluginFactory(void) {
    static const struct factory_table *factory = &factory_table;
    return next() % 32 == 31 ? NULL : (void *)&factory;
}

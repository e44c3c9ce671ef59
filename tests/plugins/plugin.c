/* One instance of a plugin: a component that is its own controller. Good in itself (a gain with latency, or a sine
 * per note); where it misbehaves is what `reach` is told.
 */
#define _GNU_SOURCE
#include "plugin.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PARAMETERS = 8192, RING = 16384 };
enum { GAIN = 0, MODE = 1, BYPASS = 2, MIX = 3 };

struct plugin {
    /* One address for each interface: a host holds the address of the pointer to the table. */
    const struct component_table *component;
    const struct processor_table *processor;
    const struct controller_table *controller;
    const struct midi_mapping_table *mapping;
    int references, class_;
    double rate, phase;
    int note;
    int position;
    float ring[2][RING];
    double values[MOST_PARAMETERS];
};
#define PLUGIN(self, part) ((struct plugin *)((char *)(self) - offsetof(struct plugin, part)))

static const uint8_t unknown_iid[] = IID_UNKNOWN;
static const uint8_t base_iid[] = IID_BASE;
static const uint8_t component_iid[] = IID_COMPONENT;
static const uint8_t processor_iid[] = IID_PROCESSOR;
static const uint8_t controller_iid[] = IID_CONTROLLER;
static const uint8_t mapping_iid[] = IID_MIDI_MAPPING;

void widen(uint16_t *out, const char *ascii) {
    while ((*out++ = (uint8_t)*ascii++) != 0) {
    }
}

static int parameter_count(void) { return zoo.parameters + zoo.midi_controllers; }

static double default_of(uint32_t id) { return id == BYPASS || id == MODE ? 0.0 : 0.5; }

/* ---- what all its interfaces share ---- */

static result query(struct plugin *p, const uint8_t *iid, void **out) {
    if (is(iid, unknown_iid) || is(iid, base_iid) || is(iid, component_iid)) {
        *out = &p->component;
    } else if (is(iid, processor_iid)) {
        *out = &p->processor;
    } else if (is(iid, controller_iid)) {
        *out = &p->controller;
    } else if (is(iid, mapping_iid)) {
        *out = &p->mapping;
    } else {
        *out = NULL;
        return NO_INTERFACE;
    }
    p->references++;
    return OK;
}

static uint32_t release(struct plugin *p) {
    if (--p->references > 0) {
        return (uint32_t)p->references;
    }
    free(p);
    return 0;
}

#define SHARED(part)                                                                                             \
    static result part##_query(self s, const uint8_t *iid, void **out) { return query(PLUGIN(s, part), iid, out); } \
    static uint32_t part##_add_ref(self s) { return (uint32_t)++PLUGIN(s, part)->references; }                   \
    static uint32_t part##_release(self s) { return release(PLUGIN(s, part)); }
SHARED(component)
SHARED(processor)
SHARED(controller)
SHARED(mapping)

/* ---- component ---- */

static result initialize(self s, void *host) {
    struct plugin *p = PLUGIN(s, component);
    (void)host;
    if (zoo.delay_ms > 0) {
        usleep((useconds_t)zoo.delay_ms * 1000);
    }
    return reach("initialise", p->class_) ? OK : FALSE_;
}

static result terminate(self s) {
    (void)s;
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

static result load_state(struct plugin *p, struct stream_table **stream) {
    int32_t size = (int32_t)sizeof(double) * parameter_count(), done = 0;
    double values[MOST_PARAMETERS];
    if ((*stream)->read(stream, values, size, &done) != OK || done != size) {
        return FALSE_;
    }
    memcpy(p->values, values, (size_t)size);
    return OK;
}

static result save_state(struct plugin *p, struct stream_table **stream) {
    int32_t done;
    return (*stream)->write(stream, p->values, (int32_t)sizeof(double) * parameter_count(), &done);
}

static result set_state(self s, struct stream_table **stream) { return load_state(PLUGIN(s, component), stream); }
static result get_state(self s, struct stream_table **stream) { return save_state(PLUGIN(s, component), stream); }

static const struct component_table component_table = {
    component_query, component_add_ref, component_release, initialize,   terminate,  get_controller_id, set_io_mode,
    count_buses,     get_bus,           get_routing,       activate_bus, set_active, set_state,         get_state,
};

/* ---- processor ---- */

static result set_arrangements(self s, uint64_t *in, int32_t ins, uint64_t *out, int32_t outs) {
    self component = &PLUGIN(s, processor)->component;
    if (ins != count_buses(component, AUDIO, INPUT) || outs != 1 || out[0] != STEREO) {
        return FALSE_;
    }
    return ins == 0 || in[0] == STEREO ? OK : FALSE_;
}

static result get_arrangement(self s, int32_t direction, int32_t index, uint64_t *out) {
    if (index < 0 || index >= count_buses(&PLUGIN(s, processor)->component, AUDIO, direction)) {
        return INVALID;
    }
    *out = STEREO;
    return OK;
}

static result can_process(self s, int32_t sample_size) {
    (void)s;
    return sample_size == 0 ? OK : FALSE_; /* 32 bits only */
}

static uint32_t get_latency(self s) {
    (void)s;
    return (uint32_t)zoo.latency;
}

static result set_up(self s, struct setup *setup) {
    PLUGIN(s, processor)->rate = setup->rate;
    return OK;
}

static result set_processing(self s, uint8_t on) {
    struct plugin *p = PLUGIN(s, processor);
    if (on) {
        memset(p->ring, 0, sizeof p->ring);
        p->position = 0;
        p->note = -1;
    }
    return OK;
}

static void take_changes(struct plugin *p, struct changes_table **changes) {
    for (int32_t i = 0; changes != NULL && i < (*changes)->count(changes); i++) {
        struct value_queue_table **queue = (*changes)->get_queue(changes, i);
        int32_t offset, points = (*queue)->count(queue);
        uint32_t id = (*queue)->get_id(queue);
        double value;
        if (id < MOST_PARAMETERS && points > 0 && (*queue)->get_point(queue, points - 1, &offset, &value) == OK) {
            p->values[id] = value;
        }
    }
}

static void take_events(struct plugin *p, struct events_table **events, int32_t offset) {
    for (int32_t i = 0; events != NULL && i < (*events)->count(events); i++) {
        struct event event;
        if ((*events)->get(events, i, &event) != OK || event.offset != offset) {
            continue;
        }
        if (event.type == NOTE_ON) {
            p->note = event.as.note.pitch;
            p->phase = 0;
        } else if (event.type == NOTE_OFF && event.as.note.pitch == p->note) {
            p->note = -1;
        }
    }
}

static double decibels(double value) { return -24.0 + 48.0 * value; }

static result process(self s, struct process_data *data) {
    struct plugin *p = PLUGIN(s, processor);
    reach("process", p->class_);
    take_changes(p, data->changes_in);
    float gain = p->values[BYPASS] >= 0.5 ? 1.0f : (float)pow(10.0, decibels(p->values[GAIN]) / 20.0);
    for (int32_t i = 0; data->outputs > 0 && i < data->samples; i++) {
        float sine = 0;
        take_events(p, data->events_in, i);
        if (zoo.instrument == INSTRUMENT && p->note >= 0) {
            sine = (float)(0.25 * sin(p->phase));
            p->phase += 2 * M_PI * 440.0 * pow(2.0, (p->note - 69) / 12.0) / p->rate;
        }
        for (int32_t c = 0; c < data->out[0].channels && c < 2; c++) {
            int stored = p->position % RING, heard = (p->position + RING - zoo.latency) % RING;
            p->ring[c][stored] = gain * (data->inputs > 0 ? data->in[0].samples[c][i] : sine);
            data->out[0].samples[c][i] = p->ring[c][heard];
        }
        p->position = (p->position + 1) % RING;
    }
    return OK;
}

static uint32_t get_tail(self s) {
    (void)s;
    return 0;
}

static const struct processor_table processor_table = {
    processor_query, processor_add_ref, processor_release, set_arrangements, get_arrangement, can_process,
    get_latency,     set_up,            set_processing,    process,          get_tail,
};

/* ---- controller ---- */

static result controller_initialize(self s, void *host) {
    (void)s, (void)host;
    return OK; /* the component was initialised */
}

static result controller_load(self s, struct stream_table **stream) { return load_state(PLUGIN(s, controller), stream); }
static result controller_save(self s, struct stream_table **stream) { return save_state(PLUGIN(s, controller), stream); }

static int32_t count_parameters(self s) {
    (void)s;
    return parameter_count();
}

static result get_parameter(self s, int32_t index, struct parameter_info *out) {
    char title[32];
    if (index < 0 || index >= parameter_count()) {
        return INVALID;
    }
    if (!reach("parameter", PLUGIN(s, controller)->class_)) {
        return FALSE_;
    }
    memset(out, 0, sizeof *out);
    out->id = (uint32_t)index;
    out->initial = default_of(out->id);
    out->flags = CAN_AUTOMATE;
    if (index >= zoo.parameters) { /* what a common framework makes up, one for each MIDI controller and channel */
        int midi = index - zoo.parameters;
        snprintf(title, sizeof title, "MIDI CC %d|%d", midi / 130, midi % 130);
    } else if (index == GAIN) {
        strcpy(title, "Gain");
        widen(out->units, "dB");
    } else if (index == MODE) {
        strcpy(title, "Mode");
        out->steps = 2;
        out->flags |= IS_LIST;
    } else if (index == BYPASS) {
        strcpy(title, "Bypass");
        out->steps = 1;
        out->flags |= IS_BYPASS;
    } else if (index == MIX) {
        strcpy(title, "Dry/Wet");
        widen(out->units, "%");
    } else {
        snprintf(title, sizeof title, "Parameter %d", index + 1);
    }
    widen(out->title, title);
    if (zoo.parameter[0] != 0) {
        memcpy(out->title, zoo.parameter, sizeof out->title);
        memcpy(out->units, zoo.parameter, sizeof out->units);
    }
    memcpy(out->short_title, out->title, sizeof out->title);
    return OK;
}

static result text_of_value(self s, uint32_t id, double value, uint16_t *out) {
    static const char *const modes[] = {"Soft", "Hard", "Off"};
    char said[64];
    if (!reach("text", PLUGIN(s, controller)->class_)) {
        return FALSE_;
    }
    if (zoo.parameter[0] != 0) {
        memcpy(out, zoo.parameter, sizeof(text));
        return OK;
    }
    if (id == GAIN) {
        snprintf(said, sizeof said, "%.1f", decibels(value));
    } else if (id == MODE) {
        strcpy(said, modes[value < 1 / 3.0 ? 0 : value < 2 / 3.0 ? 1 : 2]);
    } else if (id == BYPASS) {
        strcpy(said, value < 0.5 ? "Off" : "On");
    } else if (id == MIX) {
        snprintf(said, sizeof said, "%.0f", 100 * value);
    } else {
        snprintf(said, sizeof said, "%.2f", value);
    }
    widen(out, said);
    return OK;
}

static result value_of_text(self s, uint32_t id, const uint16_t *said, double *value) {
    (void)s, (void)id, (void)said, (void)value;
    return NOT_DONE;
}

static double same_value(self s, uint32_t id, double value) {
    (void)s, (void)id;
    return value;
}

static double get_value(self s, uint32_t id) { return id < MOST_PARAMETERS ? PLUGIN(s, controller)->values[id] : 0.0; }

static result set_value(self s, uint32_t id, double value) {
    if (id >= MOST_PARAMETERS) {
        return INVALID;
    }
    PLUGIN(s, controller)->values[id] = value;
    return OK;
}

static result set_handler(self s, void *handler) {
    (void)s, (void)handler;
    return OK;
}

static void *create_view(self s, const char *kind) {
    (void)s, (void)kind;
    return NULL;
}

static const struct controller_table controller_table = {
    controller_query, controller_add_ref, controller_release, controller_initialize, terminate,     controller_load,
    controller_load,  controller_save,    count_parameters,   get_parameter,         text_of_value, value_of_text,
    same_value,       same_value,         get_value,          set_value,             set_handler,   create_view,
};

/* No MIDI controller turns a parameter. It has to be said: of a plugin that cannot be asked, JUCE believes that all
 * of them turn the parameter with the id 0. */
static result no_mapping(self s, int32_t bus, int16_t channel, int16_t controller, uint32_t *id) {
    (void)s, (void)bus, (void)channel, (void)controller, (void)id;
    return FALSE_;
}

static const struct midi_mapping_table mapping_table = {mapping_query, mapping_add_ref, mapping_release, no_mapping};

/* ---- birth ---- */

result new_plugin(int32_t class_, const uint8_t *iid, void **out) {
    struct plugin *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return FALSE_;
    }
    p->component = &component_table;
    p->processor = &processor_table;
    p->controller = &controller_table;
    p->mapping = &mapping_table;
    p->references = 1;
    p->class_ = class_;
    p->rate = 44100;
    p->note = -1;
    for (int i = 0; i < parameter_count(); i++) {
        p->values[i] = default_of((uint32_t)i);
    }
    result said = query(p, iid, out);
    release(p);
    return said;
}

/* The controller: parameters, and which of them MIDI controllers turn. */
#define _GNU_SOURCE
#include "plugin.h"

#include <stdio.h>

SHARED(controller)
SHARED(mapping)

static result controller_initialize(self s, void *host) {
    PLUGIN(s, controller)->host = host;
    return OK; /* the component was initialised */
}

static result controller_terminate(self s) {
    reach("terminate", PLUGIN(s, controller)->class_);
    return OK;
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
    PLUGIN(s, controller)->handler = handler;
    return OK;
}

static void *create_view(self s, const char *kind) {
    (void)s, (void)kind;
    return NULL;
}

struct controller_table controller_table = {
    controller_query, controller_add_ref, controller_release, controller_initialize, controller_terminate, controller_load,
    controller_load,  controller_save,    count_parameters,   get_parameter,         text_of_value, value_of_text,
    same_value,       same_value,         get_value,          set_value,             set_handler,   create_view,
};

/* No MIDI controller turns a parameter. It has to be said: of a plugin that cannot be asked, JUCE believes that all
 * of them turn the parameter with the id 0. */
static result no_mapping(self s, int32_t bus, int16_t channel, int16_t controller, uint32_t *id) {
    (void)s, (void)bus, (void)channel, (void)controller, (void)id;
    return FALSE_;
}

struct midi_mapping_table mapping_table = {mapping_query, mapping_add_ref, mapping_release, no_mapping};

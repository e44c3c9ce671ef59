/* The processor: a gain with latency, or a sine per note. */
#define _GNU_SOURCE
#include "plugin.h"

#include <math.h>

SHARED(processor)

static result set_arrangements(self s, uint64_t *in, int32_t ins, uint64_t *out, int32_t outs) {
    self component = &PLUGIN(s, processor)->component;
    if (ins != component_table.count_buses(component, AUDIO, INPUT) || outs != 1 || out[0] != STEREO) {
        return FALSE_;
    }
    return ins == 0 || in[0] == STEREO ? OK : FALSE_;
}

static result get_arrangement(self s, int32_t direction, int32_t index, uint64_t *out) {
    if (index < 0 || index >= component_table.count_buses(&PLUGIN(s, processor)->component, AUDIO, direction)) {
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

double decibels(double value) { return -24.0 + 48.0 * value; }

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
            int from = data->inputs > 0 && c >= data->in[0].channels ? data->in[0].channels - 1 : c;
            p->ring[c][stored] = gain * (data->inputs > 0 ? data->in[0].samples[from][i] : sine);
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

struct processor_table processor_table = {
    processor_query, processor_add_ref, processor_release, set_arrangements, get_arrangement, can_process,
    get_latency,     set_up,            set_processing,    process,          get_tail,
};

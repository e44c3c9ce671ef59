/* Plugins that work as loaded, and not as hosts use them. */
#define _GNU_SOURCE
#include "plugin.h"

#include <math.h>
#include <stdlib.h>

static result (*good_process)(self s, struct process_data *data);
static result (*good_set_up)(self s, struct setup *setup);

static result spoil(self s, struct process_data *data) {
    result answer = good_process(s, data);
    for (int32_t c = 0; data->outputs > 0 && c < data->out[0].channels; c++) {
        for (int32_t i = 0; i < data->samples; i++) {
            data->out[0].samples[c][i] = NAN;
        }
    }
    return answer;
}

/* ---- a state that is saved, and not taken over ---- */

static result ignore(self s, struct stream_table **stream) {
    (void)s, (void)stream;
    return OK;
}

void trait_forgets_state(void) {
    component_table.set_state = ignore;
    controller_table.set_component_state = ignore;
    controller_table.set_state = ignore;
}

/* ---- no numbers at another sample rate ---- */

static result at_one_rate(self s, struct process_data *data) {
    return PLUGIN(s, processor)->rate > 90000 ? spoil(s, data) : good_process(s, data);
}

void trait_nan_at_rate(void) {
    good_process = processor_table.process;
    processor_table.process = at_one_rate;
}

/* ---- no numbers in a buffer of one sample ---- */

static result in_large_buffers(self s, struct process_data *data) {
    return data->samples == 1 ? spoil(s, data) : good_process(s, data);
}

void trait_nan_in_small_buffer(void) {
    good_process = processor_table.process;
    processor_table.process = in_large_buffers;
}

/* ---- no numbers once its gain has leapt by more than half of its range ---- */

static double heard = 0.5; /* the gain of the last buffer: a controller in the same object has set the new one */

static result if_still(self s, struct process_data *data) {
    double before = heard;
    result answer = good_process(s, data);
    heard = PLUGIN(s, processor)->values[GAIN];
    return fabs(heard - before) > 0.5 ? spoil(s, data) : answer;
}

void trait_nan_when_moved(void) {
    good_process = processor_table.process;
    processor_table.process = if_still;
}

/* ---- the end of the process at another sample rate ---- */

static result set_up_or_die(self s, struct setup *setup) {
    if (setup->rate > 90000) {
        abort();
    }
    return good_set_up(s, setup);
}

void trait_dies_at_rate(void) {
    good_set_up = processor_table.set_up;
    processor_table.set_up = set_up_or_die;
}

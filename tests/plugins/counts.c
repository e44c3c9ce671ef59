/* Plugins that miscount: parameters, steps, buses, interfaces. */
#define _GNU_SOURCE
#include "plugin.h"

enum { HUGE_COUNT = 2000000000 };

/* ---- parameters ---- */

static int32_t ten(self s) {
    (void)s;
    return 10;
}

static int32_t huge(self s) {
    (void)s;
    return HUGE_COUNT;
}

static int32_t negative(self s) {
    (void)s;
    return -5;
}

/* `zoo.parameters` are described, whatever was counted. */
void trait_wrong_counts(void) { controller_table.count_parameters = ten; }
void trait_huge_count(void) { controller_table.count_parameters = huge; }
void trait_negative_count(void) { controller_table.count_parameters = negative; }

static result (*good_parameter)(self, int32_t, struct parameter_info *);

static result half_the_ids(self s, int32_t index, struct parameter_info *out) {
    result said = good_parameter(s, index, out);
    out->id = said == OK ? (uint32_t)index / 2 : 0;
    return said;
}

void trait_same_ids(void) {
    good_parameter = controller_table.get_parameter;
    controller_table.get_parameter = half_the_ids;
}

/* The list has two billion entries, the switch fewer than none. */
static result many_steps(self s, int32_t index, struct parameter_info *out) {
    result said = good_parameter(s, index, out);
    if (said == OK && index == MODE) {
        out->steps = HUGE_COUNT;
    } else if (said == OK && index == BYPASS) {
        out->steps = INT32_MIN;
    }
    return said;
}

void trait_huge_steps(void) {
    good_parameter = controller_table.get_parameter;
    controller_table.get_parameter = many_steps;
}

/* ---- interfaces ---- */

/* For whatever is asked for beyond the component itself, there is a yes and no interface. */
void trait_null_interfaces(void) {
    answers.parts = COMPONENT_PART;
    answers.refusal = OK;
    answers.factory = 1;
}

static result null_instance(self s, const uint8_t *cid, const uint8_t *iid, void **out) {
    (void)s, (void)cid, (void)iid;
    *out = NULL;
    return OK;
}

void trait_null_instances(void) { factory_table.create = null_instance; }

/* ---- buses ---- */

/* One more at each question, up to seven. There is one of each direction, and `get_bus` describes no other. */
static int32_t another_number(self s, int32_t media, int32_t direction) {
    static int32_t asked;
    (void)s, (void)direction;
    return media == AUDIO ? 1 + asked++ % 7 : 0;
}

static int32_t huge_buses(self s, int32_t media, int32_t direction) {
    (void)s, (void)media, (void)direction;
    return HUGE_COUNT;
}

static result first_arrangement_only(self s, int32_t direction, int32_t index, uint64_t *out) {
    (void)s, (void)direction;
    *out = STEREO;
    return index == 0 ? OK : INVALID;
}

static result any_arrangement(self s, uint64_t *in, int32_t ins, uint64_t *out, int32_t outs) {
    (void)s, (void)in, (void)ins, (void)out, (void)outs;
    return OK;
}

static void miscount_buses(int32_t (*count)(self, int32_t, int32_t)) {
    component_table.count_buses = count;
    processor_table.get_arrangement = first_arrangement_only;
    processor_table.set_arrangements = any_arrangement;
}

void trait_bus_list_changes(void) { miscount_buses(another_number); }
void trait_huge_buses(void) { miscount_buses(huge_buses); }

/* Units (groups of parameters), program lists, and parameters that MIDI controllers turn. */
#define _GNU_SOURCE
#include "plugin.h"

#include <stdio.h>

SHARED(units)

enum { HUGE_COUNT = 2000000000, FIRST_LIST = 10 };

/* What the traits below fill in. */
static struct {
    int32_t id, parent, programs;
    const char *name;
} all_units[4];
static int32_t units_said, units_described, lists, programs_said, programs_described;

static result (*good_parameter)(self, int32_t, struct parameter_info *);

static int32_t count_units(self s) {
    (void)s;
    return units_said;
}

static result get_unit(self s, int32_t index, struct unit *out) {
    (void)s;
    if (index < 0 || index >= units_described) {
        return INVALID;
    }
    memset(out, 0, sizeof *out);
    out->id = all_units[index].id;
    out->parent = all_units[index].parent;
    out->programs = all_units[index].programs;
    widen(out->name, all_units[index].name);
    return OK;
}

static int32_t count_lists(self s) {
    (void)s;
    return lists;
}

static result get_list(self s, int32_t index, struct program_list *out) {
    char name[16];
    (void)s;
    if (index < 0 || index >= lists) {
        return INVALID;
    }
    memset(out, 0, sizeof *out);
    out->id = FIRST_LIST + index;
    out->count = programs_said;
    snprintf(name, sizeof name, "Bank %c", 'A' + (int)index);
    widen(out->name, name);
    return OK;
}

static result get_program(self s, int32_t list, int32_t program, uint16_t *out) {
    char name[32];
    (void)s;
    if (list < FIRST_LIST || list >= FIRST_LIST + lists || program < 0 || program >= programs_described) {
        return INVALID;
    }
    snprintf(name, sizeof name, "%c%03d", 'A' + (int)(list - FIRST_LIST), (int)program + 1);
    widen(out, name);
    return OK;
}

static result get_program_info(self s, int32_t list, int32_t program, const char *key, uint16_t *out) {
    (void)s, (void)list, (void)program, (void)key, (void)out;
    return NOT_DONE;
}

static result has_pitch_names(self s, int32_t list, int32_t program) {
    (void)s, (void)list, (void)program;
    return FALSE_;
}

static result get_pitch_name(self s, int32_t list, int32_t program, int16_t pitch, uint16_t *out) {
    (void)s, (void)list, (void)program, (void)pitch, (void)out;
    return NOT_DONE;
}

static int32_t get_selected(self s) {
    (void)s;
    return ROOT_UNIT;
}

static result select_unit(self s, int32_t unit) {
    (void)s, (void)unit;
    return OK;
}

static result unit_of_bus(self s, int32_t media, int32_t direction, int32_t bus, int32_t channel, int32_t *unit) {
    (void)s, (void)media, (void)direction, (void)bus, (void)channel, (void)unit;
    return NOT_DONE;
}

static result set_program_data(self s, int32_t list, int32_t program, struct stream_table **stream) {
    (void)s, (void)list, (void)program, (void)stream;
    return NOT_DONE;
}

struct unit_info_table units_table = {
    units_query,     units_add_ref,  units_release, count_units, get_unit,    count_lists,      get_list, get_program,
    get_program_info, has_pitch_names, get_pitch_name, get_selected, select_unit, unit_of_bus, set_program_data,
};

static void add_unit(int32_t id, int32_t parent, const char *name, int32_t programs) {
    all_units[units_described].id = id;
    all_units[units_described].parent = parent;
    all_units[units_described].name = name;
    all_units[units_described].programs = programs;
    units_said = ++units_described;
    answers.parts |= UNITS_PART;
}

/* The parameters belong to the units in turn. */
static result parameter_of_unit(self s, int32_t index, struct parameter_info *out) {
    result said = good_parameter(s, index, out);
    if (said == OK) {
        out->unit = all_units[index % units_described].id;
    }
    return said;
}

static void spread_parameters(void) {
    good_parameter = controller_table.get_parameter;
    controller_table.get_parameter = parameter_of_unit;
}

void trait_units(void) {
    add_unit(ROOT_UNIT, NO_PARENT, "", NO_PROGRAMS);
    add_unit(1, ROOT_UNIT, "Oscillators", NO_PROGRAMS);
    add_unit(2, 1, "Oscillator A", NO_PROGRAMS);
    add_unit(3, ROOT_UNIT, "Filter", NO_PROGRAMS);
    spread_parameters();
}

/* One is its own parent, two are each other's, and one's parent is not there. */
void trait_unit_loop(void) {
    add_unit(1, 1, "Own", NO_PROGRAMS);
    add_unit(2, 3, "One", NO_PROGRAMS);
    add_unit(3, 2, "Other", NO_PROGRAMS);
    add_unit(4, 99, "Orphan", NO_PROGRAMS);
    spread_parameters();
}

/* ---- programs ---- */

/* The last parameter of each bank's unit changes its program. */
static result program_parameter(self s, int32_t index, struct parameter_info *out) {
    result said = good_parameter(s, index, out);
    int32_t bank = index - (zoo.parameters - 2);
    if (said == OK && bank >= 0) {
        widen(out->title, "Program");
        out->unit = 1 + bank;
        out->steps = programs_said - 1;
        out->flags = CAN_AUTOMATE | IS_LIST | IS_PROGRAM;
    }
    return said;
}

static void add_banks(int32_t said, int32_t described) {
    add_unit(ROOT_UNIT, NO_PARENT, "", NO_PROGRAMS);
    add_unit(1, ROOT_UNIT, "Part A", FIRST_LIST);
    add_unit(2, ROOT_UNIT, "Part B", FIRST_LIST + 1);
    lists = 2;
    programs_said = said;
    programs_described = described;
    good_parameter = controller_table.get_parameter;
    controller_table.get_parameter = program_parameter;
}

void trait_many_programs(void) { add_banks(128, 128); }

/* All of them have a name: who asks for every one never ends. */
void trait_huge_programs(void) { add_banks(HUGE_COUNT, HUGE_COUNT); }

void trait_huge_units(void) {
    trait_units();
    units_said = HUGE_COUNT;
}

/* ---- one hidden parameter for each MIDI controller and channel, behind the plugin's own ---- */

enum { CHANNELS = 16, CONTROLLERS = 130 };

static int32_t own_and_mapped(self s) {
    (void)s;
    return zoo.parameters + CHANNELS * CONTROLLERS;
}

static result mapped_parameter(self s, int32_t index, struct parameter_info *out) {
    char title[32];
    int32_t number = index - zoo.parameters;
    if (number < 0) {
        return good_parameter(s, index, out);
    }
    if (number >= CHANNELS * CONTROLLERS) {
        return INVALID;
    }
    memset(out, 0, sizeof *out);
    out->id = 100000 + (uint32_t)number;
    out->flags = IS_HIDDEN | CAN_AUTOMATE;
    snprintf(title, sizeof title, "Ch %d Ctrl %d", (int)number / CONTROLLERS + 1, (int)number % CONTROLLERS);
    widen(out->title, title);
    return OK;
}

static result get_mapped(self s, int32_t bus, int16_t channel, int16_t controller, uint32_t *id) {
    (void)s;
    if (bus != 0 || channel < 0 || channel >= CHANNELS || controller < 0 || controller >= CONTROLLERS) {
        return FALSE_;
    }
    *id = 100000 + (uint32_t)(channel * CONTROLLERS + controller);
    return OK;
}

void trait_mapped_controllers(void) {
    good_parameter = controller_table.get_parameter;
    controller_table.count_parameters = own_and_mapped;
    controller_table.get_parameter = mapped_parameter;
    mapping_table.get_parameter = get_mapped;
}

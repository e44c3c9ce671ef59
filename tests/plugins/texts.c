/* Texts and numbers that are no good: without an end, not UTF-16, byte-swapped, not a number. */
#define _GNU_SOURCE
#include "plugin.h"

#include <math.h>

static struct factory_table good_factory;
static struct component_table good_component;
static struct controller_table good_controller;

static void keep(void) {
    good_factory = factory_table;
    good_component = component_table;
    good_controller = controller_table;
}

static void fill(uint16_t *out, char with) {
    for (int i = 0; i < 128; i++) {
        out[i] = (uint8_t)with;
    }
}

/* ---- no text has an end: the builder fills those of the class, this the others ---- */

static result endless_info(self s, struct factory_info *out) {
    result said = good_factory.get_info(s, out);
    memset(out->vendor, 'V', sizeof out->vendor);
    memset(out->url, 'U', sizeof out->url);
    memset(out->email, 'E', sizeof out->email);
    return said;
}

static result endless_class(self s, int32_t index, struct class_info *out) {
    result said = good_factory.get_class(s, index, out);
    memset(out->name, 'N', sizeof out->name);
    return said;
}

static result endless_class2(self s, int32_t index, struct class_info2 *out) {
    result said = good_factory.get_class2(s, index, out);
    memset(out->name, 'N', sizeof out->name);
    memset(out->sdk, 'S', sizeof out->sdk);
    return said;
}

static result endless_class_wide(self s, int32_t index, struct class_info_wide *out) {
    result said = good_factory.get_class_wide(s, index, out);
    for (int i = 0; i < 64; i++) {
        out->name[i] = 'N';
        out->sdk[i] = 'S';
    }
    return said;
}

static result endless_bus(self s, int32_t media, int32_t direction, int32_t index, struct bus_info *out) {
    result said = good_component.get_bus(s, media, direction, index, out);
    fill(out->name, 'B');
    return said;
}

static result endless_unit(self s, int32_t index, struct unit *out) {
    (void)s;
    *out = (struct unit){.id = ROOT_UNIT, .parent = NO_PARENT, .programs = 1};
    fill(out->name, 'R');
    return index == 0 ? OK : INVALID;
}

static result endless_list(self s, int32_t index, struct program_list *out) {
    (void)s;
    *out = (struct program_list){.id = 1, .count = 2};
    fill(out->name, 'L');
    return index == 0 ? OK : INVALID;
}

static result endless_program(self s, int32_t list, int32_t program, uint16_t *out) {
    (void)s, (void)list;
    fill(out, 'G');
    return program >= 0 && program < 2 ? OK : INVALID;
}

static int32_t one(self s) {
    (void)s;
    return 1;
}

void trait_endless_names(void) {
    keep();
    factory_table.get_info = endless_info;
    factory_table.get_class = endless_class;
    factory_table.get_class2 = endless_class2;
    factory_table.get_class_wide = endless_class_wide;
    component_table.get_bus = endless_bus;
    answers.parts |= UNITS_PART;
    units_table.count_units = units_table.count_lists = one;
    units_table.get_unit = endless_unit;
    units_table.get_list = endless_list;
    units_table.get_program = endless_program;
}

/* ---- names and values that are no text, or more than text ---- */

static const uint16_t invalid[][16] = {
    {'H', 0xD800, 'i', 0xDC00, 0xDBFF},                                    /* lone surrogates */
    {0x1B, '[', '3', '1', 'm', 'R', 0x07, '\r', '\n', '\t', 0x9B, 0x202E, 'x', 0x200B, 0x7F}, /* control characters */
    {'[', 'b', 'o', 'l', 'd', ']', 'M', '[', '/', 'x', ']', ' ', '[', '/', ']'},            /* markup */
    {0xFEFF, 'A', 0xFFFE, 0xFFFF, 0xD83D, 0xDE00, 0xD83D},                 /* noncharacters, a pair, half a pair */
};

static void copy_invalid(uint16_t *out, uint32_t number) {
    memset(out, 0, sizeof(text));
    memcpy(out, invalid[number % 4], sizeof invalid[0]);
}

static result invalid_parameter(self s, int32_t index, struct parameter_info *out) {
    result said = good_controller.get_parameter(s, index, out);
    if (said == OK) {
        copy_invalid(out->title, (uint32_t)index);
        copy_invalid(out->short_title, (uint32_t)index + 1);
        copy_invalid(out->units, (uint32_t)index + 2);
    }
    return said;
}

static result invalid_text(self s, uint32_t id, double value, uint16_t *out) {
    (void)s;
    copy_invalid(out, id + (value > 0));
    return OK;
}

static result invalid_bus(self s, int32_t media, int32_t direction, int32_t index, struct bus_info *out) {
    result said = good_component.get_bus(s, media, direction, index, out);
    copy_invalid(out->name, (uint32_t)direction);
    return said;
}

static result invalid_program(self s, int32_t list, int32_t program, uint16_t *out) {
    (void)s, (void)list;
    copy_invalid(out, (uint32_t)program);
    return program >= 0 && program < 2 ? OK : INVALID;
}

static result invalid_unit(self s, int32_t index, struct unit *out) {
    result said = endless_unit(s, index, out);
    copy_invalid(out->name, 2);
    return said;
}

static result invalid_list(self s, int32_t index, struct program_list *out) {
    result said = endless_list(s, index, out);
    copy_invalid(out->name, 1);
    return said;
}

void trait_invalid_strings(void) {
    keep();
    controller_table.get_parameter = invalid_parameter;
    controller_table.text_of_value = invalid_text;
    component_table.get_bus = invalid_bus;
    answers.parts |= UNITS_PART;
    units_table.count_units = units_table.count_lists = one;
    units_table.get_unit = invalid_unit;
    units_table.get_list = invalid_list;
    units_table.get_program = invalid_program;
}

/* ---- values that are no numbers between 0 and 1 ---- */

static double no_number(self s, uint32_t id) {
    static const double values[] = {NAN, INFINITY, -INFINITY, 1e308, -1};
    (void)s;
    return values[id % 5];
}

static result no_number_parameter(self s, int32_t index, struct parameter_info *out) {
    result said = good_controller.get_parameter(s, index, out);
    out->initial = no_number(s, (uint32_t)index);
    return said;
}

void trait_nan_values(void) {
    keep();
    controller_table.get_parameter = no_number_parameter;
    controller_table.get_value = no_number;
}

/* ---- UTF-16 with its bytes the wrong way round ---- */

static void swap(uint16_t *text, int length) {
    for (int i = 0; i < length; i++) {
        text[i] = (uint16_t)(text[i] << 8 | text[i] >> 8);
    }
}

static result swapped_class(self s, int32_t index, struct class_info_wide *out) {
    result said = good_factory.get_class_wide(s, index, out);
    if (said == OK) {
        swap(out->name, 64);
        swap(out->vendor, 64);
        swap(out->version, 64);
        swap(out->sdk, 64);
    }
    return said;
}

void trait_swapped_texts(void) {
    keep();
    factory_table.get_class_wide = swapped_class;
}

static result swapped_parameter(self s, int32_t index, struct parameter_info *out) {
    result said = good_controller.get_parameter(s, index, out);
    if (said == OK) {
        swap(out->title, 128);
        swap(out->short_title, 128);
        swap(out->units, 128);
    }
    return said;
}

static result swapped_text(self s, uint32_t id, double value, uint16_t *out) {
    text said = {0};
    result code = good_controller.text_of_value(s, id, value, said);
    swap(said, 128);
    memcpy(out, said, sizeof said);
    return code;
}

void trait_swapped_parameters(void) {
    keep();
    controller_table.get_parameter = swapped_parameter;
    controller_table.text_of_value = swapped_text;
}

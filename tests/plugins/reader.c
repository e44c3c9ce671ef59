/* A small host that the tests measure the zoo with: reads one plugin of a module and prints what it found, a line of
 * a word and its value each. `reader MODULE INDEX`; the lines are out before the plugin is terminated.
 *
 * It believes little: counts have limits, texts need no end, and a yes without an interface is a no.
 */
#define _GNU_SOURCE
#include "reader_host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PARAMETERS = 10000, MOST_BUSES = 32, MOST_UNITS = 64, MOST_LISTS = 16, MOST_PROGRAMS = 1000 };

/* ---- reading ---- */

static void *query(void *thing, const uint8_t *iid) {
    struct unknown_table **unknown = thing;
    void *out = NULL;
    return unknown != NULL && (*unknown)->query(unknown, iid, &out) == OK ? out : NULL;
}
#define QUERY(thing, name) query(thing, (const uid)name)

static int32_t at_most(int32_t count, int32_t most) { return count < 0 ? 0 : count < most ? count : most; }

static void say(const char *word, const uint16_t *text) {
    printf("%s ", word);
    for (int i = 0; i < 128 && text[i] != 0; i++) {
        putchar(text[i] >= ' ' && text[i] < 0x7F ? (char)text[i] : '?');
    }
    putchar('\n');
}

/* The index-th plugin's class id among all classes. */
static int find_class(struct factory_table **factory, int index, uint8_t *cid) {
    struct class_info info;
    for (int32_t i = 0; i < at_most((*factory)->count_classes(factory), 1000); i++) {
        if ((*factory)->get_class(factory, i, &info) == OK && strcmp(info.category, "Audio Module Class") == 0 &&
            index-- == 0) {
            memcpy(cid, info.cid, sizeof info.cid);
            printf("name %.64s\n", info.name);
            fflush(stdout);
            return 1;
        }
    }
    return 0;
}

static void read_buses(struct component_table **component) {
    static const char *const words[] = {"audio_in", "audio_out", "events_in", "events_out"};
    for (int32_t kind = 0; kind < 4; kind++) {
        struct bus_info bus;
        int32_t count = at_most((*component)->count_buses(component, kind / 2, kind % 2), MOST_BUSES);
        for (int32_t i = 0; i < count && (*component)->get_bus(component, kind / 2, kind % 2, i, &bus) == OK; i++) {
            printf("%s %d %d\n", words[kind], (int)bus.channels, (int)bus.kind);
        }
    }
}

static void read_units(struct unit_info_table **units) {
    struct unit unit;
    struct program_list list;
    text name;
    for (int32_t i = 0; i < at_most((*units)->count_units(units), MOST_UNITS); i++) {
        if ((*units)->get_unit(units, i, &unit) == OK) {
            printf("unit %d %d ", (int)unit.id, (int)unit.parent);
            say("", unit.name);
        }
    }
    for (int32_t i = 0; i < at_most((*units)->count_lists(units), MOST_LISTS); i++) {
        if ((*units)->get_list(units, i, &list) != OK) {
            continue;
        }
        for (int32_t p = 0; p < at_most(list.count, MOST_PROGRAMS); p++) {
            if ((*units)->get_program(units, list.id, p, name) == OK) {
                say("program", name);
            }
        }
    }
}

static void read_parameters(struct controller_table **controller) {
    struct parameter_info info;
    text said;
    for (int32_t i = 0; i < at_most((*controller)->count_parameters(controller), MOST_PARAMETERS); i++) {
        if ((*controller)->get_parameter(controller, i, &info) != OK) {
            break;
        }
        printf("%s %u %g %g %d %d ", info.flags & IS_HIDDEN ? "hidden" : "parameter", (unsigned)info.id, info.initial,
               (*controller)->get_value(controller, info.id), (int)info.steps, (int)info.unit);
        say("", info.title);
        for (double value = 0; value <= 1; value++) {
            memset(said, 0, sizeof said);
            if ((*controller)->text_of_value(controller, info.id, value, said) == OK) {
                say("text", said);
            }
        }
    }
}

static int32_t count_mapped(struct midi_mapping_table **mapping) {
    int32_t count = 0;
    for (int16_t channel = 0; channel < 16; channel++) {
        for (int16_t number = 0; number < 130; number++) {
            uint32_t id;
            count += (*mapping)->get_parameter(mapping, 0, channel, number, &id) == OK;
        }
    }
    return count;
}

/* The controller of a component: another face of it, or an object of its own class, initialised here. */
static struct controller_table **get_controller(struct factory_table **factory, struct component_table **component) {
    struct controller_table **controller = QUERY(component, IID_CONTROLLER);
    uid cid;
    if (controller != NULL) {
        return controller;
    }
    if ((*component)->get_controller_id(component, cid) != OK ||
        (*factory)->create(factory, cid, (const uid)IID_CONTROLLER, (void **)&controller) != OK || controller == NULL) {
        return NULL;
    }
    return (*controller)->initialize(controller, &host) == OK ? controller : NULL;
}

static void connect(void *component, void *controller) {
    struct connection_table **one_side = QUERY(component, IID_CONNECTION), **other = QUERY(controller, IID_CONNECTION);
    if (one_side != NULL && other != NULL && one_side != other) {
        (*one_side)->connect(one_side, other);
        (*other)->connect(other, one_side);
    }
}

static int read_plugin(struct factory_table **factory, const uint8_t *cid) {
    struct component_table **component = NULL;
    if ((*factory)->create(factory, cid, (const uid)IID_COMPONENT, (void **)&component) != OK || component == NULL) {
        return printf("refused create\n"), 0;
    }
    if ((*component)->initialize(component, &host) != OK) {
        return printf("refused initialize\n"), 0;
    }
    struct controller_table **controller = get_controller(factory, component);
    read_buses(component);
    if (controller == NULL) {
        printf("controller none\n");
    } else {
        connect(component, controller);
        (*controller)->set_handler(controller, &handler);
        if ((*component)->get_state(component, (struct stream_table **)&state) == OK) {
            state.at = 0;
            (*controller)->set_component_state(controller, (struct stream_table **)&state);
        }
        read_parameters(controller);
        struct unit_info_table **units = QUERY(controller, IID_UNIT_INFO);
        struct midi_mapping_table **mapping = QUERY(controller, IID_MIDI_MAPPING);
        if (units != NULL) {
            read_units(units);
        }
        printf("mapped %d\n", mapping == NULL ? 0 : (int)count_mapped(mapping));
    }
    printf("end\n");
    fflush(stdout);
    if (controller != NULL) {
        (*controller)->set_handler(controller, NULL);
        (*controller)->terminate(controller);
    }
    (*component)->terminate(component);
    return 1;
}

int main(int count, char **arguments) {
    void *module = count == 3 ? dlopen(arguments[1], RTLD_LAZY) : NULL;
    uint8_t (*enter)(void *) = module == NULL ? NULL : (uint8_t(*)(void *))dlsym(module, "ModuleEntry");
    struct factory_table **(*get)(void) =
        module == NULL ? NULL : (struct factory_table * *(*)(void)) dlsym(module, "GetPluginFactory");
    uid cid;
    if (enter == NULL || get == NULL || !enter(module)) {
        fprintf(stderr, "%s\n", module == NULL ? dlerror() : "it cannot be entered");
        return 2;
    }
    struct factory_table **factory = get();
    if (factory == NULL) {
        return 2;
    }
    struct factory_table **third = QUERY(factory, IID_FACTORY3);
    if (third != NULL) {
        (*third)->set_host(third, &host);
    }
    if (!find_class(factory, atoi(arguments[2]), cid)) {
        return 3;
    }
    int well = read_plugin(factory, cid);
    fflush(stdout);
    _exit(well ? 0 : 1);
}

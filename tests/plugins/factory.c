/* The factory of any number of classes, and the three functions a host looks for in a module on Linux. */
#define _GNU_SOURCE
#include "plugin.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* The class's number is in its last four bytes and, where several must differ by name, behind its name. The plain
 * class and the first one change places, so that the plain one is what it would be alone. */
void class_id(int32_t class_, int controller, uint8_t *cid) {
    int32_t number = zoo.same == SAME_ID ? 0 : class_ == zoo.plain ? 0 : class_ == 0 && zoo.plain > 0 ? zoo.plain : class_;
    memcpy(cid, zoo.id, sizeof zoo.id);
    for (int i = 0; i < 4; i++) {
        cid[12 + i] = (uint8_t)(number >> (24 - 8 * i));
    }
    cid[12] |= controller ? 0x80 : 0;
}

static void number_name(int32_t index, char *name, uint16_t *wide) {
    char number[16];
    size_t end = strnlen(zoo.name, sizeof zoo.name), wide_end = 0;
    memcpy(name, zoo.name, sizeof zoo.name);
    memcpy(wide, zoo.wide_name, sizeof zoo.wide_name);
    if (zoo.classes < 2 || zoo.same == SAME_NAME || index == zoo.plain) {
        return;
    }
    while (wide_end < 64 && wide[wide_end] != 0) {
        wide_end++;
    }
    int length = snprintf(number, sizeof number, " %03d", (int)index + 1);
    for (int i = 0; i <= length && end + (size_t)i < 64 && wide_end + (size_t)i < 64; i++) {
        name[end + (size_t)i] = number[i];
        wide[wide_end + (size_t)i] = (uint8_t)number[i];
    }
}

static result factory_query(self s, const uint8_t *iid, void **out) {
    static const uint8_t factory_iids[][16] = {IID_UNKNOWN, IID_FACTORY, IID_FACTORY2, IID_FACTORY3};
    for (int i = 0; i <= answers.factory; i++) {
        if (is(iid, factory_iids[i])) {
            *out = s;
            return OK;
        }
    }
    *out = NULL;
    return answers.refusal;
}

/* The factory is one for the whole module and never freed. */
static uint32_t factory_count(self s) {
    (void)s;
    return 1;
}

static result get_info(self s, struct factory_info *out) {
    (void)s;
    memset(out, 0, sizeof *out);
    memcpy(out->vendor, zoo.vendor, sizeof zoo.vendor);
    strcpy(out->url, "https://zoo.example");
    strcpy(out->email, "mailto:keeper@zoo.example");
    out->flags = FACTORY_UNICODE;
    return OK;
}

static int32_t count_classes(self s) {
    (void)s;
    return answers.controller ? 2 * zoo.classes : zoo.classes; /* the controllers come behind */
}

static result get_class2(self s, int32_t index, struct class_info2 *out) {
    uint16_t wide[64];
    if (index < 0 || index >= count_classes(s)) {
        return INVALID;
    }
    int controller = index >= zoo.classes;
    index %= zoo.classes;
    if (!reach("class", index)) {
        return FALSE_;
    }
    memset(out, 0, sizeof *out);
    class_id(index, controller, out->cid);
    out->cardinality = MANY_INSTANCES;
    strcpy(out->category, controller ? "Component Controller Class" : "Audio Module Class");
    number_name(index, out->name, wide);
    memcpy(out->subcategories, zoo.subcategories, sizeof zoo.subcategories);
    memcpy(out->vendor, zoo.vendor, sizeof zoo.vendor);
    memcpy(out->version, zoo.version, sizeof zoo.version);
    strcpy(out->sdk, "VST 3.7.9");
    return OK;
}

static result get_class(self s, int32_t index, struct class_info *out) {
    struct class_info2 whole;
    result said = get_class2(s, index, &whole);
    if (said == OK) {
        memcpy(out, &whole, sizeof *out);
        /* Here the name is the last of the struct, and JUCE reads on behind one without an end: what it then finds
         * differs from time to time, and with it whether the plugin loads. A test needs one answer. */
        out->name[sizeof out->name - 1] = 0;
    }
    return said;
}

static result get_class_wide(self s, int32_t index, struct class_info_wide *out) {
    struct class_info2 narrow;
    char name[64];
    result said = get_class2(s, index, &narrow);
    if (said != OK) {
        return said;
    }
    memset(out, 0, sizeof *out);
    memcpy(out, &narrow, offsetof(struct class_info_wide, name));
    number_name(index % zoo.classes, name, out->name);
    memcpy(out->subcategories, zoo.subcategories, sizeof zoo.subcategories);
    memcpy(out->vendor, zoo.wide_vendor, sizeof zoo.wide_vendor);
    memcpy(out->version, zoo.wide_version, sizeof zoo.wide_version);
    widen(out->sdk, "VST 3.7.9");
    return OK;
}

static result set_host(self s, void *host) {
    (void)s, (void)host;
    return OK;
}

static result create(self s, const uint8_t *cid, const uint8_t *iid, void **out) {
    uid known;
    (void)s;
    *out = NULL;
    for (int32_t index = 0; index < zoo.classes; index++) {
        class_id(index, 0, known);
        if (is(cid, known)) {
            return reach("create", index) ? new_plugin(index, answers.parts, iid, out) : FALSE_;
        }
        class_id(index, 1, known);
        if (answers.controller && is(cid, known)) {
            return new_plugin(index, answers.controller, iid, out);
        }
    }
    return NO_INTERFACE;
}

struct factory_table factory_table = {
    factory_query, factory_count, factory_count, get_info,       count_classes,
    get_class,     create,        get_class2,    get_class_wide, set_host,
};

/* ---- the module ---- */

EXPORT uint8_t ModuleEntry(void *module) {
    (void)module;
    return (uint8_t)reach("entry", -1);
}

EXPORT uint8_t ModuleExit(void) { return (uint8_t)reach("exit", -1); }

EXPORT void *GetPluginFactory(void) {
    static struct factory_table *factory = &factory_table;
    return reach("factory", -1) ? &factory : NULL;
}

__attribute__((constructor)) static void load(void) {
    use_trait();
    reach("load", -1);
}
__attribute__((destructor)) static void unload(void) { reach("unload", -1); }

#ifdef MISSING_SYMBOL
extern void zoo_symbol_no_library_has(void);
EXPORT void call_it(void) { zoo_symbol_no_library_has(); }
#endif

#ifdef MISSING_VARIABLE
extern int zoo_variable_no_library_has;
EXPORT int read_it(void) { return zoo_variable_no_library_has; }
#endif

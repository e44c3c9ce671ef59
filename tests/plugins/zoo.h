/* What makes one plugin of the zoo differ from another. The builder compiles once and writes this block anew into
 * each copy, so that a new plugin costs a file and no compiler; `build.py` holds the same layout.
 */
#ifndef ZOO_H
#define ZOO_H

#include <stdint.h>

struct zoo {
    char magic[16];
    /* Not terminated where the text fills its field, as the interface allows. */
    char name[64], vendor[64], subcategories[128], version[64];
    uint8_t id[12]; /* the class id but for its last four bytes, which count the classes */
    char trait[24]; /* a name in the table of traits.c, or empty */
    struct act {
        char behaviour[16]; /* a name in the table of behave.c, or empty for a good plugin */
        char stage[16];     /* when it shows: load, entry, factory, class, create, initialise, parameter, text,
                               process, terminate, exit, unload */
        int32_t which;      /* the only class that misbehaves, or -1 */
    } acts[4];
    int32_t classes, parameters, midi_controllers;
    int32_t plain;          /* the class that has the name and the id of a bundle's only one, or -1 */
    int32_t delay_ms, latency, instrument, same;
    uint16_t wide_name[64], wide_vendor[64], wide_version[64];
    uint16_t parameter[128]; /* what every parameter is called and says, where that is not empty */
};
enum { EFFECT = 0, INSTRUMENT = 1, SILENT = 2 };   /* instrument */
enum { SAME_NAME = 1, SAME_ID = 2 };               /* same: what several classes share */

extern struct zoo zoo;

/* Tell that a stage is reached (class_: which one, or -1): misbehaves where that is asked for.
 * Returns 0 where the plugin is to say no. */
int reach(const char *stage, int class_);

/* Do what the table of behave.c holds under a name. Returns 0 where there is nothing of that name. */
int behave(const char *behaviour);

/* Do what the table of escape.c holds under a name. Returns 0 where there is nothing of that name. */
int escape(const char *name);

#endif

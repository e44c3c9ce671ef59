/* What the factory and the plugins it makes know of each other. */
#ifndef ZOO_PLUGIN_H
#define ZOO_PLUGIN_H

#include "vst3.h"
#include "zoo.h"

#include <string.h>

static inline int is(const uint8_t *a, const uint8_t *b) { return memcmp(a, b, sizeof(uid)) == 0; }

/* ASCII as UTF-16, with its end. */
void widen(uint16_t *out, const char *ascii);

/* A new instance of one class, asked for by one of its interfaces. */
result new_plugin(int32_t class_, const uint8_t *iid, void **out);

#endif

/* Answers made of a row of bytes, for the plugin of random.c. */
#ifndef ZOO_RANDOM_H
#define ZOO_RANDOM_H

#include "vst3.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

uint8_t next(void);
void raw(void *out, size_t size);

/* Small, at an edge, or anything. */
int32_t number(void);

/* Mostly a yes. */
result code(void);

double real(void);

/* A text in a field of so many bytes: letters, any bytes with or without an end, or what was there before. */
void words(void *field, size_t size, size_t width);
#define NARROW(field) words(field, sizeof(field), 1)
#define WIDE(field) words(field, sizeof(field), 2)
#define WIDE_ARGUMENT(field) words(field, sizeof(text), 2)

/* What the host gave, and a few random calls of it. */
extern void *context, *component_handler;
void ask(void);
result use_stream(struct stream_table **);

#endif

/* The bytes that a random plugin answers with, and what it asks of its host. The builder writes the bytes over those
 * compiled in; at their end they begin anew.
 */
#define _GNU_SOURCE
#include "random.h"

#include <math.h>
#include <string.h>

/* `build.py` holds the same layout. Without bytes every answer is zero. */
volatile struct {
    char magic[16];
    int32_t size;
    uint8_t bytes[8192];
} answers = {.magic = "PLUGINARY-RND-1"};

uint8_t next(void) {
    static int32_t at;
    return answers.size == 0 ? 0 : answers.bytes[at++ % answers.size];
}

void raw(void *out, size_t size) {
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)out)[i] = next();
    }
}

int32_t number(void) {
    static const int32_t edges[] = {-1, 1, INT32_MAX, INT32_MIN, 64, 65, 128, 1 << 16, 1 << 30, -2, 0x7FFF, 2000000000};
    int32_t any;
    switch (next() % 8) {
    case 5: return edges[next() % COUNT(edges)];
    case 6: raw(&any, sizeof any); return any;
    case 7: return next();
    default: return next() % 8;
    }
}

result code(void) { return next() < 200 ? OK : number(); }

double real(void) {
    static const double edges[] = {0, 1, -1, 2, NAN, INFINITY, -INFINITY, 1e308, 5e-324, -0.0};
    double any;
    switch (next() % 4) {
    case 2: return edges[next() % COUNT(edges)];
    case 3: raw(&any, sizeof any); return any;
    default: return next() / 255.0;
    }
}

void words(void *field, size_t size, size_t width) {
    uint8_t *out = field;
    int way = next() % 8;
    size_t length = next() % 32;
    if (way == 7) {
        return;
    }
    if (way >= 5) {
        raw(out, way == 5 ? size : (length * width) % size);
        return;
    }
    memset(out, 0, size);
    for (size_t i = 0; i < length && (i + 1) * width < size; i++) {
        out[i * width] = (uint8_t)(' ' + next() % 95);
    }
}

/* ---- what it asks of its host ---- */

void *context, *component_handler;

static void use_message(struct host_table **host) {
    static const uid message_iid = IID_MESSAGE, list_iid = IID_ATTRIBUTES;
    const uint8_t *iid = next() % 2 ? message_iid : list_iid;
    struct message_table **message = NULL;
    struct attributes_table **list = NULL;
    const char *keys[] = {"", "key", "other", "\xff\xfe", "a very long key, but nobody said how long one may be"};
    const char *key = keys[next() % COUNT(keys)];
    void *made = NULL;
    const void *found = NULL;
    text value = {0};
    uint32_t size = 0;
    int64_t integer;
    double floating;
    if ((*host)->create(host, iid, iid, &made) != OK || made == NULL) {
        return;
    }
    if (iid == list_iid) {
        list = made;
    } else {
        message = made;
        (*message)->get_id(message);
        (*message)->set_id(message, next() % 4 ? key : NULL);
        list = (*message)->get_attributes(message);
    }
    for (int i = next() % 8; i > 0 && list != NULL; i--) {
        switch (next() % 8) {
        case 0: (*list)->set_int(list, key, number()); break;
        case 1: (*list)->get_int(list, key, &integer); break;
        case 2: (*list)->set_float(list, key, real()); break;
        case 3: (*list)->get_float(list, key, &floating); break;
        case 4: WIDE(value), value[127] = 0, (*list)->set_string(list, key, value); break;
        case 5: (*list)->get_string(list, key, value, next() % sizeof value); break;
        case 6: (*list)->set_binary(list, key, next() % 2 ? value : NULL, 0); break;
        default: (*list)->get_binary(list, key, &found, &size); break;
        }
    }
    if (next() % 2 && message != NULL) {
        (*message)->release(message);
    } else if (next() % 2 && message == NULL) {
        (*list)->release(list);
    }
}

static void use_host(void) {
    static const uid host_iid = IID_HOST;
    struct unknown_table **unknown = context;
    struct host_table **host = NULL;
    uid iid;
    void *found = NULL;
    text name;
    raw(iid, sizeof iid);
    if (unknown == NULL || (*unknown)->query(unknown, next() % 2 ? host_iid : iid, &found) != OK || found == NULL) {
        return;
    }
    if ((*unknown)->query(unknown, host_iid, (void **)&host) == OK && host != NULL) {
        (*host)->get_name(host, name);
        use_message(host);
    }
}

static void use_handler(void) {
    struct handler_table **handler = component_handler;
    if (handler == NULL) {
        return;
    }
    switch (next() % 4) {
    case 0: (*handler)->begin_edit(handler, (uint32_t)number()); break;
    case 1: (*handler)->perform_edit(handler, (uint32_t)number(), real()); break;
    case 2: (*handler)->end_edit(handler, (uint32_t)number()); break;
    default: (*handler)->restart(handler, number()); break;
    }
}

void ask(void) {
    switch (next() % 4) {
    case 1: use_host(); break;
    case 2: use_handler(); break;
    default: break;
    }
}

result use_stream(struct stream_table **stream) {
    uint8_t bytes[256] = {0};
    int32_t done;
    int64_t position;
    for (int i = next() % 16; i > 0 && stream != NULL; i--) {
        int32_t size = next() - 16; /* sometimes negative */
        int32_t *out = next() % 2 ? &done : NULL;
        switch (next() % 4) {
        case 0: (*stream)->read(stream, size > 0 ? bytes : NULL, size, out); break;
        case 1: (*stream)->write(stream, size > 0 ? bytes : NULL, size, out); break;
        case 2: (*stream)->tell(stream, &position); break;
        default: (*stream)->seek(stream, number(), number(), next() % 2 ? &position : NULL); break;
        }
    }
    return code();
}

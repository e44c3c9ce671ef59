/* What reader.c offers a plugin: the host context with its messages, the component handler, the stream of a state. */
#ifndef ZOO_READER_HOST_H
#define ZOO_READER_HOST_H

#include "vst3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IS(iid, name) (memcmp(iid, (const uid)name, sizeof(uid)) == 0)

static uint32_t one(self s) {
    (void)s;
    return 1;
}

/* ---- attributes and messages ---- */

struct attribute {
    char key[64], kind;
    int64_t number;
    double real;
    uint32_t size;
    uint8_t bytes[256];
};

struct message {
    const struct message_table *table;
    const struct attributes_table *list;
    char id[64];
    int count;
    struct attribute attributes[16];
};
#define LIST(s) ((struct message *)((char *)(s) - sizeof(void *)))

static struct attribute *find(self s, const char *key, char kind) {
    struct message *m = LIST(s);
    for (int i = 0; i < m->count; i++) {
        if (strcmp(m->attributes[i].key, key) == 0 && (kind == 0 || m->attributes[i].kind == kind)) {
            return &m->attributes[i];
        }
    }
    return NULL;
}

static struct attribute *make(self s, const char *key, char kind) {
    struct message *m = LIST(s);
    struct attribute *a = find(s, key, 0);
    if (a == NULL) {
        a = &m->attributes[m->count < 15 ? m->count++ : 15];
    }
    snprintf(a->key, sizeof a->key, "%s", key);
    a->kind = kind;
    return a;
}

static result set_int(self s, const char *key, int64_t value) {
    make(s, key, 'i')->number = value;
    return OK;
}

static result get_int(self s, const char *key, int64_t *value) {
    struct attribute *a = find(s, key, 'i');
    *value = a == NULL ? 0 : a->number;
    return a == NULL ? FALSE_ : OK;
}

static result set_float(self s, const char *key, double value) {
    make(s, key, 'f')->real = value;
    return OK;
}

static result get_float(self s, const char *key, double *value) {
    struct attribute *a = find(s, key, 'f');
    *value = a == NULL ? 0 : a->real;
    return a == NULL ? FALSE_ : OK;
}

static result set_bytes(self s, const char *key, char kind, const void *bytes, uint32_t size) {
    struct attribute *a = make(s, key, kind);
    a->size = size < sizeof a->bytes ? size : sizeof a->bytes;
    memcpy(a->bytes, bytes, a->size);
    return OK;
}

static result set_string(self s, const char *key, const uint16_t *string) {
    uint32_t length = 0;
    while (length < 100 && string[length] != 0) {
        length++;
    }
    return set_bytes(s, key, 's', string, 2 * (length + 1));
}

static result get_string(self s, const char *key, uint16_t *out, uint32_t bytes) {
    struct attribute *a = find(s, key, 's');
    if (a != NULL) {
        memcpy(out, a->bytes, a->size < bytes ? a->size : bytes);
    }
    return a == NULL ? FALSE_ : OK;
}

static result set_binary(self s, const char *key, const void *bytes, uint32_t size) {
    return set_bytes(s, key, 'b', bytes, size);
}

static result get_binary(self s, const char *key, const void **bytes, uint32_t *size) {
    struct attribute *a = find(s, key, 'b');
    if (a != NULL) {
        *bytes = a->bytes;
        *size = a->size;
    }
    return a == NULL ? FALSE_ : OK;
}

static result no_query(self s, const uint8_t *iid, void **out) {
    (void)s, (void)iid;
    *out = NULL;
    return NO_INTERFACE;
}

static const char *get_id(self s) { return ((struct message *)s)->id; }

static void set_id(self s, const char *id) {
    snprintf(((struct message *)s)->id, sizeof ((struct message *)s)->id, "%s", id);
}

static struct attributes_table **get_attributes(self s) {
    return (struct attributes_table **)&((struct message *)s)->list;
}

static const struct message_table message_table = {no_query, one, one, get_id, set_id, get_attributes};
static const struct attributes_table list_table = {
    no_query, one, one, set_int, get_int, set_float, get_float, set_string, get_string, set_binary, get_binary,
};

/* ---- the stream of a state ---- */

struct stream {
    const struct stream_table *table;
    int64_t size, at;
    uint8_t bytes[1 << 17];
};

static result stream_read(self s, void *out, int32_t wanted, int32_t *done) {
    struct stream *stream = s;
    int64_t left = stream->at < stream->size ? stream->size - stream->at : 0;
    int32_t length = wanted < 0 ? 0 : wanted < left ? wanted : (int32_t)left;
    if (length > 0) {
        memcpy(out, stream->bytes + stream->at, (size_t)length);
    }
    stream->at += length;
    if (done != NULL) {
        *done = length;
    }
    return OK;
}

static result stream_write(self s, const void *bytes, int32_t size, int32_t *done) {
    struct stream *stream = s;
    int fits = size >= 0 && stream->at + size <= (int64_t)sizeof stream->bytes;
    if (fits && size > 0) {
        memcpy(stream->bytes + stream->at, bytes, (size_t)size);
        stream->at += size;
        stream->size = stream->at > stream->size ? stream->at : stream->size;
    }
    if (done != NULL) {
        *done = fits ? size : 0;
    }
    return fits ? OK : FALSE_;
}

static result stream_seek(self s, int64_t position, int32_t mode, int64_t *out) {
    struct stream *stream = s;
    int64_t from = mode == SEEK_HERE ? stream->at : mode == SEEK_END_ ? stream->size : 0;
    int64_t limit = sizeof stream->bytes;
    if (mode < SEEK_START || mode > SEEK_END_ || position < -limit || position > limit || from + position < 0 ||
        from + position > limit) {
        return INVALID;
    }
    stream->at = from + position;
    if (out != NULL) {
        *out = stream->at;
    }
    return OK;
}

static result stream_tell(self s, int64_t *out) {
    *out = ((struct stream *)s)->at;
    return OK;
}

static const struct stream_table stream_table = {no_query, one, one, stream_read, stream_write, stream_seek, stream_tell};
static struct stream state = {&stream_table, 0, 0, {0}};

/* ---- the host context and the component handler ---- */

static result host_query(self s, const uint8_t *iid, void **out);

static result host_name(self s, uint16_t *out) {
    (void)s;
    memcpy(out, u"Zoo reader", sizeof u"Zoo reader");
    return OK;
}

static result host_create(self s, const uint8_t *cid, const uint8_t *iid, void **out) {
    (void)s, (void)cid;
    int message = IS(iid, IID_MESSAGE);
    *out = NULL;
    if (!message && !IS(iid, IID_ATTRIBUTES)) {
        return NO_INTERFACE;
    }
    struct message *m = calloc(1, sizeof *m); /* never freed: one run reads one plugin */
    m->table = &message_table;
    m->list = &list_table;
    *out = message ? (void *)&m->table : (void *)&m->list;
    return OK;
}

static result is_supported(self s, const uint8_t *iid) {
    (void)s, (void)iid;
    return FALSE_;
}

static result edited(self s, uint32_t id) {
    (void)s, (void)id;
    return OK;
}

static result edit(self s, uint32_t id, double value) {
    (void)s, (void)id, (void)value;
    return OK;
}

static result restart(self s, int32_t flags) {
    (void)s, (void)flags;
    return OK;
}

static const struct host_table host_table = {host_query, one, one, host_name, host_create};
static const struct interface_support_table support_table = {no_query, one, one, is_supported};
static const struct handler_table handler_table = {no_query, one, one, edited, edit, edited, restart};
static const struct host_table *host = &host_table;
static const struct interface_support_table *support = &support_table;
static const struct handler_table *handler = &handler_table;

static result host_query(self s, const uint8_t *iid, void **out) {
    *out = IS(iid, IID_UNKNOWN) || IS(iid, IID_HOST) ? s : IS(iid, IID_INTERFACE_SUPPORT) ? (void *)&support : NULL;
    return *out == NULL ? NO_INTERFACE : OK;
}

#endif

/* Plugins whose values come with their component's state. */
#define _GNU_SOURCE
#include "plugin.h"

static result own_controller(self s, uint8_t *cid) {
    class_id(PLUGIN(s, component)->class_, 1, cid);
    return OK;
}

static void fill(struct plugin *p, double value) {
    for (int i = 0; i < parameter_count(); i++) {
        p->values[i] = value;
    }
}

/* ---- the state holds other values than the declared defaults ---- */

static result save_three_quarters(self s, struct stream_table **stream) {
    fill(PLUGIN(s, component), 0.75);
    return save_state(PLUGIN(s, component), stream);
}

void trait_state_matters(void) {
    answers.declared = 0.25;
    answers.parts = COMPONENT_PART | PROCESSOR_PART;
    answers.controller = CONTROLLER_PART | MAPPING_PART;
    component_table.get_controller_id = own_controller;
    component_table.get_state = save_three_quarters;
}

/* ---- the stream is used in every way that its interface allows ---- */

enum { SIZE = 600 };

static uint8_t byte_at(int64_t position) { return (uint8_t)(position * 7 + 3); }

/* Seeks that a stream may refuse, but after which it must still work. */
static void seek_oddly(struct stream_table **stream) {
    uint8_t byte;
    int32_t done = 0;
    int64_t position;
    (*stream)->seek(stream, 1000, SEEK_END_, &position); /* beyond the end */
    (*stream)->read(stream, &byte, 1, &done);
    (*stream)->seek(stream, -1000000, SEEK_HERE, NULL);   /* before the beginning */
    (*stream)->seek(stream, 0, 99, NULL);                 /* in no known way */
    (*stream)->seek(stream, INT64_MAX, SEEK_HERE, NULL);
    (*stream)->read(stream, &byte, 1, NULL);
    (*stream)->read(stream, &byte, 0, NULL);
    (*stream)->write(stream, &byte, 0, NULL);
    (*stream)->seek(stream, 0, SEEK_START, NULL);
    (*stream)->read(stream, NULL, 0, &done);
}

/* Writes pieces of 1 to 13 bytes, the first half last, and some bytes twice. */
static result save_in_pieces(self s, struct stream_table **stream) {
    int64_t position = -1;
    uint8_t piece[16];
    (void)s;
    for (int round = 0; round < 2; round++) {
        for (int64_t at = 0; at < SIZE;) {
            int32_t length = (int32_t)(at % 13) + 1, done = -1;
            length = at + length > SIZE ? (int32_t)(SIZE - at) : length;
            for (int32_t i = 0; i < length; i++) {
                piece[i] = round == 0 ? 0xAA : byte_at(at + i);
            }
            if ((*stream)->write(stream, piece, length, at % 2 ? &done : NULL) != OK || (at % 2 && done != length)) {
                return FALSE_;
            }
            at += length;
        }
        seek_oddly(stream);
        if ((*stream)->seek(stream, 0, SEEK_START, &position) != OK || position != 0) {
            return FALSE_;
        }
    }
    /* It ends in the middle: who reads it has to go back to the beginning. */
    return (*stream)->seek(stream, SIZE / 2, SEEK_START, NULL);
}

/* Whether the bytes are there from the beginning on; a short read at the end is no error. */
static int holds_pieces(struct stream_table **stream) {
    uint8_t bytes[2 * SIZE];
    int64_t size = 0, position = -1;
    int32_t done = 0;
    if ((*stream)->tell(stream, &position) != OK || position != 0) {
        return 0;
    }
    if ((*stream)->seek(stream, 0, SEEK_END_, &size) != OK || size != SIZE) {
        return 0;
    }
    seek_oddly(stream);
    (*stream)->seek(stream, -SIZE, SEEK_END_, NULL);
    (*stream)->read(stream, bytes, sizeof bytes, &done);
    if (done != SIZE) {
        return 0;
    }
    for (int i = 0; i < SIZE; i++) {
        if (bytes[i] != byte_at(i)) {
            return 0;
        }
    }
    return 1;
}

static result load_pieces(self s, struct stream_table **stream) {
    if (!holds_pieces(stream)) {
        return FALSE_;
    }
    fill(PLUGIN(s, controller), 0.75);
    return OK;
}

static result ignore_state(self s, struct stream_table **stream) {
    (void)s, (void)stream;
    return OK;
}

void trait_state_stream(void) {
    answers.declared = 0.25;
    answers.parts = COMPONENT_PART | PROCESSOR_PART;
    answers.controller = CONTROLLER_PART | MAPPING_PART;
    component_table.get_controller_id = own_controller;
    component_table.get_state = save_in_pieces;
    component_table.set_state = ignore_state;
    controller_table.set_component_state = load_pieces;
}

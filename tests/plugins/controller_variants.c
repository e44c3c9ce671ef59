/* How a component comes by its controller, and what they say to each other. */
#define _GNU_SOURCE
#include "plugin.h"

/* ---- messages ---- */

enum { HELLO = 1, COUNT = 2 }; /* what a controller has received */
enum { BEFORE = 2, AFTER = 5 }; /* its parameters before and after the messages */
static const uint8_t blob[] = {0, 1, 2, 0xFF};

SHARED(connection)

/* A new message of the host's, or NULL. */
static struct message_table **new_message(struct plugin *p, const char *id) {
    static const uid host_iid = IID_HOST, message_iid = IID_MESSAGE;
    struct unknown_table **unknown = p->host;
    struct host_table **host = NULL;
    struct message_table **message = NULL;
    if (unknown == NULL || (*unknown)->query(unknown, host_iid, (void **)&host) != OK || host == NULL) {
        return NULL;
    }
    if ((*host)->create(host, message_iid, message_iid, (void **)&message) != OK) {
        message = NULL;
    }
    (*host)->release(host);
    if (message != NULL) {
        (*message)->set_id(message, id);
    }
    return message;
}

static void send(struct plugin *p, struct message_table **message) {
    if (p->peer != NULL) {
        (*p->peer)->notify(p->peer, message);
    }
    (*message)->release(message);
}

static void say_hello(struct plugin *p) {
    struct message_table **message = new_message(p, "zoo.hello");
    uint16_t title[16];
    if (message == NULL) {
        return;
    }
    struct attributes_table **list = (*message)->get_attributes(message);
    widen(title, "Sent");
    (*list)->set_float(list, "value", 0.75);
    (*list)->set_string(list, "title", title);
    (*list)->set_binary(list, "blob", blob, sizeof blob);
    send(p, message);
}

static void say_count(struct plugin *p) {
    struct message_table **message = new_message(p, "zoo.count");
    if (message != NULL) {
        struct attributes_table **list = (*message)->get_attributes(message);
        (*list)->set_int(list, "parameters", 1);
        (*list)->set_int(list, "parameters", AFTER); /* the second takes the place of the first */
        send(p, message);
    }
}

static void ask(struct plugin *p) {
    struct message_table **message = new_message(p, "zoo.ask");
    if (message != NULL) {
        send(p, message);
    }
}

/* Whether all that `say_hello` sent is in the list, and nothing else. */
static int is_hello(struct attributes_table **list, double *value) {
    uint16_t title[16] = {0}, expected[16];
    const void *data = NULL;
    uint32_t size = 0;
    int64_t number;
    widen(expected, "Sent");
    return (*list)->get_float(list, "value", value) == OK &&
           (*list)->get_string(list, "title", title, sizeof title) == OK &&
           memcmp(title, expected, 5 * sizeof *title) == 0 &&
           (*list)->get_binary(list, "blob", &data, &size) == OK && size == sizeof blob &&
           memcmp(data, blob, size) == 0 && (*list)->get_int(list, "absent", &number) != OK &&
           (*list)->get_int(list, "title", &number) != OK;
}

static result notify(self s, struct message_table **message) {
    struct plugin *p = PLUGIN(s, connection);
    const char *id = (*message)->get_id(message);
    struct attributes_table **list = (*message)->get_attributes(message);
    int64_t count;
    double value;
    if (id == NULL || list == NULL) {
        return INVALID;
    }
    if (strcmp(id, "zoo.ask") == 0) {
        say_count(p);
    } else if (strcmp(id, "zoo.hello") == 0 && is_hello(list, &value)) {
        p->received |= HELLO;
        p->values[GAIN] = value;
    } else if (strcmp(id, "zoo.count") == 0 && (*list)->get_int(list, "parameters", &count) == OK && count == AFTER) {
        p->received |= COUNT;
    } else {
        return FALSE_;
    }
    return OK;
}

static result connect(self s, struct connection_table **other) {
    struct plugin *p = PLUGIN(s, connection);
    if (other == NULL || p->peer != NULL) {
        return INVALID;
    }
    p->peer = other;
    if (p->parts & COMPONENT_PART) {
        say_hello(p);
    } else {
        ask(p);
    }
    return OK;
}

static result disconnect(self s, struct connection_table **other) {
    struct plugin *p = PLUGIN(s, connection);
    if (p->peer != other) {
        return INVALID;
    }
    p->peer = NULL;
    return OK;
}

struct connection_table connection_table = {
    connection_query, connection_add_ref, connection_release, connect, disconnect, notify,
};

/* ---- a controller with a class id of its own ---- */

static result own_controller(self s, uint8_t *cid) {
    class_id(PLUGIN(s, component)->class_, 1, cid);
    return OK;
}

/* Two parameters, or five and a title that was sent where the messages of both sides have arrived. */
static int32_t count_received(self s) {
    return PLUGIN(s, controller)->received == (HELLO | COUNT) ? AFTER : BEFORE;
}

static result (*good_parameter)(self, int32_t, struct parameter_info *);
static result received_parameter(self s, int32_t index, struct parameter_info *out) {
    if (index >= count_received(s)) {
        return INVALID;
    }
    result said = good_parameter(s, index, out);
    if (said == OK && index == AFTER - 1) {
        widen(out->title, "Sent");
    }
    return said;
}

/* The state says nothing: the values come with the messages. */
static result no_state(self s, struct stream_table **stream) {
    (void)s, (void)stream;
    return OK;
}

void trait_separate_controller(void) {
    answers.parts = COMPONENT_PART | PROCESSOR_PART | CONNECTION_PART;
    answers.controller = CONTROLLER_PART | MAPPING_PART | CONNECTION_PART;
    component_table.get_controller_id = own_controller;
    good_parameter = controller_table.get_parameter;
    controller_table.count_parameters = count_received;
    controller_table.get_parameter = received_parameter;
    component_table.get_state = component_table.set_state = no_state;
    controller_table.set_component_state = no_state;
}

void trait_no_controller(void) { answers.parts = COMPONENT_PART | PROCESSOR_PART; }

static result unknown_controller(self s, uint8_t *cid) {
    (void)s;
    memset(cid, 0xEE, sizeof(uid));
    return OK;
}

void trait_controller_gone(void) {
    answers.parts = COMPONENT_PART | PROCESSOR_PART;
    component_table.get_controller_id = unknown_controller;
}

/* ---- a controller that calls its handler without looking whether it has one ---- */

static struct controller_table good;

static void need_handler(self s) {
    if (PLUGIN(s, controller)->handler == NULL) {
        behave("segfault");
    }
}

static int32_t handled_count(self s) {
    need_handler(s);
    return good.count_parameters(s);
}

static result handled_parameter(self s, int32_t index, struct parameter_info *out) {
    need_handler(s);
    return good.get_parameter(s, index, out);
}

static result handled_text(self s, uint32_t id, double value, uint16_t *out) {
    need_handler(s);
    return good.text_of_value(s, id, value, out);
}

static double handled_value(self s, uint32_t id) {
    need_handler(s);
    return good.get_value(s, id);
}

static result handled_state(self s, struct stream_table **stream) {
    need_handler(s);
    return good.set_component_state(s, stream);
}

void trait_wants_handler(void) {
    good = controller_table;
    controller_table.count_parameters = handled_count;
    controller_table.get_parameter = handled_parameter;
    controller_table.text_of_value = handled_text;
    controller_table.get_value = handled_value;
    controller_table.set_component_state = handled_state;
}

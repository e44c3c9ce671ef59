/* Plugins that ask much of their host, or call it all the time. */
#define _GNU_SOURCE
#include "plugin.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* ---- asks the host context for everything ---- */

static void fail(const char *what) {
    fprintf(stderr, "zoo: the host does not give %s\n", what);
    behave("segfault");
}

static void query_unknown(struct unknown_table **host) {
    for (int i = 0; i < 200; i++) {
        uid iid = {0x5A, 0x6F, 0x6F, (uint8_t)i};
        void *found = NULL;
        if ((*host)->query(host, iid, &found) == OK && found != NULL) {
            fail("a plain no for an unknown interface");
        }
    }
}

/* One that asks for messages, some of which it never lets go of. */
static void query_objects(struct host_table **host) {
    static const uid message_iid = IID_MESSAGE, list_iid = IID_ATTRIBUTES, unknown_iid = {1, 2, 3};
    for (int i = 0; i < 50; i++) {
        struct message_table **message = NULL;
        struct attributes_table **list = NULL;
        void *nothing = NULL;
        text name = {0};
        if ((*host)->get_name(host, name) != OK || name[0] == 0) {
            fail("its name");
        }
        if ((*host)->create(host, message_iid, message_iid, (void **)&message) != OK || message == NULL) {
            fail("an IMessage");
        }
        if ((*host)->create(host, list_iid, list_iid, (void **)&list) != OK || list == NULL) {
            fail("an IAttributeList");
        }
        if ((*host)->create(host, unknown_iid, unknown_iid, &nothing) == OK && nothing != NULL) {
            fail("a plain no for an unknown class");
        }
        if ((*message)->get_attributes(message) == NULL) {
            fail("a message's attributes");
        }
        if (i % 2) {
            (*message)->release(message);
            (*list)->release(list);
        }
    }
}

static result (*good_initialize)(self, void *);

static result ask_for_everything(self s, void *context) {
    static const uid host_iid = IID_HOST, support_iid = IID_INTERFACE_SUPPORT, handler_iid = IID_HANDLER;
    struct unknown_table **unknown = context;
    struct host_table **host = NULL;
    struct interface_support_table **support = NULL;
    if (unknown == NULL) {
        fail("a context");
    }
    query_unknown(unknown);
    if ((*unknown)->query(unknown, host_iid, (void **)&host) != OK || host == NULL) {
        fail("its IHostApplication");
    }
    query_objects(host);
    (*host)->release(host);
    if ((*unknown)->query(unknown, support_iid, (void **)&support) != OK || support == NULL) {
        fail("its IPlugInterfaceSupport");
    }
    if ((*support)->is_supported(support, handler_iid) < -1) {
        fail("an answer about IComponentHandler");
    }
    (*support)->release(support);
    return good_initialize(s, context);
}

void trait_wants_everything(void) {
    good_initialize = component_table.initialize;
    component_table.initialize = ask_for_everything;
}

/* ---- calls its component handler from a thread of its own ---- */

static pthread_t caller;
static struct handler_table **called;
static volatile int calling;

static void *call(void *unused) {
    for (uint32_t i = 0; calling; i++) {
        (*called)->begin_edit(called, i % 8);
        (*called)->perform_edit(called, i % 8, (i % 100) / 99.0);
        (*called)->end_edit(called, i % 8);
        (*called)->restart(called, i % 16 == 0 ? 1 << (i / 16 % 12) : 0);
        usleep(100);
    }
    return unused;
}

static void stop_calling(void) {
    if (calling) {
        calling = 0;
        pthread_join(caller, NULL);
    }
}

static result call_handler(self s, void *handler) {
    (void)s;
    stop_calling();
    if (handler != NULL) {
        called = handler;
        calling = pthread_create(&caller, NULL, call, NULL) == 0;
    }
    return OK;
}

static result (*good_terminate)(self);

static result terminate(self s) {
    stop_calling();
    return good_terminate(s);
}

void trait_thread_callbacks(void) {
    good_terminate = controller_table.terminate;
    controller_table.set_handler = call_handler;
    controller_table.terminate = terminate;
}

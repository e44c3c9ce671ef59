/* The part of the VST3 interface that a small plugin needs, as plain C, written from the published facts.
 *
 * A VST3 interface is a pointer to a table of functions whose order is fixed; the first three are always query,
 * add_ref and release. Texts are UTF-16 in fields of fixed size, class ids 16 bytes. Only the orders, the layouts,
 * the ids and the numbers matter to a host: every name here is our own. Linux and macOS, 64 bits.
 */
#ifndef ZOO_VST3_H
#define ZOO_VST3_H

#include <stdint.h>

typedef int32_t result;
enum { NO_INTERFACE = -1, OK = 0, FALSE_ = 1, INVALID = 2, NOT_DONE = 3 };

typedef uint8_t uid[16];
typedef uint16_t text[128];
typedef void *self; /* the address of the pointer to the table */

/* Interface ids: four 32-bit numbers, each with its highest byte first. */
#define UID(a, b, c, d) {BYTES(a), BYTES(b), BYTES(c), BYTES(d)}
#define BYTES(n) (uint8_t)((n) >> 24), (uint8_t)((n) >> 16), (uint8_t)((n) >> 8), (uint8_t)(n)
#define IID_UNKNOWN UID(0x00000000u, 0x00000000u, 0xC0000000u, 0x00000046u)
#define IID_BASE UID(0x22888DDBu, 0x156E45AEu, 0x8358B348u, 0x08190625u)
#define IID_FACTORY UID(0x7A4D811Cu, 0x52114A1Fu, 0xAED9D2EEu, 0x0B43BF9Fu)
#define IID_FACTORY2 UID(0x0007B650u, 0xF24B4C0Bu, 0xA464EDB9u, 0xF00B2ABBu)
#define IID_FACTORY3 UID(0x4555A2ABu, 0xC1234E57u, 0x9B122910u, 0x36878931u)
#define IID_COMPONENT UID(0xE831FF31u, 0xF2D54301u, 0x928EBBEEu, 0x25697802u)
#define IID_PROCESSOR UID(0x42043F99u, 0xB7DA453Cu, 0xA569E79Du, 0x9AAEC33Du)
#define IID_CONTROLLER UID(0xDCD7BBE3u, 0x7742448Du, 0xA874AACCu, 0x979C759Eu)
#define IID_MIDI_MAPPING UID(0xDF0FF9F7u, 0x49B74669u, 0xB63AB732u, 0x7ADBF5E5u)
#define IID_UNIT_INFO UID(0x3D4BD6B5u, 0x913A4FD2u, 0xA886E768u, 0xA5EB92C1u)
#define IID_CONNECTION UID(0x70A4156Fu, 0x6E6E4026u, 0x989148BFu, 0xAA60D8D1u)
#define IID_MESSAGE UID(0x936F033Bu, 0xC6C047DBu, 0xBB0882F8u, 0x13C1E613u)
#define IID_ATTRIBUTES UID(0x1E5F0AEBu, 0xCC7F4533u, 0xA2544011u, 0x38AD5EE4u)
#define IID_HOST UID(0x58E595CCu, 0xDB2D4969u, 0x8B6AAF8Cu, 0x36A664E5u)
#define IID_INTERFACE_SUPPORT UID(0x4FB58B9Eu, 0x9EAA4E0Fu, 0xAB361C1Cu, 0xCCB56FEAu)
#define IID_HANDLER UID(0x93A0BEA3u, 0x0BD045DBu, 0x8E890B0Cu, 0xC1E46AC6u)
#define IID_STREAM UID(0xC3BF6EA2u, 0x30994752u, 0x9B6BF990u, 0x1EE33E9Bu)

#define UNKNOWN_PART                                     \
    result (*query)(self, const uint8_t *iid, void **out); \
    uint32_t (*add_ref)(self);                           \
    uint32_t (*release)(self)

/* ---- the factory ---- */

struct factory_info {
    char vendor[64], url[256], email[128];
    int32_t flags;
};
enum { FACTORY_UNICODE = 16 };

struct class_info {
    uid cid;
    int32_t cardinality;
    char category[32], name[64];
};
enum { MANY_INSTANCES = 0x7FFFFFFF };

struct class_info2 {
    uid cid;
    int32_t cardinality;
    char category[32], name[64];
    uint32_t flags;
    char subcategories[128], vendor[64], version[64], sdk[64];
};

struct class_info_wide {
    uid cid;
    int32_t cardinality;
    char category[32];
    uint16_t name[64];
    uint32_t flags;
    char subcategories[128];
    uint16_t vendor[64], version[64], sdk[64];
};

struct factory_table {
    UNKNOWN_PART;
    result (*get_info)(self, struct factory_info *);
    int32_t (*count_classes)(self);
    result (*get_class)(self, int32_t, struct class_info *);
    result (*create)(self, const uint8_t *cid, const uint8_t *iid, void **out);
    result (*get_class2)(self, int32_t, struct class_info2 *);          /* since factory 2 */
    result (*get_class_wide)(self, int32_t, struct class_info_wide *);  /* since factory 3 */
    result (*set_host)(self, void *);
};

/* ---- the component: buses, state ---- */

enum { AUDIO = 0, EVENTS = 1, INPUT = 0, OUTPUT = 1, MAIN_BUS = 0, AUX_BUS = 1, ACTIVE_BUS = 1 };
enum { STEREO = 3, MONO = 0x80000 }; /* speaker arrangements: left and right; one speaker */

struct bus_info {
    int32_t media, direction, channels;
    text name;
    int32_t kind;
    uint32_t flags;
};

struct stream_table {
    UNKNOWN_PART;
    result (*read)(self, void *, int32_t, int32_t *);
    result (*write)(self, const void *, int32_t, int32_t *);
    result (*seek)(self, int64_t, int32_t, int64_t *);
    result (*tell)(self, int64_t *);
};
enum { SEEK_START = 0, SEEK_HERE = 1, SEEK_END_ = 2 };

struct component_table {
    UNKNOWN_PART;
    result (*initialize)(self, void *host);
    result (*terminate)(self);
    result (*get_controller_id)(self, uint8_t *);
    result (*set_io_mode)(self, int32_t);
    int32_t (*count_buses)(self, int32_t media, int32_t direction);
    result (*get_bus)(self, int32_t media, int32_t direction, int32_t, struct bus_info *);
    result (*get_routing)(self, void *, void *);
    result (*activate_bus)(self, int32_t media, int32_t direction, int32_t, uint8_t);
    result (*set_active)(self, uint8_t);
    result (*set_state)(self, struct stream_table **);
    result (*get_state)(self, struct stream_table **);
};

/* ---- the processor ---- */

struct setup {
    int32_t mode, sample_size, block;
    double rate;
};

struct buffers {
    int32_t channels;
    uint64_t silence;
    float **samples;
};

struct value_queue_table {
    UNKNOWN_PART;
    uint32_t (*get_id)(self);
    int32_t (*count)(self);
    result (*get_point)(self, int32_t, int32_t *offset, double *value);
    result (*add_point)(self, int32_t, double, int32_t *);
};

struct changes_table {
    UNKNOWN_PART;
    int32_t (*count)(self);
    struct value_queue_table **(*get_queue)(self, int32_t);
    struct value_queue_table **(*add_queue)(self, const uint32_t *, int32_t *);
};

struct event {
    int32_t bus, offset;
    double beat;
    uint16_t flags, type;
    union {
        struct { int16_t channel, pitch; float tuning, velocity; } note;
        double room[8];
    } as;
};
enum { NOTE_ON = 0, NOTE_OFF = 1 };

struct events_table {
    UNKNOWN_PART;
    int32_t (*count)(self);
    result (*get)(self, int32_t, struct event *);
    result (*add)(self, struct event *);
};

struct process_data {
    int32_t mode, sample_size, samples, inputs, outputs;
    struct buffers *in, *out;
    struct changes_table **changes_in, **changes_out;
    struct events_table **events_in, **events_out;
    void *context;
};

struct processor_table {
    UNKNOWN_PART;
    result (*set_arrangements)(self, uint64_t *in, int32_t, uint64_t *out, int32_t);
    result (*get_arrangement)(self, int32_t direction, int32_t, uint64_t *);
    result (*can_process)(self, int32_t sample_size);
    uint32_t (*get_latency)(self);
    result (*set_up)(self, struct setup *);
    result (*set_processing)(self, uint8_t);
    result (*process)(self, struct process_data *);
    uint32_t (*get_tail)(self);
};

/* ---- the controller: parameters ---- */

struct parameter_info {
    uint32_t id;
    text title, short_title, units;
    int32_t steps;
    double initial;
    int32_t unit, flags;
};
enum { CAN_AUTOMATE = 1, READ_ONLY = 2, IS_LIST = 8, IS_HIDDEN = 16, IS_PROGRAM = 0x8000, IS_BYPASS = 0x10000 };

struct controller_table {
    UNKNOWN_PART;
    result (*initialize)(self, void *host);
    result (*terminate)(self);
    result (*set_component_state)(self, struct stream_table **);
    result (*set_state)(self, struct stream_table **);
    result (*get_state)(self, struct stream_table **);
    int32_t (*count_parameters)(self);
    result (*get_parameter)(self, int32_t, struct parameter_info *);
    result (*text_of_value)(self, uint32_t id, double, uint16_t *);
    result (*value_of_text)(self, uint32_t id, const uint16_t *, double *);
    double (*to_plain)(self, uint32_t id, double);
    double (*to_normalized)(self, uint32_t id, double);
    double (*get_value)(self, uint32_t id);
    result (*set_value)(self, uint32_t id, double);
    result (*set_handler)(self, void *);
    void *(*create_view)(self, const char *);
};

struct midi_mapping_table {
    UNKNOWN_PART;
    result (*get_parameter)(self, int32_t bus, int16_t channel, int16_t controller, uint32_t *id);
};

/* ---- units (groups of parameters) and program lists ---- */

struct unit {
    int32_t id, parent;
    text name;
    int32_t programs; /* the id of its program list */
};
enum { ROOT_UNIT = 0, NO_PARENT = -1, NO_PROGRAMS = -1 };

struct program_list {
    int32_t id;
    text name;
    int32_t count;
};

struct unit_info_table {
    UNKNOWN_PART;
    int32_t (*count_units)(self);
    result (*get_unit)(self, int32_t index, struct unit *);
    int32_t (*count_lists)(self);
    result (*get_list)(self, int32_t index, struct program_list *);
    result (*get_program)(self, int32_t list, int32_t program, uint16_t *name);
    result (*get_program_info)(self, int32_t list, int32_t program, const char *key, uint16_t *value);
    result (*has_pitch_names)(self, int32_t list, int32_t program);
    result (*get_pitch_name)(self, int32_t list, int32_t program, int16_t pitch, uint16_t *name);
    int32_t (*get_selected)(self);
    result (*select)(self, int32_t unit);
    result (*unit_of_bus)(self, int32_t media, int32_t direction, int32_t bus, int32_t channel, int32_t *unit);
    result (*set_program_data)(self, int32_t list, int32_t program, struct stream_table **);
};

/* ---- messages between component and controller ---- */

struct attributes_table {
    UNKNOWN_PART;
    result (*set_int)(self, const char *key, int64_t);
    result (*get_int)(self, const char *key, int64_t *);
    result (*set_float)(self, const char *key, double);
    result (*get_float)(self, const char *key, double *);
    result (*set_string)(self, const char *key, const uint16_t *);
    result (*get_string)(self, const char *key, uint16_t *, uint32_t bytes);
    result (*set_binary)(self, const char *key, const void *, uint32_t bytes);
    result (*get_binary)(self, const char *key, const void **, uint32_t *bytes);
};

struct message_table {
    UNKNOWN_PART;
    const char *(*get_id)(self);
    void (*set_id)(self, const char *);
    struct attributes_table **(*get_attributes)(self);
};

struct connection_table {
    UNKNOWN_PART;
    result (*connect)(self, struct connection_table **);
    result (*disconnect)(self, struct connection_table **);
    result (*notify)(self, struct message_table **);
};

/* ---- what the host offers ---- */

struct unknown_table {
    UNKNOWN_PART;
};

struct host_table {
    UNKNOWN_PART;
    result (*get_name)(self, uint16_t *);
    result (*create)(self, const uint8_t *cid, const uint8_t *iid, void **out);
};

struct interface_support_table {
    UNKNOWN_PART;
    result (*is_supported)(self, const uint8_t *iid);
};

struct handler_table {
    UNKNOWN_PART;
    result (*begin_edit)(self, uint32_t id);
    result (*perform_edit)(self, uint32_t id, double);
    result (*end_edit)(self, uint32_t id);
    result (*restart)(self, int32_t flags);
};

#endif

/* Plugins with other buses than one stereo input and output. */
#define _GNU_SOURCE
#include "plugin.h"

/* Every bus of a plugin, in the order of their direction's indices. */
struct bus {
    int32_t media, direction, channels, kind;
    const char *name;
};

static const struct bus sidechain[] = {
    {AUDIO, INPUT, 2, MAIN_BUS, "In"},   {AUDIO, INPUT, 1, AUX_BUS, "Sidechain"}, {AUDIO, OUTPUT, 2, MAIN_BUS, "Out"},
    {EVENTS, INPUT, 16, MAIN_BUS, "Notes"}, {EVENTS, OUTPUT, 16, MAIN_BUS, "Notes"},  {0},
};
static const struct bus mono_to_stereo[] = {
    {AUDIO, INPUT, 1, MAIN_BUS, "In"},
    {AUDIO, OUTPUT, 2, MAIN_BUS, "Out"},
    {0},
};
static const struct bus *buses;

/* The bus of an index, or the end of the list. */
static const struct bus *find(int32_t media, int32_t direction, int32_t index) {
    const struct bus *bus = buses;
    for (; bus->channels > 0; bus++) {
        if (bus->media == media && bus->direction == direction && index-- == 0) {
            break;
        }
    }
    return bus;
}

static int32_t count_buses(self s, int32_t media, int32_t direction) {
    int32_t count = 0;
    (void)s;
    while (find(media, direction, count)->channels > 0) {
        count++;
    }
    return count;
}

static result get_bus(self s, int32_t media, int32_t direction, int32_t index, struct bus_info *out) {
    (void)s;
    const struct bus *bus = find(media, direction, index);
    if (index < 0 || bus->channels == 0) {
        return INVALID;
    }
    *out = (struct bus_info){.media = media, .direction = direction, .channels = bus->channels, .kind = bus->kind};
    out->flags = bus->kind == MAIN_BUS ? ACTIVE_BUS : 0;
    widen(out->name, bus->name);
    return OK;
}

static result activate_bus(self s, int32_t media, int32_t direction, int32_t index, uint8_t on) {
    (void)on;
    return index >= 0 && index < count_buses(s, media, direction) ? OK : INVALID;
}

static uint64_t arrangement(const struct bus *bus) { return bus->channels == 1 ? MONO : STEREO; }

static result get_arrangement(self s, int32_t direction, int32_t index, uint64_t *out) {
    (void)s;
    const struct bus *bus = find(AUDIO, direction, index);
    if (index < 0 || bus->channels == 0) {
        return INVALID;
    }
    *out = arrangement(bus);
    return OK;
}

/* Only the arrangements that it has are accepted. */
static result set_arrangements(self s, uint64_t *in, int32_t ins, uint64_t *out, int32_t outs) {
    if (ins != count_buses(s, AUDIO, INPUT) || outs != count_buses(s, AUDIO, OUTPUT)) {
        return FALSE_;
    }
    for (int32_t i = 0; i < ins + outs; i++) {
        uint64_t wanted = i < ins ? in[i] : out[i - ins];
        if (wanted != arrangement(i < ins ? find(AUDIO, INPUT, i) : find(AUDIO, OUTPUT, i - ins))) {
            return FALSE_;
        }
    }
    return OK;
}

static void use(const struct bus *list) {
    buses = list;
    component_table.count_buses = count_buses;
    component_table.get_bus = get_bus;
    component_table.activate_bus = activate_bus;
    processor_table.get_arrangement = get_arrangement;
    processor_table.set_arrangements = set_arrangements;
}

void trait_sidechain(void) { use(sidechain); }
void trait_mono_to_stereo(void) { use(mono_to_stereo); }

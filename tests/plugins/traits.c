/* Finds the trait that a bundle was made with: a function that changes what its plugins answer. */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>

void use_trait(void) {
#define ENTRY(name) {#name, trait_##name},
    static const struct {
        const char *name;
        void (*use)(void);
    } traits[] = {TRAITS(ENTRY)};
    if (zoo.trait[0] == 0) {
        return;
    }
    for (size_t i = 0; i < sizeof traits / sizeof *traits; i++) {
        if (strncmp(traits[i].name, zoo.trait, sizeof zoo.trait) == 0) {
            traits[i].use();
            return;
        }
    }
    fprintf(stderr, "zoo: no trait named %.24s\n", zoo.trait);
    abort();
}

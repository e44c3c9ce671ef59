/* What every way out has in common: where the witness is, and how to leave a trace. */
#ifndef ESCAPE_H
#define ESCAPE_H

struct way_out {
    const char *name;
    void (*act)(void);
};
/* Ends with an empty name. */
extern const struct way_out further_ways_out[];

/* Path of a name in the witness's folder, and in the plugin's own. Four of each live at a time in a thread. */
const char *target(const char *name);
const char *own(const char *name);

/* A number in the environment; -1 where there is none. */
int number(const char *name);

/* Print what the witness looks for. */
void escaped(const char *name);
void escaped_if(int succeeded, const char *name);

void put_and_close(int fd);

#endif

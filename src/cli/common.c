/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several commands need: names of pictures, colours, and the signals that end a run.
 * Signals are blocked and asked for instead of handled, so that there is no handler, no
 * global, and no moment at which one could come at a wrong time.
 */
#include "base/str.h"
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *picture_name(struct arena *a, const char *database)
{
    size_t len = strlen(database);
    if (str_ends(database, ".db"))
        len -= 3;
    return arena_printf(a, "%.*s.png", (int)len, database);
}

bool wants_color(FILE *out)
{
    const char *no = getenv("NO_COLOR");
    return !(no && *no) && isatty(fileno(out)) == 1;
}

void signals_hold(struct signals *s)
{
    sigemptyset(&s->stop);
    sigaddset(&s->stop, SIGINT);
    sigaddset(&s->stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &s->stop, &s->before);
}

bool signals_came(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

void signals_release(struct signals *s)
{
    int which = 0;
    while (signals_came() && sigwait(&s->stop, &which) == 0) {
    }
    sigprocmask(SIG_SETMASK, &s->before, NULL);
}

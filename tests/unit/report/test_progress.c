/* SPDX-License-Identifier: Apache-2.0 */
/* Progress: its words, and that it says nothing where nobody reads. */
#include "report/progress.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

Test(progress, lines)
{
    static const struct {
        simtime now;
        simtime total;
        double wall;
        const char *text;
    } rows[] = {
        {0, SIMTIME_DAY, 1, "  0 %  0s simulated"},
        {SIMTIME_DAY / 2, SIMTIME_DAY, 10, " 50 %  12h00m simulated, 10s left"},
        {SIMTIME_DAY, SIMTIME_DAY, 10, "100 %  1d00h simulated, 0s left"},
        {2 * SIMTIME_DAY, SIMTIME_DAY, 10, "100 %  2d00h simulated, 0s left"},
        {SIMTIME_HOUR, 0, 1, "  0 %  1h00m simulated"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[96];
        progress_line(line, rows[i].now, rows[i].total, rows[i].wall);
        cr_expect_str_eq(line, rows[i].text, "row %zu: %s", i, line);
    }
}

static size_t shown(bool force, long wait_ms)
{
    FILE *f = tmpfile();
    struct progress p;
    progress_begin(&p, f, SIMTIME_DAY, force);
    struct observer o = progress_observer(&p);
    const struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
    for (int i = 0; i < 200; i++) {
        cr_expect(o.tick(o.context, SIMTIME_HOUR));
    }
    char text[512] = "";
    rewind(f);
    size_t before = fread(text, 1, sizeof text - 1, f);
    progress_end(&p);
    progress_end(&p);
    rewind(f);
    size_t after = fread(text, 1, sizeof text - 1, f);
    cr_expect(before == 0 || (after > before && strstr(text, "  4 %  1h00m simulated")), "\"%s\"",
              text);
    cr_expect(before > 0 || after == 0, "erases what it has not shown");
    fclose(f);
    return before;
}

Test(progress, only_on_terminals_and_after_a_second)
{
    cr_expect(shown(false, 1100) == 0);
    cr_expect(shown(true, 0) == 0);
    cr_expect(shown(true, 1100) > 0);
}

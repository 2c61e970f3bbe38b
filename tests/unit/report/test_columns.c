/* SPDX-License-Identifier: Apache-2.0 */
/* Cells line up, by characters and not bytes. */
#include "report/columns.h"

#include <criterion/criterion.h>

Test(columns, line_up)
{
    static const struct {
        const char *name;
        const char *align;
        const char *cells[7];
        size_t indent;
        const char *text;
    } rows[] = {
        {"nothing", "lr", {NULL}, 0, ""},
        {"one cell", "l", {"a"}, 0, "a\n"},
        {"right", "lr", {"web", "3", "worker", "12"}, 0, "web      3\nworker  12\n"},
        {"left last has no blanks behind", "rl", {"1", "x", "10", "long"}, 0, " 1  x\n10  long\n"},
        {"empty cells", "lrr", {"a", "", "1", "b", "22", ""}, 2, "  a      1\n  b  22\n"},
        {"characters of several bytes", "lr", {"é", "1", "ab", "2"}, 0, "é   1\nab  2\n"},
        {"half a row is left out", "lr", {"a", "1", "b"}, 0, "a  1\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct columns t = {.arena = &a, .align = rows[i].align};
        struct strbuf out = {.arena = &a};
        for (size_t j = 0; j < 7 && rows[i].cells[j] != NULL; j++) {
            columns_printf(&t, "%s", rows[i].cells[j]);
        }
        columns_write(&t, rows[i].indent, &out);
        cr_expect_str_eq(strbuf_text(&out), rows[i].text, "%s: \"%s\"", rows[i].name,
                         strbuf_text(&out));
        arena_drop(&a);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: the look, the order, the caret, the limit, and what must not reach the terminal. */
#include "base/diag.h"
#include "base/str.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char *printed(struct diag *d)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    diag_print(d, out);
    fclose(out);
    const char *copy = arena_strndup(d->arena, text, len);
    free(text);
    return copy;
}

static struct mark at(uint32_t source, uint32_t line, uint32_t col)
{
    return (struct mark){.source = source, .line = line, .col = col};
}

Test(diag, nothing)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    cr_expect_str_eq(printed(&d), "");
    diag_help(&d, "no item to help");
    cr_expect_null(diag_message(&d, 0));
    arena_drop(&a);
}

Test(diag, look_and_order)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    static const char text[] = "kind: Pod\nspec:\n\treplicas: é x\nlast\r\n";
    uint32_t f = diag_source(&d, "a.yaml", text, sizeof text - 1);
    uint32_t g = diag_source(&d, "b.yaml", NULL, 0);
    diag_error(&d, at(g, 2, 3), "no text kept");
    diag_error(&d, at(f, 3, 14), "third");
    diag_help(&d, "do %s", "this");
    diag_help(&d, "or that");
    diag_warning(&d, at(f, 1, 1), "first");
    diag_warning(&d, at(f, 1, 1), "second");
    diag_error(&d, at(f, 0, 0), "whole file");
    diag_note(&d, (struct mark){0}, "nowhere");
    diag_error(&d, at(f, 4, 5), "past the end of the line");
    diag_error(&d, at(f, 99, 1), "past the end of the file");
    cr_expect(d.errors == 5 && d.warnings == 2 && d.count == 8);
    cr_expect_str_eq(diag_message(&d, 1), "third");
    cr_expect_str_eq(printed(&d), "podtide: note: nowhere\n"
                                  "a.yaml: error: whole file\n"
                                  "a.yaml:1:1: warning: first\n"
                                  "    kind: Pod\n"
                                  "    ^\n"
                                  "a.yaml:1:1: warning: second\n"
                                  "    kind: Pod\n"
                                  "    ^\n"
                                  "a.yaml:3:14: error: third\n"
                                  "    \treplicas: é x\n"
                                  "    \t            ^\n"
                                  "    help: do this\n"
                                  "    help: or that\n"
                                  "a.yaml:4:5: error: past the end of the line\n"
                                  "    last\n"
                                  "        ^\n"
                                  "a.yaml:99:1: error: past the end of the file\n"
                                  "b.yaml:2:3: error: no text kept\n");
    cr_expect_str_eq(printed(&d), "", "forgotten");
    cr_expect(d.errors == 5 && d.warnings == 2);
    arena_drop(&a);
}

Test(diag, empty_line_and_empty_file)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    uint32_t f = diag_source(&d, "f", "\n", 1);
    uint32_t g = diag_source(&d, "g", "", 0);
    diag_error(&d, at(f, 1, 1), "x");
    diag_error(&d, at(g, 1, 1), "y");
    diag_error(&d, at(g, 1, 0), "z");
    cr_expect_str_eq(printed(&d), "f:1:1: error: x\n    \n    ^\n"
                                  "g:1: error: z\n    \n"
                                  "g:1:1: error: y\n    \n    ^\n");
    arena_drop(&a);
}

Test(diag, long_lines_show_a_window)
{
    struct arena a = {0};
    char text[1001];
    for (size_t i = 0; i < 1000; i++) {
        text[i] = (char)('0' + (i + 1) % 10);
    }
    text[1000] = '\0';
    static const struct {
        size_t len;
        uint32_t col;
        bool left;
        bool right;
    } rows[] = {
        {160, 160, false, false}, {161, 1, false, true},     {161, 161, true, false},
        {1000, 1, false, true},   {1000, 80, false, true},   {1000, 500, true, true},
        {1000, 990, true, false}, {1000, 1001, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d = {.arena = &a};
        uint32_t f = diag_source(&d, "f", text, rows[i].len);
        diag_error(&d, at(f, 1, rows[i].col), "x");
        const char *line = strchr(printed(&d), '\n') + 1;
        const char *caret = strchr(line, '\n') + 1;
        size_t column = strcspn(caret, "^") - 4;
        line += 4;
        cr_expect_eq(str_starts(line, "…"), rows[i].left, "row %zu left", i);
        cr_expect_eq(strncmp(caret - 4, "…\n", 4) == 0, rows[i].right, "row %zu right", i);
        size_t bytes = column + (rows[i].left ? 2 : 0); /* … is three bytes, one column */
        char under = line[bytes];
        char want = rows[i].col > rows[i].len ? '\n' : (char)('0' + rows[i].col % 10);
        cr_expect_eq(under, want, "row %zu: caret under '%c', want '%c'", i, under, want);
    }
    arena_drop(&a);
}

Test(diag, control_sequences_do_not_pass)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    static const char text[] = "a\x1b[31m\x7f\xc2\x9b\xff z";
    uint32_t f = diag_source(&d, "f\x1b", text, sizeof text - 1);
    diag_error(&d, at(f, 1, 11), "bad \x1b[2J \xfe");
    diag_help(&d, "\x1b]0;x\x07");
    cr_expect_str_eq(printed(&d), "f?:1:11: error: bad ?[2J ?\n"
                                  "    a?[31m??? z\n"
                                  "              ^\n"
                                  "    help: ?]0;x?\n");
    arena_drop(&a);
}

/* A trace is read to be checked and again to be used: what is odd about it is said once. */
Test(diag, the_same_is_said_once)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    uint32_t f = diag_source(&d, "a.log", NULL, 0);
    uint32_t again = diag_source(&d, "a.log", NULL, 0);
    uint32_t other = diag_source(&d, "b.log", NULL, 0);
    diag_note(&d, at(f, 3, 1), "odd");
    diag_help(&d, "first");
    diag_note(&d, at(again, 3, 1), "odd");
    diag_help(&d, "second");
    diag_error(&d, at(f, 4, 1), "bad");
    diag_error(&d, at(f, 4, 1), "bad");
    cr_expect_eq(d.errors, 2);
    cr_expect_str_eq(printed(&d), "a.log:3:1: note: odd\n    help: first\na.log:4:1: error: bad\n");
    diag_note(&d, at(again, 3, 1), "odd");
    diag_error(&d, at(again, 4, 1), "bad");
    cr_expect_str_eq(printed(&d), "");
    diag_note(&d, at(other, 3, 1), "odd");
    diag_note(&d, at(f, 3, 2), "odd");
    diag_warning(&d, at(f, 3, 1), "odd");
    cr_expect_str_eq(printed(&d), "a.log:3:1: warning: odd\na.log:3:2: note: odd\n"
                                  "b.log:3:1: note: odd\n");
    arena_drop(&a);
}

Test(diag, limit)
{
    struct arena a = {0};
    static const struct {
        size_t limit;
        unsigned errors;
        size_t shown;
        const char *last;
    } rows[] = {
        {0, 50, 50, ""},
        {0, 51, 50, "… and 1 more error\n"},
        {0, 150, 50, "… and 100 more errors\n"},
        {2, 3, 2, "… and 1 more error\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d = {.arena = &a, .limit = rows[i].limit};
        uint32_t f = diag_source(&d, "f", NULL, 0);
        for (unsigned e = 0; e < rows[i].errors; e++) {
            diag_error(&d, at(f, e + 1, 1), "e%u", e);
            diag_help(&d, "h%u", e);
        }
        cr_expect_eq(d.errors, rows[i].errors);
        cr_expect_eq(d.count, rows[i].shown);
        const char *text = printed(&d);
        cr_expect(str_ends(text, rows[i].last), "row %zu: %s", i, text);
        char last_help[32];
        snprintf(last_help, sizeof last_help, "help: h%zu\n", rows[i].shown - 1);
        cr_expect(strstr(text, last_help) != NULL, "row %zu", i);
        snprintf(last_help, sizeof last_help, "help: h%zu\n", rows[i].shown);
        cr_expect(strstr(text, last_help) == NULL, "row %zu: help of an item left out", i);
    }
    arena_drop(&a);
}

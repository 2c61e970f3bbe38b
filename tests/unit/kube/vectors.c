/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static unsigned hex(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void unescape(char *s)
{
    char *out = s;
    for (; *s != '\0'; s++) {
        if (*s == '%') {
            *out++ = (char)(hex(s[1]) << 4 | hex(s[2]));
            s += 2;
        } else {
            *out++ = *s;
        }
    }
    *out = '\0';
}

static size_t cut(char *line, char *fields[VECTOR_FIELDS])
{
    size_t n = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *s = line; s != NULL && n < VECTOR_FIELDS; n++) {
        fields[n] = s;
        s = strchr(s, '\t');
        if (s != NULL) {
            *s++ = '\0';
        }
    }
    for (size_t i = 0; i < n; i++) {
        unescape(fields[i]);
    }
    return n;
}

size_t vectors_each(const char *path, vector_check *check)
{
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in, "run from the project's root: %s is missing", path);
    struct arena a = {0};
    char line[4096];
    size_t rows = 0;
    for (; fgets(line, sizeof line, in) != NULL; rows++) {
        char *fields[VECTOR_FIELDS];
        check(&a, fields, cut(line, fields));
        arena_reset(&a);
    }
    (void)fclose(in);
    arena_drop(&a);
    return rows;
}

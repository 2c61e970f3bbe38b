/* SPDX-License-Identifier: Apache-2.0 */
#include "complaints.h"

#include "base/str.h"
#include "manifest/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *complaints(struct arena *a, struct diag *d)
{
    struct strbuf b = {.arena = a};
    char *printed = NULL;
    size_t size;
    FILE *out = open_memstream(&printed, &size);
    diag_print(d, out);
    (void)fclose(out);
    for (char *line = strtok(printed, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *error = strstr(line, " error: ");
        char *help = strstr(line, "    help: ");
        if (str_starts(line, "t.yaml:") && error != NULL) {
            strbuf_printf(&b, "%.*s%s\n", (int)(error - line - 7), line + 7, error + 7);
        } else if (help == line) {
            strbuf_printf(&b, "  %s\n", help + strlen("    help: "));
        }
    }
    free(printed);
    return strbuf_text(&b);
}

const struct node *read_text(struct arena *a, const char *text, struct diag *d)
{
    struct yaml_stream stream = {0};
    *d = (struct diag){.arena = a};
    uint32_t source = diag_source(d, "t.yaml", text, strlen(text));
    (void)yaml_read(a, text, strlen(text), source, d, &stream);
    return stream.count != 0 ? stream.documents[0] : NULL;
}

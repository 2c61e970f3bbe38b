/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML and JSON text into node trees, as kubectl reads manifests (sigs.k8s.io/yaml
 * v1.6.0 over go.yaml.in/yaml/v2 v2.4.3): several documents, anchors, aliases and
 * merge keys resolved, scalars typed by YAML 1.1 as there (yes and on are booleans,
 * 010 is 8), numbers rewritten as the JSON that reaches the API server ("1_000" is
 * "1000", "1e3" is "1000").
 *
 * Refused, with the place: duplicate keys, nesting beyond YAML_MAX_DEPTH, aliases that
 * make a small text large, NUL bytes, text that is not UTF-8, infinities.
 */
#ifndef MANIFEST_YAML_H
#define MANIFEST_YAML_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YAML_MAX_DEPTH 128
#define YAML_MAX_BYTES ((size_t)64 << 20) /* of one file */

struct yaml_stream {
    const struct node **documents; /* those that are not empty, in order */
    size_t count;
    size_t cap;
};

/*
 * Adds the text's documents to *out. JSON, several values in a row too, when it begins with
 * { or [. False after errors, which are reported against source; the documents without errors
 * are there all the same. Nodes may share children (aliases); nothing points into text.
 */
bool yaml_read(struct arena *a, const char *text, size_t len, uint32_t source, struct diag *d,
               struct yaml_stream *out);

/* file_read, diag_source and yaml_read of one file; "-" is standard input. */
bool yaml_read_file(struct arena *a, const char *path, struct diag *d, struct yaml_stream *out);

#endif

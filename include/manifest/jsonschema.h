/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema (draft 2020-12) from the tables that read a document, so that editors
 * check what the program checks. Types become $defs in order of first use.
 */
#ifndef MANIFEST_JSONSCHEMA_H
#define MANIFEST_JSONSCHEMA_H

#include "base/arena.h"
#include "manifest/decode.h"

/* The schema of a document, indented, ending with a newline; in the arena. */
const char *jsonschema_text(struct arena *a, const struct object_type *document, const char *id);

#endif

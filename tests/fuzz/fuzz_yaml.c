/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text in, as a manifest: never a crash; false comes with an error and only then; what
 * is read goes through the object list, the schema and the workload reader.
 */
#include "base/arena.h"
#include "base/require.h"
#include "manifest/object.h"
#include "manifest/workload_object.h"
#include "manifest/yaml.h"

#include "fuzz.h"

static void read_objects(struct arena *a, const struct yaml_stream *stream, struct diag *d)
{
    struct manifest_objects objects = {0};
    for (size_t i = 0; i < stream->count; i++) {
        (void)manifest_add_document(a, stream->documents[i], d, &objects);
    }
    (void)manifest_check(a, &objects, d);
    for (size_t i = 0; i < objects.list.len; i++) {
        struct workload_spec spec;
        const struct manifest_object *o = &objects.list.items[i];
        if (workload_object_is(o->api_version, o->kind)) {
            size_t errors = d->errors;
            require(workload_object_read(a, o->node, &spec, d) == (d->errors == errors));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct diag d = {.arena = &a};
    struct yaml_stream stream = {0};
    const char *text = arena_strndup(&a, (const char *)data, size);
    uint32_t source = diag_source(&d, "fuzz", text, size);
    require(yaml_read(&a, (const char *)data, size, source, &d, &stream) == (d.errors == 0));
    read_objects(&a, &stream, &d);
    arena_drop(&a);
    return 0;
}

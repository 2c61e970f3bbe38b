#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/manifest/schema_kubernetes.c from Kubernetes' OpenAPI document.

usage: schema_kubernetes.py VERSION api/openapi-spec/swagger.json > src/manifest/schema_kubernetes.c

Only facts go in: which fields each type has and what they hold. All types that the kinds
below reach are written; status and managedFields are not looked into.
"""
import json
import sys

KINDS = [
    ("apps/v1", "io.k8s.api.apps.v1", ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("autoscaling/v1", "io.k8s.api.autoscaling.v1", ["HorizontalPodAutoscaler"]),
    ("autoscaling/v2", "io.k8s.api.autoscaling.v2", ["HorizontalPodAutoscaler"]),
    ("batch/v1", "io.k8s.api.batch.v1", ["CronJob", "Job"]),
    ("policy/v1", "io.k8s.api.policy.v1", ["PodDisruptionBudget"]),
    ("scheduling.k8s.io/v1", "io.k8s.api.scheduling.v1", ["PriorityClass"]),
    ("v1", "io.k8s.api.core.v1", ["LimitRange", "Namespace", "Node", "Pod", "ResourceQuota"]),
]
OPAQUE = {"status", "managedFields"}
META = "io.k8s.apimachinery.pkg."
SPECIAL = {
    META + "api.resource.Quantity": "QUANTITY",
    META + "util.intstr.IntOrString": "INT_OR_STRING",
    META + "apis.meta.v1.Time": "TIME",
    META + "apis.meta.v1.MicroTime": "TIME",
    META + "runtime.RawExtension": "ANY",
}
PLAIN = {
    ("string", None): "STRING",
    ("string", "byte"): "BYTES",
    ("integer", "int32"): "INTEGER32",
    ("integer", "int64"): "INTEGER64",
    ("number", "double"): "NUMBER",
    ("boolean", None): "BOOLEAN",
    ("object", None): "ANY",
}


def value_type(schema):
    """(enum word, referred definition or None)"""
    if "$ref" in schema:
        ref = schema["$ref"].rsplit("/", 1)[1]
        return (SPECIAL[ref], None) if ref in SPECIAL else ("OBJECT", ref)
    return PLAIN[schema.get("type"), schema.get("format")], None


def field_type(name, schema):
    """(enum word, referred definition or None, shape)"""
    if name in OPAQUE:
        return "ANY", None, "ONE"
    if schema.get("type") == "array":
        return (*value_type(schema["items"]), "LIST")
    if isinstance(schema.get("additionalProperties"), dict):
        return (*value_type(schema["additionalProperties"]), "MAP")
    return (*value_type(schema), "ONE")


def fields_of(definition):
    out = []
    for name, schema in sorted(definition.get("properties", {}).items()):
        out.append((name, *field_type(name, schema)))
    return out


def reach(definitions, roots):
    order, waiting = [], list(roots)
    while waiting:
        ref = waiting.pop(0)
        if ref in order:
            continue
        order.append(ref)
        waiting += [f[2] for f in fields_of(definitions[ref]) if f[2]]
    return order


def short_names(order):
    names = {}
    for ref in order:
        name = ref.rsplit(".", 1)[1]
        if ref.startswith("io.k8s.api.autoscaling.v1."):
            name = "autoscaling/v1." + name
        assert name not in names.values(), ref
        names[ref] = name
    return names


def wrap(items, indent="    "):
    line = indent
    for item in items:
        if len(line) + len(item) + 2 > 100:
            yield line.rstrip()
            line = indent
        line += item + ", "
    yield line.rstrip()


LETTER = {"ONE": "", "LIST": "_LIST", "MAP": "_MAP"}
SHORT = {"STRING": "S", "INTEGER32": "I32", "INTEGER64": "I64", "NUMBER": "N", "BOOLEAN": "B", "QUANTITY": "Q",
         "INT_OR_STRING": "IS", "TIME": "T", "BYTES": "D", "ANY": "A"}


def main():
    version, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        definitions = json.load(file)["definitions"]
    kinds = [(v, k, f"{prefix}.{k}") for v, prefix, names in KINDS for k in names]
    order = reach(definitions, [ref for _, _, ref in kinds])
    names = short_names(order)
    index = {ref: i for i, ref in enumerate(order)}
    used = sorted({(SHORT[w], w, s) for ref in order for _, w, r, s in fields_of(definitions[ref]) if not r})
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/*")
    print(f" * Generated from the OpenAPI document of Kubernetes {version} by")
    print(" * tests/tools/schema_kubernetes.py; do not edit. The fields of every type that the")
    print(" * kinds at the end reach: S string, I integer, N number, B boolean, Q quantity, IS")
    print(" * integer or string, T time, D bytes, A anything, O an object by its index.")
    print(" */")
    print('#include "manifest/schema.h"')
    print()
    print("/* clang-format off */")
    for short, word, shape in used:
        print(f"#define {short + LETTER[shape]}(n) {{n, SCHEMA_{word}, SCHEMA_{shape}, 0}}")
    for shape in ("ONE", "LIST", "MAP"):
        print(f"#define O{LETTER[shape]}(n, i) {{n, SCHEMA_OBJECT, SCHEMA_{shape}, i}}")
    print()
    print("const struct schema_field schema_fields[] = {")
    first, objects = 0, []
    for ref in order:
        fields = fields_of(definitions[ref])
        objects.append((names[ref], first, len(fields)))
        first += len(fields)
        print(f"    /* {index[ref]} {names[ref]} */")
        items = [f'O{LETTER[s]}("{n}", {index[r]})' if r else f'{SHORT[w]}{LETTER[s]}("{n}")' for n, w, r, s in fields]
        for line in wrap(items) if items else []:
            print(line)
    print("};")
    print()
    print("const struct schema_object schema_objects[] = {")
    for line in wrap([f'{{"{n}", {f}, {c}}}' for n, f, c in objects]):
        print(line)
    print("};")
    print(f"const size_t schema_object_count = {len(objects)};")
    print()
    print("const struct schema_kind schema_kinds[] = {")
    for api_version, kind, ref in kinds:
        print(f'    {{"{api_version}", "{kind}", {index[ref]}}},')
    print("};")
    print(f"const size_t schema_kind_count = {len(kinds)};")


main()

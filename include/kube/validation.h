/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What names may look like (k8s.io/apimachinery v0.36.3: pkg/api/validate/content,
 * pkg/util/validation), and how Go prints what was refused. Texts are in the arena.
 */
#ifndef KUBE_VALIDATION_H
#define KUBE_VALIDATION_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* NULL when the text is fine, else upstream's messages joined by "; ". */
const char *label_key_error(struct arena *a, const char *key); /* IsLabelKey, IsQualifiedName */
const char *label_value_error(struct arena *a, const char *value);
const char *dns_label_error(struct arena *a, const char *value);     /* RFC 1123 label */
const char *dns_subdomain_error(struct arena *a, const char *value); /* RFC 1123 subdomain */
const char *dns_1035_label_error(struct arena *a, const char *value);

/*
 * The same, a message at a time, for callers that report each one.
 */
struct messages {
    const char *text[4];
    size_t count;
};
struct messages label_key_messages(struct arena *a, const char *key);
struct messages label_value_messages(struct arena *a, const char *value);
struct messages dns_label_messages(struct arena *a, const char *value);
struct messages dns_subdomain_messages(struct arena *a, const char *value);
struct messages dns_1035_label_messages(struct arena *a, const char *value);

/* strconv.Quote, as %q prints a string. */
const char *go_quote(struct arena *a, const char *s);
/* encoding/json of a string, and of a list of strings (NULL list: "null"). */
const char *go_json_string(struct arena *a, const char *s);
const char *go_json_strings(struct arena *a, const char *const *list, size_t count);

#endif

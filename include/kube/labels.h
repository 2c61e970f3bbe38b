/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels and label selectors (k8s.io/apimachinery v0.36.3: pkg/labels, and
 * LabelSelectorAsSelector of pkg/apis/meta/v1). A selector is a list of
 * requirements that must all hold. Nothing is copied unless said: keys and values
 * live as long as the caller's text.
 */
#ifndef KUBE_LABELS_H
#define KUBE_LABELS_H

#include "base/arena.h"
#include "kube/validation.h"

#include <stdbool.h>
#include <stddef.h>

struct label {
    const char *key;
    const char *value;
};

enum label_operator {
    LABEL_IN,
    LABEL_NOT_IN,
    LABEL_EXISTS,
    LABEL_DOES_NOT_EXIST,
    LABEL_EQUALS,
    LABEL_DOUBLE_EQUALS, /* the same as EQUALS, but printed as written */
    LABEL_NOT_EQUALS,
    LABEL_GREATER_THAN,
    LABEL_LESS_THAN
};

struct label_requirement {
    const char *key;
    enum label_operator op;
    const char *const *values;
    size_t value_count;
};

/* labels.Selector: zero selects everything (Everything()). */
struct label_selector {
    struct label_requirement *requirements; /* sorted by key */
    size_t count;
    bool nothing; /* Nothing(): a null LabelSelector */
};

/* An entry of matchExpressions; operator as written: "In", "NotIn", "Exists", "DoesNotExist". */
struct label_expression {
    const char *key;
    const char *operator;
    const char *const *values;
    size_t value_count;
};

/* The value of a label, NULL when absent. Of equal keys the last counts, as in a map. */
const char *labels_get(const struct label *labels, size_t count, const char *key);

bool label_requirement_matches(const struct label_requirement *r, const struct label *labels,
                               size_t count);
bool label_selector_matches(const struct label_selector *s, const struct label *labels,
                            size_t count);
/* Selects everything: no requirement at all (Empty()). */
bool label_selector_is_empty(const struct label_selector *s);

/*
 * metav1.LabelSelectorAsSelector of a selector that is there (a missing one selects nothing:
 * set .nothing). No labels and no expressions select everything. Returns NULL, or Go's error
 * text, in the arena.
 */
const char *label_selector_build(struct arena *a, const struct label *match_labels,
                                 size_t label_count, const struct label_expression *expressions,
                                 size_t expression_count, struct label_selector *out);

/* labels.SelectorFromSet: every label must be equal; nothing is validated. */
struct label_selector label_selector_from_set(struct arena *a, const struct label *labels,
                                              size_t count);

/* labels.Parse("app=web,tier in (a,b),!x"). Returns NULL, or Go's error text, in the arena. */
const char *label_selector_parse(struct arena *a, const char *text, struct label_selector *out);

/* Selector.String(): "app=web,tier in (a,b)"; in the arena. */
const char *label_selector_string(struct arena *a, const struct label_selector *s);
/* metav1.FormatLabelSelector: "<none>" and "<error>" included. */
const char *label_selector_format(struct arena *a, const struct label_selector *s);

#endif

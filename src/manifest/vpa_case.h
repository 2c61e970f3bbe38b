/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by decide_vpa*.c and vpa_case.c: the pieces that VPA cases are made of. Readers report
 * what is wrong and return false; a missing member is NULL here, and leaves the default.
 */
#ifndef MANIFEST_VPA_CASE_H
#define MANIFEST_VPA_CASE_H

#include "base/diag.h"
#include "base/json.h"
#include "base/node.h"
#include "control/vpa/pod.h"
#include "control/vpa/resources.h"
#include "manifest/decide.h"

#define VPA_CASE_MOST 1000000000000000 /* of an amount: 1e15, ten times what VPA goes up to */

/* One case under way. */
struct vpa_case {
    struct observation_room *room;
    const struct node *root;
    struct json_writer *out;
    struct diag *diag;
};

bool vpa_case_text(struct vpa_case *c, const struct node *map, const char *key, const char **out);
bool vpa_case_int(struct vpa_case *c, const struct node *map, const char *key, int64_t min,
                  int64_t max, int64_t *out);
bool vpa_case_number(struct vpa_case *c, const struct node *map, const char *key, double min,
                     double max, double *out);
/* Unix seconds, or seconds. */
bool vpa_case_time(struct vpa_case *c, const struct node *map, const char *key, simtime *out);
/* words: NULL-terminated; *out is the index of one. */
bool vpa_case_word(struct vpa_case *c, const struct node *map, const char *key,
                   const char *const *words, int *out);
/* The member as a list or map; NULL when it is absent. */
bool vpa_case_member(struct vpa_case *c, const struct node *map, const char *key,
                     enum node_kind kind, const struct node **out);
bool vpa_case_resources(struct vpa_case *c, const struct node *map, const char *key,
                        struct vpa_resources *out);
bool vpa_case_resource_names(struct vpa_case *c, const struct node *map, const char *key,
                             bool *given, bool out[VPA_RESOURCE_COUNT]);
bool vpa_case_policies(struct vpa_case *c, const struct node *map, struct vpa_policies *out);

void vpa_case_write_resources(struct json_writer *w, const char *key,
                              const struct vpa_resources *list);
void vpa_case_write_recommendation(struct json_writer *w,
                                   const struct vpa_container_recommendation *r, bool uncapped);

/* The kinds; each writes its members into the answer. */
bool vpa_case_recommend(struct vpa_case *c);
bool vpa_case_updater(struct vpa_case *c);
bool vpa_case_admission(struct vpa_case *c);

#endif

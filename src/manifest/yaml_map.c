/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what a map holds when keys meet: written twice is an error with both places,
 * merged and written is the later of the two. The idea: members in order, found by
 * looking through few or by a table when there are many.
 * Upstream: go.yaml.in/yaml/v2 v2.4.3 decode.go, mapping and merge.
 * The trap: YAML's merge never replaces a key that is written; goyaml's does when the
 * << comes after it.
 */
#include "yaml_internal.h"

#include <string.h>

enum { LARGE_MAP = 16 };

static struct yaml_member *find(struct yaml_map *map, const char *key)
{
    if (map->members.len >= LARGE_MAP) {
        size_t i = table_find(&map->keys, key);
        return i == TABLE_NONE ? NULL : &map->members.items[i];
    }
    for (size_t i = 0; i < map->members.len; i++) {
        if (strcmp(map->members.items[i].node->key, key) == 0) {
            return &map->members.items[i];
        }
    }
    return NULL;
}

static void index_keys(struct arena *a, struct yaml_map *map)
{
    if (map->members.len < LARGE_MAP) {
        return;
    }
    map->keys.arena = a;
    for (size_t i = map->keys.len; i < map->members.len; i++) {
        (void)table_put(&map->keys, map->members.items[i].node->key);
    }
}

/* The value's content in a node of this map's own: siblings cannot be shared. */
static void assign(struct node *member, const struct node *value, const char *key,
                   struct mark key_mark)
{
    struct node *next = member->next;
    *member = *value;
    member->next = next;
    member->key = key;
    member->key_mark = key_mark;
}

static void set(struct arena *a, struct yaml_map *map, const char *key, struct mark key_mark,
                const struct node *value, bool merged)
{
    struct yaml_member *member = find(map, key);
    if (member == NULL) {
        member = vec_push(a, &map->members);
        member->node = node_add(a, map->node, value->kind);
    }
    member->merged = merged;
    assign(member->node, value, key, key_mark);
    index_keys(a, map);
}

void yaml_map_add(struct arena *a, struct yaml_map *map, const char *key, struct mark key_mark,
                  const struct node *value, struct diag *d)
{
    const struct yaml_member *there = find(map, key);
    if (there != NULL && !there->merged) {
        diag_error(d, key_mark, "key \"%s\" is here a second time", key);
        diag_help(d, "the first is in line %u, column %u", (unsigned)there->node->key_mark.line,
                  (unsigned)there->node->key_mark.col);
        return;
    }
    set(a, map, key, key_mark, value, false);
}

void yaml_map_merge(struct arena *a, struct yaml_map *map, const struct node *from)
{
    for (const struct node *m = from->first; m != NULL; m = m->next) {
        set(a, map, m->key, m->key_mark, m, true);
    }
}

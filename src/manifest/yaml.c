/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what tree a YAML text is. The idea: libyaml's events build nodes by recursive
 * descent; an alias is a copy of one node that shares the children, so a bomb costs no
 * memory, and its size is counted as if it were written out. After a syntax error
 * reading goes on at the next document.
 * Upstream: go.yaml.in/yaml/v2 v2.4.3 decode.go (parser, decoder, allowedAliasRatio), as
 * sigs.k8s.io/yaml v1.6.0 and kubectl use it.
 * The trap: libyaml counts characters in its marks but bytes in reader errors, and gives
 * no event for what it cannot read.
 */
#include "manifest/yaml.h"

#include "base/file.h"
#include "base/json.h"
#include "base/require.h"
#include "base/str.h"
#include "yaml_internal.h"

#include <string.h>
#include <yaml.h>

struct anchor {
    const struct node *node; /* NULL while it is being read */
    uint64_t size;           /* nodes it stands for */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    struct arena *arena;
    struct diag *diag;
    uint32_t source;
    uint32_t line; /* of the part being read, in the file: lines before it */
    const char *text;
    size_t len;
    bool broken; /* libyaml has given up on this part */
    struct table anchor_names;
    VEC(struct anchor) anchors; /* by index in anchor_names; the latest of its name */
    uint64_t decoded;           /* nodes so far, aliases written out */
    uint64_t aliased;           /* those of them inside aliases */
    bool excessive;
};

static struct node *read_node(struct reader *r, size_t depth);

static struct mark mark_at(const struct reader *r, const yaml_mark_t *m)
{
    return (struct mark){r->source, r->line + (uint32_t)m->line + 1, (uint32_t)m->column + 1};
}

/* ---- syntax errors ---- */

static size_t line_offset(const char *text, size_t len, size_t line)
{
    size_t at = 0;
    for (; line > 0 && at < len; line--) {
        const char *end = memchr(text + at, '\n', len - at);
        at = end != NULL ? (size_t)(end - text) + 1 : len;
    }
    return at;
}

/* The place of a byte of the part, for errors of libyaml's reader. */
static struct mark mark_of_byte(const struct reader *r, size_t offset)
{
    offset = offset < r->len ? offset : r->len;
    struct mark m = {r->source, r->line + 1, 1};
    for (size_t i = 0; i < offset; i++) {
        if (r->text[i] == '\n') {
            m.line++;
            m.col = 1;
        } else if (((unsigned char)r->text[i] & 0xc0) != 0x80) {
            m.col++;
        }
    }
    return m;
}

static bool line_is_indented_by_tab(const struct reader *r, size_t line)
{
    size_t at = line_offset(r->text, r->len, line);
    while (at < r->len && r->text[at] == ' ') {
        at++;
    }
    return at < r->len && r->text[at] == '\t';
}

static void report_syntax(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    r->broken = true;
    const char *problem = p->problem != NULL ? p->problem : "cannot be read";
    if (p->error == YAML_MEMORY_ERROR) {
        arena_exhausted();
    }
    if (p->error == YAML_READER_ERROR) {
        diag_error(r->diag, mark_of_byte(r, p->problem_offset), "not UTF-8 text: %s", problem);
        return;
    }
    struct mark at = mark_at(r, &p->problem_mark);
    if (line_is_indented_by_tab(r, p->problem_mark.line)) {
        diag_error(r->diag, at, "a tab in the indentation");
        diag_help(r->diag, "YAML is indented by spaces only");
        return;
    }
    diag_error(r->diag, at, "broken YAML: %s%s%s", problem, p->context != NULL ? ", " : "",
               p->context != NULL ? p->context : "");
    if (p->context != NULL && p->context_mark.line != p->problem_mark.line) {
        diag_help(r->diag, "what is being read there begins in line %u",
                  (unsigned)(r->line + p->context_mark.line + 1));
    }
}

/* The next event into r->event. */
static bool next(struct reader *r)
{
    yaml_event_delete(&r->event);
    if (r->broken) {
        return false;
    }
    if (!yaml_parser_parse(&r->parser, &r->event)) {
        report_syntax(r);
        return false;
    }
    return true;
}

/* ---- anchors and aliases ---- */

/* Its index; SIZE_MAX without a name. */
static size_t open_anchor(struct reader *r, const yaml_char_t *name)
{
    if (name == NULL) {
        return SIZE_MAX;
    }
    size_t index = table_put(&r->anchor_names, (const char *)name);
    if (index == r->anchors.len) {
        (void)vec_push(r->arena, &r->anchors);
    }
    r->anchors.items[index] = (struct anchor){0};
    return index;
}

static void close_anchor(struct reader *r, size_t index, const struct node *node, uint64_t before)
{
    if (index != SIZE_MAX) {
        r->anchors.items[index].node = node;
        r->anchors.items[index].size = r->decoded - before;
    }
}

/* decode.go: allowedAliasRatio */
static double allowed_alias_ratio(uint64_t decoded)
{
    const double low = 400000;
    const double high = 4000000;
    double n = (double)decoded;
    return n <= low ? 0.99 : n >= high ? 0.10 : 0.99 - 0.89 * ((n - low) / (high - low));
}

static bool is_excessive(const struct reader *r)
{
    return r->aliased > 100 && r->decoded > 1000 &&
           (double)r->aliased / (double)r->decoded > allowed_alias_ratio(r->decoded);
}

static struct node *null_node(struct reader *r, struct mark at)
{
    struct node *n = node_add(r->arena, NULL, NODE_NULL);
    n->mark = at;
    n->text = "null";
    n->len = 4;
    return n;
}

static struct node *read_alias(struct reader *r)
{
    struct mark at = mark_at(r, &r->event.start_mark);
    const char *name = (const char *)r->event.data.alias.anchor;
    size_t index = table_find(&r->anchor_names, name);
    const struct anchor *anchor = index != TABLE_NONE ? &r->anchors.items[index] : NULL;
    if (anchor == NULL || anchor->node == NULL) {
        diag_error(r->diag, at,
                   anchor == NULL ? "unknown anchor '%s' referenced"
                                  : "anchor '%s' value contains itself",
                   name);
        return null_node(r, at);
    }
    r->decoded += r->excessive ? 0 : anchor->size;
    r->aliased += r->excessive ? 0 : anchor->size;
    if (!r->excessive && is_excessive(r)) {
        r->excessive = true;
        diag_error(r->diag, at, "document contains excessive aliasing");
        diag_help(r->diag, "written out, the aliases up to here are %llu values",
                  (unsigned long long)r->aliased);
    }
    if (r->excessive) {
        return null_node(r, at);
    }
    struct node *copy = node_add(r->arena, NULL, anchor->node->kind);
    *copy = *anchor->node;
    copy->next = NULL;
    return copy;
}

/* ---- scalars ---- */

static struct yaml_scalar scalar_of_event(struct reader *r, struct mark at)
{
    const char *value = (const char *)r->event.data.scalar.value;
    size_t len = r->event.data.scalar.length;
    const char *tag = (const char *)r->event.data.scalar.tag;
    if (memchr(value, '\0', len) != NULL) {
        diag_error(r->diag, at, "a NUL character in a text");
        return (struct yaml_scalar){.type = YAML_STRING, .text = ""};
    }
    const char *text = arena_strndup(r->arena, value, len);
    struct yaml_scalar s =
        yaml_resolve(r->arena, tag, text, r->event.data.scalar.plain_implicit != 0);
    if (s.error != NULL) {
        diag_error(r->diag, at, "%s", s.error);
    }
    return s;
}

static struct node *scalar_node(struct reader *r, const struct yaml_scalar *s, struct mark at)
{
    static const enum node_kind kinds[] = {
        [YAML_STRING] = NODE_STRING, [YAML_NULL] = NODE_NULL,      [YAML_TRUE] = NODE_BOOL,
        [YAML_FALSE] = NODE_BOOL,    [YAML_INTEGER] = NODE_NUMBER, [YAML_FLOAT] = NODE_NUMBER,
        [YAML_NAN] = NODE_NUMBER,
    };
    struct node *n = node_add(r->arena, NULL, kinds[s->type]);
    n->mark = at;
    n->text = s->type == YAML_TRUE    ? "true"
              : s->type == YAML_FALSE ? "false"
              : s->type == YAML_NULL  ? "null"
                                      : s->text;
    n->len = strlen(n->text);
    return n;
}

static struct node *read_scalar(struct reader *r)
{
    struct mark at = mark_at(r, &r->event.start_mark);
    size_t anchor = open_anchor(r, r->event.data.scalar.anchor);
    struct yaml_scalar s = scalar_of_event(r, at);
    if (s.type == YAML_NAN) {
        diag_error(r->diag, at, "%s is no number that JSON has", s.text);
        s = (struct yaml_scalar){.type = YAML_INTEGER, .text = "0"};
    }
    struct node *n = scalar_node(r, &s, at);
    close_anchor(r, anchor, n, r->decoded - 1);
    return n;
}

/* ---- lists and maps ---- */

static struct node *read_list(struct reader *r, size_t depth)
{
    uint64_t before = r->decoded - 1;
    struct node *list = node_add(r->arena, NULL, NODE_LIST);
    list->mark = mark_at(r, &r->event.start_mark);
    size_t anchor = open_anchor(r, r->event.data.sequence_start.anchor);
    while (next(r) && r->event.type != YAML_SEQUENCE_END_EVENT) {
        struct node *item = read_node(r, depth + 1);
        if (item == NULL) {
            return NULL;
        }
        if (list->last == NULL) {
            list->first = item;
        } else {
            list->last->next = item;
        }
        list->last = item;
        list->count++;
    }
    close_anchor(r, anchor, list, before);
    return r->broken ? NULL : list;
}

/* isMerge */
static bool is_merge(const yaml_event_t *e)
{
    return e->type == YAML_SCALAR_EVENT && e->data.scalar.length == 2 &&
           memcmp(e->data.scalar.value, "<<", 2) == 0 &&
           (e->data.scalar.plain_implicit ||
            str_equal((const char *)e->data.scalar.tag, "tag:yaml.org,2002:merge"));
}

static void merge(struct reader *r, struct yaml_map *map, const struct node *from)
{
    if (from->kind == NODE_MAP) {
        yaml_map_merge(r->arena, map, from);
        return;
    }
    if (from->kind != NODE_LIST) {
        diag_error(r->diag, from->mark, "map merge requires map or sequence of maps as the value");
        return;
    }
    /* Earlier ones take precedence, so they come last. */
    const struct node **items = arena_array(r->arena, const struct node *, from->count);
    size_t count = 0;
    for (const struct node *item = from->first; item != NULL; item = item->next) {
        items[count++] = item;
    }
    while (count > 0) {
        const struct node *item = items[--count];
        if (item->kind != NODE_MAP) {
            diag_error(r->diag, item->mark,
                       "map merge requires map or sequence of maps as the value");
            return;
        }
        yaml_map_merge(r->arena, map, item);
    }
}

/* The key at r->event, NULL when it cannot be one (reported) or reading broke off. */
static const char *read_key(struct reader *r, size_t depth, struct mark *at)
{
    *at = mark_at(r, &r->event.start_mark);
    if (r->event.type == YAML_SCALAR_EVENT) {
        size_t anchor = open_anchor(r, r->event.data.scalar.anchor);
        r->decoded++;
        struct yaml_scalar s = scalar_of_event(r, *at);
        close_anchor(r, anchor, scalar_node(r, &s, *at), r->decoded - 1);
        const char *key = yaml_key(r->arena, &s);
        if (key == NULL) {
            diag_error(r->diag, *at, "%s cannot be a key", s.type == YAML_NULL ? "null" : s.text);
            diag_help(r->diag, "quote it when it is meant as text");
        }
        return key;
    }
    const struct node *n = read_node(r, depth + 1);
    if (n == NULL) {
        return NULL;
    }
    if (n->kind == NODE_MAP || n->kind == NODE_LIST || n->kind == NODE_NULL) {
        diag_error(r->diag, *at, "%s cannot be a key", node_kind_name(n->kind));
        return NULL;
    }
    return n->text;
}

static struct node *read_map(struct reader *r, size_t depth)
{
    uint64_t before = r->decoded - 1;
    struct yaml_map map = {.node = node_add(r->arena, NULL, NODE_MAP)};
    map.node->mark = mark_at(r, &r->event.start_mark);
    size_t anchor = open_anchor(r, r->event.data.mapping_start.anchor);
    while (next(r) && r->event.type != YAML_MAPPING_END_EVENT) {
        struct mark at;
        bool merging = is_merge(&r->event);
        const char *key = read_key(r, depth, &at);
        const struct node *value = next(r) ? read_node(r, depth + 1) : NULL;
        if (value == NULL) {
            return NULL;
        }
        if (merging) {
            merge(r, &map, value);
        } else if (key != NULL) {
            yaml_map_add(r->arena, &map, key, at, value, r->diag);
        }
    }
    close_anchor(r, anchor, map.node, before);
    return r->broken ? NULL : map.node;
}

/* The node whose first event is r->event; NULL when reading broke off. */
static struct node *read_node(struct reader *r, size_t depth)
{
    r->decoded++;
    bool inside =
        r->event.type == YAML_SEQUENCE_START_EVENT || r->event.type == YAML_MAPPING_START_EVENT;
    if (inside && depth > YAML_MAX_DEPTH) {
        diag_error(r->diag, mark_at(r, &r->event.start_mark), "nested deeper than %d levels",
                   YAML_MAX_DEPTH);
        r->broken = true;
        return NULL;
    }
    switch (r->event.type) {
    case YAML_ALIAS_EVENT:
        return read_alias(r);
    case YAML_SCALAR_EVENT:
        return read_scalar(r);
    case YAML_SEQUENCE_START_EVENT:
        return read_list(r, depth);
    case YAML_MAPPING_START_EVENT:
        return read_map(r, depth);
    default:
        break;
    }
    require(r->broken);
    return NULL;
}

/* ---- documents ---- */

static void add_document(struct arena *a, const struct node *root, struct yaml_stream *out)
{
    vec_reserve_one(a, (void **)&out->documents, out->count, &out->cap, sizeof *out->documents);
    out->documents[out->count++] = root;
}

static void read_document(struct reader *r, struct yaml_stream *out)
{
    size_t errors = r->diag->errors;
    r->anchor_names = (struct table){.arena = r->arena};
    r->anchors.len = 0;
    r->decoded = 1;
    r->aliased = 0;
    r->excessive = false;
    const struct node *root = next(r) ? read_node(r, 1) : NULL;
    if (root == NULL || !next(r)) {
        return;
    }
    if (root->kind != NODE_NULL && r->diag->errors == errors) {
        add_document(r->arena, root, out);
    }
}

/* Reads text until its end or a syntax error. */
static void read_part(struct reader *r, struct yaml_stream *out)
{
    if (!yaml_parser_initialize(&r->parser)) {
        arena_exhausted();
    }
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text, r->len);
    r->broken = false;
    while (next(r) && r->event.type != YAML_STREAM_END_EVENT) {
        if (r->event.type == YAML_DOCUMENT_START_EVENT) {
            read_document(r, out);
        }
    }
    yaml_event_delete(&r->event);
}

/* The first line from `line` on, but not 0, that begins a document; the end when none does. */
static size_t next_document(const char *text, size_t len, size_t line, size_t *lines)
{
    line = line == 0 ? 1 : line;
    size_t at = line_offset(text, len, line);
    for (; at < len; line++) {
        if (len - at >= 3 && memcmp(text + at, "---", 3) == 0) {
            break;
        }
        at += line_offset(text + at, len - at, 1);
    }
    *lines = line;
    return at;
}

/* The line, from 0, that libyaml had read up to when it gave up. */
static size_t broken_line(const struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_READER_ERROR) {
        return mark_of_byte(r, p->problem_offset).line - 1 - r->line;
    }
    return p->error != YAML_NO_ERROR ? p->problem_mark.line : p->mark.line;
}

static void read_yaml(struct arena *a, const char *text, size_t len, uint32_t source,
                      struct diag *d, struct yaml_stream *out)
{
    struct reader r = {.arena = a, .diag = d, .source = source, .text = text, .len = len};
    for (;;) {
        read_part(&r, out);
        size_t line = r.broken ? broken_line(&r) : 0;
        yaml_parser_delete(&r.parser);
        if (!r.broken) {
            return;
        }
        size_t lines;
        size_t at = next_document(r.text, r.len, line, &lines);
        r.text += at;
        r.len -= at;
        r.line += (uint32_t)lines;
        if (r.len == 0) {
            return;
        }
    }
}

/* ---- JSON ---- */

static size_t skip_blanks(const char *text, size_t len, size_t at, uint32_t *line)
{
    for (; at < len && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0'; at++) {
        *line += text[at] == '\n' ? 1 : 0;
    }
    return at;
}

/* The end of the JSON value at `at`: brackets are counted, texts skipped. */
static size_t json_value_end(const char *text, size_t len, size_t at)
{
    size_t depth = 0;
    bool quoted = false;
    for (; at < len; at++) {
        char c = text[at];
        if (quoted) {
            at += c == '\\' ? 1 : 0;
            quoted = c != '"';
            continue;
        }
        quoted = c == '"';
        depth += c == '{' || c == '[' ? 1 : 0;
        if ((c == '}' || c == ']') && --depth == 0) {
            return at + 1;
        }
        if (depth == 0) {
            return len; /* no list and no map: one value to the end */
        }
    }
    return len;
}

static bool read_json(struct arena *a, const char *text, size_t len, uint32_t source,
                      struct diag *d, struct yaml_stream *out)
{
    bool ok = true;
    uint32_t line = 1;
    for (size_t at = skip_blanks(text, len, 0, &line); at < len;) {
        size_t end = json_value_end(text, len, at);
        const struct node *root = json_read(a, text + at, end - at, source, line, d);
        ok = ok && root != NULL;
        if (root != NULL && root->kind != NODE_NULL) {
            add_document(a, root, out);
        }
        for (; at < end; at++) {
            line += text[at] == '\n' ? 1 : 0;
        }
        at = skip_blanks(text, len, at, &line);
    }
    return ok;
}

/* Errors of an attempt, which nobody sees. */
static bool try_json(struct arena *a, const char *text, size_t len, uint32_t source,
                     struct yaml_stream *out)
{
    struct arena scratch = {0};
    struct diag quiet = {.arena = &scratch};
    size_t count = out->count;
    bool ok = read_json(a, text, len, source, &quiet, out);
    out->count = ok ? out->count : count;
    arena_drop(&scratch);
    return ok;
}

static bool try_yaml(struct arena *a, const char *text, size_t len, uint32_t source,
                     struct yaml_stream *out)
{
    struct arena scratch = {0};
    struct diag quiet = {.arena = &scratch};
    size_t count = out->count;
    read_yaml(a, text, len, source, &quiet, out);
    bool ok = quiet.errors == 0;
    out->count = ok ? out->count : count;
    arena_drop(&scratch);
    return ok;
}

/* ---- the door ---- */

/* Refuses what no parser should see. */
static bool check_text(const char *text, size_t len, uint32_t source, struct diag *d)
{
    struct mark whole = {.source = source};
    if (len > YAML_MAX_BYTES) {
        diag_error(d, whole, "%zu MiB are more than a manifest may have, %zu MiB", len >> 20,
                   YAML_MAX_BYTES >> 20);
        return false;
    }
    if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        diag_error(d, (struct mark){source, 1, 1}, "UTF-16 text");
        diag_help(d, "save it as UTF-8");
        return false;
    }
    const char *nul = len != 0 ? memchr(text, '\0', len) : NULL;
    if (nul != NULL) {
        struct reader r = {.source = source, .text = text, .len = len};
        diag_error(d, mark_of_byte(&r, (size_t)(nul - text)), "a NUL byte: this is no text");
        return false;
    }
    return true;
}

bool yaml_read(struct arena *a, const char *text, size_t len, uint32_t source, struct diag *d,
               struct yaml_stream *out)
{
    size_t errors = d->errors;
    if (!check_text(text, len, source, d)) {
        return false;
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    uint32_t line = 1;
    size_t first = skip_blanks(text, len, 0, &line);
    if (first < len && (text[first] == '{' || text[first] == '[')) {
        return try_json(a, text, len, source, out) || try_yaml(a, text, len, source, out) ||
               read_json(a, text, len, source, d, out);
    }
    read_yaml(a, text, len, source, d, out);
    return d->errors == errors;
}

bool yaml_read_file(struct arena *a, const char *path, struct diag *d, struct yaml_stream *out)
{
    struct file_text file;
    if (!file_read(a, path, YAML_MAX_BYTES, &file, d)) {
        return false;
    }
    const char *name = str_equal(path, "-") ? "<stdin>" : path;
    uint32_t source = diag_source(d, arena_strdup(a, name), file.text, file.len);
    return yaml_read(a, file.text, file.len, source, d, out);
}

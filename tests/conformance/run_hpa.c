/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HPA against answers recorded from the real controllers of Kubernetes 1.24 to 1.36
 * (tests/conformance/hpa). A case passes when every field of every step is equal; what the
 * real one leaves to chance (which pod's name stands in a message, in which order HPAs are
 * listed) is taken out of both sides first. Messages of older releases are compared, too.
 */
#include "base/file.h"
#include "base/json.h"
#include "manifest/observation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FOLDER "tests/conformance/hpa/"

struct suite {
    const char *cases;
    const char *answers;
    int32_t minor;
};

static const struct suite suites[] = {
    {"cases", "decisions", 36},
    {"harsh.cases", "harsh.decisions", 36},
    {"manifests", "manifests.expected", 36},
    {"cases", "decisions.1.24", 24},
    {"cases", "decisions.1.24", 25},
    {"cases", "decisions.1.26", 26},
    {"cases", "decisions.1.27", 27},
    {"cases", "decisions.1.27", 28},
    {"cases", "decisions.1.31", 29},
    {"cases", "decisions.1.31", 30},
    {"cases", "decisions.1.31", 31},
    {"cases", "decisions.1.31", 32},
    {"cases", "decisions.1.33", 33},
    {"cases", "decisions.1.34", 34},
    {"cases", "decisions.1.35", 35},
    {"directed.cases", "directed.1.24", 24},
    {"directed.cases", "directed.1.25", 25},
    {"directed.cases", "directed.1.26", 26},
    {"directed.cases", "directed.1.27", 27},
    {"directed.cases", "directed.1.28", 28},
    {"directed.cases", "directed.1.29", 29},
    {"directed.cases", "directed.1.30", 30},
    {"directed.cases", "directed.1.31", 31},
    {"directed.cases", "directed.1.32", 32},
    {"directed.cases", "directed.1.33", 33},
    {"directed.cases", "directed.1.34", 34},
    {"directed.cases", "directed.1.35", 35},
    {"directed.cases", "directed.1.36", 36},
};

/* Texts after which a name stands that any of several could be. */
static const char *const before_chance[] = {
    " in container ", " of Pod ",          " not found in Pod ",
    " in Pod ",       " metrics for pod ", " controlled by multiple HPAs: ",
};

/* The message without the words that chance picks. */
static const char *without_chance(struct arena *a, const char *message)
{
    struct strbuf b = {.arena = a};
    while (*message != '\0') {
        bool cut = false;
        for (size_t i = 0; i < sizeof before_chance / sizeof before_chance[0]; i++) {
            const size_t len = strlen(before_chance[i]);
            if (strncmp(message, before_chance[i], len) == 0) {
                strbuf_add(&b, before_chance[i]);
                message += len;
                message += *message == '[' ? strlen(message) : strcspn(message, " ");
                cut = true;
            }
        }
        if (!cut) {
            strbuf_char(&b, *message++);
        }
    }
    return strbuf_text(&b);
}

static bool equal(struct arena *a, const struct node *x, const struct node *y, const char **where);

static bool equal_maps(struct arena *a, const struct node *x, const struct node *y,
                       const char **where)
{
    for (const struct node *m = x->first; m != NULL; m = m->next) {
        const struct node *other = node_get(y, m->key);
        if (other == NULL || !equal(a, m, other, where)) {
            *where = *where == NULL ? m->key : arena_printf(a, "%s.%s", m->key, *where);
            return false;
        }
    }
    return x->count == y->count;
}

static bool equal_lists(struct arena *a, const struct node *x, const struct node *y,
                        const char **where)
{
    const struct node *other = y->first;
    size_t i = 0;
    for (const struct node *item = x->first; item != NULL; item = item->next) {
        if (other == NULL || !equal(a, item, other, where)) {
            *where = *where == NULL ? arena_printf(a, "[%zu]", i)
                                    : arena_printf(a, "[%zu].%s", i, *where);
            return false;
        }
        other = other->next;
        i++;
    }
    return other == NULL;
}

static bool equal(struct arena *a, const struct node *x, const struct node *y, const char **where)
{
    if (x->kind != y->kind) {
        return false;
    }
    if (x->kind == NODE_MAP) {
        return equal_maps(a, x, y, where);
    }
    if (x->kind == NODE_LIST) {
        return equal_lists(a, x, y, where);
    }
    if (x->kind == NODE_NULL) {
        return true;
    }
    if (x->key != NULL && strcmp(x->key, "message") == 0) {
        return strcmp(without_chance(a, x->text), without_chance(a, y->text)) == 0;
    }
    return strcmp(x->text, y->text) == 0;
}

struct run {
    const struct suite *suite;
    struct observation_room room;
    struct arena arena;
    struct diag diag;
    size_t passed;
    size_t failed;
};

static const char *next_line(const char *text, size_t *len)
{
    *len = strcspn(text, "\n");
    return text[*len] == '\n' ? text + *len + 1 : text + *len;
}

static void check(struct run *r, const char *line, size_t len, const char *answer,
                  size_t answer_len)
{
    const struct observation_options options = {.minor = r->suite->minor};
    struct strbuf out = {.arena = &r->arena};
    const char *where = NULL;
    bool good = observation_decide(&r->room, line, len, 0, 1, &options, &out, &r->diag);
    const struct node *want = json_read(&r->arena, answer, answer_len, 0, 1, &r->diag);
    const struct node *got = NULL;
    if (good) {
        got = json_read(&r->arena, out.text, out.len, 0, 1, &r->diag);
        good = got != NULL && want != NULL && equal(&r->arena, want, got, &where);
    }
    r->passed += good;
    r->failed += !good;
    if (!good && r->failed <= 5) {
        const struct node *id = node_get(want, "id");
        printf("%s against %s, case %s: %s\n", r->suite->cases, r->suite->answers,
               id != NULL ? id->text : "?", where != NULL ? where : "differs");
        diag_print(&r->diag, stdout);
    }
}

static bool read_file(struct run *r, const char *name, struct file_text *out)
{
    const char *path = arena_printf(&r->arena, FOLDER "%s.jsonl.gz", name);
    return file_read(&r->arena, path, 0, out, &r->diag);
}

static void run_suite(struct run *r)
{
    struct file_text cases;
    struct file_text answers;
    if (!read_file(r, r->suite->cases, &cases) || !read_file(r, r->suite->answers, &answers)) {
        r->failed++;
        diag_print(&r->diag, stdout);
        return;
    }
    const char *line = cases.text;
    const char *answer = answers.text;
    while (*line != '\0' || *answer != '\0') {
        const struct arena_mark mark = arena_mark(&r->arena);
        size_t len = 0;
        size_t answer_len = 0;
        const char *next = next_line(line, &len);
        const char *next_answer = next_line(answer, &answer_len);
        check(r, line, len, answer, answer_len);
        line = next;
        answer = next_answer;
        arena_rewind(&r->arena, mark);
        r->diag = (struct diag){.arena = &r->arena};
    }
}

int main(void)
{
    size_t passed = 0;
    size_t failed = 0;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        struct run r = {.suite = &suites[i]};
        r.diag.arena = &r.arena;
        run_suite(&r);
        if (r.failed > 0) {
            printf("%s as 1.%" PRId32 ": %zu of %zu differ\n", suites[i].cases, suites[i].minor,
                   r.failed, r.passed + r.failed);
        }
        passed += r.passed;
        failed += r.failed;
        observation_room_drop(&r.room);
        arena_drop(&r.arena);
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0;
}

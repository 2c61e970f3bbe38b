/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What controllers saw, written and read again. Every recorded case is decided twice more:
 * from an observation log that the program wrote of it, and from the records of a run file.
 * All three decision lines must be equal, every number and word.
 */
#include "base/file.h"
#include "base/json.h"
#include "control/hpa/reconcile.h"
#include "manifest/observation.h"
#include "manifest/observation_write.h"
#include "record/sync_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const files[] = {"cases", "harsh.cases", "directed.cases"};

/* One case on its way: the direct decisions, and what is made of them. */
struct trip {
    struct arena arena; /* of the case; never reset inside it: addresses are identities */
    struct diag diag;
    struct observation observation;
    struct hpa_object *object;
    struct hpa_state state;
    int32_t replicas;
    struct decision_writer *direct;
    struct sync_encoder encoder;
    struct observation_log *log;
    const char *path;
    VEC(struct strbuf) records;
    VEC(simtime) times;
    VEC(int32_t) left; /* the scale after each sync */
    bool unusual;      /* something that a log cannot say */
};

static bool edit(struct trip *t, const struct node *node)
{
    struct hpa_object *edited = arena_new(&t->arena, struct hpa_object);
    if (!hpa_object_read(&t->arena, node, &t->observation.config, t->object, edited, &t->diag)) {
        return false;
    }
    t->object = edited->error_count == 0 ? edited : t->object;
    return true;
}

static void tell(struct trip *t, simtime at, const struct hpa_decision *d)
{
    struct observer o = observation_log_observer(t->log);
    struct strbuf record = {.arena = &t->arena};
    o.decision(o.context, 0, at, d, &t->state);
    sync_encode(&t->encoder, d, &t->state, &record);
    *vec_push(&t->arena, &t->records) = record;
    *vec_push(&t->arena, &t->times) = at;
    *vec_push(&t->arena, &t->left) = t->replicas;
}

static bool step(struct trip *t, const struct node *node, size_t k)
{
    struct observed_step s;
    struct hpa_decision d;
    if (!observation_step(&t->arena, &t->observation, node, k, &s, &t->diag)) {
        return false;
    }
    t->unusual = t->unusual || s.add_hpa != NULL || s.update_conflicts > 0;
    if (s.hpa != NULL && !edit(t, s.hpa)) {
        return false;
    }
    const struct hpa_spec *spec = &t->object->spec;
    t->replicas = s.has_spec_replicas ? s.spec_replicas : t->replicas;
    const struct hpa_view view = {
        .scale_error = s.scale_error,
        .spec_replicas = t->replicas,
        .status_replicas = s.status_replicas,
        .selector = t->observation.selector,
        .pods = s.pods,
        .pod_count = s.pod_count,
        .answers = observation_answers(&t->arena, &s, spec, &t->diag),
    };
    if (view.answers == NULL) {
        return false;
    }
    hpa_reconcile(spec, &t->observation.config, &t->state, &view, s.at, &t->arena, &d);
    t->unusual = t->unusual || d.path == HPA_PATH_CRASH;
    if (d.rescale) {
        hpa_applied(&t->observation.config, &t->state, &d, s.update_error, s.at + 20000001);
        t->replicas = d.rescaled ? d.desired : t->replicas;
    }
    decision_writer_step(t->direct, &t->arena, s.at, &t->state, &d, t->replicas);
    tell(t, s.at, &d);
    return true;
}

static const char *line_of(struct trip *t, struct decision_writer *w)
{
    size_t len = 0;
    const char *text = decision_writer_text(w, &len);
    return arena_strndup(&t->arena, text, len);
}

/* The case as the records have it. */
static bool from_records(struct trip *t, const char **text)
{
    struct sync_decoder decoder = {.arena = &t->arena};
    struct hpa_state state = {.arena = &t->arena};
    struct decision_writer *w = decision_writer_new(&t->arena, "default/x");
    bool ok = true;
    for (size_t i = 0; ok && i < t->records.len; i++) {
        struct decoded_sync seen;
        struct hpa_decision d;
        const simtime at = t->times.items[i];
        ok = sync_decode(&decoder, t->records.items[i].text, t->records.items[i].len, &seen);
        if (!ok) {
            break;
        }
        hpa_reconcile(seen.spec, &decoder.config, &state, seen.view, at, &t->arena, &d);
        if (d.rescale) {
            hpa_applied(&decoder.config, &state, &d, seen.update_error, at + seen.updated_after);
        }
        decision_writer_step(w, &t->arena, at, &state, &d, t->left.items[i]);
    }
    sync_decoder_drop(&decoder);
    *text = line_of(t, w);
    return ok;
}

/* The case as the log has it. */
static bool from_log(struct trip *t, const char **text)
{
    const struct observation_options options = {0};
    struct observation_room room = {0};
    struct strbuf out = {.arena = &t->arena};
    struct file_text log;
    bool ok = observation_log_commit(t->log, &t->diag) &&
              file_read(&t->arena, t->path, 0, &log, &t->diag) &&
              observation_decide(&room, log.text, log.len, 0, 1, &options, &out, &t->diag);
    if (ok) {
        out.text[out.len - 1] = '\0'; /* the newline */
    }
    *text = strbuf_text(&out);
    observation_room_drop(&room);
    return ok;
}

/* What follows the id: the log gives the case a name of its own. */
static const char *steps_of(const char *line)
{
    const char *steps = strstr(line, "\"steps\"");
    return steps != NULL ? steps : "";
}

static size_t first_difference(const char *x, const char *y)
{
    size_t i = 0;
    while (x[i] != '\0' && x[i] == y[i]) {
        i++;
    }
    return i;
}

static bool same(const char *id, const char *what, const char *want, const char *got)
{
    const size_t at = first_difference(steps_of(want), steps_of(got));
    if (strcmp(steps_of(want), steps_of(got)) == 0) {
        return true;
    }
    const size_t from = at > 200 ? at - 200 : 0;
    printf("case %s, %s: differs\n  want ...%.300s\n  got  ...%.300s\n", id, what,
           steps_of(want) + from, steps_of(got) + from);
    return false;
}

static bool compare(struct trip *t)
{
    const char *id = t->observation.id;
    const char *want = line_of(t, t->direct);
    const char *records = "";
    const char *log = "";
    const bool read = from_records(t, &records);
    const bool good = same(id, "from records", want, records) && read;
    const bool decided = from_log(t, &log);
    return same(id, "from its log", want, log) && decided && good;
}

/* 1 passed, 0 failed, -1 not a case for this: refused objects, and what logs cannot say. */
static int run_case(struct trip *t, const char *line, size_t len)
{
    const struct observation_options options = {0};
    const struct node *root = json_read(&t->arena, line, len, 0, 1, &t->diag);
    if (root == NULL || !observation_read(&t->arena, root, &options, &t->observation, &t->diag)) {
        return 0;
    }
    t->object = arena_new(&t->arena, struct hpa_object);
    if (!hpa_object_read(&t->arena, t->observation.hpa, &t->observation.config, NULL, t->object,
                         &t->diag)) {
        return 0;
    }
    if (t->object->error_count > 0 || t->observation.steps == NULL) {
        return -1;
    }
    t->state.arena = &t->arena;
    t->encoder = (struct sync_encoder){.arena = &t->arena, .config = &t->observation.config};
    t->direct = decision_writer_new(&t->arena, "default/x");
    t->log = observation_log_create(&t->arena, t->path, &t->object->spec, 1, &t->observation.config,
                                    &t->diag);
    size_t k = 0;
    bool ok = t->log != NULL;
    for (const struct node *n = t->observation.steps->first; ok && n != NULL; n = n->next) {
        ok = step(t, n, k++);
    }
    if (!ok || t->unusual) {
        observation_log_abandon(t->log);
        return ok ? -1 : 0;
    }
    return compare(t);
}

static void run_file(const char *name, const char *path, size_t *passed, size_t *failed)
{
    struct arena arena = {0};
    struct diag diag = {.arena = &arena};
    struct file_text cases;
    const char *source = arena_printf(&arena, "tests/conformance/hpa/%s.jsonl.gz", name);
    if (!file_read(&arena, source, 0, &cases, &diag)) {
        diag_print(&diag, stdout);
        (*failed)++;
        return;
    }
    for (const char *line = cases.text; *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        struct trip t = {.path = path};
        t.diag.arena = &t.arena;
        const int result = run_case(&t, line, len);
        *passed += result == 1;
        *failed += result == 0;
        if (result == 0) {
            diag_print(&t.diag, stdout);
        }
        sync_encoder_drop(&t.encoder);
        arena_drop(&t.arena);
        line += line[len] == '\n' ? len + 1 : len;
    }
    arena_drop(&arena);
}

int main(void)
{
    char folder[] = "/tmp/podtide-observations-XXXXXX";
    char path[sizeof folder + 16];
    size_t passed = 0;
    size_t failed = 0;
    if (mkdtemp(folder) == NULL) {
        puts("no temporary folder");
        return 1;
    }
    snprintf(path, sizeof path, "%s/log.jsonl", folder);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        run_file(files[i], path, &passed, &failed);
    }
    unlink(path);
    rmdir(folder);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0;
}

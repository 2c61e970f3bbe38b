/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An observation log that fills while a run goes on. A case is one line and its head stands
 * before its steps, while the steps of several HPAs come interleaved and the head's
 * containers are known only with the first pod. So each HPA's steps go to a nameless
 * temporary file, and the cases are joined at the end: memory stays that of one step.
 *
 * The trap: the scale is written only where it is not what the last rescale left, for a
 * reader carries it over by itself and so notices when it decides otherwise.
 */
#include "base/file.h"
#include "base/str.h"
#include "kube/pod.h"
#include "kube/workload.h"
#include "manifest/observation_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct mark nowhere;

struct logged_hpa {
    const struct hpa_spec *first; /* at the start of the run */
    const struct hpa_spec *spec;  /* of the last step */
    const struct pod_template *pod;
    const char *selector;
    FILE *steps;
    size_t count;
    int32_t replicas; /* as the reader carries it over */
};

struct observation_log {
    struct arena *arena;
    struct arena scratch;
    const char *path;
    const struct hpa_config *config;
    struct logged_hpa *hpas;
    size_t hpa_count;
    int error; /* errno of the first failure */
};

static void fail(struct observation_log *log)
{
    log->error = log->error != 0 ? log->error : errno != 0 ? errno : EIO;
}

static void write_out(struct observation_log *log, FILE *out, const char *text, size_t len)
{
    if (log->error == 0 && fwrite(text, 1, len, out) != len) {
        fail(log);
    }
}

struct observation_log *observation_log_create(struct arena *a, const char *path,
                                               const struct hpa_spec *hpas, size_t hpa_count,
                                               const struct hpa_config *config, struct diag *d)
{
    struct observation_log *log = arena_new(a, struct observation_log);
    *log = (struct observation_log){.arena = a, .path = path, .config = config};
    log->hpas = arena_array(a, struct logged_hpa, hpa_count);
    for (size_t i = 0; i < hpa_count; i++) {
        log->hpas[i] = (struct logged_hpa){.first = &hpas[i], .spec = &hpas[i], .steps = tmpfile()};
        log->hpa_count++;
        if (log->hpas[i].steps == NULL) {
            diag_error(d, nowhere, "no temporary file for the observations: %s", strerror(errno));
            observation_log_abandon(log);
            return NULL;
        }
    }
    return log;
}

static void keep_head(struct observation_log *log, struct logged_hpa *hpa,
                      const struct hpa_view *view)
{
    if (hpa->pod == NULL && view->pod_count > 0) {
        hpa->pod = view->pods[0].requests;
    }
    if (hpa->selector == NULL && view->selector != NULL) {
        hpa->selector = arena_strdup(log->arena, view->selector);
    }
}

/* When the update of the scale was done, as the state after the sync shows it. */
static simtime update_time(const struct hpa_decision *d, const struct hpa_state *state)
{
    if (d->rescaled) {
        return state->status.last_scale_time;
    }
    const struct hpa_condition *able = hpa_condition_find(&state->status, HPA_ABLE_TO_SCALE);
    return d->update_error != NULL && able != NULL ? able->since : SIMTIME_NEVER;
}

static void on_decision(void *context, uint32_t index, simtime at, const struct hpa_decision *d,
                        const struct hpa_state *state)
{
    struct observation_log *log = context;
    if (index >= log->hpa_count || log->error != 0) {
        return;
    }
    struct logged_hpa *hpa = &log->hpas[index];
    keep_head(log, hpa, d->view);
    const struct observation_sync sync = {
        .at = at,
        .updated_at = update_time(d, state),
        .update_error = d->update_error,
        .edited = d->spec != hpa->spec,
        .scale_set = d->view->spec_replicas != hpa->replicas,
        .spec = d->spec,
        .view = d->view,
        .pod = hpa->pod,
    };
    arena_reset(&log->scratch);
    struct json_writer *w = json_writer_new(&log->scratch, false);
    size_t len = 0;
    observation_write_step(w, &log->scratch, &sync);
    const char *text = json_text(w, &len);
    if (hpa->count++ > 0) {
        write_out(log, hpa->steps, ",", 1);
    }
    write_out(log, hpa->steps, text, len);
    hpa->spec = d->spec;
    hpa->replicas = d->rescaled ? d->desired : d->view->spec_replicas;
}

struct observer observation_log_observer(struct observation_log *log)
{
    return (struct observer){.context = log, .decision = on_decision};
}

/* Everything before the steps; ends with the opening bracket of their list. */
static const char *head_text(struct observation_log *log, const struct logged_hpa *hpa)
{
    struct arena *a = &log->scratch;
    struct json_writer *w = json_writer_new(a, false);
    size_t len = 0;
    json_map(w);
    json_key(w, "id");
    json_string(w, arena_printf(a, "%s/%s", hpa->first->namespace_name, hpa->first->name));
    json_key(w, "controller");
    observation_write_controller(w, a, log->config);
    json_key(w, "hpa");
    observation_write_hpa(w, a, hpa->first);
    if (hpa->selector != NULL) {
        json_key(w, "selector");
        json_string(w, hpa->selector);
    }
    if (hpa->pod != NULL) {
        json_key(w, "containers");
        observation_write_containers(w, a, hpa->pod);
    }
    json_key(w, "steps");
    json_list(w);
    json_list_end(w);
    json_map_end(w);
    const char *text = json_text(w, &len);
    return arena_strndup(a, text, len - 2); /* without "]}" */
}

static void write_case(struct observation_log *log, struct logged_hpa *hpa, FILE *out)
{
    char piece[1 << 16];
    size_t len = 0;
    arena_reset(&log->scratch);
    const char *head = head_text(log, hpa);
    write_out(log, out, head, strlen(head));
    errno = 0;
    if (fflush(hpa->steps) != 0 || fseek(hpa->steps, 0, SEEK_SET) != 0) {
        fail(log);
    }
    while (log->error == 0 && (len = fread(piece, 1, sizeof piece, hpa->steps)) > 0) {
        write_out(log, out, piece, len);
    }
    if (ferror(hpa->steps)) {
        fail(log);
    }
    write_out(log, out, "]}\n", 3);
}

static void close_steps(struct observation_log *log)
{
    for (size_t i = 0; i < log->hpa_count; i++) {
        if (log->hpas[i].steps != NULL) {
            fclose(log->hpas[i].steps);
        }
    }
    arena_drop(&log->scratch);
}

bool observation_log_commit(struct observation_log *log, struct diag *d)
{
    struct file_writer writer;
    bool ok = log->error == 0;
    if (ok && !file_create(log->arena, log->path, &writer, d)) {
        close_steps(log);
        return false;
    }
    for (size_t i = 0; ok && i < log->hpa_count; i++) {
        write_case(log, &log->hpas[i], writer.out);
        if (log->error != 0) {
            file_abandon(&writer);
            ok = false;
        }
    }
    if (!ok) {
        diag_error(d, nowhere, "%s: the observations cannot be written: %s", log->path,
                   strerror(log->error));
    }
    close_steps(log);
    return ok && file_commit(&writer, d);
}

void observation_log_abandon(struct observation_log *log)
{
    if (log != NULL) {
        close_steps(log);
    }
}

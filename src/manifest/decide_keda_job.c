/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of kind job: a ScaledJob, and at each step the jobs there are and what its triggers say.
 * The decision is control/keda/job.c's; here a case becomes its view, and the decision a line.
 */
#include "decide_keda.h"

#include "manifest/scaledobject_object.h"

#include <string.h>

static enum job_end end_of(struct field_reader *r, const struct node *job)
{
    const char *finished = field_string(r, job, "finished");
    if (strcmp(finished, "Complete") == 0) {
        return JOB_COMPLETE;
    }
    return strcmp(finished, "Failed") == 0 ? JOB_FAILED : JOB_UNFINISHED;
}

static struct job_pod read_pod(struct field_reader *r, const struct node *node)
{
    const struct node *list = field_member(r, node, "conditions", NODE_LIST);
    const char **texts = arena_array(r->arena, const char *, list != NULL ? list->count : 0);
    struct job_pod pod = {.phase = field_string(r, node, "phase"), .true_conditions = texts};
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        const char *text = node_string(n);
        if (text == NULL) {
            field_error(r, n->mark, "field conditions lists strings");
        }
        texts[pod.condition_count++] = text != NULL ? text : "";
    }
    return pod;
}

static struct job_view *read_jobs(struct field_reader *r, const struct node *step, size_t *count)
{
    const struct node *list = field_member(r, step, "jobs", NODE_LIST);
    struct job_view *jobs = arena_array(r->arena, struct job_view, list != NULL ? list->count : 0);
    *count = 0;
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        const struct node *pods = field_member(r, n, "pods", NODE_LIST);
        struct job_pod *out = arena_array(r->arena, struct job_pod, pods != NULL ? pods->count : 0);
        struct job_view *job = &jobs[(*count)++];
        *job = (struct job_view){.end = end_of(r, n), .pods = out};
        for (const struct node *p = pods != NULL ? pods->first : NULL; p != NULL; p = p->next) {
            out[job->pod_count++] = read_pod(r, p);
        }
    }
    return jobs;
}

/* GetTargetAverageValue: of one metric spec, 0 where the target is a Value. */
static double target_of(const struct keda_metric *m)
{
    return strcmp(m->target_type, "AverageValue") == 0 ? quantity_as_double(&m->target) : 0;
}

static struct job_trigger *read_triggers(struct field_reader *r, const struct node *step,
                                         const struct scaled_job_object *object,
                                         const struct keda_trigger *triggers,
                                         const struct keda_metric *metrics, size_t *count)
{
    struct arena *a = r->arena;
    const struct node *list = field_member(r, step, "triggers", NODE_LIST);
    const struct node *n = list != NULL ? list->first : NULL;
    struct job_trigger *out = arena_array(a, struct job_trigger, object->trigger_count);
    *count = 0;
    for (size_t i = 0; i < object->trigger_count; i++) {
        const double value = n != NULL ? field_number(r, n, "v") : 0;
        const bool failed = n != NULL && field_bool(r, n, "err");
        n = n != NULL ? n->next : NULL;
        if (metrics[i].kind != KEDA_METRIC_EXTERNAL) {
            continue;
        }
        const struct quantity q = scaler_quantity(a, value);
        out[(*count)++] = (struct job_trigger){
            .failed = failed,
            .active = value > triggers[i].activation_threshold,
            .queue = quantity_as_double(&q),
            .target = target_of(&metrics[i]),
        };
    }
    return out;
}

static void write_condition(struct json_writer *w, struct arena *a, const char *type,
                            const struct keda_condition *condition)
{
    json_key(w, type);
    json_string(w, arena_printf(a, "%s/%s", condition->status, condition->reason));
}

static void write_decision(struct json_writer *w, struct arena *a, const struct job_decision *d)
{
    json_map(w);
    json_key(w, "isActive");
    json_bool(w, d->active);
    json_key(w, "isError");
    json_bool(w, d->error);
    json_key(w, "scaleTo");
    json_int(w, d->scale_to);
    json_key(w, "maxScale");
    json_int(w, d->max_scale);
    json_key(w, "created");
    json_int(w, d->created);
    json_key(w, "deleted");
    json_int(w, d->deleted_complete + d->deleted_failed);
    json_key(w, "conditions");
    json_map(w);
    write_condition(w, a, "Active", &d->active_condition);
    json_key(w, "Fallback");
    json_string(w, "Unknown/");
    json_key(w, "Paused");
    json_string(w, "False/");
    write_condition(w, a, "Ready", &d->ready);
    json_map_end(w);
    json_map_end(w);
}

bool keda_decide_job(struct keda_case *c, struct json_writer *w)
{
    struct arena *a = &c->room->tree;
    const struct node *root = c->root;
    struct diag *d = c->read.diag;
    struct field_reader r = {.arena = a, .diag = d};
    struct scaled_job_object object = {0};
    const struct node *job = field_member(&r, root, "scaledJob", NODE_MAP);
    const struct node *steps = field_member(&r, root, "steps", NODE_LIST);
    if (job == NULL) {
        field_error(&r, root->mark, "a case of kind job needs a scaledJob");
        return false;
    }
    if (!scaled_job_read(a, job, &object, d)) {
        return false;
    }
    struct keda_trigger *triggers = arena_array(a, struct keda_trigger, object.trigger_count);
    struct keda_metric *metrics = arena_array(a, struct keda_metric, object.trigger_count);
    const char *error =
        keda_build_triggers(a, object.triggers, object.trigger_count, false, triggers, metrics);
    if (error != NULL) {
        field_error(&r, job->mark, "%s", error);
        return false;
    }
    json_list(w);
    for (const struct node *n = steps != NULL ? steps->first : NULL; n != NULL; n = n->next) {
        size_t job_count = 0;
        size_t trigger_count = 0;
        const struct job_view *jobs = read_jobs(&r, n, &job_count);
        const struct job_trigger *said =
            read_triggers(&r, n, &object, triggers, metrics, &trigger_count);
        const struct job_decision decision =
            scaled_job_decide(&object.job, said, trigger_count, jobs, job_count, NULL);
        write_decision(w, a, &decision);
    }
    json_list_end(w);
    return !r.bad;
}

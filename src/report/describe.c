/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HPA as kubectl v0.36.3 describes it (pkg/describe/describe.go: describe-
 * HorizontalPodAutoscalerV2, DescribeEvents; apimachinery duration.HumanDuration). The object
 * and its status come from replaying the run to the time asked for.
 *
 * The traps: an entry of status.currentMetrics belongs to the metric at its place only when it
 * has that metric's type; ages are of times cut to whole seconds; the scale-down window is
 * shown only where the object has one. A quantity's own suffix is not recorded: memory
 * targets that are whole Ki are written with binary suffixes.
 */
#include "report/describe.h"

#include "event_recorder.h"
#include "explain_internal.h"
#include "kube/quantity.h"
#include "kube/timestamp.h"
#include "tabwriter.h"

#include <inttypes.h>
#include <string.h>

static const struct mark nowhere;

struct describing {
    struct subject *subject;
    struct arena *arena;
    struct strbuf out;
    const struct hpa_spec *spec;
    const struct hpa_status *status;
    bool memory_binary;
    simtime now;
};

/* ---- metrics ---- */

static const char *target_quantity(struct arena *a, const struct hpa_metric_spec *m, int64_t milli)
{
    const bool memory = m->type <= HPA_METRIC_CONTAINER_RESOURCE && str_equal(m->name, "memory");
    return hpa_status_quantity(a, milli, memory && milli % 1024000 == 0);
}

/* The status' entry at the metric's place, when it is one of its type. */
static const struct hpa_metric_status *current_of(const struct describing *d, size_t i)
{
    if (i >= d->status->metrics.len) {
        return NULL;
    }
    const struct hpa_metric_status *s = &d->status->metrics.items[i];
    return s->metric != NULL && s->metric->type == d->spec->metrics[i].type ? s : NULL;
}

/* Go's String() of a quantity that is not there. */
static const char *quantity_or_nil(struct arena *a, bool there, int64_t milli, bool binary)
{
    return there ? hpa_status_quantity(a, milli, binary) : "<nil>";
}

static void resource_line(struct describing *d, const struct hpa_metric_spec *m,
                          const struct hpa_metric_status *s)
{
    struct arena *a = d->arena;
    const bool binary = d->memory_binary && str_equal(m->name, "memory");
    const char *average =
        s != NULL ? quantity_or_nil(a, s->has_average_value, s->average_value, binary) : NULL;
    if (m->type == HPA_METRIC_CONTAINER_RESOURCE) {
        strbuf_printf(&d->out, "  resource %s of container \"%s\" on pods", m->name, m->container);
    } else {
        strbuf_printf(&d->out, "  resource %s on pods", m->name);
    }
    if (m->target.has_average_value) {
        strbuf_printf(&d->out, ":\t%s / %s\n", average != NULL ? average : "<unknown>",
                      target_quantity(a, m, m->target.average_value));
        return;
    }
    const char *current = "<unknown>";
    if (s != NULL && s->has_average_utilization) {
        current = arena_printf(a, "%" PRId32 "%% (%s)", s->average_utilization, average);
    }
    const char *target = m->target.has_average_utilization
                             ? arena_printf(a, "%" PRId32 "%%", m->target.average_utilization)
                             : "<auto>";
    strbuf_printf(&d->out, "  (as a percentage of request):\t%s / %s\n", current, target);
}

static void object_line(struct describing *d, const struct hpa_metric_spec *m,
                        const struct hpa_metric_status *s)
{
    struct arena *a = d->arena;
    const bool average = m->target.type == HPA_TARGET_AVERAGE_VALUE;
    const char *current = "<unknown>";
    if (s != NULL) {
        current = average ? quantity_or_nil(a, s->has_average_value, s->average_value, false)
                          : quantity_or_nil(a, s->has_value, s->value, false);
    }
    const char *target =
        average ? quantity_or_nil(a, m->target.has_average_value, m->target.average_value, false)
                : quantity_or_nil(a, m->target.has_value, m->target.value, false);
    strbuf_printf(&d->out, "  \"%s\" on %s/%s (target %svalue):\t%s / %s\n", m->name,
                  m->object_kind, m->object_name, average ? "average " : "", current, target);
}

static void external_line(struct describing *d, const struct hpa_metric_spec *m,
                          const struct hpa_metric_status *s)
{
    struct arena *a = d->arena;
    const char *current = "<unknown>";
    if (m->target.has_average_value) {
        if (s != NULL && s->has_average_value) {
            current = hpa_status_quantity(a, s->average_value, false);
        }
        strbuf_printf(&d->out, "  \"%s\" (target average value):\t%s / %s\n", m->name, current,
                      hpa_status_quantity(a, m->target.average_value, false));
        return;
    }
    if (s != NULL) {
        current = quantity_or_nil(a, s->has_value, s->value, false);
    }
    strbuf_printf(&d->out, "  \"%s\" (target value):\t%s / %s\n", m->name, current,
                  quantity_or_nil(a, m->target.has_value, m->target.value, false));
}

static void pods_line(struct describing *d, const struct hpa_metric_spec *m,
                      const struct hpa_metric_status *s)
{
    struct arena *a = d->arena;
    const char *current =
        s != NULL ? quantity_or_nil(a, s->has_average_value, s->average_value, false) : "<unknown>";
    strbuf_printf(&d->out, "  \"%s\" on pods:\t%s / %s\n", m->name, current,
                  quantity_or_nil(a, m->target.has_average_value, m->target.average_value, false));
}

static void metric_lines(struct describing *d)
{
    strbuf_add(&d->out, "Metrics:\t( current / target )\n");
    for (size_t i = 0; i < d->spec->metric_count; i++) {
        const struct hpa_metric_spec *m = &d->spec->metrics[i];
        const struct hpa_metric_status *s = current_of(d, i);
        switch (m->type) {
        case HPA_METRIC_RESOURCE:
        case HPA_METRIC_CONTAINER_RESOURCE:
            resource_line(d, m, s);
            break;
        case HPA_METRIC_PODS:
            pods_line(d, m, s);
            break;
        case HPA_METRIC_OBJECT:
            object_line(d, m, s);
            break;
        case HPA_METRIC_EXTERNAL:
            external_line(d, m, s);
            break;
        }
    }
}

/* ---- the object ---- */

/* Go's time.RFC1123Z: "Thu, 13 Jul 1995 00:00:00 +0000" */
static const char *rfc1123z(struct arena *a, int64_t unix_ns, int32_t zone_seconds)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const struct timestamp_parts p = timestamp_split(unix_ns, zone_seconds);
    const int32_t minutes = (zone_seconds < 0 ? -zone_seconds : zone_seconds) / 60;
    return arena_printf(a,
                        "%s, %02" PRId32 " %s %04" PRId32 " %02" PRId32 ":%02" PRId32 ":%02" PRId32
                        " %c%02" PRId32 "%02" PRId32,
                        days[p.weekday], p.day, months[p.month - 1], p.year, p.hour, p.minute,
                        p.second, zone_seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

static void behavior_lines(struct describing *d, const char *direction,
                           const struct hpa_scaling_rules *rules)
{
    strbuf_printf(&d->out, "  %s:\n", direction);
    if (rules->has_window) {
        strbuf_printf(&d->out, "    Stabilization Window: %" PRId32 " seconds\n",
                      rules->window_seconds);
    }
    if (rules->policy_count == 0) {
        return;
    }
    strbuf_printf(&d->out, "    Select Policy: %s\n", hpa_select_policy_name(rules->select_policy));
    strbuf_add(&d->out, "    Policies:\n");
    for (size_t i = 0; i < rules->policy_count; i++) {
        const struct hpa_policy *p = &rules->policies[i];
        strbuf_printf(&d->out,
                      "      - Type: %s\tValue: %" PRId32 "\tPeriod: %" PRId32 " seconds\n",
                      hpa_policy_type_name(p->type), p->value, p->period_seconds);
    }
}

static void object_lines(struct describing *d)
{
    const struct query_run *run = &d->subject->run;
    const struct hpa_spec *spec = d->spec;
    strbuf_printf(&d->out, "Name:\t%s\nNamespace:\t%s\nLabels:\t<none>\nAnnotations:\t<none>\n",
                  spec->name, spec->namespace_name);
    strbuf_printf(&d->out, "CreationTimestamp:\t%s\nReference:\t%s/%s\n",
                  rfc1123z(d->arena, run->start_unix_ns, run->zone_seconds), spec->target_kind,
                  spec->target_name);
    metric_lines(d);
    strbuf_printf(&d->out, "Min replicas:\t%" PRId32 "\nMax replicas:\t%" PRId32 "\n",
                  spec->min_replicas, spec->max_replicas);
    if (spec->has_behavior) {
        strbuf_add(&d->out, "Behavior:\n");
        behavior_lines(d, "Scale Up", &spec->scale_up);
        behavior_lines(d, "Scale Down", &spec->scale_down);
    }
    strbuf_printf(&d->out, "%s pods:\t%" PRId32 " current / %" PRId32 " desired\n",
                  spec->target_kind, d->status->current_replicas, d->status->desired_replicas);
}

/* ---- conditions and events ---- */

static void condition_lines(struct describing *d)
{
    if (d->status->condition_count == 0) {
        return;
    }
    strbuf_add(&d->out, "Conditions:\n  Type\tStatus\tReason\tMessage\n"
                        "  ----\t------\t------\t-------\n");
    for (size_t i = 0; i < d->status->condition_count; i++) {
        const struct hpa_condition *c = &d->status->conditions[i];
        strbuf_printf(&d->out, "  %s\t%s\t%s\t%s\n", hpa_condition_type_name(c->type),
                      condition_status_name(c->status), hpa_reason_name(c->reason),
                      hpa_condition_message(d->arena, c));
    }
}

static const char *two_units(struct arena *a, int64_t n, const char *unit, int64_t rest,
                             const char *smaller)
{
    if (rest == 0) {
        return arena_printf(a, "%" PRId64 "%s", n, unit);
    }
    return arena_printf(a, "%" PRId64 "%s%" PRId64 "%s", n, unit, rest, smaller);
}

/* duration.HumanDuration */
static const char *human_duration(struct arena *a, simtime t)
{
    const int64_t seconds = t / SIMTIME_SECOND;
    const int64_t minutes = seconds / 60;
    const int64_t hours = minutes / 60;
    if (seconds < -1) {
        return "<invalid>";
    }
    if (seconds < 120) {
        return arena_printf(a, "%" PRId64 "s", seconds < 0 ? 0 : seconds);
    }
    if (minutes < 10) {
        return two_units(a, minutes, "m", seconds % 60, "s");
    }
    if (minutes < 180) {
        return arena_printf(a, "%" PRId64 "m", minutes);
    }
    if (hours < 8) {
        return two_units(a, hours, "h", minutes % 60, "m");
    }
    if (hours < 48) {
        return arena_printf(a, "%" PRId64 "h", hours);
    }
    if (hours < 192) {
        return two_units(a, hours / 24, "d", hours % 24, "h");
    }
    if (hours < 24 * 365 * 2) {
        return arena_printf(a, "%" PRId64 "d", hours / 24);
    }
    if (hours < 24 * 365 * 8) {
        return two_units(a, hours / 24 / 365, "y", hours / 24 % 365, "d");
    }
    return arena_printf(a, "%" PRId64 "y", hours / 24 / 365);
}

/* Age of a time that the API serves in whole seconds of the wall clock. */
static const char *age(struct describing *d, simtime t)
{
    const int64_t unix_ns = d->subject->run.start_unix_ns + t;
    int64_t part = unix_ns % SIMTIME_SECOND;
    part += part < 0 ? SIMTIME_SECOND : 0;
    return human_duration(d->arena, d->now - (t - part));
}

/* The events of this HPA, out of all. */
static struct observed_event *own_events(struct describing *d, size_t *count)
{
    size_t all = 0;
    struct observed_event *list = query_events(d->subject->query, d->arena, d->subject->run.run,
                                               "horizontal-pod-autoscaler", 0, d->now, &all);
    *count = 0;
    for (size_t i = 0; i < all; i++) {
        if (str_equal(list[i].name, d->spec->name) &&
            str_equal(list[i].namespace_name, d->spec->namespace_name)) {
            list[(*count)++] = list[i];
        }
    }
    return list;
}

/* strings.TrimSpace, for the messages that have ends to trim. */
static const char *trimmed(struct arena *a, const char *text)
{
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n')) {
        len--;
    }
    return arena_strndup(a, text, len);
}

static void event_lines(struct describing *d)
{
    size_t count = 0;
    size_t kept = 0;
    const struct observed_event *events = own_events(d, &count);
    const struct kept_event *list = events_kept(d->arena, events, count, d->now, &kept);
    if (kept == 0) {
        strbuf_add(&d->out, "Events:\t<none>\n");
        return;
    }
    strbuf_add(&d->out, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n"
                        "  ----\t------\t----\t----\t-------\n");
    for (size_t i = 0; i < kept; i++) {
        const struct kept_event *e = &list[i];
        const char *when = age(d, e->first);
        if (e->count > 1) {
            when = arena_printf(d->arena, "%s (x%" PRId32 " over %s)", age(d, e->last), e->count,
                                when);
        }
        strbuf_printf(&d->out, "  %s\t%s\t%s\t%s\t%s\n", e->type, e->reason, when, e->source,
                      trimmed(d->arena, e->message));
    }
}

/* ---- the door ---- */

static bool describe_at(struct subject *s, simtime now, FILE *out, struct diag *d)
{
    struct replay r;
    const struct hpa_state unseen = {0};
    replay_open(&r, s->query, s->arena, s->run.run, s->index);
    while (observations_peek(r.observations) <= now && replay_next(&r)) {
    }
    const bool seen = r.syncs > 0;
    /* Before the first sync there is only the object, which comes with the first record. */
    if (observations_damaged(r.observations) ||
        (!seen && !observations_next(r.observations, &r.at, &r.seen))) {
        diag_error(d, nowhere, "the run file does not hold what HPA %s saw", s->label);
        diag_help(d, "run the scenario again with this podtide, with record.syncs on");
        replay_close(&r);
        return false;
    }
    struct describing describing = {
        .subject = s,
        .arena = s->arena,
        .out = {.arena = s->arena},
        .spec = r.seen.spec,
        .status = seen ? &r.state.status : &unseen.status,
        .memory_binary = observations_config(r.observations)->profile.memory_binary,
        .now = now,
    };
    object_lines(&describing);
    condition_lines(&describing);
    event_lines(&describing);
    fputs(tabwriter_align(s->arena, strbuf_text(&describing.out)), out);
    replay_close(&r);
    return true;
}

/* "hpa/web", "hpa/ns/web", "ns/hpa/web" -> "web" or "ns/web"; NULL: not an HPA. */
static const char *hpa_name(struct arena *a, const char *object)
{
    static const char *const kinds[] = {"hpa", "horizontalpodautoscaler",
                                        "horizontalpodautoscalers", "HorizontalPodAutoscaler"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *kind = arena_printf(a, "%s/", kinds[i]);
        const char *middle = strstr(object, arena_printf(a, "/%s/", kinds[i]));
        if (str_starts(object, kind)) {
            return object + strlen(kind);
        }
        if (middle != NULL && strchr(object, '/') == middle) {
            return arena_printf(a, "%.*s/%s", (int)(middle - object), object,
                                middle + strlen(kind) + 1);
        }
    }
    return NULL;
}

bool describe(const struct describe_request *request, struct arena *a, FILE *out, struct diag *d)
{
    struct subject s;
    const char *name = hpa_name(a, request->object);
    if (name == NULL) {
        diag_error(d, nowhere, "\"%s\" is not an HPA: only HPAs can be described", request->object);
        diag_help(d, "write hpa/NAME or NAMESPACE/hpa/NAME");
        return false;
    }
    if (!subject_open(&s, a, request->path, request->run, name, d)) {
        return false;
    }
    simtime now = s.run.until;
    const bool ok = (request->at == NULL || moment_parse(request->at, "--at", &s.run, &now, d)) &&
                    describe_at(&s, now, out, d);
    subject_close(&s);
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Custom and external metrics: when a value is seen, and what is said when there is none. */
#include "world.h"

#include <criterion/criterion.h>
#include <math.h>

static const char *const app_only[] = {"app", NULL};

/* Steps from `before` to `after` per second at `step`. */
struct signal {
    double before;
    double after;
    simtime step;
    bool counter;
};

static double read_signal(void *context, const struct pod *pod, simtime now)
{
    const struct signal *s = context;
    double scale = pod ? 1 + (double)pod->serial : 1;
    if (!s->counter)
        return (now < s->step ? s->before : s->after) * scale;
    if (now < s->step)
        return s->before * simtime_to_seconds(now) * scale;
    return (s->before * simtime_to_seconds(s->step) +
            s->after * simtime_to_seconds(now - s->step)) *
           scale;
}

static struct metric_answer ask(struct world *w, const struct metric_query *q,
                                struct metric_buffer *buffer)
{
    struct workload *workloads[] = {&w->workload};
    struct metric_answer answer;
    metrics_answer(w->metrics, q, workloads, 1, engine_now(w->engine), buffer, &answer);
    return answer;
}

static int64_t ask_external(struct world *w, const char *name)
{
    struct metric_buffer buffer = {0};
    struct metric_query q = {.type = METRIC_QUERY_EXTERNAL, .name = name};
    struct metric_answer answer = ask(w, &q, &buffer);
    return answer.value_count == 1 ? answer.values[0] : -1;
}

static struct world *world_with(const struct metric_spec *spec, struct signal *signal)
{
    struct world *w = world_new(NULL, &(struct metrics_server_spec){.seed = 1}, app_only);
    metrics_add(w->metrics, spec, NULL, read_signal, signal);
    return w;
}

static void start(struct world *w)
{
    metrics_server_start(w->server);
    metrics_start(w->metrics);
}

/* When the value first moves and when it is all there, after a step at 600 s. */
struct response {
    const char *name;
    struct metric_spec spec;
    bool counter;
    double first_from, first_to; /* seconds after the step */
    double full_from, full_to;
};

static const struct response responses[] = {
    {"direct", {.name = "m", .kind = METRIC_EXTERNAL, .direct = true}, false, 0, 0.1, 0, 0.1},
    {"direct, 20 s late",
     {.name = "m", .kind = METRIC_EXTERNAL, .direct = true, .delay = 20 * S},
     false,
     20,
     21.1,
     20,
     21.1},
    {"gauge", {.name = "m", .kind = METRIC_EXTERNAL}, false, 0, 15, 0, 15},
    {"gauge, 60 s",
     {.name = "m", .kind = METRIC_EXTERNAL, .scrape_interval = 60 * S},
     false,
     0,
     60,
     0,
     60},
    {"average of 1 min",
     {.name = "m", .kind = METRIC_EXTERNAL, .function = METRIC_AVERAGE},
     false,
     0,
     15,
     45,
     60.1},
    {"rate of 1 min",
     {.name = "m", .kind = METRIC_EXTERNAL, .function = METRIC_RATE},
     true,
     0,
     15.1,
     45,
     75.1},
    {"rate of 2 min, 30 s late",
     {.name = "m",
      .kind = METRIC_EXTERNAL,
      .function = METRIC_RATE,
      .window = 120 * S,
      .delay = 30 * S,
      .scrape_interval = 30 * S},
     true,
     30,
     60.1,
     120,
     180.1},
};

Test(named, step_responses)
{
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        const struct response *r = &responses[i];
        struct signal signal = {10, 30, 600 * S, r->counter};
        struct world *w = world_with(&r->spec, &signal);
        double first = -1;
        double full = -1;
        start(w);
        for (simtime now = 2 * S; now <= 900 * S; now += S / 10) {
            engine_run_until(w->engine, now);
            double value = (double)ask_external(w, "m") / 1000;
            double since = simtime_to_seconds(now - 600 * S);
            if (now < 600 * S)
                cr_assert_float_eq(value, 10, 0.0011, "%s: %g at %g", r->name, value, since);
            if (first < 0 && value > 10.01)
                first = since;
            if (full < 0 && value > 29.99)
                full = since;
        }
        cr_expect(first >= r->first_from && first <= r->first_to, "%s: first %g", r->name, first);
        cr_expect(full >= r->full_from && full <= r->full_to, "%s: full %g", r->name, full);
        world_drop(w);
    }
}

static const struct metric_spec per_pod = {
    .name = "rps", .kind = METRIC_PODS, .namespace_name = "d"};
static const struct metric_query pods_query = {
    .type = METRIC_QUERY_PODS, .name = "rps", .namespace_name = "d"};

Test(named, pods)
{
    struct signal signal = {2.0005, 2.0005, 0, false};
    struct world *w = world_with(&per_pod, &signal);
    struct metric_buffer buffer = {0};
    struct pod *a = world_run_pod(w, -100 * S, 0.1);
    struct pod *b = world_run_pod(w, -100 * S, 0.1);
    start(w);
    engine_run_until(w->engine, 100 * S + S / 2);
    struct pod *c = world_run_pod(w, engine_now(w->engine), 0.1);
    struct metric_answer answer = ask(w, &pods_query, &buffer);
    cr_assert_eq(answer.reading_count, 2, "the new pod has not been scraped");
    cr_expect_eq(answer.readings[0].value, 2000, "cut, not rounded");
    cr_expect_eq(answer.readings[1].pod, 1);
    cr_expect_eq(answer.readings[1].value, 4001);
    cr_expect_eq(answer.readings[0].time, 100 * S);
    cr_expect_eq(answer.readings[0].window, 60 * S);
    engine_run_until(w->engine, 116 * S);
    answer = ask(w, &pods_query, &buffer);
    cr_assert_eq(answer.reading_count, 3);
    cr_expect_eq(answer.readings[2].value, 6001);
    world_gone(w, a);
    answer = ask(w, &pods_query, &buffer);
    cr_assert_eq(answer.reading_count, 2);
    cr_expect_eq(answer.readings[0].pod, 0, "positions follow the list");
    cr_expect_eq(answer.readings[0].value, 4001);
    cr_expect_float_eq(metrics_value(w->metrics, 0, engine_now(w->engine)), 2.5 * 2.0005, 1e-9);
    world_change(w, b, POD_CRASHED);
    engine_run_until(w->engine, 140 * S);
    answer = ask(w, &pods_query, &buffer);
    cr_assert_eq(answer.reading_count, 1, "its target is down");
    cr_expect_eq(answer.readings[0].pod, 1);
    world_gone(w, b);
    world_gone(w, c);
    answer = ask(w, &pods_query, &buffer);
    cr_expect_not(answer.listed);
    cr_expect_null(answer.error, "the metric is known, the list empty");
    world_drop(w);
}

/* rate() of a pod that starts mid-run needs two scrapes and is low for a window. */
Test(named, rate_of_a_new_pod)
{
    static const struct metric_spec spec = {
        .name = "rps", .kind = METRIC_PODS, .namespace_name = "d", .function = METRIC_RATE};
    struct signal signal = {5, 5, 0, true};
    struct world *w = world_with(&spec, &signal);
    struct metric_buffer buffer = {0};
    start(w);
    engine_run_until(w->engine, 1000 * S);
    world_run_pod(w, 1000 * S, 0.1);
    engine_run_until(w->engine, 1014 * S);
    cr_expect_not(ask(w, &pods_query, &buffer).listed);
    engine_run_until(w->engine, 1031 * S);
    struct metric_answer answer = ask(w, &pods_query, &buffer);
    cr_assert_eq(answer.reading_count, 1);
    cr_expect_lt(answer.readings[0].value, 3500);
    engine_run_until(w->engine, 1080 * S);
    int64_t full = ask(w, &pods_query, &buffer).readings[0].value;
    cr_expect(full >= 4999 && full <= 5000, "%lld", (long long)full);
    world_drop(w);
}

Test(named, object_and_selectors)
{
    static const struct label blue[] = {{"colour", "blue"}};
    static const struct label red[] = {{"colour", "red"}};
    static const struct metric_spec specs[] = {
        {.name = "hits",
         .kind = METRIC_OBJECT,
         .namespace_name = "d",
         .object_kind = "Ingress",
         .object_name = "main",
         .labels = blue,
         .label_count = 1,
         .direct = true},
        {.name = "depth",
         .kind = METRIC_EXTERNAL,
         .labels = blue,
         .label_count = 1,
         .direct = true},
        {.name = "depth", .kind = METRIC_EXTERNAL, .labels = red, .label_count = 1, .direct = true},
    };
    struct signal signals[] = {{7, 7, 0, false}, {1, 1, 0, false}, {2, 2, 0, false}};
    struct world *w = world_new(NULL, &(struct metrics_server_spec){0}, app_only);
    struct label_selector is_red = label_selector_from_set(&w->arena, red, 1);
    struct metric_buffer buffer = {0};
    for (size_t i = 0; i < 3; i++)
        metrics_add(w->metrics, &specs[i], NULL, read_signal, &signals[i]);
    start(w);
    engine_run_until(w->engine, S);
    struct metric_query q = {.type = METRIC_QUERY_OBJECT,
                             .name = "hits",
                             .namespace_name = "d",
                             .object_kind = "Ingress",
                             .object_name = "main"};
    cr_expect_eq(ask(w, &q, &buffer).value, 7000);
    q.selector = &is_red;
    cr_expect_str_eq(
        ask(w, &q, &buffer).error,
        "the server could not find the metric hits for ingresses.networking.k8s.io main");
    q = (struct metric_query){
        .type = METRIC_QUERY_EXTERNAL, .name = "depth", .namespace_name = "d"};
    struct metric_answer answer = ask(w, &q, &buffer);
    cr_assert_eq(answer.value_count, 2, "one value per series");
    cr_expect_eq(answer.values[0], 1000);
    cr_expect_eq(answer.values[1], 2000);
    q.selector = &is_red;
    answer = ask(w, &q, &buffer);
    cr_assert_eq(answer.value_count, 1);
    cr_expect_eq(answer.values[0], 2000);
    world_drop(w);
}

Test(named, errors)
{
    static const struct {
        struct metric_query q;
        const char *not_found;
        const char *down;
    } rows[] = {
        {{.type = METRIC_QUERY_PODS, .name = "x", .namespace_name = "d"},
         "the server could not find the metric x for pods",
         "the server is currently unable to handle the request (get pods.custom.metrics.k8s.io *)"},
        {{.type = METRIC_QUERY_OBJECT,
          .name = "x",
          .namespace_name = "d",
          .object_kind = "Service",
          .object_name = "web"},
         "the server could not find the metric x for services",
         "the server is currently unable to handle the request "
         "(get services.custom.metrics.k8s.io web)"},
        {{.type = METRIC_QUERY_EXTERNAL, .name = "x", .namespace_name = "default"},
         "the server could not find the metric x for namespaces",
         "the server is currently unable to handle the request (get x.external.metrics.k8s.io)"},
        {{.type = METRIC_QUERY_EXTERNAL, .name = "x", .namespace_name = "d"},
         "the server could not find the metric x for ",
         "the server is currently unable to handle the request (get x.external.metrics.k8s.io)"},
    };
    struct metric_fault down = {.kind = METRIC_FAULT_UNAVAILABLE};
    struct world *w = world_new(NULL, &(struct metrics_server_spec){0}, app_only);
    struct metric_buffer buffer = {0};
    start(w);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = ask(w, &rows[i].q, &buffer).error;
        cr_expect_str_eq(text, rows[i].not_found);
        cr_expect_eq(ask(w, &rows[i].q, &buffer).error, text, "remembered");
    }
    metrics_api_fault_begin(w->metrics, METRICS_API_CUSTOM, &down);
    metrics_api_fault_begin(w->metrics, METRICS_API_EXTERNAL, &down);
    metrics_api_fault_begin(w->metrics, METRICS_API_RESOURCE, &down);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_str_eq(ask(w, &rows[i].q, &buffer).error, rows[i].down);
    struct metric_query cpu = {.type = METRIC_QUERY_RESOURCE, .name = "cpu"};
    cr_expect_not_null(ask(w, &cpu, &buffer).error);
    metrics_api_fault_end(w->metrics, METRICS_API_RESOURCE, &down);
    cr_expect_null(ask(w, &cpu, &buffer).error);
    world_drop(w);
}

Test(named, faults)
{
    struct metric_spec spec = {.name = "m", .kind = METRIC_EXTERNAL};
    for (int direct = 0; direct < 2; direct++) {
        struct signal signal = {10, 30, 100 * S, false};
        struct metric_fault frozen = {.kind = METRIC_FAULT_FROZEN};
        struct metric_fault zero = {.kind = METRIC_FAULT_ZERO};
        struct metric_fault missing = {.kind = METRIC_FAULT_MISSING, .fraction = 1};
        struct metric_fault text = {.kind = METRIC_FAULT_UNAVAILABLE, .text = "no"};
        struct metric_fault scrape = {.kind = METRIC_FAULT_SCRAPE, .node = METRIC_FAULT_ALL_NODES};
        struct metric_buffer buffer = {0};
        struct metric_query q = {.type = METRIC_QUERY_EXTERNAL, .name = "m"};
        spec.direct = direct;
        struct world *w = world_with(&spec, &signal);
        start(w);
        engine_run_until(w->engine, 90 * S);
        cr_expect(metrics_fault_begin(w->metrics, "m", &frozen));
        cr_expect_not(metrics_fault_begin(w->metrics, "other", &frozen));
        engine_run_until(w->engine, 200 * S);
        cr_expect_eq(ask_external(w, "m"), 10000, "frozen, direct %d", direct);
        metrics_fault_end(w->metrics, "m", &frozen);
        engine_run_until(w->engine, 216 * S);
        cr_expect_eq(ask_external(w, "m"), 30000, "thawed, direct %d", direct);
        metrics_fault_begin(w->metrics, "m", &zero);
        cr_expect_eq(ask_external(w, "m"), 0);
        metrics_fault_end(w->metrics, "m", &zero);
        metrics_api_fault_begin(w->metrics, METRICS_API_EXTERNAL, &missing);
        cr_expect_eq(ask(w, &q, &buffer).value_count, 0);
        metrics_api_fault_end(w->metrics, METRICS_API_EXTERNAL, &missing);
        metrics_fault_begin(w->metrics, "m", &text);
        cr_expect_str_eq(ask(w, &q, &buffer).error, "no");
        metrics_fault_end(w->metrics, "m", &text);
        metrics_fault_begin(w->metrics, "m", &scrape);
        engine_run_until(w->engine, 232 * S);
        cr_expect_eq(ask_external(w, "m"), direct ? 30000 : -1, "stale at the next scrape");
        metrics_fault_end(w->metrics, "m", &scrape);
        engine_run_until(w->engine, 248 * S);
        cr_expect_eq(ask_external(w, "m"), 30000);
        world_drop(w);
    }
}

Test(named, relist)
{
    struct metric_spec spec = {.name = "m", .kind = METRIC_EXTERNAL, .relist = 600 * S};
    struct signal signal = {1, 1, 0, false};
    struct metric_buffer buffer = {0};
    struct metric_query q = {
        .type = METRIC_QUERY_EXTERNAL, .name = "m", .namespace_name = "default"};
    struct world *w = world_with(&spec, &signal);
    start(w);
    engine_run_until(w->engine, 599 * S);
    cr_expect_str_eq(ask(w, &q, &buffer).error,
                     "the server could not find the metric m for namespaces");
    engine_run_until(w->engine, 600 * S);
    cr_expect_null(ask(w, &q, &buffer).error);
    cr_expect_eq(ask_external(w, "m"), 1000);
    world_drop(w);
}

Test(named, resource_answers)
{
    static const char *const two[] = {"app", "proxy", NULL};
    struct world *w = world_new(NULL, &(struct metrics_server_spec){0}, two);
    struct metric_buffer buffer = {0};
    world_run_pod(w, -100 * S, 0.1);
    world_run_pod(w, -100 * S, 0.2);
    start(w);
    engine_run_until(w->engine, 31 * S);
    world_run_pod(w, 31 * S, 0.2);
    struct metric_query q = {.type = METRIC_QUERY_RESOURCE, .name = "cpu"};
    struct metric_answer answer = ask(w, &q, &buffer);
    cr_expect(answer.listed);
    cr_assert_eq(answer.reading_count, 2, "the third has no metric yet");
    cr_expect_eq(answer.readings[1].pod, 1);
    cr_expect_eq(answer.readings[1].value, 200);
    cr_expect_eq(answer.readings[1].window, 15 * S);
    q.name = "nvidia.com/gpu";
    answer = ask(w, &q, &buffer);
    cr_expect(answer.listed);
    cr_expect_eq(answer.reading_count, 0, "items without the resource");
    q = (struct metric_query){
        .type = METRIC_QUERY_CONTAINER_RESOURCE, .name = "cpu", .container = "nobody"};
    answer = ask(w, &q, &buffer);
    cr_expect(answer.listed);
    cr_expect_eq(answer.reading_count, 0);
    cr_expect_str_eq(answer.lacks_container, "pod-0");
    q.container = "app";
    answer = ask(w, &q, &buffer);
    cr_expect_eq(answer.reading_count, 2);
    cr_expect_null(answer.lacks_container);
    world_drop(w);
}

Test(named, series_do_not_leak)
{
    struct signal signal = {1, 1, 0, false};
    struct world *w = world_with(&per_pod, &signal);
    struct pod *pod = world_run_pod(w, -100 * S, 0.1);
    start(w);
    engine_run_until(w->engine, 20 * S);
    world_change(w, pod, POD_GONE);
    pod->running = 20 * S;
    world_change(w, pod, POD_RUNS);
    size_t before = arena_size(&w->arena);
    for (int i = 0; i < 10000; i++) {
        world_change(w, pod, POD_GONE);
        world_change(w, pod, POD_RUNS);
    }
    cr_expect_eq(arena_size(&w->arena), before);
    world_drop(w);
}

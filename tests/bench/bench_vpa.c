/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VPA recommender's speed and memory: 10,000 containers with a sample of CPU and of memory
 * every minute for 7 days, recommended once an hour; and 1,000 containers for a month, whose
 * pods are replaced every day, with the memory they end up with. Prints, never fails.
 */
#include "control/vpa/recommender.h"
#include "engine/rng.h"

#include <stdio.h>
#include <time.h>

#define START (1700000000 * SIMTIME_SECOND)

struct fleet {
    struct arena arena;
    struct arena scratch;
    struct recommender_config config;
    struct vpa_model *models; /* one VPA each, with one container */
    struct vpa_container **containers;
    size_t count;
    struct rng rng;
    uint64_t samples;
    int64_t checksum;
};

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void start_pod(struct fleet *f, size_t i, simtime now)
{
    struct vpa_model *m = &f->models[i];
    if (m->pods != NULL) {
        vpa_model_delete_pod(m, m->pods);
    }
    struct vpa_pod *pod = vpa_model_put_pod(m, "pod", "app=x", now);
    f->containers[i] = vpa_model_put_container(m, pod, "main", now);
}

static void sample_all(struct fleet *f, simtime now)
{
    for (size_t i = 0; i < f->count; i++) {
        const uint64_t r = rng_u64(&f->rng);
        struct vpa_container *c = f->containers[i];
        vpa_model_add_cpu(&f->models[i], c, 100 + (int64_t)(r & 1023), now, now);
        vpa_model_add_memory(&f->models[i], c, 200000000 + (int64_t)(r >> 40), now, now);
    }
    f->samples += f->count;
}

static void recommend_all(struct fleet *f, simtime now)
{
    const struct vpa_policies policies = {0};
    for (size_t i = 0; i < f->count; i++) {
        arena_reset(&f->scratch);
        const struct vpa_recommendation r =
            recommender_recommend(&f->scratch, &f->models[i], &f->config, &policies, now, NULL);
        f->checksum += r.items[0].target.amount[VPA_CPU];
        vpa_model_collect(&f->models[i], now);
    }
}

static void run(const char *name, size_t count, int days, int pod_days)
{
    struct fleet f = {.count = count, .rng = rng_stream(1, "vpa", "bench")};
    recommender_config_init(&f.config);
    f.models = arena_array(&f.arena, struct vpa_model, count);
    f.containers = arena_array(&f.arena, struct vpa_container *, count);
    for (size_t i = 0; i < count; i++) {
        vpa_model_init(&f.models[i], &f.arena, &f.config.aggregate);
    }
    const double began = wall_seconds();
    for (int minute = 0; minute < days * 1440; minute++) {
        const simtime now = START + minute * SIMTIME_MINUTE;
        if (minute % (pod_days * 1440) == 0) {
            for (size_t i = 0; i < count; i++) {
                start_pod(&f, i, now);
            }
        }
        sample_all(&f, now);
        if (minute % 60 == 0) {
            recommend_all(&f, now);
        }
    }
    const double took = wall_seconds() - began;
    printf("%s: %.1f s, %.1f M samples/s, %.1f MB, mean target %.0f m\n", name, took,
           1e-6 * (double)f.samples / took, 1e-6 * (double)arena_size(&f.arena),
           (double)f.checksum / ((double)count * days * 24));
    arena_drop(&f.arena);
    arena_drop(&f.scratch);
}

int main(void)
{
    run("10,000 containers, 7 days ", 10000, 7, 7);
    run(" 1,000 containers, 30 days", 1000, 30, 1);
    return 0;
}

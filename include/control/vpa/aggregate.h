/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the recommender knows of containers (recommender/model: aggregate_container_state.go,
 * container.go): the aggregate of all containers of one name in pods with the same labels, and
 * the state of one container in one pod, which picks the samples that reach the aggregate.
 */
#ifndef CONTROL_VPA_AGGREGATE_H
#define CONTROL_VPA_AGGREGATE_H

#include "control/vpa/histogram.h"

#include <stdbool.h>
#include <stdint.h>

/* The recommender's flags about histograms, and the buckets. Read-only; may be shared. */
struct aggregate_config {
    simtime cpu_half_life;         /* cpu-histogram-decay-half-life: 24 h */
    simtime memory_half_life;      /* memory-histogram-decay-half-life: 24 h */
    simtime memory_interval;       /* memory-aggregation-interval: 24 h */
    int64_t memory_interval_count; /* memory-aggregation-interval-count: 8 */
    double oom_bump_up_ratio;      /* oom-bump-up-ratio: 1.2 */
    double oom_min_bump_up_bytes;  /* oom-min-bump-up-bytes: 100 Mi */
    struct vpa_histogram_options cpu;
    struct vpa_histogram_options memory;
};

/* AggregateContainerState. Samples and the times of the first and last are those of CPU. */
struct aggregate_state {
    struct vpa_histogram cpu;    /* cores */
    struct vpa_histogram memory; /* bytes; one peak per container and interval */
    simtime first_sample;        /* VPA_NO_TIME: none */
    simtime last_sample;
    simtime created;
    int64_t samples;
};

/* A VerticalPodAutoscalerCheckpoint's status, its times in whole seconds as the API keeps them. */
struct aggregate_checkpoint {
    simtime first_sample;
    simtime last_sample;
    int64_t samples;
    struct vpa_histogram_checkpoint cpu;
    struct vpa_histogram_checkpoint memory;
};

/* ContainerState without its place. */
struct container_usage {
    simtime last_cpu_sample;    /* VPA_NO_TIME: none, as below */
    simtime last_memory_sample; /* an OOM may set it back */
    simtime window_end;         /* of the interval whose peak is in the histogram */
    int64_t memory_peak;        /* bytes, of the interval */
    int64_t oom_peak;
};

void aggregate_config_init(struct aggregate_config *out); /* the defaults named above */

void aggregate_init(struct aggregate_state *s, const struct aggregate_config *config, simtime now);
/* MergeContainerState; other's histograms may move their references. */
void aggregate_merge(struct aggregate_state *s, struct aggregate_state *other);
bool aggregate_is_expired(const struct aggregate_state *s, const struct aggregate_config *config,
                          simtime now);
void aggregate_save(const struct aggregate_state *s, struct aggregate_checkpoint *out);
/* Into a state without samples. False when a total is negative; what came before it is loaded. */
bool aggregate_load(struct aggregate_state *s, const struct aggregate_checkpoint *checkpoint);

void container_usage_init(struct container_usage *c);
int64_t container_usage_peak(const struct container_usage *c); /* bytes */
/* Whether a sample would be taken: not negative, not out of order. */
bool container_accepts_cpu(const struct container_usage *c, int64_t millicores, simtime at);
bool container_accepts_memory(const struct container_usage *c, int64_t bytes, simtime at);
/* Each returns false, and changes nothing, when the sample is refused. */
bool container_add_cpu(struct container_usage *c, struct aggregate_state *s, int64_t millicores,
                       simtime at);
bool container_add_memory(struct container_usage *c, struct aggregate_state *s,
                          const struct aggregate_config *config, int64_t bytes, simtime at);
/* RecordOOM: requested is the memory request at that moment, bytes. */
bool container_record_oom(struct container_usage *c, struct aggregate_state *s,
                          const struct aggregate_config *config, int64_t requested, simtime at);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When things happen that nobody decides: how long a sync works, when a scrape
 * comes, how long a pod takes from created to bound. Measured distributions (of a
 * control plane of Kubernetes v1.36.3 with metrics-server 0.9.0), exact round
 * numbers, or the times of one recording.
 *
 * Every draw is addressed by what it is for and its number, so that a pod more or
 * less does not move anybody else's times. Durations in dists are seconds.
 */
#ifndef KUBE_CLOCKS_H
#define KUBE_CLOCKS_H

#include "base/arena.h"
#include "base/diag.h"
#include "engine/dist.h"
#include "engine/simtime.h"
#include "kube/pod.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct workload;

enum clocks_mode {
    CLOCKS_MEASURED,
    CLOCKS_IDEAL,   /* exact periods, phase 0, work and delays 0 */
    CLOCKS_RECORDED /* the recording's times; measured where it says nothing */
};

#define CLOCKS_NO_NODE UINT32_MAX

/* A pod of a recording; SIMTIME_NEVER: did not happen. Before the start is negative. */
struct recorded_pod {
    uint32_t node; /* CLOCKS_NO_NODE: not said */
    simtime add;
    simtime bound;
    simtime ack; /* status.startTime */
    simtime running;
    simtime ready;
    simtime deleting;
    simtime gone;
    simtime first_metric;
    const simtime *samples; /* cAdvisor's, rising */
    size_t sample_count;
};

/* A file in the form of clocks.json. Lists are in order of time; pods by `add`. */
struct clocks_recording {
    simtime epoch_fraction; /* of the wall clock's second at time 0 */
    bool kwok;              /* metrics are KWOK's own */
    simtime duration;
    double idle_cores;  /* of a running pod without load */
    double limit_cores; /* of a pod; 0 none */
    const simtime *syncs;
    size_t sync_count;
    const simtime *const *scrapes; /* [node][n]: when the n-th scrape had that node's answer */
    uint32_t node_count;           /* 0: no scrapes recorded */
    size_t scrape_count;           /* of every node */
    const struct recorded_pod *pods;
    size_t pod_count;
};

/* NULL after errors, all of them reported. */
const struct clocks_recording *clocks_read(struct arena *a, const char *path, struct diag *d);
/* The same from a text in memory; source is from diag_source. */
const struct clocks_recording *clocks_read_text(struct arena *a, const char *text, size_t len,
                                                uint32_t source, struct diag *d);

/* Zero but for mode is not "measured": begin with clocks_spec_measured. */
struct clocks_spec {
    enum clocks_mode mode;
    const struct clocks_recording *recording; /* RECORDED */
    uint32_t recorded_hpa;                    /* whose syncs and pods it has */
    uint32_t recorded_workload;
    struct dist sync_work;       /* one HPA sync, start to end */
    struct dist rescale_work;    /* the scale update in it, on top */
    struct dist create_first;    /* begin of the sync that scales -> first pod object */
    struct dist create_next;     /* pod object -> the next one of a burst */
    struct dist delete_first;    /* begin of the sync that scales -> deletion timestamps */
    struct dist bind;            /* created -> bound */
    struct dist start;           /* bound -> status.startTime */
    struct dist scrape_response; /* a node's answer, after its delay of 0 .. 8 ms x nodes */
    struct dist sample_first;    /* container start -> cAdvisor's first sample */
    simtime housekeeping;        /* 10 s; waits are that times 1 + U[0,1) */
    simtime housekeeping_idle;   /* 15 s, every other time while samples are equal */
};

/* What was measured; dists live in the arena. */
struct clocks_spec clocks_spec_measured(struct arena *a);
struct clocks_spec clocks_spec_ideal(void);
struct clocks_spec clocks_spec_recorded(struct arena *a, const struct clocks_recording *recording);

struct clocks;

struct clocks *clocks_create(struct arena *a, const struct clocks_spec *spec, uint64_t seed);
enum clocks_mode clocks_mode(const struct clocks *c);
/* NULL when there is none. */
const struct clocks_recording *clocks_recording(const struct clocks *c);

/* HPA controller. `n` is the number of syncs this HPA has had before. */
/* The first sync of an HPA that was there before the run: any phase of the period. */
simtime clocks_hpa_first(const struct clocks *c, uint32_t hpa, simtime period);
/* The first sync of an HPA created at `created`: one period later (rate-limited add). */
simtime clocks_hpa_created(const struct clocks *c, uint32_t hpa, simtime created, simtime period);
/* How long sync n works when it changes nothing. */
simtime clocks_hpa_work(const struct clocks *c, uint32_t hpa, uint64_t n);
/* What the scale update of sync n adds; a scale event is stamped after both. */
simtime clocks_hpa_rescale_work(const struct clocks *c, uint32_t hpa, uint64_t n);
/* When sync n begins, after the one before has ended at `ended`. */
simtime clocks_hpa_next(const struct clocks *c, uint32_t hpa, uint64_t n, simtime ended,
                        simtime period);

/* A workload's controller: when it makes its next pod, or sets its next deletion timestamps. */
simtime clocks_next_create(struct clocks *c, const struct workload *w, simtime now);
simtime clocks_next_delete(struct clocks *c, const struct workload *w, simtime now);

/*
 * A pod's way. The first question about a new pod of the recorded workload makes it the
 * recording's next one; where it was created at another time than recorded, the rest keeps
 * its distance. NEVER: not recorded, or not said.
 */
simtime clocks_pod_bound(struct clocks *c, const struct pod *pod, simtime now);
simtime clocks_pod_started(struct clocks *c, const struct pod *pod, simtime now);
simtime clocks_pod_running(const struct clocks *c, const struct pod *pod);
simtime clocks_pod_ready(const struct clocks *c, const struct pod *pod);
simtime clocks_pod_deleting(const struct clocks *c, const struct pod *pod);
simtime clocks_pod_gone(const struct clocks *c, const struct pod *pod);
uint32_t clocks_pod_node(const struct clocks *c, const struct pod *pod, uint32_t node_count);
/* Fills the times of a pod that has been ready since long before the run; created <= 0. */
void clocks_pod_adopted(struct clocks *c, struct pod *pod, simtime created);
/* Its place in the recording, NULL: none. */
const struct recorded_pod *clocks_pod_recorded(const struct clocks *c, const struct pod *pod);

/*
 * metrics-server's scrape n (0 is the first at or after time 0): one tick asks every node after a
 * random delay. Fills what each node's answer is of (answers[nodes]; earlier scrapes, n < 0, are
 * put at whole resolutions before the first). Returns when the last answer has come in: what is
 * stored is seen from then on.
 */
simtime clocks_scrape(const struct clocks *c, int64_t n, uint32_t nodes, simtime resolution,
                      simtime *answers);

/*
 * cAdvisor's samples of one container, whole milliseconds of virtual time apart. A plain
 * struct, one per container, with a random stream of its own.
 */
struct sample_clock {
    simtime next; /* the next sample */
    uint64_t state;
    uint32_t wait_ms;   /* the shortest wait now ... */
    uint32_t spread_ms; /* ... and what is drawn on top */
    bool idle;          /* that is the idle wait */
    bool simple;        /* nothing but measured waits ahead */
    uint32_t recorded_next;
    const struct recorded_pod *recorded; /* samples come from there while they last */
    simtime shift;                       /* of the pod against its recording */
};

/*
 * container: its number in the pod, 0 the main one. One that began before time 0 has had samples
 * since CLOCKS_SAMPLES_BEFORE or earlier.
 */
#define CLOCKS_SAMPLES_BEFORE (-80 * SIMTIME_SECOND)
void clocks_sample_start(const struct clocks *c, struct sample_clock *s, const struct pod *pod,
                         uint32_t container, simtime started);

/* The rest of clocks_sample_taken. */
void clocks_sample_taken_else(const struct clocks *c, struct sample_clock *s, bool equal);

/* wait_ms and up to spread_ms more, from the stream (a 64-bit LCG's high bits). */
static inline simtime clocks_sample_wait(struct sample_clock *s)
{
    s->state = s->state * 6364136223846793005u + 1442695040888963407u;
    uint64_t more = (s->state >> 33) * s->spread_ms >> 31;
    return (simtime)(s->wait_ms + more) * SIMTIME_MILLISECOND;
}

/* The sample at s->next was taken; equal: in nothing different from the one before. */
static inline void clocks_sample_taken(const struct clocks *c, struct sample_clock *s, bool equal)
{
    if (s->simple && !equal && !s->idle)
        s->next += clocks_sample_wait(s);
    else
        clocks_sample_taken_else(c, s, equal);
}

#endif

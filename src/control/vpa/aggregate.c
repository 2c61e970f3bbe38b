/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples on their way into histograms, VPA 1.8.1 (recommender/model: container.go,
 * aggregate_container_state.go). Every CPU sample counts with weight 0.1; of memory only the
 * peak of each interval of a container, which replaces the one before it as it grows.
 *
 * The traps: a peak is dated at the END of its interval, so it may outweigh what is newer; an
 * interval that begins with a sample of 0 bytes ignores the rest of it; an OOM is added to
 * the request or the measured peak, never to an earlier OOM, so repeated OOMs do not compound;
 * confidence and expiry look at CPU samples alone.
 */
#include "control/vpa/aggregate.h"

#include "control/vpa/resources.h"

#define CPU_SAMPLE_WEIGHT    0.1
#define MEMORY_SAMPLE_WEIGHT 1.0

void aggregate_config_init(struct aggregate_config *out)
{
    *out = (struct aggregate_config){
        .cpu_half_life = SIMTIME_DAY,
        .memory_half_life = SIMTIME_DAY,
        .memory_interval = SIMTIME_DAY,
        .memory_interval_count = 8,
        .oom_bump_up_ratio = 1.2,
        .oom_min_bump_up_bytes = 100 * 1024 * 1024,
    };
    vpa_histogram_cpu_options(&out->cpu);
    vpa_histogram_memory_options(&out->memory);
}

void aggregate_init(struct aggregate_state *s, const struct aggregate_config *config, simtime now)
{
    vpa_histogram_init(&s->cpu, &config->cpu, config->cpu_half_life);
    vpa_histogram_init(&s->memory, &config->memory, config->memory_half_life);
    s->first_sample = VPA_NO_TIME;
    s->last_sample = VPA_NO_TIME;
    s->created = now;
    s->samples = 0;
}

void aggregate_merge(struct aggregate_state *s, struct aggregate_state *other)
{
    vpa_histogram_merge(&s->cpu, &other->cpu);
    vpa_histogram_merge(&s->memory, &other->memory);
    if (s->first_sample == VPA_NO_TIME ||
        (other->first_sample != VPA_NO_TIME && other->first_sample < s->first_sample)) {
        s->first_sample = other->first_sample;
    }
    if (other->last_sample > s->last_sample) {
        s->last_sample = other->last_sample;
    }
    s->samples += other->samples;
}

bool aggregate_is_expired(const struct aggregate_state *s, const struct aggregate_config *config,
                          simtime now)
{
    const simtime since = s->samples == 0 ? s->created : s->last_sample;
    return since == VPA_NO_TIME ||
           now - since >= config->memory_interval * config->memory_interval_count;
}

/* metav1.Time in JSON: whole seconds, cut downwards. */
static simtime whole_second(simtime t)
{
    if (t == VPA_NO_TIME) {
        return t;
    }
    const simtime rest = t % SIMTIME_SECOND;
    return t - (rest < 0 ? rest + SIMTIME_SECOND : rest);
}

void aggregate_save(const struct aggregate_state *s, struct aggregate_checkpoint *out)
{
    vpa_histogram_save(&s->memory, &out->memory);
    vpa_histogram_save(&s->cpu, &out->cpu);
    out->memory.reference = whole_second(out->memory.reference);
    out->cpu.reference = whole_second(out->cpu.reference);
    out->first_sample = whole_second(s->first_sample);
    out->last_sample = whole_second(s->last_sample);
    out->samples = s->samples;
}

bool aggregate_load(struct aggregate_state *s, const struct aggregate_checkpoint *checkpoint)
{
    s->samples = checkpoint->samples;
    s->first_sample = checkpoint->first_sample;
    s->last_sample = checkpoint->last_sample;
    return vpa_histogram_load(&s->memory, &checkpoint->memory) &&
           vpa_histogram_load(&s->cpu, &checkpoint->cpu);
}

void container_usage_init(struct container_usage *c)
{
    *c = (struct container_usage){
        .last_cpu_sample = VPA_NO_TIME,
        .last_memory_sample = VPA_NO_TIME,
        .window_end = VPA_NO_TIME,
    };
}

int64_t container_usage_peak(const struct container_usage *c)
{
    return c->memory_peak > c->oom_peak ? c->memory_peak : c->oom_peak;
}

bool container_accepts_cpu(const struct container_usage *c, int64_t millicores, simtime at)
{
    return millicores >= 0 && at > c->last_cpu_sample;
}

bool container_accepts_memory(const struct container_usage *c, int64_t bytes, simtime at)
{
    return bytes >= 0 && at >= c->last_memory_sample;
}

bool container_add_cpu(struct container_usage *c, struct aggregate_state *s, int64_t millicores,
                       simtime at)
{
    if (!container_accepts_cpu(c, millicores, at)) {
        return false;
    }
    vpa_histogram_add(&s->cpu, (double)millicores / 1000.0, CPU_SAMPLE_WEIGHT, at);
    if (at > s->last_sample) {
        s->last_sample = at;
    }
    if (s->first_sample == VPA_NO_TIME || at < s->first_sample) {
        s->first_sample = at;
    }
    s->samples++;
    c->last_cpu_sample = at;
    return true;
}

/* Whether the sample is a new peak; the old one of the interval is out of the histogram then. */
static bool is_new_peak(struct container_usage *c, struct aggregate_state *s, simtime interval,
                        int64_t bytes, simtime at)
{
    if (at >= c->window_end) {
        const simtime behind = at - c->window_end;
        c->window_end += behind - behind % interval + interval;
        c->memory_peak = 0;
        c->oom_peak = 0;
        return true;
    }
    const int64_t old = container_usage_peak(c);
    if (old == 0 || bytes <= old) {
        return false;
    }
    vpa_histogram_subtract(&s->memory, (double)old, MEMORY_SAMPLE_WEIGHT, c->window_end);
    return true;
}

/* addMemorySample, of a sample that is accepted */
static void add_memory(struct container_usage *c, struct aggregate_state *s,
                       const struct aggregate_config *config, int64_t bytes, simtime at, bool oom)
{
    c->last_memory_sample = at;
    if (c->window_end == VPA_NO_TIME) {
        c->window_end = at;
    }
    if (!is_new_peak(c, s, config->memory_interval, bytes, at)) {
        return;
    }
    vpa_histogram_add(&s->memory, (double)bytes, MEMORY_SAMPLE_WEIGHT, c->window_end);
    if (oom) {
        c->oom_peak = bytes;
    } else {
        c->memory_peak = bytes;
    }
}

bool container_add_memory(struct container_usage *c, struct aggregate_state *s,
                          const struct aggregate_config *config, int64_t bytes, simtime at)
{
    if (!container_accepts_memory(c, bytes, at)) {
        return false;
    }
    add_memory(c, s, config, bytes, at, false);
    return true;
}

bool container_record_oom(struct container_usage *c, struct aggregate_state *s,
                          const struct aggregate_config *config, int64_t requested, simtime at)
{
    if (c->last_memory_sample != VPA_NO_TIME &&
        at < c->last_memory_sample - config->memory_interval) {
        return false;
    }
    const int64_t used = requested > c->memory_peak ? requested : c->memory_peak;
    const int64_t bumped = used + vpa_amount(config->oom_min_bump_up_bytes);
    const int64_t scaled = vpa_amount_scale(used, config->oom_bump_up_ratio);
    const int64_t needed = bumped > scaled ? bumped : scaled;
    if (needed < 0) {
        return false;
    }
    add_memory(c, s, config, needed, at, true);
    return true;
}

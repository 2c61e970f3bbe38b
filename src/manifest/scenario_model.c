/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a scenario writes the models of services and queues: tables of struct
 * scenario_service and scenario_queue. Workloads, callees and queues are names here;
 * scenario_resolve.c finds them.
 *
 * The defaults are a plain web server: 64 requests at a time, 256 waiting, clients that
 * give up after 30 s. They are the documentation; nothing else holds them.
 */
#include "scenario_internal.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const struct field service_memory_fields[] = {
    {.name = "base",
     .type = FIELD_BYTES,
     .offset = offsetof(struct memory_model, base_bytes),
     .initial = "64Mi",
     .doc = "Of a running pod without requests."},
    {.name = "perRequest",
     .type = FIELD_BYTES,
     .offset = offsetof(struct memory_model, per_unit_bytes),
     .doc = "For each request in work or waiting."},
};

static const struct object_type service_memory_type = {
    .name = "ServiceMemory",
    .doc = "Memory of a pod.",
    .fields = service_memory_fields,
    .field_count = COUNT(service_memory_fields),
    .size = sizeof(struct memory_model),
};

static const struct field queue_memory_fields[] = {
    {.name = "base",
     .type = FIELD_BYTES,
     .offset = offsetof(struct memory_model, base_bytes),
     .initial = "64Mi",
     .doc = "Of a running pod without jobs."},
    {.name = "perJob",
     .type = FIELD_BYTES,
     .offset = offsetof(struct memory_model, per_unit_bytes),
     .doc = "For each job in work."},
};

static const struct object_type queue_memory_type = {
    .name = "QueueMemory",
    .doc = "Memory of a worker pod.",
    .fields = queue_memory_fields,
    .field_count = COUNT(queue_memory_fields),
    .size = sizeof(struct memory_model),
};

static const struct field call_fields[] = {
    {.name = "service",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct scenario_call, service_name),
     .mark = offsetof(struct scenario_call, mark),
     .doc = "The service called.",
     .example = "backend"},
    {.name = "perRequest",
     .type = FIELD_DOUBLE,
     .offset = offsetof(struct scenario_call, per_request),
     .initial = "1",
     .doc = "Mean number of calls per request."},
};

static const struct object_type call_type = {
    .name = "Call",
    .doc = "Calls to another service, whose answer each request waits for.",
    .fields = call_fields,
    .field_count = COUNT(call_fields),
    .size = sizeof(struct scenario_call),
};

static const struct field job_fields[] = {
    {.name = "queue",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct scenario_job, queue_name),
     .mark = offsetof(struct scenario_job, mark),
     .doc = "The queue the jobs are put on.",
     .example = "thumbnails"},
    {.name = "perRequest",
     .type = FIELD_DOUBLE,
     .offset = offsetof(struct scenario_job, per_request),
     .initial = "1",
     .doc = "Mean number of jobs per request."},
};

static const struct object_type job_type = {
    .name = "Jobs",
    .doc = "Jobs that each served request puts on a queue.",
    .fields = job_fields,
    .field_count = COUNT(job_fields),
    .size = sizeof(struct scenario_job),
};

struct raw_service {
    struct service_part part;
    struct load_spec *load;
    struct load_spec *cpu_demand;
    struct mark cpu_demand_mark;
    bool has_cpu;
    struct mark cpu_mark;
    struct memory_model memory;
    struct item_list calls;
    struct item_list jobs;
};

static const char *const balancing[] = {"random", "roundRobin", "leastRequests", NULL};

#define SERVICE(member) offsetof(struct raw_service, part.service.member)

static const struct field service_fields[] = {
    {.name = "name",
     .type = FIELD_NAME,
     .flags = FIELD_REQUIRED,
     .offset = SERVICE(name),
     .doc = "The name it is called and recorded by.",
     .example = "web"},
    {.name = "workload",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = SERVICE(workload_name),
     .mark = SERVICE(workload_mark),
     .doc = "Whose ready pods serve it: kind/name or namespace/kind/name.",
     .example = "deployment/web"},
    {.name = "load",
     .type = FIELD_POINTER,
     .offset = offsetof(struct raw_service, load),
     .type_of = &scenario_load_type,
     .doc = "Requests per second from outside.",
     .example = "web"},
    {.name = "cpuDemand",
     .type = FIELD_POINTER,
     .offset = offsetof(struct raw_service, cpu_demand),
     .mark = offsetof(struct raw_service, cpu_demand_mark),
     .type_of = &scenario_load_type,
     .doc = "Instead of requests: CPU cores wanted in total, shared evenly by the ready pods, "
            "each up to its limit.",
     .example = "{ramp: {from: 1, to: 8, duration: 10m}}"},
    {.name = "cpu",
     .type = FIELD_OBJECT,
     .offset = SERVICE(cpu),
     .mark = offsetof(struct raw_service, cpu_mark),
     .has = offsetof(struct raw_service, has_cpu),
     .type_of = &scenario_dist_type,
     .doc = "CPU time of one request.",
     .example = "{distribution: exponential, mean: 20ms}"},
    {.name = "wait",
     .type = FIELD_OBJECT,
     .offset = SERVICE(wait),
     .type_of = &scenario_dist_type,
     .doc = "Time of one request without CPU: databases, disks, other people's services.",
     .example = "10ms"},
    {.name = "concurrency",
     .type = FIELD_INT32,
     .offset = SERVICE(concurrency),
     .initial = "64",
     .max = 1e6,
     .doc = "Requests a pod works on at the same time; 0: no limit."},
    {.name = "queue",
     .type = FIELD_INT32,
     .offset = SERVICE(queue),
     .initial = "256",
     .min = -1,
     .max = 1e9,
     .doc = "Requests a pod lets wait; more are refused. -1: no limit."},
    {.name = "timeout",
     .type = FIELD_SECONDS,
     .offset = SERVICE(timeout_seconds),
     .initial = "30s",
     .doc = "When clients give up; 0s: never."},
    {.name = "balancing",
     .type = FIELD_WORD,
     .offset = SERVICE(balancing),
     .initial = "random",
     .words = balancing,
     .doc = "How requests find a pod."},
    {.name = "memory",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct raw_service, memory),
     .has = offsetof(struct raw_service, part.has_memory),
     .type_of = &service_memory_type,
     .doc = "Memory of a pod."},
    {.name = "idleCPU",
     .type = FIELD_CORES,
     .offset = SERVICE(idle_cores),
     .has = offsetof(struct raw_service, part.has_idle),
     .initial = "5m",
     .doc = "CPU of a running pod without requests."},
    {.name = "calls",
     .type = FIELD_LIST,
     .offset = offsetof(struct raw_service, calls),
     .type_of = &call_type,
     .doc = "Services that each request calls.",
     .example = "[{service: backend, perRequest: 2}]"},
    {.name = "jobs",
     .type = FIELD_LIST,
     .offset = offsetof(struct raw_service, jobs),
     .type_of = &job_type,
     .doc = "Queues that each request puts jobs on.",
     .example = "[{queue: mails, perRequest: 0.1}]"},
};

static bool service_finish(struct decoder *d, const struct node *node, const void *data,
                           void *result)
{
    const struct raw_service *raw = data;
    struct service_part *out = result;
    *out = raw->part;
    struct scenario_service *s = &out->service;
    s->mark = node->mark;
    s->load = raw->load;
    s->cpu_demand = raw->cpu_demand;
    s->memory_base_bytes = raw->memory.base_bytes;
    s->memory_per_request_bytes = raw->memory.per_unit_bytes;
    s->calls = raw->calls.items;
    s->call_count = raw->calls.count;
    s->jobs = raw->jobs.items;
    s->job_count = raw->jobs.count;
    bool asks = raw->load || raw->has_cpu || s->call_count || s->job_count;
    if (raw->cpu_demand && asks) {
        diag_error(d->diag, raw->cpu_demand_mark,
                   "%s: cpuDemand excludes load, cpu, calls and jobs", d->path);
        diag_help(d->diag, "a service has a model of requests or is driven by CPU demand");
        return false;
    }
    if (!raw->cpu_demand && !raw->has_cpu) {
        diag_error(d->diag, node->mark, "%s: \"cpu\" is required", d->path);
        diag_help(d->diag, "CPU time of one request, for example cpu: 20ms; or give cpuDemand");
        return false;
    }
    return true;
}

const struct object_type scenario_service_type = {
    .name = "Service",
    .doc = "An HTTP service on the pods of a workload.",
    .fields = service_fields,
    .field_count = COUNT(service_fields),
    .size = sizeof(struct raw_service),
    .finish = service_finish,
    .out_size = sizeof(struct service_part),
};

struct raw_queue {
    struct queue_part part;
    struct load_spec *load;
    struct memory_model memory;
};

#define QUEUE(member) offsetof(struct raw_queue, part.queue.member)

static const struct field queue_fields[] = {
    {.name = "name",
     .type = FIELD_NAME,
     .flags = FIELD_REQUIRED,
     .offset = QUEUE(name),
     .doc = "The name it is known and recorded by.",
     .example = "mails"},
    {.name = "workers",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .offset = QUEUE(workload_name),
     .mark = QUEUE(workload_mark),
     .doc = "Whose ready pods work it off: kind/name or namespace/kind/name.",
     .example = "deployment/mailer"},
    {.name = "load",
     .type = FIELD_POINTER,
     .offset = offsetof(struct raw_queue, load),
     .type_of = &scenario_load_type,
     .doc = "Jobs per second from outside.",
     .example = "{constant: 40}"},
    {.name = "serviceTime",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = QUEUE(service_time),
     .type_of = &scenario_dist_type,
     .doc = "Time a worker needs for a job.",
     .example = "{distribution: lognormal, mean: 2s, cv: 0.6}"},
    {.name = "cpuShare",
     .type = FIELD_DOUBLE,
     .offset = QUEUE(cpu_share),
     .initial = "1",
     .max = 1,
     .doc = "Part of that time spent on CPU."},
    {.name = "workersPerPod",
     .type = FIELD_INT32,
     .flags = FIELD_POSITIVE,
     .offset = QUEUE(workers_per_pod),
     .initial = "1",
     .doc = "Jobs a pod works on at the same time."},
    {.name = "visibilityTimeout",
     .type = FIELD_SECONDS,
     .offset = QUEUE(visibility_timeout_seconds),
     .initial = "30s",
     .doc = "When a job whose worker died is back on the queue."},
    {.name = "maxReceives",
     .type = FIELD_INT32,
     .offset = QUEUE(max_receives),
     .doc = "A job taken this often without success goes to the dead letters; 0: never."},
    {.name = "memory",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct raw_queue, memory),
     .has = offsetof(struct raw_queue, part.has_memory),
     .type_of = &queue_memory_type,
     .doc = "Memory of a worker pod."},
    {.name = "idleCPU",
     .type = FIELD_CORES,
     .offset = QUEUE(idle_cores),
     .has = offsetof(struct raw_queue, part.has_idle),
     .initial = "5m",
     .doc = "CPU of a running pod without jobs."},
};

static bool queue_finish(struct decoder *d, const struct node *node, const void *data, void *result)
{
    (void)d;
    const struct raw_queue *raw = data;
    struct queue_part *out = result;
    *out = raw->part;
    out->queue.mark = node->mark;
    out->queue.load = raw->load;
    out->queue.memory_base_bytes = raw->memory.base_bytes;
    out->queue.memory_per_job_bytes = raw->memory.per_unit_bytes;
    return true;
}

const struct object_type scenario_queue_type = {
    .name = "Queue",
    .doc = "A queue of jobs and the workload that works it off.",
    .fields = queue_fields,
    .field_count = COUNT(queue_fields),
    .size = sizeof(struct raw_queue),
    .finish = queue_finish,
    .out_size = sizeof(struct queue_part),
};

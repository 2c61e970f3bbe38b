/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluated tree, shared by source.c (reading), source_build.c and source_arrivals.c. */
#ifndef LOAD_SOURCE_INTERNAL_H
#define LOAD_SOURCE_INTERNAL_H

#include "load/source.h"

enum load_op { OP_SERIES, OP_POISSON, OP_MMPP, OP_NOISE, OP_SUM, OP_PRODUCT, OP_CLAMP, OP_SHIFT };

struct load_node {
    enum load_op op;
    uint32_t id;              /* index of its state in a cursor */
    const char *name;         /* of its random stream */
    double scale;             /* of the node's value */
    struct load_node **terms; /* sum and product: all; shift, clamp and noise: one or none */
    size_t count;
    struct series series;           /* OP_SERIES */
    struct trace_arrivals arrivals; /* OP_SERIES of a trace of requests; count 0: none */
    double copies;                  /* arrivals: of each row, all scales above included */
    bool has_arrivals;              /* this node and all below can list their requests */
    bool random;                    /* draws */
    simtime cell;                   /* poisson, noise */
    double rate;                    /* poisson without a term */
    double sd;
    enum noise_distribution distribution;
    double rates[2]; /* mmpp */
    simtime sojourns[2];
    double min; /* clamp; -INFINITY and INFINITY when open */
    double max;
    simtime offset; /* shift */
    simtime every;
};

struct load_node_state {
    struct load_segment segment; /* the newest; until 0: none yet */
    uint64_t key;
    size_t hint;
    int64_t sojourn; /* mmpp: number of the current one, and where it starts */
    simtime sojourn_at;
    size_t row; /* arrivals: the next row, its copy, and its pass */
    uint32_t copy;
    uint32_t row_copies;
    bool row_ready;
    int64_t pass;
    struct load_arrival next; /* peeked */
    bool peeked;
    bool exhausted;
};

struct load_segment node_segment(const struct load_node *n, struct load_cursor *c, simtime t);

#endif

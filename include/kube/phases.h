/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of things that happen at the same instant. What the world does comes
 * before who looks at it, who looks before who decides, and the recorder sees the
 * instant when all is done.
 */
#ifndef KUBE_PHASES_H
#define KUBE_PHASES_H

enum phase {
    PHASE_TIMELINE,    /* the scenario's own events: edits, outages, crashes */
    PHASE_LOAD,        /* offered load changes */
    PHASE_KUBELET,     /* pods start, become ready, end */
    PHASE_SERVICE,     /* requests arrive and finish; fluid steps see the pods of this instant */
    PHASE_SCRAPE,      /* metrics pipelines sample what was used up to here */
    PHASE_SCHEDULER,   /* bind pods to nodes */
    PHASE_CONTROLLERS, /* HPA, KEDA, VPA: read what was scraped, write the scale */
    PHASE_APPS,        /* workload controllers act on the new scale */
    PHASE_DISRUPTION,  /* budgets follow the pods */
    PHASE_NODES,       /* node autoscaling looks at what is pending */
    PHASE_SAMPLE,      /* the recorder */
    PHASE_COUNT
};

#endif

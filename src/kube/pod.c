/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API server shows of a pod. The trap is time: objects carry RFC 3339
 * times cut to whole seconds of the wall clock (metav1.Time), so a controller that
 * compares them with its own clock sees everything up to a second early.
 */
#include "kube/pod.h"

simtime pod_api_time(simtime at, simtime epoch_fraction)
{
    if (at == SIMTIME_NEVER)
        return at;
    simtime wall = at + epoch_fraction;
    simtime rest = wall % SIMTIME_SECOND;
    if (rest < 0)
        rest += SIMTIME_SECOND;
    return at - rest;
}

const char *pod_phase_name(enum pod_phase phase)
{
    static const char *const names[] = {"Pending", "Running", "Succeeded", "Failed"};
    return names[phase];
}

const char *condition_status_name(enum condition_status status)
{
    static const char *const names[] = {"", "False", "True", "Unknown"};
    return names[status];
}

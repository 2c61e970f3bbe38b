/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about a workload's specification. */
#include "kube/workload.h"

#include "base/str.h"

#include <math.h>

const struct resource_amount *resource_find(const struct resource_amount *list, size_t count,
                                            const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(list[i].name, name))
            return &list[i];
    return NULL;
}

double pod_template_cpu_limit(const struct pod_template *pod)
{
    for (size_t i = 0; i < pod->container_count; i++) {
        const struct container_spec *container = &pod->containers[i];
        if (container->init)
            continue;
        const struct resource_amount *cpu =
            resource_find(container->resources, container->resource_count, "cpu");
        return cpu && cpu->has_limit ? quantity_as_double(&cpu->limit) : INFINITY;
    }
    return INFINITY;
}

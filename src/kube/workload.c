/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about a workload's specification. */
#include "kube/workload.h"

#include "base/str.h"

const struct resource_amount *resource_find(const struct resource_amount *list, size_t count,
                                            const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(list[i].name, name))
            return &list[i];
    return NULL;
}

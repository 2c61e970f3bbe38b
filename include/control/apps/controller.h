/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workload controllers' act: bring the pods of a Deployment (through its
 * ReplicaSet) or StatefulSet to spec.replicas. pkg/controller/{replicaset,
 * statefulset} of Kubernetes v1.36.
 */
#ifndef CONTROL_APPS_CONTROLLER_H
#define CONTROL_APPS_CONTROLLER_H

#include "kube/cluster.h"

/* Arms every workload's controller; pods that exist are counted as they are. */
void apps_start(struct cluster *cluster);

#endif

// SPDX-License-Identifier: Apache-2.0

//go:build nopodlevel

package conformance

import corev1 "k8s.io/api/core/v1"

// Before 1.32 a pod has no requests of its own.
func setPodRequests(*corev1.PodSpec, map[string]string) {}

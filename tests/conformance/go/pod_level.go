// SPDX-License-Identifier: Apache-2.0

//go:build !nopodlevel

package conformance

import corev1 "k8s.io/api/core/v1"

func setPodRequests(spec *corev1.PodSpec, requests map[string]string) {
	spec.Resources = &corev1.ResourceRequirements{Requests: quantities(requests)}
}

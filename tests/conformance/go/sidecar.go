// SPDX-License-Identifier: Apache-2.0

//go:build !nosidecar

package conformance

import corev1 "k8s.io/api/core/v1"

func makeSidecar(c *corev1.Container) {
	always := corev1.ContainerRestartPolicyAlways
	c.RestartPolicy = &always
}

// SPDX-License-Identifier: Apache-2.0

//go:build nosidecar

package conformance

import corev1 "k8s.io/api/core/v1"

// Before 1.28 an init container cannot be restartable.
func makeSidecar(*corev1.Container) {}

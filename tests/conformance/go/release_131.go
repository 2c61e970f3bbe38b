// SPDX-License-Identifier: Apache-2.0

//go:build !release129

package conformance

import (
	"context"
	"testing"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/component-base/featuregate"
	featuregatetesting "k8s.io/component-base/featuregate/testing"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

func setGate(t *testing.T, gate featuregate.Feature, value bool) {
	featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, gate, value)
}

// newController is the controller of 1.31 and later.
func newController(ctx context.Context, events, client *fake.Clientset, factory informers.SharedInformerFactory, w *world) func(context.Context) {
	flags := w.log.Controller
	controller := podautoscaler.NewHorizontalController(
		ctx, events.CoreV1(), w, client.AutoscalingV2(), mapper{},
		metrics.NewRESTMetricsClient(w, customMetrics{w}, externalMetrics{w}),
		factory.Autoscaling().V2().HorizontalPodAutoscalers(), w,
		seconds(flags.SyncPeriod), seconds(flags.DownscaleStabilization), flags.Tolerance,
		seconds(flags.CPUInitializationPeriod), seconds(flags.InitialReadinessDelay))
	return func(ctx context.Context) { controller.Run(ctx, 1) }
}

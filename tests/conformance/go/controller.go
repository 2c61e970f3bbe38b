// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	core "k8s.io/client-go/testing"
	"k8s.io/component-base/featuregate"
	featuregatetesting "k8s.io/component-base/featuregate/testing"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second))
}

// setGates turns what the log turns; a gate that this release does not know has no effect.
func setGates(t *testing.T, gates map[string]bool) {
	known := utilfeature.DefaultMutableFeatureGate.GetAll()
	for name, value := range gates {
		if spec, ok := known[featuregate.Feature(name)]; ok && !spec.LockToDefault {
			setGate(t, featuregate.Feature(name), value)
		}
	}
}

// decide lets the real controller live through a log, in virtual time.
func decide(t *testing.T, log *observation) (out answer) {
	setGates(t, log.Controller.FeatureGates)
	out.ID = log.ID
	stored, read, invalid, err := store(log.HPA, nil)
	if err != nil {
		t.Fatalf("case %s: %v", log.ID, err)
	}
	if invalid != nil {
		out.Invalid = invalid
		return out
	}
	if len(log.Steps) > 0 {
		synctest.Test(t, func(t *testing.T) {
			out.Steps = live(t, log, stored, read)
		})
	}
	return out
}

func live(t *testing.T, log *observation, stored *autoscaling.HorizontalPodAutoscaler, read *autoscalingv2.HorizontalPodAutoscaler) []decision {
	ctx, stop := context.WithCancel(context.Background())
	w := newWorld(log)
	w.enter(&log.Steps[0])
	client := fake.NewSimpleClientset()
	events := &fake.Clientset{}
	events.AddReactor("*", "events", func(core.Action) (bool, runtime.Object, error) {
		return true, &corev1.Event{}, nil
	})
	// An informer that runs already is not made to resync as often as the HPA syncs, and one
	// that never resyncs waits, in older releases, on a channel from outside the bubble.
	factory := informers.NewSharedInformerFactory(client, 10000*time.Hour)
	factory.Autoscaling().V2().HorizontalPodAutoscalers().Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	run := newController(ctx, events, client, factory, w)
	flags := log.Controller
	go run(ctx)
	synctest.Wait()
	sleepUntil(w.start, dueOf(log, 0)-flags.SyncPeriod)
	hpas := client.AutoscalingV2().HorizontalPodAutoscalers(read.Namespace)
	if _, err := hpas.Create(ctx, read, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var out []decision
	for i := range log.Steps {
		s := &log.Steps[i]
		due := dueOf(log, i)
		sleepUntil(w.start, due-0.5)
		before := stored
		stored = edit(t, ctx, client, read.Name, s, before)
		w.enter(s)
		replicas := w.replicas
		if s.UpdateTime != nil {
			sleepUntil(w.start, *s.UpdateTime)
		}
		sleepUntil(w.start, due+0.25)
		synctest.Wait()
		hpa, err := hpas.Get(ctx, read.Name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, statusOf(w, hpa, due, replicas))
	}
	stop()
	factory.Shutdown()
	time.Sleep(time.Minute)
	synctest.Wait()
	return out
}

// dueOf is when sync i happens.
func dueOf(log *observation, i int) float64 {
	if log.Steps[i].At != nil {
		return *log.Steps[i].At
	}
	return float64(i+1) * log.Controller.SyncPeriod
}

func sleepUntil(start time.Time, at float64) {
	time.Sleep(time.Until(start.Add(seconds(at))))
}

// edit applies a step's changes of objects; what the API server refuses changes nothing.
func edit(t *testing.T, ctx context.Context, client *fake.Clientset, name string, s *step, stored *autoscaling.HorizontalPodAutoscaler) *autoscaling.HorizontalPodAutoscaler {
	hpas := client.AutoscalingV2().HorizontalPodAutoscalers(namespace)
	if s.AddHPA != nil {
		_, added, invalid, err := store(s.AddHPA, nil)
		if err != nil || invalid != nil {
			t.Fatal(err, invalid)
		}
		if _, err := hpas.Create(ctx, added, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if s.HPA == nil {
		return stored
	}
	edited, read, invalid, err := store(s.HPA, stored)
	if err != nil {
		t.Fatal(err)
	}
	if invalid != nil {
		return stored
	}
	current, err := hpas.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	current.Spec = read.Spec
	if _, err := hpas.Update(ctx, current, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	return edited
}

func (w *world) since(t metav1.Time) int64 {
	return int64(t.Sub(w.start) / time.Second)
}

func statusOf(w *world, hpa *autoscalingv2.HorizontalPodAutoscaler, due float64, before int32) decision {
	w.Lock()
	defer w.Unlock()
	status := &hpa.Status
	out := decision{
		T: due, CurrentReplicas: before, DesiredReplicas: status.DesiredReplicas,
		SpecReplicas: w.replicas, Rescaled: w.rescaled, Conditions: []condition{},
	}
	if status.LastScaleTime != nil {
		last := w.since(*status.LastScaleTime)
		out.LastScaleTime = &last
	}
	for _, c := range status.Conditions {
		out.Conditions = append(out.Conditions, condition{
			Type: string(c.Type), Status: string(c.Status), Reason: c.Reason, Message: c.Message,
			Since: w.since(c.LastTransitionTime),
		})
	}
	if len(status.CurrentMetrics) > 0 {
		raw, err := json.Marshal(status.CurrentMetrics)
		if err != nil {
			panic(err)
		}
		out.CurrentMetrics = raw
	}
	return out
}

func setGate(t *testing.T, gate featuregate.Feature, value bool) {
	featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, gate, value)
}

// newController is the real thing, with the log for a world; the function runs it.
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

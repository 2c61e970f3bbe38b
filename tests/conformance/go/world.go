// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	corelisters "k8s.io/client-go/listers/core/v1"
	scaleclient "k8s.io/client-go/scale"
	"k8s.io/client-go/tools/cache"
	custom "k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
	external "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
	metrics "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned/typed/metrics/v1beta1"
	customclient "k8s.io/metrics/pkg/client/custom_metrics"
	externalclient "k8s.io/metrics/pkg/client/external_metrics"
)

const namespace = "default"

// world is what the controller's clients serve: the step of the log that is in force.
type world struct {
	sync.Mutex
	start     time.Time
	log       *observation
	step      *step
	replicas  int32
	conflicts int
	rescaled  bool
	reads     int
	pods      cache.Indexer
}

// newWorld's time begins two periods from now, so that a first sync can be timed at will.
func newWorld(log *observation) *world {
	return &world{
		start: time.Now().Add(2 * seconds(log.Controller.SyncPeriod)),
		log:   log,
		pods:  cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}),
	}
}

func (w *world) time(seconds float64) metav1.Time {
	return metav1.NewTime(w.start.Add(time.Duration(seconds * float64(time.Second))))
}

func quantities(texts map[string]string) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, text := range texts {
		out[corev1.ResourceName(name)] = resource.MustParse(text)
	}
	return out
}

// labels are such that the scale's selector selects the pods of the log.
func (w *world) labels() map[string]string {
	out := map[string]string{"app": "x"}
	if w.log.Selector == nil {
		return out
	}
	selector, err := labels.Parse(*w.log.Selector)
	if err != nil || selector.Matches(labels.Set(out)) {
		return out
	}
	requirements, _ := selector.Requirements()
	for _, r := range requirements {
		value, _ := r.Values().PopAny()
		out[r.Key()] = value
	}
	return out
}

func (w *world) pod(p *pod) *corev1.Pod {
	out := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: namespace, Labels: w.labels()},
		Status:     corev1.PodStatus{Phase: corev1.PodPhase(p.Phase)},
	}
	containers := w.log.Containers
	if p.Containers != nil {
		containers = *p.Containers
	}
	always := corev1.ContainerRestartPolicyAlways
	for _, c := range containers {
		made := corev1.Container{Name: c.Name, Resources: corev1.ResourceRequirements{Requests: quantities(c.Requests)}}
		if c.Sidecar {
			made.RestartPolicy = &always
			out.Spec.InitContainers = append(out.Spec.InitContainers, made)
		} else {
			out.Spec.Containers = append(out.Spec.Containers, made)
		}
	}
	if p.Requests != nil {
		setPodRequests(&out.Spec, p.Requests)
	}
	if p.Deleting {
		now := metav1.Now()
		out.DeletionTimestamp = &now
	}
	if p.Start != nil {
		start := w.time(*p.Start)
		out.Status.StartTime = &start
	}
	if p.Ready != "" {
		out.Status.Conditions = []corev1.PodCondition{{
			Type: corev1.PodReady, Status: corev1.ConditionStatus(p.Ready), LastTransitionTime: w.time(p.ReadySince),
		}}
	}
	return out
}

// enter puts a step in force.
func (w *world) enter(s *step) {
	w.Lock()
	defer w.Unlock()
	w.step = s
	w.conflicts = s.UpdateConflicts
	w.rescaled = false
	if s.SpecReplicas != nil {
		w.replicas = *s.SpecReplicas
	}
	objects := make([]any, 0, len(s.Pods))
	for i := range s.Pods {
		objects = append(objects, w.pod(&s.Pods[i]))
	}
	if err := w.pods.Replace(objects, ""); err != nil {
		panic(err)
	}
}

// The pod informer: the lister alone is used.
func (w *world) Informer() cache.SharedIndexInformer { return syncedInformer{} }
func (w *world) Lister() corelisters.PodLister       { return corelisters.NewPodLister(w.pods) }

type syncedInformer struct{ cache.SharedIndexInformer }

func (syncedInformer) HasSynced() bool { return true }

// mapper knows every kind: which kinds have a scale is the log's business (scaleError).
type mapper struct{ meta.RESTMapper }

func (mapper) RESTMappings(gk schema.GroupKind, _ ...string) ([]*meta.RESTMapping, error) {
	gvr := schema.GroupVersionResource{Group: gk.Group, Version: "v1", Resource: strings.ToLower(gk.Kind) + "s"}
	return []*meta.RESTMapping{{Resource: gvr, GroupVersionKind: gk.WithVersion("v1")}}, nil
}

// The scale client.
func (w *world) Scales(string) scaleclient.ScaleInterface { return (*scales)(w) }

type scales world

func (s *scales) scale(name string) *autoscalingv1.Scale {
	selector := "app=x"
	if s.log.Selector != nil {
		selector = *s.log.Selector
	}
	out := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
	out.Spec.Replicas = s.replicas
	out.Status.Selector = selector
	if s.step.StatusReplicas != nil {
		out.Status.Replicas = *s.step.StatusReplicas
		return out
	}
	for _, p := range s.step.Pods {
		if p.Phase != "Failed" && p.Phase != "Succeeded" {
			out.Status.Replicas++
		}
	}
	return out
}

func (s *scales) Get(_ context.Context, _ schema.GroupResource, name string, _ metav1.GetOptions) (*autoscalingv1.Scale, error) {
	s.awaitSync()
	s.Lock()
	defer s.Unlock()
	if s.step.ScaleError != "" {
		return nil, errors.New(s.step.ScaleError)
	}
	return s.scale(name), nil
}

// awaitSync holds up the first read of a sync until the time that the log gives for it. A
// sync begins one period after the end of the last, which is never later.
func (s *scales) awaitSync() {
	s.Lock()
	read := s.reads
	s.reads++
	s.Unlock()
	if read < len(s.log.Steps) && s.log.Steps[read].At != nil {
		sleepUntil(s.start, *s.log.Steps[read].At)
	}
}

func (s *scales) Update(_ context.Context, gr schema.GroupResource, scale *autoscalingv1.Scale, _ metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
	if s.step.UpdateTime != nil {
		sleepUntil(s.start, *s.step.UpdateTime)
	}
	s.Lock()
	defer s.Unlock()
	if s.conflicts > 0 {
		s.conflicts--
		return nil, apierrors.NewConflict(gr, scale.Name, errors.New("the object has been modified"))
	}
	if s.step.UpdateError != "" {
		return nil, errors.New(s.step.UpdateError)
	}
	s.replicas = scale.Spec.Replicas
	s.rescaled = true
	return scale, nil
}

func (s *scales) Patch(context.Context, schema.GroupVersionResource, string, types.PatchType, []byte, metav1.PatchOptions) (*autoscalingv1.Scale, error) {
	panic("the controller does not patch scales")
}

// fault is the error text that the log gives for a metric, by type and name: "Pods/qps".
func (w *world) fault(metric string) error {
	if text, ok := w.step.MetricErrors[metric]; ok {
		return errors.New(text)
	}
	return nil
}

// The resource metrics client.
func (w *world) PodMetricses(string) metricsclient.PodMetricsInterface {
	return podMetrics{world: w}
}

type podMetrics struct {
	metricsclient.PodMetricsInterface
	world *world
}

func (m podMetrics) List(context.Context, metav1.ListOptions) (*metrics.PodMetricsList, error) {
	w := m.world
	w.Lock()
	defer w.Unlock()
	for key, text := range w.step.MetricErrors {
		if strings.HasPrefix(key, "Resource/") || strings.HasPrefix(key, "ContainerResource/") {
			return nil, errors.New(text)
		}
	}
	out := &metrics.PodMetricsList{}
	for _, u := range w.step.ResourceMetrics {
		item := metrics.PodMetrics{
			ObjectMeta: metav1.ObjectMeta{Name: u.Pod, Namespace: namespace},
			Timestamp:  w.time(u.Time),
			Window:     metav1.Duration{Duration: time.Duration(u.Window * float64(time.Second))},
		}
		for _, c := range u.Containers {
			item.Containers = append(item.Containers, metrics.ContainerMetrics{Name: c.Name, Usage: quantities(c.Usage)})
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// The custom metrics client.
type customMetrics struct{ *world }

func (c customMetrics) RootScopedMetrics() customclient.MetricsInterface       { return c }
func (c customMetrics) NamespacedMetrics(string) customclient.MetricsInterface { return c }

func (c customMetrics) GetForObject(gk schema.GroupKind, name string, metric string, _ labels.Selector) (*custom.MetricValue, error) {
	c.Lock()
	defer c.Unlock()
	if err := c.fault("Object/" + gk.Kind + "/" + name + "/" + metric); err != nil {
		return nil, err
	}
	for _, o := range c.step.ObjectMetrics {
		if o.Kind == gk.Kind && o.Name == name && o.Metric == metric {
			return &custom.MetricValue{Value: resource.MustParse(o.Value)}, nil
		}
	}
	return nil, fmt.Errorf("no metric %s for %s %s", metric, gk.Kind, name)
}

func (c customMetrics) GetForObjects(_ schema.GroupKind, _ labels.Selector, metric string, _ labels.Selector) (*custom.MetricValueList, error) {
	c.Lock()
	defer c.Unlock()
	if err := c.fault("Pods/" + metric); err != nil {
		return nil, err
	}
	values, ok := c.step.PodsMetrics[metric]
	if !ok {
		return nil, fmt.Errorf("no metric %s", metric)
	}
	out := &custom.MetricValueList{}
	for _, v := range values {
		item := custom.MetricValue{
			DescribedObject: corev1.ObjectReference{Kind: "Pod", Name: v.Pod, Namespace: namespace},
			Timestamp:       c.time(v.Time),
			Value:           resource.MustParse(v.Value),
		}
		if v.Window != nil {
			seconds := int64(*v.Window)
			item.WindowSeconds = &seconds
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// The external metrics client.
type externalMetrics struct{ *world }

func (e externalMetrics) NamespacedMetrics(string) externalclient.MetricsInterface { return e }

func (e externalMetrics) List(metric string, _ labels.Selector) (*external.ExternalMetricValueList, error) {
	e.Lock()
	defer e.Unlock()
	if err := e.fault("External/" + metric); err != nil {
		return nil, err
	}
	values, ok := e.step.ExternalMetrics[metric]
	if !ok {
		return nil, fmt.Errorf("no metric %s", metric)
	}
	out := &external.ExternalMetricValueList{}
	for _, v := range values {
		out.Items = append(out.Items, external.ExternalMetricValue{MetricName: metric, Value: resource.MustParse(v)})
	}
	return out, nil
}

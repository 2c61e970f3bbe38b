// SPDX-License-Identifier: Apache-2.0

package vpacases

import (
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	resourceadmission "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/admission-controller/resource"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/admission-controller/resource/pod/patch"
	podrecommendation "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/admission-controller/resource/pod/recommendation"
	vpav1 "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/priority"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/restriction"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/utils"
	vpautils "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/utils/vpa"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/record"
)

type ranges struct{ container, pod *corev1.LimitRangeItem }

func (r ranges) GetContainerLimitRangeItem(string) (*corev1.LimitRangeItem, error) {
	return r.container, nil
}
func (r ranges) GetPodLimitRangeItem(string) (*corev1.LimitRangeItem, error) { return r.pod, nil }

func item(l *limitRange) *corev1.LimitRangeItem {
	if l == nil || (l.Min == nil && l.Max == nil && l.Default == nil) {
		return nil
	}
	out := &corev1.LimitRangeItem{}
	if l.Min != nil {
		out.Min = list(l.Min)
	}
	if l.Max != nil {
		out.Max = list(l.Max)
	}
	if l.Default != nil {
		out.Default = list(l.Default)
	}
	return out
}

func object(c *vpaCase) *vpav1.VerticalPodAutoscaler {
	out := &vpav1.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "vpa"}}
	out.Spec.ResourcePolicy = resourcePolicy(c.Policies)
	out.Spec.UpdatePolicy = &vpav1.PodUpdatePolicy{MinReplicas: c.VPAMinReplicas}
	if c.UpdateMode != "" {
		mode := vpav1.UpdateMode(c.UpdateMode)
		out.Spec.UpdatePolicy.UpdateMode = &mode
	}
	for _, r := range c.Requirements {
		one := &vpav1.EvictionRequirement{ChangeRequirement: vpav1.EvictionChangeRequirement(r.Change)}
		for _, n := range r.Resources {
			one.Resources = append(one.Resources, corev1.ResourceName(n))
		}
		out.Spec.UpdatePolicy.EvictionRequirements = append(out.Spec.UpdatePolicy.EvictionRequirements, one)
	}
	out.Status.Recommendation = recommended(c.Recommendation)
	return out
}

func realPod(p *pod) *corev1.Pod {
	yes := true
	out := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: p.Name, Annotations: map[string]string{},
		OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "rs", APIVersion: "apps/v1", Controller: &yes}}}}
	out.Status.Phase = corev1.PodPhase(p.Phase)
	if p.Start != nil {
		t := metav1.NewTime(at(*p.Start))
		out.Status.StartTime = &t
	}
	switch p.Resize {
	case "":
	case "InProgress":
		out.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodResizeInProgress, Status: corev1.ConditionTrue}}
	default:
		out.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodResizePending, Status: corev1.ConditionTrue, Reason: p.Resize}}
	}
	for _, c := range p.Containers {
		out.Spec.Containers = append(out.Spec.Containers, corev1.Container{Name: c.Name,
			Resources: corev1.ResourceRequirements{Requests: list(c.Requests), Limits: list(c.Limits)}})
		status := corev1.ContainerStatus{Name: c.Name}
		if c.OOMFinished != nil {
			status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{Reason: "OOMKilled",
				StartedAt: metav1.NewTime(at(*c.OOMStarted)), FinishedAt: metav1.NewTime(at(*c.OOMFinished))}
		}
		out.Status.ContainerStatuses = append(out.Status.ContainerStatuses, status)
	}
	return out
}

// Something to patch, so that a resize in place is one.
type anyPatch struct{}

func (anyPatch) CalculatePatches(*corev1.Pod, *vpav1.VerticalPodAutoscaler) ([]resourceadmission.PatchRecord, error) {
	return []resourceadmission.PatchRecord{{Op: "add", Path: "/metadata/labels", Value: map[string]string{"x": "y"}}}, nil
}
func (anyPatch) PatchResourceTarget() patch.PatchResourceTarget { return patch.Resize }

func crash(r *result) {
	if e := recover(); e != nil {
		*r = result{ID: r.ID, Err: strings.TrimPrefix(fmt.Sprint(e), "runtime error: ")}
	}
}

func admission(c *vpaCase) (r result) {
	r.ID = c.ID
	defer crash(&r)
	calculator := ranges{item(c.LimitRangeContainer), item(c.LimitRangePod)}
	processor := vpautils.NewCappingRecommendationProcessor(calculator)
	provider := podrecommendation.NewProvider(calculator, processor)
	vpa := object(c)
	for i := range c.Pods {
		pod := realPod(&c.Pods[i])
		resources, _, err := provider.GetContainersResourcesForPod(pod, vpa)
		if err != nil {
			r.Err = err.Error()
			return
		}
		list := []admitted{}
		for k, one := range resources {
			list = append(list, admitted{pod.Spec.Containers[k].Name, unlist(one.Requests), unlist(one.Limits)})
		}
		r.Admission = append(r.Admission, list)
		capped, _, _ := processor.Apply(vpa, pod)
		r.Capped = append(r.Capped, unrecommended(capped, false))
	}
	return
}

func updater(c *vpaCase, sleep func(float64)) (r result) {
	r.ID = c.ID
	defer crash(&r)
	calculator := ranges{item(c.LimitRangeContainer), item(c.LimitRangePod)}
	processor := vpautils.NewCappingRecommendationProcessor(calculator)
	vpa := object(c)
	pods := []*corev1.Pod{}
	for i := range c.Pods {
		pods = append(pods, realPod(&c.Pods[i]))
	}
	config := priority.UpdateConfig{MinChangePriority: .1, PodLifetimeUpdateThreshold: 12 * time.Hour, EvictAfterOOMThreshold: 10 * time.Minute}
	admit := priority.NewScalingDirectionPodEvictionAdmission()
	admit.LoopInit(pods, map[*vpav1.VerticalPodAutoscaler][]*corev1.Pod{vpa: pods})
	sorted := func(some []*corev1.Pod) []*corev1.Pod {
		calc := priority.NewUpdatePriorityCalculator(vpa, config, processor, priority.NewProcessor())
		for _, p := range some {
			calc.AddPod(p, at(c.Now), nil)
		}
		return calc.GetSortedPods(admit)
	}
	for _, p := range pods {
		recs, _, _ := processor.Apply(vpa, p)
		prio := priority.NewProcessor().GetUpdatePriority(p, vpa, recs)
		r.Pods = append(r.Pods, podResult{p.Name, len(sorted([]*corev1.Pod{p})) == 1, prio.OutsideRecommendedRange, prio.ScaleUp, prio.ResourceDiff})
	}
	mode := vpautils.GetUpdateMode(vpa)
	if mode == vpav1.UpdateModeOff || mode == vpav1.UpdateModeInitial {
		return
	}
	minReplicas, tolerance := 2, .5
	if c.MinReplicas != nil {
		minReplicas = *c.MinReplicas
	}
	if c.Tolerance != nil {
		tolerance = *c.Tolerance
	}
	client := fake.NewSimpleClientset()
	for _, p := range pods {
		client.Tracker().Add(p)
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	factory.Apps().V1().ReplicaSets().Informer().GetStore().Add(&appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "rs"}, Spec: appsv1.ReplicaSetSpec{Replicas: &c.Configured}})
	f := restriction.NewPodsRestrictionFactory(client, factory, minReplicas, tolerance, []patch.Calculator{anyPatch{}}, false)
	groups, owners, _ := f.GetCreatorMaps(pods, vpa)
	resizer := f.NewPodsInPlaceRestriction(groups, owners)
	evictor := f.NewPodsEvictionRestriction(groups, owners)
	inPlace := mode == vpav1.UpdateModeInPlaceOrRecreate
	sleep(c.Now - c.ResizeAge)
	for _, p := range pods {
		evictor.CanEvict(p) // notes when it first saw the pod resize
		resizer.CanInPlaceUpdate(p, vpa, nil)
	}
	sleep(c.Now)
	some := []*corev1.Pod{}
	for _, p := range pods {
		if inPlace && resizer.CanInPlaceUpdate(p, vpa, nil) != utils.InPlaceDeferred || !inPlace && evictor.CanEvict(p) {
			some = append(some, p)
		}
	}
	order := sorted(some)
	events := record.NewFakeRecorder(1000)
	late := order
	if inPlace {
		late = nil
		for _, p := range order {
			switch resizer.CanInPlaceUpdate(p, vpa, nil) {
			case utils.InPlaceEvict:
				late = append(late, p)
			case utils.InPlaceApproved:
				if err := resizer.InPlaceUpdate(p, vpa, events); err != nil {
					late = append(late, p)
				} else {
					r.InPlace = append(r.InPlace, p.Name)
				}
			}
		}
	}
	for _, p := range order {
		r.Order = append(r.Order, p.Name)
	}
	for _, p := range late {
		if evictor.CanEvict(p) && evictor.Evict(p, vpa, events) == nil {
			r.Evicted = append(r.Evicted, p.Name)
		}
	}
	return
}

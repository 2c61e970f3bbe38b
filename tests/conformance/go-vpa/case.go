// SPDX-License-Identifier: Apache-2.0

package vpacases

import (
	"sort"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	vpav1 "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
)

type amounts map[string]int64

type policy struct {
	Container           string    `json:"container"`
	Mode                string    `json:"mode,omitempty"`
	Min                 amounts   `json:"min,omitempty"`
	Max                 amounts   `json:"max,omitempty"`
	ControlledResources *[]string `json:"controlled_resources,omitempty"`
	ControlledValues    string    `json:"controlled_values,omitempty"`
}

type recommendation struct {
	Name     string  `json:"name"`
	Target   amounts `json:"target"`
	Lower    amounts `json:"lower"`
	Upper    amounts `json:"upper"`
	Uncapped amounts `json:"uncapped,omitempty"`
}

type event struct {
	T          float64            `json:"t"`
	Type       string             `json:"type"`
	Pod        string             `json:"pod,omitempty"`
	Labels     string             `json:"labels,omitempty"`
	Container  string             `json:"container,omitempty"`
	V          int64              `json:"v,omitempty"`
	Containers map[string]amounts `json:"containers,omitempty"`
	Policies   []policy           `json:"policies,omitempty"`
}

type container struct {
	Name        string   `json:"name"`
	Requests    amounts  `json:"requests"`
	Limits      amounts  `json:"limits"`
	OOMStarted  *float64 `json:"oom_started,omitempty"`
	OOMFinished *float64 `json:"oom_finished,omitempty"`
}

type pod struct {
	Name       string      `json:"name"`
	Phase      string      `json:"phase"`
	Start      *float64    `json:"start,omitempty"`
	Resize     string      `json:"resize,omitempty"`
	Containers []container `json:"containers"`
}

type limitRange struct {
	Min     amounts `json:"min,omitempty"`
	Max     amounts `json:"max,omitempty"`
	Default amounts `json:"default,omitempty"`
}

type requirement struct {
	Resources []string `json:"resources"`
	Change    string   `json:"change"`
}

type vpaCase struct {
	ID                  int                `json:"id"`
	Kind                string             `json:"kind"`
	Config              map[string]float64 `json:"config,omitempty"`
	Policies            []policy           `json:"policies,omitempty"`
	GlobalMax           amounts            `json:"global_max,omitempty"`
	Events              []event            `json:"events,omitempty"`
	Now                 float64            `json:"now,omitempty"`
	ResizeAge           float64            `json:"resize_age,omitempty"`
	UpdateMode          string             `json:"update_mode,omitempty"`
	MinReplicas         *int               `json:"min_replicas,omitempty"`
	VPAMinReplicas      *int32             `json:"vpa_min_replicas,omitempty"`
	Tolerance           *float64           `json:"tolerance,omitempty"`
	Configured          int32              `json:"configured,omitempty"`
	Requirements        []requirement      `json:"eviction_requirements,omitempty"`
	Recommendation      []recommendation   `json:"recommendation,omitempty"`
	Pods                []pod              `json:"pods,omitempty"`
	LimitRangeContainer *limitRange        `json:"limit_range_container,omitempty"`
	LimitRangePod       *limitRange        `json:"limit_range_pod,omitempty"`
}

type aggregate struct {
	Name    string  `json:"name"`
	Samples int     `json:"samples"`
	First   float64 `json:"first"`
	Last    float64 `json:"last"`
}

type output struct {
	T    float64          `json:"t"`
	Recs []recommendation `json:"recs"`
	Agg  []aggregate      `json:"agg"`
}

type podResult struct {
	Name     string  `json:"name"`
	Accepted bool    `json:"accepted"`
	Outside  bool    `json:"outside"`
	ScaleUp  bool    `json:"scale_up"`
	Diff     float64 `json:"diff"`
}

type admitted struct {
	Name     string  `json:"name"`
	Requests amounts `json:"requests"`
	Limits   amounts `json:"limits"`
}

type result struct {
	ID        int                `json:"id"`
	Err       string             `json:"err,omitempty"`
	Outs      []output           `json:"outs,omitempty"`
	Discarded []int              `json:"discarded,omitempty"`
	Pods      []podResult        `json:"pods,omitempty"`
	Order     []string           `json:"order,omitempty"`
	Evicted   []string           `json:"evicted,omitempty"`
	InPlace   []string           `json:"in_place,omitempty"`
	Admission [][]admitted       `json:"admission,omitempty"`
	Capped    [][]recommendation `json:"capped,omitempty"`
}

func at(t float64) time.Time { return time.Unix(0, int64(t*1e9)) }

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixNano()) / 1e9
}

func list(a amounts) corev1.ResourceList {
	out := corev1.ResourceList{}
	for name, v := range a {
		if name == "cpu" {
			out[corev1.ResourceCPU] = *resource.NewMilliQuantity(v, resource.DecimalSI)
		} else {
			out[corev1.ResourceMemory] = *resource.NewQuantity(v, resource.BinarySI)
		}
	}
	return out
}

func unlist(l corev1.ResourceList) amounts {
	out := amounts{}
	for name, q := range l {
		if name == corev1.ResourceCPU {
			out["cpu"] = q.MilliValue()
		} else {
			out["memory"] = q.Value()
		}
	}
	return out
}

func resourcePolicy(policies []policy) *vpav1.PodResourcePolicy {
	if policies == nil {
		return nil
	}
	out := &vpav1.PodResourcePolicy{}
	for _, p := range policies {
		c := vpav1.ContainerResourcePolicy{ContainerName: p.Container}
		if p.Mode != "" {
			mode := vpav1.ContainerScalingMode(p.Mode)
			c.Mode = &mode
		}
		if p.ControlledValues != "" {
			values := vpav1.ContainerControlledValues(p.ControlledValues)
			c.ControlledValues = &values
		}
		if p.ControlledResources != nil {
			names := []corev1.ResourceName{}
			for _, n := range *p.ControlledResources {
				names = append(names, corev1.ResourceName(n))
			}
			c.ControlledResources = &names
		}
		if p.Min != nil {
			c.MinAllowed = list(p.Min)
		}
		if p.Max != nil {
			c.MaxAllowed = list(p.Max)
		}
		out.ContainerPolicies = append(out.ContainerPolicies, c)
	}
	return out
}

func recommended(recs []recommendation) *vpav1.RecommendedPodResources {
	if recs == nil {
		return nil
	}
	out := &vpav1.RecommendedPodResources{}
	for _, r := range recs {
		out.ContainerRecommendations = append(out.ContainerRecommendations, vpav1.RecommendedContainerResources{
			ContainerName: r.Name, Target: list(r.Target), LowerBound: list(r.Lower), UpperBound: list(r.Upper)})
	}
	return out
}

func unrecommended(r *vpav1.RecommendedPodResources, uncapped bool) []recommendation {
	out := []recommendation{}
	if r == nil {
		return out
	}
	for _, c := range r.ContainerRecommendations {
		one := recommendation{Name: c.ContainerName, Target: unlist(c.Target), Lower: unlist(c.LowerBound), Upper: unlist(c.UpperBound)}
		if uncapped {
			one.Uncapped = unlist(c.UncappedTarget)
		}
		out = append(out, one)
	}
	return out
}

func sortedNames(m map[string]amounts) []string {
	names := []string{}
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

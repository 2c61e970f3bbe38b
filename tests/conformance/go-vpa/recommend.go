// SPDX-License-Identifier: Apache-2.0

package vpacases

import (
	"context"
	"encoding/json"
	"sort"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	vpav1 "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	vpaclient "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/client/clientset/versioned/typed/autoscaling.k8s.io/v1"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/checkpoint"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/logic"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/model"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/routines"
	controllerfetcher "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/target/controller_fetcher"
)

// The checkpoint API: keeps what is written, as JSON does.
type store struct {
	vpaclient.VerticalPodAutoscalerCheckpointInterface
	saved map[string]vpav1.VerticalPodAutoscalerCheckpointStatus
}

func (s *store) VerticalPodAutoscalerCheckpoints(string) vpaclient.VerticalPodAutoscalerCheckpointInterface {
	return s
}

func (s *store) Patch(_ context.Context, name string, _ types.PatchType, data []byte, _ metav1.PatchOptions, _ ...string) (*vpav1.VerticalPodAutoscalerCheckpoint, error) {
	var patches []struct {
		Value vpav1.VerticalPodAutoscalerCheckpointStatus `json:"value"`
	}
	if err := json.Unmarshal(data, &patches); err != nil {
		return nil, err
	}
	s.saved[name[len("vpa-"):]] = patches[0].Value
	return nil, nil
}

type noFetcher struct{}

func (noFetcher) FindTopMostWellKnownOrScalable(_ context.Context, c *controllerfetcher.ControllerKeyWithAPIVersion) (*controllerfetcher.ControllerKeyWithAPIVersion, error) {
	return c, nil
}

type world struct {
	cluster  model.ClusterState
	policies []policy
	pods     []string
	labels   map[string]string
	names    map[string][]string
}

func (w *world) object() *vpav1.VerticalPodAutoscaler {
	return &vpav1.VerticalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "vpa"},
		Spec: vpav1.VerticalPodAutoscalerSpec{
			TargetRef:      &autoscalingv1.CrossVersionObjectReference{Kind: "Deployment", Name: "d", APIVersion: "apps/v1"},
			ResourcePolicy: resourcePolicy(w.policies)},
	}
}

func (w *world) put(c *vpaCase, podName, label string, names []string) {
	id := model.PodID{Namespace: "ns", PodName: podName}
	set := labels.Set{"app": "x"}
	if label != "" {
		set["version"] = label
	}
	w.cluster.AddOrUpdatePod(id, set, corev1.PodRunning)
	for _, n := range names {
		w.cluster.AddOrUpdateContainer(model.ContainerID{PodID: id, ContainerName: n}, nil)
	}
}

func (w *world) start() {
	w.cluster = model.NewClusterState(time.Hour)
	w.cluster.AddOrUpdateVpa(w.object(), labels.SelectorFromSet(labels.Set{"app": "x"}))
}

func option(c *vpaCase, name string, fallback float64) float64 {
	if v, ok := c.Config[name]; ok {
		return v
	}
	return fallback
}

func duration(c *vpaCase, name string) time.Duration {
	return time.Duration(option(c, name, 86400)) * time.Second
}

func recommend(c *vpaCase, sleep func(float64)) result {
	model.InitializeAggregationsConfig(model.NewAggregationsConfig(duration(c, "mem_interval_s"), 8,
		duration(c, "mem_half_life_s"), duration(c, "cpu_half_life_s"), option(c, "oom_ratio", 1.2), 100*1024*1024))
	recommender := logic.CreatePodResourceRecommender(logic.RecommendationConfig{
		SafetyMarginFraction: option(c, "margin", .15), PodMinCPUMillicores: option(c, "pod_min_cpu", 25),
		PodMinMemoryMb: option(c, "pod_min_memory_mb", 250), TargetCPUPercentile: option(c, "target_cpu_pct", .9),
		LowerBoundCPUPercentile: .5, UpperBoundCPUPercentile: .95, ConfidenceIntervalCPU: duration(c, "confidence_cpu_s"),
		TargetMemoryPercentile: .9, LowerBoundMemoryPercentile: .5, UpperBoundMemoryPercentile: option(c, "upper_mem_pct", .95),
		ConfidenceIntervalMemory: 24 * time.Hour})
	format := logic.RecommendationFormat{RoundCPUMillicores: int(option(c, "round_cpu_m", 1)), RoundMemoryBytes: int(option(c, "round_memory_bytes", 1))}
	capping := routines.NewCappingRecommendationProcessor(list(c.GlobalMax))
	w := &world{policies: c.Policies, labels: map[string]string{}, names: map[string][]string{}}
	r := result{ID: c.ID}
	vpaID := model.VpaID{Namespace: "ns", VpaName: "vpa"}
	first := true
	for i, e := range c.Events {
		sleep(e.T)
		if first {
			w.start()
			first = false
		}
		id := model.ContainerID{PodID: model.PodID{Namespace: "ns", PodName: e.Pod}, ContainerName: e.Container}
		var err error
		switch e.Type {
		case "pod":
			names := sortedNames(e.Containers)
			if _, known := w.names[e.Pod]; !known {
				w.pods = append(w.pods, e.Pod)
			}
			for _, n := range names {
				seen := false
				for _, o := range w.names[e.Pod] {
					seen = seen || o == n
				}
				if !seen {
					w.names[e.Pod] = append(w.names[e.Pod], n)
				}
			}
			w.labels[e.Pod] = e.Labels
			w.put(c, e.Pod, e.Labels, names)
		case "delete":
			w.cluster.DeletePod(id.PodID)
			delete(w.names, e.Pod)
			for k, n := range w.pods {
				if n == e.Pod {
					w.pods = append(w.pods[:k:k], w.pods[k+1:]...)
					break
				}
			}
		case "cpu", "mem":
			name := model.ResourceCPU
			if e.Type == "mem" {
				name = model.ResourceMemory
			}
			err = w.cluster.AddSample(&model.ContainerUsageSampleWithKey{Container: id, ContainerUsageSample: model.ContainerUsageSample{
				MeasureStart: at(e.T), Usage: model.ResourceAmount(e.V), Resource: name}})
		case "oom":
			err = w.cluster.RecordOOM(id, at(e.T), model.ResourceAmount(e.V))
		case "policy":
			w.policies = e.Policies
			w.cluster.AddOrUpdateVpa(w.object(), labels.SelectorFromSet(labels.Set{"app": "x"}))
		case "gc":
			w.cluster.RateLimitedGarbageCollectAggregateCollectionStates(context.Background(), at(e.T), noFetcher{})
		case "restart":
			s := &store{saved: map[string]vpav1.VerticalPodAutoscalerCheckpointStatus{}}
			checkpoint.NewCheckpointWriter(w.cluster, s).StoreCheckpoints(context.Background(), 1)
			w.start()
			for name, status := range s.saved {
				state := model.NewAggregateContainerState()
				if err := state.LoadFromCheckpoint(&status); err == nil {
					w.cluster.VPAs()[vpaID].ContainersInitialAggregateState[name] = state
				}
			}
			for _, p := range w.pods {
				w.put(c, p, w.labels[p], w.names[p])
			}
		case "recommend":
			states := routines.GetContainerNameToAggregateStateMap(w.cluster.VPAs()[vpaID])
			recs := logic.MapToListOfRecommendedContainerResources(recommender.GetRecommendedPodResources(states), format)
			out := output{T: e.T, Recs: unrecommended(capping.Process(w.object(), recs), true)}
			for name, s := range states {
				out.Agg = append(out.Agg, aggregate{name, s.TotalSamplesCount, seconds(s.FirstSampleStart), seconds(s.LastSampleStart)})
			}
			sort.Slice(out.Agg, func(a, b int) bool { return out.Agg[a].Name < out.Agg[b].Name })
			r.Outs = append(r.Outs, out)
		}
		if err != nil {
			r.Discarded = append(r.Discarded, i)
		}
	}
	return r
}

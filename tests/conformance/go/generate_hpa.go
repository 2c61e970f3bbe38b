// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

type object = map[string]any

// hpa makes an object that the API server takes, and notes its metrics for the answers.
func (g *generator) hpa() json.RawMessage {
	for {
		raw := g.anyHPA()
		if _, _, invalid, err := store(raw, nil); err == nil && invalid == nil {
			return raw
		}
	}
}

func (g *generator) anyHPA() json.RawMessage {
	g.metrics = nil
	spec := object{
		"scaleTargetRef": object{"apiVersion": "apps/v1", "kind": pick(g, "Deployment", "StatefulSet"), "name": "web"},
		"maxReplicas":    pick[int64](g, 1, 2, 5, 10, 10, 20, 50, 1000),
	}
	if g.hostile && g.chance(5) {
		spec["maxReplicas"] = int64(1<<31 - 1)
	}
	if g.chance(80) {
		spec["minReplicas"] = pick[int64](g, 1, 1, 2, 3, 5)
	}
	if g.log.Controller.FeatureGates["HPAScaleToZero"] && g.chance(70) {
		spec["minReplicas"] = 0
	}
	metadata := object{"name": "web", "namespace": namespace}
	if g.chance(7) {
		return g.v1(metadata, spec)
	}
	metrics := []object{}
	for range g.IntN(4) {
		metrics = append(metrics, g.metric())
	}
	if len(metrics) > 0 || g.chance(20) {
		spec["metrics"] = metrics
	}
	if len(metrics) == 0 {
		g.metrics = append(g.metrics, object{"type": "Resource", "name": "cpu", "target": 800.0})
	}
	if g.chance(60) {
		spec["behavior"] = g.behavior()
	}
	return mustJSON(object{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec})
}

func (g *generator) target() (string, float64) {
	milli := pick(g, 100.0, 1000, 1000, 3000, 10000, 50000, 333, 7)
	if g.hostile && g.chance(10) {
		text := pick(g, "1n", "9223372036854775807", "1m", "9e15", "100u", "1E")
		return text, 1000
	}
	return g.quantity(int64(milli)), milli
}

func (g *generator) selector(m object) {
	if g.chance(80) {
		return
	}
	m["selector"] = pick(g,
		object{"matchLabels": object{"queue": "a", "b": "c"}},
		object{},
		object{"matchExpressions": []object{{"key": "env", "operator": "In", "values": []string{"b", "a"}}, {"key": "z", "operator": "Exists"}}},
		object{"matchLabels": object{"x": "y"}, "matchExpressions": []object{{"key": "x", "operator": "DoesNotExist"}}},
		object{"matchExpressions": []object{{"key": "env", "operator": "Is", "values": []string{"b"}}}},
		object{"matchExpressions": []object{{"key": "env", "operator": "In"}}},
		object{"matchLabels": object{"bad key": "v"}},
		object{"matchLabels": object{"k": "bad value!"}},
	)
}

func (g *generator) metric() object {
	kind := pick(g, "Resource", "Resource", "ContainerResource", "Pods", "Object", "External", "External")
	text, milli := g.target()
	note := object{"type": kind, "target": milli}
	source := object{}
	switch kind {
	case "Resource", "ContainerResource":
		name := pick(g, "cpu", "cpu", "memory")
		if g.chance(2) {
			name = "ephemeral-storage"
		}
		source["name"] = name
		if kind == "ContainerResource" {
			source["container"] = pick(g, "app", "app", "side", "nobody")
		}
		if g.chance(65) {
			source["target"] = object{"type": pick(g, "Utilization", "Utilization", "Utilization", "Value"), "averageUtilization": pick[int64](g, 1, 10, 50, 50, 80, 100, 150, 400)}
		} else {
			if name == "memory" {
				text = pick(g, "100Mi", "1Gi", "12345678", "1e8")
			}
			source["target"] = object{"type": pick(g, "AverageValue", "AverageValue", "Value"), "averageValue": text}
		}
	case "Pods":
		name := pick(g, "qps", "latency")
		note["name"] = name
		metric := object{"name": name}
		g.selector(metric)
		source["metric"] = metric
		source["target"] = object{"type": "AverageValue", "averageValue": text}
	case "Object":
		name := pick(g, "hits", "queue")
		kindOf := pick(g, "Ingress", "Service", "Namespace")
		described := object{"kind": kindOf, "name": "main"}
		switch kindOf {
		case "Ingress":
			described["apiVersion"] = "networking.k8s.io/v1"
		case "Service":
			described["apiVersion"] = "v1"
		}
		metric := object{"name": name}
		g.selector(metric)
		source["describedObject"], source["metric"] = described, metric
		note["name"], note["kind"], note["object"] = name, kindOf, "main"
		if kindOf == "Namespace" {
			note["object"] = namespace
		}
		source["target"] = g.either(text)
	case "External":
		name := pick(g, "lag", "queue")
		note["name"] = name
		metric := object{"name": name}
		g.selector(metric)
		source["metric"] = metric
		target := g.either(text)
		if _, ok := target["value"]; ok {
			delete(target, "averageValue")
		}
		source["target"] = target
	}
	g.metrics = append(g.metrics, note)
	return object{"type": kind, strings.ToLower(kind[:1]) + kind[1:]: source}
}

// either is a target with value or averageValue, whose type mostly agrees.
func (g *generator) either(text string) object {
	if g.chance(50) {
		out := object{"type": "Value", "value": text}
		if g.chance(8) {
			out["averageValue"] = "5"
		}
		if g.chance(8) {
			out["type"] = pick(g, "AverageValue", "Utilization")
		}
		return out
	}
	out := object{"type": "AverageValue", "averageValue": text}
	if g.chance(8) {
		out["type"] = pick(g, "Value", "Utilization")
	}
	return out
}

func (g *generator) behavior() object {
	out := object{}
	for _, direction := range []string{"scaleUp", "scaleDown"} {
		if g.chance(25) {
			continue
		}
		rules := object{}
		if g.chance(50) {
			rules["stabilizationWindowSeconds"] = pick[int64](g, 0, 15, 30, 60, 120, 300, 3600)
		}
		if g.chance(40) {
			rules["selectPolicy"] = pick(g, "Max", "Min", "Disabled", "Max")
		}
		if g.chance(20) {
			rules["tolerance"] = pick(g, "0", "0.05", "100m", "0.2", "0.333", "50m", "1", "1e-3", "123456789n")
		}
		if g.chance(75) {
			policies := []object{}
			for range 1 + g.IntN(3) {
				p := object{"type": pick(g, "Pods", "Percent"), "periodSeconds": pick[int64](g, 1, 10, 15, 30, 60, 90, 300, 1800)}
				p["value"] = pick[int64](g, 1, 2, 4, 10, 50, 100, 200, 900)
				if g.hostile && g.chance(10) {
					p["value"] = int64(1<<31 - 1)
				}
				policies = append(policies, p)
			}
			rules["policies"] = policies
		}
		out[direction] = rules
	}
	return out
}

// v1 makes an autoscaling/v1 object, with what v1 has no fields for in annotations.
func (g *generator) v1(metadata, spec object) json.RawMessage {
	annotations := object{}
	if g.chance(60) {
		spec["targetCPUUtilizationPercentage"] = pick[int64](g, 10, 50, 80, 150)
		g.metrics = append(g.metrics, object{"type": "Resource", "name": "cpu", "target": 800.0})
	}
	if g.chance(60) {
		metrics := []object{}
		for range 1 + g.IntN(2) {
			text, milli := g.target()
			switch g.IntN(4) {
			case 0:
				metrics = append(metrics, object{"type": "Pods", "pods": object{"metricName": "qps", "targetAverageValue": text}})
				g.metrics = append(g.metrics, object{"type": "Pods", "name": "qps", "target": milli})
			case 1:
				metrics = append(metrics, object{"type": "External", "external": object{"metricName": "lag",
					pick(g, "targetValue", "targetAverageValue"): text, "metricSelector": object{"matchLabels": object{"a": "b"}}}})
				g.metrics = append(g.metrics, object{"type": "External", "name": "lag", "target": milli})
			case 2:
				metrics = append(metrics, object{"type": "Object", "object": object{"metricName": "hits",
					"target": object{"kind": "Service", "name": "main", "apiVersion": "v1"}, pick(g, "targetValue", "averageValue"): text}})
				g.metrics = append(g.metrics, object{"type": "Object", "name": "hits", "kind": "Service", "object": "main", "target": milli})
			default:
				metrics = append(metrics, object{"type": "Resource", "resource": object{"name": "memory", "targetAverageUtilization": 60}})
				g.metrics = append(g.metrics, object{"type": "Resource", "name": "memory", "target": 600.0})
			}
		}
		annotations["autoscaling.alpha.kubernetes.io/metrics"] = string(mustJSON(metrics))
	}
	if g.chance(40) {
		text := string(mustJSON(g.behavior()))
		if g.chance(50) {
			text = strings.NewReplacer("scaleUp", "ScaleUp", "scaleDown", "ScaleDown", "policies", "Policies",
				"stabilizationWindowSeconds", "StabilizationWindowSeconds", "selectPolicy", "SelectPolicy").Replace(text)
		}
		annotations["autoscaling.alpha.kubernetes.io/behavior"] = text
	}
	if g.chance(5) {
		annotations["autoscaling.alpha.kubernetes.io/behavior"] = pick(g, "{", "[]", "{\"ScaleUp\":{\"Policies\":[{\"Value\":\"x\"}]}}", "{}", "null")
	}
	if len(annotations) > 0 {
		metadata["annotations"] = annotations
	}
	if len(g.metrics) == 0 {
		g.metrics = append(g.metrics, object{"type": "Resource", "name": "cpu", "target": 800.0})
	}
	return mustJSON(object{"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec})
}

// generateManifest makes an object with a few things wrong, and no steps.
func generateManifest(t *testing.T, seed uint64, index int) *observation {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(index)+1<<40))}
	g.log = &observation{ID: fmt.Sprintf("%d/manifest-%d", seed, index), Controller: g.flags(), Containers: []container{}}
	setGates(t, g.log.Controller.FeatureGates)
	for {
		var tree object
		if err := json.Unmarshal(g.anyHPA(), &tree); err != nil {
			panic(err)
		}
		for range 1 + g.IntN(4) {
			g.spoil(g.root(tree))
		}
		g.log.HPA = mustJSON(tree)
		if _, _, _, err := store(g.log.HPA, nil); err == nil {
			return g.log
		}
	}
}

// root is where spoiling starts: mostly in the spec, which may be spoilt as a whole.
func (g *generator) root(tree object) object {
	if g.chance(1) {
		delete(tree, "spec")
	}
	part, _ := tree[pick(g, "spec", "spec", "spec", "spec", "spec", "metadata")].(object)
	return part
}

// spoil changes one place of the tree for the worse.
func (g *generator) spoil(at object) {
	for at != nil {
		keys := make([]string, 0, len(at))
		for key := range at {
			keys = append(keys, key)
		}
		sortStrings(keys)
		if len(keys) == 0 {
			at["name"] = "x"
			return
		}
		key := keys[g.IntN(len(keys))]
		switch v := at[key].(type) {
		case object:
			if g.chance(90) && len(v) > 0 {
				at = v
				continue
			}
			delete(at, key)
		case []any:
			if inner, ok := element(g, v).(object); ok && g.chance(85) {
				at = inner
				continue
			}
			if g.chance(50) {
				at[key] = []any{}
			} else {
				delete(at, key)
			}
		case float64:
			at[key] = pick(g, 0.0, -1, -2147483648, 2147483647, 1801, 3601, 1)
		case string:
			at[key] = g.wrongText(key)
		default:
			delete(at, key)
		}
		if g.chance(15) {
			g.addSource(at)
		}
		return
	}
}

func element(g *generator, list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[g.IntN(len(list))]
}

func (g *generator) wrongText(key string) string {
	switch key {
	case "value", "averageValue", "tolerance", "targetValue":
		return pick(g, "0", "-1", "-100m", "1n", "-1n", "1.5Ki", "1e400", "-5e18")
	}
	return pick(g, "", ".", "..", "a/b", "a%b", "a/%", "bogus", "Web_1", "<&>", "a\"b\n", "é", "UPPER", "a.b", "v1", "a/b/c", "/v1", "apps/", "x-",
		strings.Repeat("x", 64), strings.Repeat("x", 254), "hugepages-2Mi", "requests.cpu", "kubernetes.io/x", "example.com/gpu", "Resource", "Pods", "Object")
}

// addSource gives a metric a source that is not its type's.
func (g *generator) addSource(at object) {
	if _, ok := at["type"]; !ok {
		return
	}
	at[pick(g, "object", "pods", "resource", "external", "containerResource")] = pick(g, object{}, object{"name": "cpu", "target": object{"type": "Utilization", "averageUtilization": 50}},
		object{"metric": object{"name": "m"}, "target": object{"type": "Value", "value": "5", "averageValue": "-1"}})
}

// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
)

const stepsPerCase = 32

// generator makes cases at random, the same ones for the same seed. One in four is hostile:
// negative and huge values, pods that nobody knows, requests that are missing or zero.
type generator struct {
	*rand.Rand
	hostile bool
	log     *observation
	metrics []map[string]any
	scale   float64 // load in units of the targets
	pods    []*livePod
	born    int
}

type livePod struct {
	pod
	bornAt     float64
	readyAt    float64
	containers *[]container
}

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

func (g *generator) chance(percent float64) bool { return g.Float64()*100 < percent }

// generate makes a case; the gates that it turns stay so until t ends.
func generate(t *testing.T, seed uint64, index int) *observation {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(index))), hostile: index%4 == 3}
	g.log = &observation{ID: fmt.Sprintf("%d/%d", seed, index), Controller: g.flags(), Containers: g.containers()}
	setGates(t, g.log.Controller.FeatureGates)
	if g.chance(2) {
		selector := pick(g, "", "a in (", "app=x,app", "app==x", "!app=x", "app in (x,y)", "x y")
		g.log.Selector = &selector
	}
	g.log.HPA = g.hpa()
	g.scale = pick(g, 0.3, 1, 1, 2, 5)
	for i := range stepsPerCase {
		g.log.Steps = append(g.log.Steps, g.step(i))
	}
	return g.log
}

func (g *generator) flags() controllerFlags {
	f := controllerFlags{
		SyncPeriod:              pick(g, 15, 15, 15, 30, 10, 7.5, 1),
		DownscaleStabilization:  pick[float64](g, 0, 15, 45, 60, 300, 600, 7),
		Tolerance:               pick(g, 0, 0.01, 0.05, 0.1, 0.1, 0.2, 0.5, 0.333),
		CPUInitializationPeriod: pick[float64](g, 0, 30, 60, 300),
		InitialReadinessDelay:   pick[float64](g, 0, 10, 30, 60),
		FeatureGates:            map[string]bool{},
	}
	if g.chance(30) {
		f.FeatureGates["HPAScaleToZero"] = g.chance(80)
	}
	if g.chance(20) {
		f.FeatureGates["HPAConfigurableTolerance"] = g.chance(40)
	}
	if g.chance(10) {
		f.FeatureGates["PodLevelResources"] = g.chance(20)
	}
	return f
}

func (g *generator) containers() []container {
	out := []container{}
	for i := range 1 + g.IntN(3) {
		c := container{Name: []string{"app", "side", "third"}[i], Requests: map[string]string{}, Sidecar: i > 0 && g.chance(40)}
		if !g.chance(3) {
			c.Requests["cpu"] = pick(g, "100m", "250m", "1", "0.5", "500m", "33m", "1e-1", "100u")
		}
		if !g.chance(3) {
			c.Requests["memory"] = pick(g, "128Mi", "1Gi", "500M", "234422779", "1e9", "100k")
		}
		if g.hostile && g.chance(15) {
			c.Requests["cpu"] = pick(g, "0", "9223372036854775807", "1n", "4e15", "-100m")
		}
		out = append(out, c)
	}
	return out
}

// quantity writes a milli value in one of the ways there are.
func (g *generator) quantity(milli int64) string {
	switch {
	case milli%1000 == 0 && g.chance(70):
		whole := milli / 1000
		switch {
		case whole%1000 == 0 && g.chance(50):
			return fmt.Sprintf("%dk", whole/1000)
		case whole%1024 == 0 && g.chance(50):
			return fmt.Sprintf("%dKi", whole/1024)
		case g.chance(20):
			return fmt.Sprintf("%de0", whole)
		}
		return fmt.Sprint(whole)
	case g.chance(10):
		return fmt.Sprintf("%d%03dn", milli, g.IntN(1000)*1000)
	case g.chance(10) && milli >= 0:
		return fmt.Sprintf("%d.%03d", milli/1000, milli%1000)
	}
	return fmt.Sprintf("%dm", milli)
}

func (g *generator) extreme() string {
	return pick(g, "0", "-1", "-3500m", "9223372036854775807", "9223372036854775", "9223372036854776", "5e15", "4e18",
		"1E", "8Ei", "1n", "100u", "1e-9", "-9223372036854775808", "2147483647", "2147483648", "99999999999999999999", "0.5", "4611686018427387904m")
}

// load is what a metric of the given target shows in all, as a multiple of the target.
func (g *generator) load() float64 {
	if g.chance(30) {
		g.scale *= pick(g, 0.5, 0.9, 0.95, 1.05, 1.1, 1.5, 2)
	}
	if g.chance(5) {
		g.scale = pick(g, 0, 0.1, 1, 2, 5, 20)
	}
	if g.scale > 200 {
		g.scale = 1
	}
	return g.scale
}

func (g *generator) step(i int) step {
	s := step{}
	now := float64(i+1) * g.log.Controller.SyncPeriod
	if i == 0 || g.chance(4) {
		replicas := pick[int32](g, 0, 1, 2, 3, 5, 8, 13, 40)
		s.SpecReplicas = &replicas
	}
	if g.chance(10) {
		replicas := int32(g.IntN(12))
		if g.hostile && g.chance(20) {
			replicas = pick[int32](g, 0, 1<<31-1, 1)
		}
		s.StatusReplicas = &replicas
	}
	if i > 0 && g.chance(5) {
		s.HPA = g.hpa()
	}
	switch {
	case g.chance(1):
		s.ScaleError = pick(g, "deployments.apps \"web\" not found", "timeout \"x\" <&>")
	case g.chance(1.5):
		s.UpdateError = "etcd says no: 100%"
	case g.chance(1):
		s.UpdateConflicts = 1 + g.IntN(6)
	}
	g.livePods(now)
	s.Pods = []pod{}
	for _, p := range g.pods {
		s.Pods = append(s.Pods, g.show(p, now))
	}
	g.answers(&s, now)
	return s
}

func (g *generator) livePods(now float64) {
	want := len(g.pods)
	if want == 0 || g.chance(25) {
		want = pick(g, 0, 1, 2, 3, 4, 6, 10)
	}
	for len(g.pods) < want {
		p := &livePod{bornAt: now - float64(g.IntN(60)), readyAt: float64(5 + g.IntN(60))}
		p.Name = fmt.Sprintf("web-%d", g.born)
		g.born++
		if g.chance(8) || g.hostile && g.chance(10) {
			own := g.containers()
			if g.hostile && g.chance(20) {
				own = own[:0]
			}
			p.containers = &own
		}
		if g.chance(8) {
			p.Requests = map[string]string{}
			for _, name := range []string{"cpu", "memory", "hugepages-2Mi", "example.com/gpu"} {
				if g.chance(40) {
					p.Requests[name] = pick(g, "100m", "1", "2", "0", "512Mi")
				}
			}
		}
		g.pods = append(g.pods, p)
	}
	for len(g.pods) > want {
		at := g.IntN(len(g.pods))
		g.pods = append(g.pods[:at], g.pods[at+1:]...)
	}
}

func (g *generator) show(p *livePod, now float64) pod {
	out := p.pod
	out.Containers = p.containers
	age := now - p.bornAt
	start := p.bornAt + float64(int(p.readyAt)%7)
	out.Start = &start
	out.Phase = "Running"
	out.Ready = "True"
	out.ReadySince = p.bornAt + p.readyAt
	if age < p.readyAt {
		out.Ready = "False"
		out.ReadySince = p.bornAt
		out.Phase = pick(g, "Pending", "Running")
	}
	if g.chance(2) {
		out.Phase = pick(g, "Failed", "Succeeded", "Unknown", "Pending", "")
	}
	if g.chance(3) {
		out.Ready = pick(g, "False", "Unknown", "", "True")
		out.ReadySince = now - float64(g.IntN(100))
	}
	if g.chance(2) {
		out.Start = nil
	}
	out.Deleting = g.chance(3)
	return out
}

func (g *generator) podNames(s *step) []string {
	names := []string{}
	for _, p := range s.Pods {
		if !g.chance(6) {
			names = append(names, p.Name)
		}
		if g.chance(1) || g.hostile && g.chance(4) {
			names = append(names, p.Name)
		}
	}
	if g.chance(2) || g.hostile && g.chance(20) {
		names = append(names, pick(g, "ghost-0", "ghost-1", "ghost-0", "web-999"))
	}
	if g.chance(2) {
		names = names[:0]
	}
	g.Shuffle(len(names), func(i, j int) {
		if g.hostile {
			names[i], names[j] = names[j], names[i]
		}
	})
	return names
}

func (g *generator) value(milli float64) string {
	if g.hostile && g.chance(6) {
		return g.extreme()
	}
	if milli > 8e18 {
		milli = 8e18
	}
	v := int64(milli)
	if g.chance(10) {
		v += int64(g.IntN(3)) - 1
	}
	return g.quantity(v)
}

func (g *generator) answers(s *step, now float64) {
	for _, m := range g.metrics {
		g.answer(s, m, now)
	}
	if len(g.metrics) > 0 && g.chance(2) {
		const text = "the server is currently unable to handle the request"
		s.MetricErrors = map[string]string{pick(g, "Pods/qps", "External/lag", "External/queue", "Object/Ingress/main/hits"): text}
		if g.chance(50) {
			s.MetricErrors = map[string]string{}
			for _, name := range []string{"cpu", "memory", "ephemeral-storage"} {
				s.MetricErrors["Resource/"+name] = text
				for _, container := range []string{"app", "side", "nobody"} {
					s.MetricErrors["ContainerResource/"+container+"/"+name] = text
				}
			}
		}
	}
}

func number(m map[string]any, key string) float64 {
	if v, ok := m[key].(float64); ok {
		return v
	}
	return 1000
}

func (g *generator) answer(s *step, m map[string]any, now float64) {
	load := g.load()
	target := number(m, "target")
	pods := float64(max(len(s.Pods), 1))
	name, _ := m["name"].(string)
	switch m["type"] {
	case "Resource", "ContainerResource":
		if s.ResourceMetrics == nil {
			s.ResourceMetrics = g.usage(s, target*load, now)
		}
	case "Pods":
		if s.PodsMetrics == nil {
			s.PodsMetrics = map[string][]podValue{}
		}
		if g.chance(4) {
			return
		}
		values := []podValue{}
		for _, pod := range g.podNames(s) {
			v := podValue{Pod: pod, Value: g.value(target * load * (0.9 + 0.2*g.Float64())), Time: now - float64(g.IntN(40))}
			if g.chance(5) {
				v.Value = g.quantity(int64(target))
			}
			if g.chance(30) {
				window := float64(g.IntN(90))
				v.Window = &window
			}
			values = append(values, v)
		}
		s.PodsMetrics[name] = values
	case "Object":
		if !g.chance(4) {
			s.ObjectMetrics = append(s.ObjectMetrics, objectValue{
				Kind: m["kind"].(string), Name: m["object"].(string), Metric: name, Value: g.value(target * load * pods)})
		}
	case "External":
		if s.ExternalMetrics == nil {
			s.ExternalMetrics = map[string][]string{}
		}
		if g.chance(4) {
			return
		}
		values := []string{}
		if !g.chance(3) {
			parts := 1 + g.IntN(3)
			for range parts {
				values = append(values, g.value(target*load*pods/float64(parts)))
			}
		}
		s.ExternalMetrics[name] = values
	}
}

func (g *generator) usage(s *step, share float64, now float64) []podUsage {
	out := []podUsage{}
	level := g.load()
	for _, name := range g.podNames(s) {
		u := podUsage{Pod: name, Time: now - float64(g.IntN(40)), Window: float64(pick(g, 10, 15, 30, 60)), Containers: []containerUsage{}}
		containers := g.log.Containers
		if g.hostile && g.chance(10) {
			containers = g.containers()
		}
		for _, c := range containers {
			usage := map[string]string{}
			cpu := level * pick(g, 30.0, 80, 100, 250) * (0.8 + 0.4*g.Float64())
			if !g.chance(2) {
				usage["cpu"] = g.value(cpu)
			}
			if !g.chance(2) {
				usage["memory"] = g.value(level * 1e8 * 1000 * (0.8 + 0.4*g.Float64()))
			}
			if g.chance(20) {
				usage["ephemeral-storage"] = "1Gi"
			}
			u.Containers = append(u.Containers, containerUsage{Name: c.Name, Usage: usage})
		}
		if g.chance(1) {
			u.Containers = u.Containers[:0]
		}
		out = append(out, u)
	}
	return out
}

func mustJSON(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

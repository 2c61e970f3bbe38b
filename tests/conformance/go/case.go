// SPDX-License-Identifier: Apache-2.0

// Package conformance compares podtide's HPA with the real controller: it drives the
// controller's own packages, in virtual time and with clients that serve an observation log,
// and asks `podtide decide hpa` about the same log. The log's form is described in
// include/manifest/observation.h.
package conformance

import "encoding/json"

type controllerFlags struct {
	SyncPeriod              float64         `json:"syncPeriodSeconds"`
	DownscaleStabilization  float64         `json:"downscaleStabilizationSeconds"`
	Tolerance               float64         `json:"tolerance"`
	CPUInitializationPeriod float64         `json:"cpuInitializationPeriodSeconds"`
	InitialReadinessDelay   float64         `json:"initialReadinessDelaySeconds"`
	FeatureGates            map[string]bool `json:"featureGates,omitempty"`
}

type container struct {
	Name     string            `json:"name"`
	Requests map[string]string `json:"requests,omitempty"`
	Sidecar  bool              `json:"sidecar,omitempty"`
}

type pod struct {
	Name       string            `json:"name"`
	Phase      string            `json:"phase"`
	Ready      string            `json:"ready,omitempty"`
	ReadySince float64           `json:"readySince,omitempty"`
	Start      *float64          `json:"start,omitempty"`
	Deleting   bool              `json:"deleting,omitempty"`
	Containers *[]container      `json:"containers,omitempty"`
	Requests   map[string]string `json:"requests,omitempty"`
}

type containerUsage struct {
	Name  string            `json:"name"`
	Usage map[string]string `json:"usage"`
}

type podUsage struct {
	Pod        string           `json:"pod"`
	Time       float64          `json:"time"`
	Window     float64          `json:"window"`
	Containers []containerUsage `json:"containers"`
}

type podValue struct {
	Pod    string   `json:"pod"`
	Value  string   `json:"value"`
	Time   float64  `json:"time"`
	Window *float64 `json:"window,omitempty"`
}

type objectValue struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Metric string `json:"metric"`
	Value  string `json:"value"`
}

type step struct {
	At              *float64              `json:"t,omitempty"`
	UpdateTime      *float64              `json:"updateTime,omitempty"`
	HPA             json.RawMessage       `json:"hpa,omitempty"`
	AddHPA          json.RawMessage       `json:"addHPA,omitempty"`
	SpecReplicas    *int32                `json:"specReplicas,omitempty"`
	StatusReplicas  *int32                `json:"statusReplicas,omitempty"`
	ScaleError      string                `json:"scaleError,omitempty"`
	UpdateError     string                `json:"updateError,omitempty"`
	UpdateConflicts int                   `json:"updateConflicts,omitempty"`
	Pods            []pod                 `json:"pods"`
	ResourceMetrics []podUsage            `json:"resourceMetrics,omitempty"`
	PodsMetrics     map[string][]podValue `json:"podsMetrics,omitempty"`
	ObjectMetrics   []objectValue         `json:"objectMetrics,omitempty"`
	ExternalMetrics map[string][]string   `json:"externalMetrics,omitempty"`
	MetricErrors    map[string]string     `json:"metricErrors,omitempty"`
	Ambiguous       string                `json:"ambiguous,omitempty"`
}

type observation struct {
	ID         string          `json:"id"`
	Controller controllerFlags `json:"controller"`
	HPA        json.RawMessage `json:"hpa"`
	Selector   *string         `json:"selector,omitempty"`
	Containers []container     `json:"containers"`
	Steps      []step          `json:"steps"`
}

type condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Since   int64  `json:"since"`
}

type decision struct {
	T               float64         `json:"t"`
	CurrentReplicas int32           `json:"currentReplicas"`
	DesiredReplicas int32           `json:"desiredReplicas"`
	SpecReplicas    int32           `json:"specReplicas"`
	Rescaled        bool            `json:"rescaled"`
	LastScaleTime   *int64          `json:"lastScaleTime,omitempty"`
	Conditions      []condition     `json:"conditions"`
	CurrentMetrics  json.RawMessage `json:"currentMetrics,omitempty"`
}

type answer struct {
	ID      string     `json:"id"`
	Invalid []string   `json:"invalid,omitempty"`
	Error   string     `json:"error,omitempty"`
	Steps   []decision `json:"steps,omitempty"`
}

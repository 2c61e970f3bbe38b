// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"sort"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
)

// store takes an object as the API server does on a create, or on an update of old: decoded,
// defaulted, converted, stripped of what gates keep off, validated. It returns what is stored
// and what a client reads back, or the validation errors.
func store(raw []byte, old *autoscaling.HorizontalPodAutoscaler) (*autoscaling.HorizontalPodAutoscaler, *autoscalingv2.HorizontalPodAutoscaler, []string, error) {
	scheme := legacyscheme.Scheme
	object, _, err := legacyscheme.Codecs.UniversalDeserializer().Decode(raw, nil, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	scheme.Default(object)
	internal := &autoscaling.HorizontalPodAutoscaler{}
	if err := scheme.Convert(object, internal, nil); err != nil {
		return nil, nil, nil, err
	}
	if internal.Namespace == "" {
		internal.Namespace = namespace
	}
	if errs := admit(internal, old); len(errs) > 0 {
		texts := make([]string, 0, len(errs))
		for _, e := range errs {
			texts = append(texts, e.Error())
		}
		sort.Strings(texts)
		return nil, nil, texts, nil
	}
	read := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := scheme.Convert(internal, read, nil); err != nil {
		return nil, nil, nil, err
	}
	scheme.Default(read)
	return internal, read, nil, nil
}

func admit(object, old *autoscaling.HorizontalPodAutoscaler) field.ErrorList {
	strategy := horizontalpodautoscaler.Strategy
	ctx := genericapirequest.WithNamespace(context.Background(), namespace)
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
		APIGroup: "autoscaling", APIVersion: "v2", Resource: "horizontalpodautoscalers", Namespace: namespace,
	})
	if old == nil {
		strategy.PrepareForCreate(ctx, object)
		return strategy.Validate(ctx, object)
	}
	object.ResourceVersion = "1"
	object.UID = old.UID
	strategy.PrepareForUpdate(ctx, object, old)
	return strategy.ValidateUpdate(ctx, object, old)
}

var _ runtime.Object = &autoscaling.HorizontalPodAutoscaler{}

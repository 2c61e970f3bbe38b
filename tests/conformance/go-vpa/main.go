package main

import (
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/checkpoint"
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/logic"
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/model"
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/routines"
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/logic"
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/priority"
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/restriction"
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/utils/vpa"
	_ "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/admission-controller/resource/pod/recommendation"
)

func main() {}

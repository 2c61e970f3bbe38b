// SPDX-License-Identifier: Apache-2.0

// Reads objects, a line each; prints each line again, then what the API server's own
// validation says after defaulting (sorted, a line each, duplicates left out), then "----".
package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"sigs.k8s.io/yaml"
)

func check(text string) {
	var errs field.ErrorList
	if strings.Contains(text, "\"StatefulSet\"") {
		v1 := &appsv1.StatefulSet{}
		if err := yaml.Unmarshal([]byte(text), v1); err != nil {
			fmt.Println("  decode:", err)
			return
		}
		if v1.Namespace == "" {
			v1.Namespace = "default"
		}
		legacyscheme.Scheme.Default(v1)
		in := &apps.StatefulSet{}
		if err := legacyscheme.Scheme.Convert(v1, in, nil); err != nil {
			panic(err)
		}
		opts := podutil.GetValidationOptionsFromPodTemplate(&in.Spec.Template, nil)
		errs = validation.ValidateStatefulSet(in, opts)
	} else {
		v1 := &appsv1.Deployment{}
		if err := yaml.Unmarshal([]byte(text), v1); err != nil {
			fmt.Println("  decode:", err)
			return
		}
		if v1.Namespace == "" {
			v1.Namespace = "default"
		}
		legacyscheme.Scheme.Default(v1)
		in := &apps.Deployment{}
		if err := legacyscheme.Scheme.Convert(v1, in, nil); err != nil {
			panic(err)
		}
		opts := podutil.GetValidationOptionsFromPodTemplate(&in.Spec.Template, nil)
		errs = validation.ValidateDeployment(in, opts)
	}
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	sort.Strings(out)
	for _, e := range slices.Compact(out) {
		fmt.Println(e)
	}
}

func main() {
	s := bufio.NewScanner(os.Stdin)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		fmt.Println(s.Text())
		check(s.Text())
		fmt.Println("----")
	}
}

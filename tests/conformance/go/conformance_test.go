// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

const newest = "1.36"

var (
	seed      = flag.Uint64("seed", 1, "of the cases made at random")
	cases     = flag.Int("cases", 300, "how many of them")
	manifests = flag.Int("manifests", 500, "how many objects with something wrong")
	logs      = flag.String("logs", "", "observation logs to compare, a glob")
	program   = flag.String("podtide", "", "the program")
	release   = flag.String("kubernetes", "", "the release that it has to emulate")
	keep      = flag.String("keep", "", "writes the cases that differ to this file")
)

// What upstream leaves to chance: which pod of several a message is about, and the order of HPAs.
var chance = []*regexp.Regexp{
	regexp.MustCompile(`missing (pod-level )?request for \S+ in (container \S+ of )?Pod \S+`),
	regexp.MustCompile(`container \S+ not found in Pod \S+`),
	regexp.MustCompile(` metrics for pod \S+`),
	regexp.MustCompile(` controlled by multiple HPAs: .*`),
}

// withoutChance takes out of an answer what is not to be compared: of older releases, whose
// libraries had other words, all texts but reasons, fields and kinds of error.
func withoutChance(a *answer) {
	older := *release != "" && *release != newest
	for i, text := range a.Invalid {
		if parts := strings.SplitN(text, ":", 3); older && len(parts) > 1 {
			a.Invalid[i] = parts[0] + ":" + parts[1]
		}
	}
	sortStrings(a.Invalid)
	for i := range a.Steps {
		for j := range a.Steps[i].Conditions {
			message := &a.Steps[i].Conditions[j].Message
			if older {
				*message = ""
			}
			for _, c := range chance {
				*message = c.ReplaceAllString(*message, " ...")
			}
		}
	}
}

func TestConformance(t *testing.T) {
	if *program == "" {
		t.Skip("no program: -podtide FILE")
	}
	all := gather(t)
	syncs := 0
	answers := make([]answer, len(all))
	for i, log := range all {
		t.Run(log.ID, func(t *testing.T) { answers[i] = decide(t, log) })
		syncs += len(answers[i].Steps)
	}
	differences := compare(t, all, answers)
	fmt.Printf("%d cases, %d syncs, %d differences\n", len(all), syncs, differences)
	if differences > 0 {
		t.Fail()
	}
}

func gather(t *testing.T) []*observation {
	var all []*observation
	for i := range *cases {
		t.Run("make", func(t *testing.T) { all = append(all, generate(t, *seed, i)) })
	}
	for i := range *manifests {
		t.Run("make", func(t *testing.T) { all = append(all, generateManifest(t, *seed, i)) })
	}
	if *logs == "" {
		return all
	}
	files, err := filepath.Glob(*logs)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		all = append(all, readLog(t, name)...)
	}
	return all
}

func readLog(t *testing.T, name string) []*observation {
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out []*observation
	for _, line := range bytes.Split(bytes.TrimSpace(raw), []byte("\n")) {
		log := &observation{}
		if err := json.Unmarshal(line, log); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, log)
	}
	return out
}

// ask has the program answer all the logs.
func ask(t *testing.T, all []*observation) []answer {
	name := filepath.Join(t.TempDir(), "cases.jsonl")
	var text bytes.Buffer
	for _, log := range all {
		text.Write(mustJSON(log))
		text.WriteByte('\n')
	}
	if err := os.WriteFile(name, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"decide", "hpa", name}
	if *release != "" {
		args = append(args, "--kubernetes", *release)
	}
	command := exec.Command(*program, args...)
	command.Stderr = os.Stderr
	raw, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var out []answer
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<30)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

func compare(t *testing.T, all []*observation, real []answer) int {
	ours := ask(t, all)
	if len(ours) != len(real) {
		t.Fatalf("%d answers to %d cases", len(ours), len(real))
	}
	var kept bytes.Buffer
	differences := 0
	for i := range real {
		withoutChance(&real[i])
		withoutChance(&ours[i])
		where := difference(&real[i], &ours[i])
		if where == "" {
			continue
		}
		differences++
		if differences <= 20 {
			t.Errorf("case %s: %s", real[i].ID, where)
		}
		kept.Write(mustJSON(all[i]))
		kept.WriteByte('\n')
	}
	if *keep != "" && differences > 0 {
		if err := os.WriteFile(*keep, kept.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return differences
}

// difference says where two answers part, "" when they are equal.
func difference(real, ours *answer) string {
	if !reflect.DeepEqual(real.Invalid, ours.Invalid) || ours.Error != "" || len(real.Steps) != len(ours.Steps) {
		return fmt.Sprintf("\n real %s\n ours %s", mustJSON(real.Invalid), mustJSON(ours.Invalid))
	}
	for i := range real.Steps {
		x, y := mustJSON(real.Steps[i]), mustJSON(ours.Steps[i])
		if !bytes.Equal(x, y) {
			return fmt.Sprintf("step %d\n real %s\n ours %s", i, x, y)
		}
	}
	return ""
}

// SPDX-License-Identifier: Apache-2.0

package vpacases

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/klog/v2"
)

// Reads cases from $CASES and writes the real code's answers to $RESULTS.
func TestAnswer(t *testing.T) {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	in, err := os.Open(os.Getenv("CASES"))
	if err != nil {
		t.Skip("CASES names no file")
	}
	out, err := os.Create(os.Getenv("RESULTS"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return
		}
		var c vpaCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		var r result
		synctest.Test(t, func(*testing.T) {
			sleep := func(until float64) { time.Sleep(time.Until(at(until))) }
			switch c.Kind {
			case "recommend":
				r = recommend(&c, sleep)
			case "updater":
				r = updater(&c, sleep)
			case "admission":
				r = admission(&c)
			}
		})
		text, _ := json.Marshal(r)
		out.Write(append(text, '\n'))
	}
}

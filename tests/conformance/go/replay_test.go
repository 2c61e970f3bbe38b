// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var replayFile = flag.String("replay", "", "answer this observation log")

func TestReplay(t *testing.T) {
	if *replayFile == "" {
		t.Skip("no log")
	}
	file, err := os.Open(*replayFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<30)
	out, _ := os.Create(*replayFile + ".go")
	for lines.Scan() {
		var log observation
		if err := json.Unmarshal(lines.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		var result answer
		t.Run(log.ID, func(t *testing.T) { result = decide(t, &log) })
		raw, _ := json.Marshal(result)
		out.Write(append(raw, '\n'))
	}
	out.Close()
}

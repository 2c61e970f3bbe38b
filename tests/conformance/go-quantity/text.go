// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"math/rand"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

var selectors = []string{
	"", " ", "a", "!a", "a=b", "a==b", "a!=b", "a in (b)", "a in (b,c)", "a in (c,b)", "a in (c,b,c)", "a notin (b,c)", "a>1", "a<1", "a>b", "a<",
	"a>", "a=", "a==", "a!=", "a in ()", "a in (,)", "a in (,b)", "a in (b,)", "a in (b,,c)", "a in (,,b)", "a notin ()", "a in", "a notin", "a in b", "a in (b",
	"a in b)", "a in (b c)", "a in (b=c)", "a in ((b)", "a in (in,notin)", "in in (in)", "in", "notin", "!in", "in=in", "notin!=notin", "b,a", "b=1,a=2,c", "a,a=1,a in (x)",
	"a,", ",", ",a", "a,,b", "a b", "a = b", " a  =  b ", "a\t=\nb\r", "!", "!!a", "!a=b", "!a in (b)", "! a", "a!", "a=!b", "a=b=c", "a==b==c", "a===b", "a=<b", "a=>b", "a><b", "a>=1", "a<=1", "!=", "=", "=b",
	"a=b c", "a=b,c=d,!e,f in (g,h),i notin (j)", "x/y=z", "example.com/name=web", "Example.com/a=b", "a/b/c=d", "/a=b", "a/=b", "-a=b", "a-=b", "a=-b", "a=b-", "a=a.b_c-d", "a=b/c", "a=b:c", "a in (b:c)",
	"a=ä", "ä=b", "a=\"b\"", "a=b\\c", "a>9223372036854775807", "a>9223372036854775808", "a>-1", "a>+1", "a>01", "(a)", "a)", "a(", "a()", "kubernetes.io/arch in (amd64,arm64), !node.kubernetes.io/x",
	"a=" + strings.Repeat("x", 63), "a=" + strings.Repeat("x", 64), strings.Repeat("x", 63), strings.Repeat("x", 64) + "=1", strings.Repeat("x", 254) + "/a=1", "a in (" + strings.Repeat("x", 64) + ",-,b)",
	"<a", ">a", "a in(b)", "a in(b),c", "a notin(b)", "ain(b)", "a in ( b , c )", "!a,!b", "a=b,a!=b", "a,!a",
}

var labelSets = []labels.Set{
	{}, {"a": ""}, {"a": "b"}, {"a": "c", "b": "1"}, {"a": "2", "c": "d", "f": "g"}, {"a": "x", "in": "in", "x/y": "z"},
}

func printSelectors(w *bufio.Writer) {
	put := func(text string) {
		s, err := labels.Parse(text)
		if err != nil {
			fmt.Fprintf(w, "%s\t1\t%s\n", escape(text), escape(err.Error()))
			return
		}
		fmt.Fprintf(w, "%s\t0\t%s\t", escape(text), escape(s.String()))
		for _, set := range labelSets {
			if s.Matches(set) {
				fmt.Fprint(w, "1")
			} else {
				fmt.Fprint(w, "0")
			}
		}
		fmt.Fprintln(w)
	}
	for _, text := range selectors {
		put(text)
	}
	r := rand.New(rand.NewSource(2))
	parts := []string{"a", "b", "c", "in", "notin", "=", "==", "!=", "!", "(", ")", ",", ",", " ", " ", ">", "<", "1", "x/y", "-"}
	for i := 0; i < 1000; i++ {
		var b strings.Builder
		for n := 1 + r.Intn(9); n > 0; n-- {
			b.WriteString(parts[r.Intn(len(parts))])
		}
		put(b.String())
	}
}

var durations = []string{
	"", "0", "+0", "-0", "0s", "1", "s", "1s", "-1s", "+1s", "1.5s", "1.s", ".5s", ".s", "-.s", "1h30m", "1h30", "2h45m30.5s", "1d", "1w", "1ns", "1us", "1µs", "1μs", "1ms", "100ms", "1500ms",
	"0.3us", "0.1ns", "0.9ns", "1.9999999999ns", "0.000000001s", "0.0000000001h", "0.333333333333333333h", "9223372036854775807ns", "9223372036854775808ns", "-9223372036854775808ns", "-9223372036854775809ns",
	"2562047h47m16.854775807s", "2562047h47m16.854775808s", "2562048h", "99999999999999999999s", "1.0000000000000000000001s", "0.9223372036854775807h", "0.100000000000000000000h", "1m1m1m", "1s1h", "1S", "1 s", " 1s", "1s ",
	"1e3s", "--1s", "+-1s", "1.5.5s", "1,5s", "3000d", "15m0.5h", "5m", "15s", "10h", "1x", "1\"s", "1\\s", "1é", "1s1", "\x01", "1minute", "0.5", "00s", "000001s", "1h0m0s", "106751d", "9223372036.854775807s", "9223372036.854775808s",
}

func printDurations(w *bufio.Writer) {
	put := func(text string) {
		d, err := time.ParseDuration(text)
		if err != nil {
			fmt.Fprintf(w, "%s\t1\t%s\n", escape(text), escape(err.Error()))
			return
		}
		fmt.Fprintf(w, "%s\t0\t%d\t%s\n", escape(text), int64(d), escape(d.String()))
	}
	for _, text := range durations {
		put(text)
	}
	r := rand.New(rand.NewSource(3))
	units := []string{"ns", "us", "µs", "ms", "s", "m", "h"}
	for i := 0; i < 1000; i++ {
		text := ""
		for n := 1 + r.Intn(3); n > 0; n-- {
			text += fmt.Sprintf("%d", r.Int63()>>uint(30+r.Intn(33)))
			if r.Intn(2) == 0 {
				text += fmt.Sprintf(".%0*d", 1+r.Intn(20), r.Int63()>>uint(r.Intn(60)))
			}
			text += units[r.Intn(len(units))]
		}
		put(text)
		d := time.Duration(r.Uint64() >> uint(r.Intn(63)))
		put(d.String())
	}
}

var times = []string{
	"2006-01-02T15:04:05Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z", "2000-02-29T12:00:00+02:00", "1900-02-28T23:59:59-11:30", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-02-29T00:00:00Z",
	"2023-02-29T00:00:00Z", "2262-04-11T23:47:16.854775807Z", "1677-09-21T00:12:43.145224192Z", "2006-01-02T15:04:05.1Z", "2006-01-02T15:04:05.123456789Z", "2006-01-02T15:04:05.1234567899Z", "2006-01-02T15:04:05,5Z",
	"2006-13-02T15:04:05Z", "2006-00-02T15:04:05Z", "2006-01-32T15:04:05Z", "2006-01-00T15:04:05Z", "2006-01-02T24:00:00Z", "2006-01-02T15:60:05Z", "2006-01-02T15:04:60Z", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z",
	"2006-01-02T15:04:05z", "2006-01-02t15:04:05Z", "2006-01-02T15:04Z", "2006-01-02T15:04:05+0200", "2006-01-02T15:04:05+02", "2006-01-02T15:04:05+23:59", "2006-01-02T15:04:05-00:00", "2006-01-02T15:04:05.Z", "06-01-02T15:04:05Z",
	"2006-1-2T15:04:05Z", "2006-01-02T5:04:05Z", " 2006-01-02T15:04:05Z", "2006-01-02T15:04:05Z ", "", "Z", "1995-07-13T00:00:01-04:00", "2016-12-31T23:59:59Z", "1600-03-01T00:00:00Z",
}

func printTimes(w *bufio.Writer) {
	put := func(text string) {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil || t.Year() < 1678 && text[:4] != "1677" {
			fmt.Fprintf(w, "%s\t1\n", escape(text))
			return
		}
		_, offset := t.Zone()
		fmt.Fprintf(w, "%s\t0\t%d\t%d\t%s\t%s\n", escape(text), t.UnixNano(), offset, t.Format(time.RFC3339Nano), t.Format(time.RFC3339))
	}
	for _, text := range times {
		put(text)
	}
	r := rand.New(rand.NewSource(4))
	for i := 0; i < 500; i++ {
		t := time.Unix(0, int64(r.Uint64())).In(time.FixedZone("", 60*(r.Intn(2*14*60)-14*60)))
		put(t.Format(time.RFC3339Nano))
	}
}

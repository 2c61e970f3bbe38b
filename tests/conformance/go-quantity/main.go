// SPDX-License-Identifier: Apache-2.0

// Writes the vectors of tests/unit/kube: what Go and apimachinery make of many quantities,
// label selectors, durations and times. Fields are tab-separated, texts have %-escapes.
// Run: go run . ../../unit/kube
//
// quantity: text, error (1 format, 2 numeric, 3 suffix) or 0, String(), Value(), MilliValue(),
// bits of AsApproximateFloat64(), format (0 exponent, 1 binary, 2 decimal), whether AsInt64().
// selector: text, 1 and the error, or 0, String() and a digit per label set.
// duration: text, 1 and the error, or 0, nanoseconds, String().
// timestamp: text, 1, or 0, Unix nanoseconds, offset, RFC3339Nano, RFC3339.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"math/rand"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

var numbers = []string{
	"", "0", "1", "2", "7", "8", "9", "10", "12", "15", "16", "99", "100", "101", "128", "250", "500", "512",
	"999", "1000", "1001", "1023", "1024", "1025", "1500", "2000", "2047", "2048", "4096", "8192", "10000",
	"65536", "100000", "123456", "1000000", "1048576", "12345678", "999999999", "1000000000", "1073741824",
	"12345678901", "99999999999", "123456789012", "999999999999", "1234567890123", "12345678901234", "99999999999999",
	"100000000000000", "123456789012345", "1000000000000000", "9007199254740991", "9007199254740993",
	"99999999999999999", "123456789012345678", "999999999999999999", "1000000000000000000",
	"9223372036854775", "9223372036854776", "9223372036854775807", "9223372036854775808", "9223372036854775809",
	"18446744073709551615", "18446744073709551616", "18446744073709551617", "99999999999999999999",
	"123456789012345678901234567890", "1000000000000000000000000000000", "340282366920938463463374607431768211456",
	".", ".5", "5.", "0.5", "1.5", "1.0", "1.00", "1.000", "1.500", "12.000", "0.500", "0.1", "0.01", "0.001", "0.0001",
	"0.000001", "0.000000001", "0.0000000001", "0.0000000009", "0.00000000001", "1.0000000001", "1.9999999999",
	"1.999999999", "0.999999999", "0.9999999999", "1023.5", "1024.5", "1024.0", "2.5", "3.1415926535", "1.23456789",
	"123456789.123456789", "999999999.999999999", "9223372036.854775807", "9223372036.854775808",
	"9223372036854775807.1", "9223372036854775806.9", "9223372036854775.8071", "00", "01", "007", "0010", "00.5", "000.000", "010.010",
	"1.1.1", "1..", "..", "1,5", "0x10", "1_000", "inf", "NaN", "5.0000000000000000000000001", "0.00000000000000000000000001",
}

var suffixes = []string{
	"", "n", "u", "m", "k", "K", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e0", "e1", "e2", "e3", "E3", "e+3", "e03",
	"e-1", "e-2", "e-3", "e-6", "e-9", "e-10", "e-12", "e6", "e9", "e18", "e19", "e20", "e30", "e100", "E-3", "ki", "mi", "i", "ni", "ui", "Zi", "Y",
	"e", "Ee3", "KiB", "mm", " ", "e3m", "eE", "+5", "-5", "e-", "e+", "kk", "e3.5", "MiMi",
}

// The suffixes from here on are wrong ones.
const valid = 35

var extra = []string{
	"1e400", "1e308", "1e309", "5e307", "1e-323", "1e-324", "1e-400", "-1e-400", "1e999999", "123e2147483647", "1e4294967296",
	"1e4294967299", "2e9223372036854775807", "2e9223372036854775808", "2e-9223372036854775808", "1e4294967293", "15e-4294967297", "0e400", "0e-400",
	"12345678901234567890e300", "-12345678901234567890e300", "12345678901234567890e-300", "12345678901234567890e280", "0e5", "-0", "+0", "-0m", "-0.0", "+", "-",
	"++1", "--1", "+-1", "1-", "1+", " 1", "1 ", "\t1", "1\n", "1\u00a0", "\u0661", "1é", "1µ", "%1", "1%", "m", "Ki", "e3", "-Ki", "+m", ".m", "-.", "+.e-10", ".e-10", "e-10", "-e-10", "0e-10",
	"1.5.Ki", "1 Ki", "1K i", "1Ki ", "12e6", "12E6", "1.5e3", "1.25e-2", "-1.5Ki", "-1.5", "-0.5", "-0.0000000001", "-1.0000000001", "-9223372036854775808",
	"-9223372036854775809", "-9223372036854775807", "-8Ei", "8Ei", "7.9999999999Ei", "7Ei", "-7Ei", "0.5Ei", "-0.1Ki", "0.0001Ki", "0.001Ki", "1000E", "1000000E", "12000E",
	"9E", "10E", "9.2E", "9.3E", "1024Ki", "1023.Ki", "1.Ki", "1.0Ki", "0Ki", "0Ei", "0.Ki", "00Ki", "01Ki", "+1Ki", "+5", "+5m", "5.m", "100000000000Ki", "99999999999Ki",
	"100000000Mi", "99999999Mi", "100000Gi", "99999Gi", "100Ti", "99Ti", "1Pi", "2Pi", "8191Pi", "8192Pi", "1536Mi", "1.5Gi", "1e3Ki", "0.1m", "0.5n", "1.5n", "999u", "1000u", "1000n", "1000000n",
}

func format(q resource.Quantity) int {
	switch q.Format {
	case resource.DecimalExponent:
		return 0
	case resource.BinarySI:
		return 1
	}
	return 2
}

func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '%' {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func row(w *bufio.Writer, text string) {
	q, err := resource.ParseQuantity(text)
	code := 0
	switch {
	case errors.Is(err, resource.ErrFormatWrong):
		code = 1
	case errors.Is(err, resource.ErrNumeric):
		code = 2
	case errors.Is(err, resource.ErrSuffix):
		code = 3
	}
	if code != 0 {
		fmt.Fprintf(w, "%s\t%d\n", escape(text), code)
		return
	}
	_, plain := q.AsInt64()
	kept := 0
	if plain {
		kept = 1
	}
	value, milli := q.Value(), q.MilliValue()
	bits := math.Float64bits(q.AsApproximateFloat64())
	if math.IsNaN(q.AsApproximateFloat64()) {
		bits = 0x7ff8000000000000
	}
	fmt.Fprintf(w, "%s\t0\t%s\t%d\t%d\t%016x\t%d\t%d\n", escape(text), escape(q.String()), value, milli, bits, format(q), kept)
}

func random(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString([]string{"", "", "", "-", "+"}[r.Intn(5)])
	digits := func(n int) {
		for i := 0; i < n; i++ {
			b.WriteByte("0012345678990"[r.Intn(13)])
		}
	}
	digits(r.Intn(24))
	if r.Intn(2) == 0 {
		b.WriteByte('.')
		digits(r.Intn(14))
	}
	b.WriteString(suffixes[r.Intn(valid)])
	return b.String()
}

func printQuantities(w *bufio.Writer) {
	seen := map[string]bool{}
	put := func(text string) {
		if !seen[text] && !strings.ContainsRune(text, 0) {
			seen[text] = true
			row(w, text)
		}
	}
	for _, text := range extra {
		put(text)
	}
	for i, number := range numbers {
		for j, suffix := range suffixes {
			if j >= valid && (i+j)%6 != 0 {
				continue
			}
			put(number + suffix)
			if (i+j)%3 == 0 {
				put("-" + number + suffix)
			}
			if (i+j)%7 == 0 {
				put("+" + number + suffix)
			}
		}
	}
	r := rand.New(rand.NewSource(1))
	for i := 0; i < 2000; i++ {
		put(random(r))
	}
}

func main() {
	kinds := map[string]func(*bufio.Writer){
		"quantity": printQuantities, "selector": printSelectors, "duration": printDurations, "timestamp": printTimes,
	}
	for kind, print := range kinds {
		file, err := os.Create(os.Args[1] + "/" + kind + "_vectors.txt")
		if err != nil {
			panic(err)
		}
		w := bufio.NewWriter(file)
		print(w)
		w.Flush()
		file.Close()
	}
}

// SPDX-License-Identifier: Apache-2.0

package conformance

import "sort"

func sortStrings(s []string) { sort.Strings(s) }

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The order of the rooms: a file may include only its own room and those before it.
# Usage: deps.sh FILE... (src/<room>/... and include/<room>/...)
exec awk '
BEGIN {
    n = split("base engine kube load metrics control manifest sim record check report study cli", r)
    for (i = 1; i <= n; i++) place[r[i]] = i
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split(FILENAME, f, "/"); split($0, q, "\""); m = split(q[2], t, "/")
    if (m == 1) next # a header beside the source: its own room
    if (!(f[2] in place)) bad(f[2] " is no room")
    else if (!(t[1] in place)) bad("\"" q[2] "\" is in no room")
    else if (place[t[1]] > place[f[2]]) bad(f[2] " must not include " t[1])
    else if (f[2] t[1] == "controlcontrol" && f[3] == "hpa" && t[2] == "keda") bad("hpa must not include keda")
}
function bad(why) { printf "%s:%d: %s\n", FILENAME, FNR, why; failed = 1 }
END { if (!failed) print ARGC - 1 " files keep the order of the rooms"; exit failed }
' "$@"

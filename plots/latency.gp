# SPDX-License-Identifier: Apache-2.0
# Latency. DATA: time p50 p95 p99 in UNIT. LOG: a logarithmic axis from YMIN.
load "panel.gp"
if (LOG) {
    set logscale y 10
    set yrange [YMIN:*]
    set ytics autofreq
}
plot @DATA using 1:4 with lines linecolor rgb vermillion linewidth 1.2 title "p99", \
     @DATA using 1:3 with lines linecolor rgb orange linewidth 1.4 title "p95", \
     @DATA using 1:2 with lines linecolor rgb blue linewidth 1.8 title "p50"
load "panel_end.gp"

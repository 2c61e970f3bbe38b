# SPDX-License-Identifier: Apache-2.0
# The fan of one HPA's replicas over many seeds. BANDS: time min p5 p25 p50 p75 p95 max,
# as steps. BOUNDS as in replicas.gp.
load "panel.gp"
set style fill solid 1.0 noborder
plot @BANDS using 1:2:8 with filledcurves linecolor rgb "#E3EEF6" title "all seeds", \
     @BANDS using 1:3:7 with filledcurves linecolor rgb "#B9D7EA" title "5 to 95 %", \
     @BANDS using 1:4:6 with filledcurves linecolor rgb "#7FB8DC" title "25 to 75 %", \
     @BANDS using 1:5 with lines linecolor rgb blue linewidth 1.8 title "median", \
     @BOUNDS using 1:3 with lines linecolor rgb black linewidth 1.2 dashtype (6, 4) title "max", \
     @BOUNDS using 1:2 with lines linecolor rgb grey linewidth 1.2 dashtype (2, 3) title "min"
load "panel_end.gp"

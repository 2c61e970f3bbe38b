# SPDX-License-Identifier: Apache-2.0
# Replicas. DATA: time desired current ready, at changes. BOUNDS: time min max.
# UPS, DOWNS: time and replicas after a rescale. MAX_TITLE: "max", or that it is above.
load "panel.gp"
plot @DATA using 1:4 with fillsteps fillcolor rgb "#BFE3D6" title "ready", \
     @DATA using 1:3 with steps linecolor rgb green linewidth 1.4 title "current", \
     @DATA using 1:2 with steps linecolor rgb blue linewidth 1.6 title "desired", \
     @BOUNDS using 1:(HAS_HPA ? $3 : NaN) with steps linecolor rgb black linewidth 1.2 dashtype (6, 4) title MAX_TITLE, \
     @BOUNDS using 1:(HAS_HPA ? $2 : NaN) with steps linecolor rgb grey linewidth 1.2 dashtype (2, 3) title (HAS_HPA ? "min" : ""), \
     @UPS using 1:2 with points pointtype 9 pointsize 0.7 linecolor rgb vermillion title (HAS_UPS ? "up" : ""), \
     @DOWNS using 1:2 with points pointtype 11 pointsize 0.7 linecolor rgb orange title (HAS_DOWNS ? "down" : "")
load "panel_end.gp"

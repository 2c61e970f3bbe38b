# SPDX-License-Identifier: Apache-2.0
# CPU of all pods, where no requests are modelled. DATA: time used requested throttled.
load "panel.gp"
plot @DATA using 1:(HAS_THROTTLED ? $4 : NaN) with filledcurves y1=0 fillcolor rgb vermillion \
         title (HAS_THROTTLED ? "cut off by the limit" : ""), \
     @DATA using 1:3 with lines linecolor rgb orange linewidth 1.4 dashtype (5, 3) title "requested", \
     @DATA using 1:2 with lines linecolor rgb blue linewidth 2 title "used"
load "panel_end.gp"

# SPDX-License-Identifier: Apache-2.0
# What came and what became of it. DATA: time offered served lost capacity.
load "panel.gp"
plot @DATA using 1:(HAS_LOST ? $4 : NaN) with filledcurves y1=0 fillcolor rgb vermillion title (HAS_LOST ? "lost" : ""), \
     @DATA using 1:5 with lines linecolor rgb orange linewidth 1.4 dashtype (5, 3) title "capacity", \
     @DATA using 1:2 with lines linecolor rgb sky linewidth 2.6 title "offered", \
     @DATA using 1:3 with lines linecolor rgb blue linewidth 1.4 title "served"
load "panel_end.gp"

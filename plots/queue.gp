# SPDX-License-Identifier: Apache-2.0
# What waits. DATA: time waiting.
load "panel.gp"
plot @DATA using 1:2 with filledcurves y1=0 fillcolor rgb "#A8D5F2" title "", \
     @DATA using 1:2 with lines linecolor rgb blue linewidth 1.4 title "waiting"
load "panel_end.gp"

# SPDX-License-Identifier: Apache-2.0
# Unmet demand: replicas short of what the load needed. DATA: time short.
load "panel.gp"
plot @DATA using 1:2 with filledcurves y1=0 fillcolor rgb vermillion title ""
load "panel_end.gp"

# SPDX-License-Identifier: Apache-2.0
# The deciding metric against its target, with the band in which replicas are kept.
# DATA: time value low high target; failed syncs are gaps.
load "panel.gp"
plot @DATA using 1:3:4 with filledcurves fillcolor rgb "#F7E3B5" title "kept (tolerance)", \
     @DATA using 1:5 with lines linecolor rgb orange linewidth 1.6 title "target", \
     @DATA using 1:2 with lines linecolor rgb blue linewidth 1.4 title "as the HPA sees it"
load "panel_end.gp"

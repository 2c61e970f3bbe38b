# SPDX-License-Identifier: Apache-2.0
# What every panel begins with: its place on the page, its name, and under the last
# one the times. Set before: PANEL_TITLE, UNIT, YMAX (0: as the data), YTIC (0: gnuplot's).
# Marks of faults: MARKS, MARK_T[i], MARK_NAME[i].
set tmargin at screen top_of(panel)
set bmargin at screen bottom_of(panel)
set key at screen 1.0 - 34.0 / WIDTH, screen top_of(panel) + 5.0 / HEIGHT right bottom \
    horizontal noautotitle samplen 1.6 spacing 1.0 width (SVG ? 0 : 1) textcolor rgb black
unset logscale y
if (YMAX > 0) {
    set yrange [0:YMAX]
} else {
    set yrange [0:*]
}
set format y (YMAX > 9999 ? "%.0s%c" : "%g")
if (YTIC > 0) {
    set ytics 0, YTIC
} else {
    set ytics autofreq
}
set label 6 UNIT at screen 16.0 / WIDTH, graph 0.5 center rotate by 90
unset arrow
set label 5 PANEL_TITLE at graph 0, graph 1 offset character 0, character 1.0 left \
    font (SVG ? "DejaVu Sans:Bold,14" : "DejaVu Sans:Bold,11")
if (panel == PANELS - 1) {
    set xtics T0TIC, TICS format TIMEFORMAT
    set xlabel XLABEL textcolor rgb black
}
do for [i = 1:MARKS] {
    set arrow from MARK_T[i], graph 0 to MARK_T[i], graph 1 nohead back \
        linecolor rgb purple linewidth 1.4 dashtype (6, 4)
    if (panel == 0) {
        set label 100 + i MARK_NAME[i] at MARK_T[i], graph 0.91 left offset character 0.5, 0 \
            textcolor rgb purple font (SVG ? "DejaVu Sans:Bold,12" : "DejaVu Sans:Bold,9")
    }
}

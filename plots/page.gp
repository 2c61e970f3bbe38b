# SPDX-License-Identifier: Apache-2.0
# The page that all panels stand on: terminal, colours (Okabe-Ito, told apart by
# colour-blind readers too), time axis. podtide sets before loading this:
#   SVG (0/1), OUTPUT, WIDTH, PANELS, T0, T1 (local Unix seconds), TICS (seconds),
#   TIMEFORMAT, TITLE, SUBTITLE, XLABEL, FOOTER
black = "#000000"; orange = "#E69F00"; sky = "#56B4E9"; green = "#009E73"
yellow = "#F0E442"; blue = "#0072B2"; vermillion = "#D55E00"; purple = "#CC79A7"
grey = "#666666"; pale = "#D9D9D9"

# Pixels: head with the titles, one block per panel, foot with the axis.
HEAD = 58; BLOCK = 186; FOOT = 84; GAP = 50
HEIGHT = HEAD + PANELS * BLOCK + FOOT
if (SVG) {
    set terminal svg size WIDTH, HEIGHT font "DejaVu Sans,13" background "white" noenhanced
} else {
    set terminal pngcairo size WIDTH, HEIGHT font "DejaVu Sans,10" background "white" noenhanced
}
set output OUTPUT
set encoding utf8
set decimalsign "."

panel = 0
top_of(i) = 1.0 - real(HEAD + i * BLOCK + GAP) / HEIGHT
bottom_of(i) = 1.0 - real(HEAD + (i + 1) * BLOCK) / HEIGHT

set xdata time
set timefmt "%s"
set xrange [T0:T1]
set xtics T0TIC, TICS format "" nomirror scale 0.5
set mxtics 2
set ytics nomirror scale 0.5
set border 3 linecolor rgb grey linewidth 1
set tics textcolor rgb black
set grid xtics ytics linetype 1 linecolor rgb pale linewidth 0.6
set lmargin at screen 78.0 / WIDTH
set rmargin at screen 1.0 - 34.0 / WIDTH
set style fill solid 1.0 noborder

set multiplot
set label 1 TITLE at screen 20.0 / WIDTH, screen 1.0 - 24.0 / HEIGHT left \
    font (SVG ? "DejaVu Sans:Bold,19" : "DejaVu Sans:Bold,15")
set label 2 SUBTITLE at screen 20.0 / WIDTH, screen 1.0 - 50.0 / HEIGHT left textcolor rgb grey
set label 3 FOOTER at screen 20.0 / WIDTH, screen 14.0 / HEIGHT left textcolor rgb grey \
    font (SVG ? "DejaVu Sans,11" : "DejaVu Sans,8")

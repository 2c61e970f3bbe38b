# SPDX-License-Identifier: Apache-2.0
# After each panel: the page's labels are drawn once, the next panel is the next.
unset label
unset arrow
panel = panel + 1

# SPDX-License-Identifier: Apache-2.0
#
# Timing constraints of ep_core. `period` (in the library's time unit) is set by whoever reads this.
#
#   clock        one, clk_i, with 5 % of the period for skew and jitter
#   streams and registers   their other ends use 30 % of the period on either side
#   array port   row, sense, precharge and the program side leave within 40 % of the period, so that
#                the macro has 60 % for word lines before the edge that it samples at; q and late come
#                30 % after the edge: a macro that answers in the cycle of sense has 70 - 40 = 30 % of
#                the period from a settled row to q. Slower ones use TIMING.sense (docs/integration.md).
#   trace        observation only: no constraint
#   reset        asynchronous, released by a synchronizer outside: no constraint

create_clock -name clk -period $period [get_ports clk_i]
set_clock_uncertainty [expr {0.05 * $period}] [get_clocks clk]
set_false_path -from [get_ports rst_ni]

set_input_delay [expr {0.3 * $period}] -clock clk [get_ports {s_ax*_i* m_ax*_i* array_*_i*}]
set_output_delay [expr {0.3 * $period}] -clock clk [get_ports {s_ax*_o* m_ax*_o* irq_o}]
set_output_delay [expr {0.6 * $period}] -clock clk [get_ports array_*_o*]
set_false_path -to [get_ports trace_*]

// SPDX-License-Identifier: Apache-2.0
//
// ep_pkg - words, commands and parameters that the rooms share.
//
// Function   types only: number formats, the network's parameters, commands, events, trace
// Formats    state unsigned 8.0 (0..255 stands for 0..1), delta signed 9.0, step signed 9.0
// Model      model/common/network.h

package ep_pkg;

  // Sizes of the register file: populations and projections that a network can have.
  parameter int unsigned NumPopulations = 6;
  parameter int unsigned NumProjections = 8;
  parameter int unsigned NumCounters = 43;
  parameter int unsigned NumShots = 8;  // steps of a ladder
  parameter int unsigned NumSpares = 4;  // spare rows

  parameter int unsigned Version = 32'h0000_0100;  // 0.1.0

  typedef logic [7:0] state_t;  // s, 0..255
  typedef logic signed [8:0] delta_t;  // change of a state, -255..255
  typedef logic signed [8:0] step_t;  // change of a weight, clamped to -256..255
  typedef logic [2:0] pop_t;  // index of a population

  // What the walker walks for.
  typedef enum logic [2:0] {
    PassDrive = 3'd0,
    PassRelax = 3'd1,
    PassLearn = 3'd2,
    PassLoad  = 3'd3,
    PassSave  = 3'd4,
    PassScrub = 3'd5,
    PassTest  = 3'd6
  } pass_e;

  typedef enum logic [1:0] {
    PhaseFree  = 2'd0,
    PhasePlus  = 2'd1,
    PhaseMinus = 2'd2
  } phase_e;

  // What happens to a neuron group.
  typedef enum logic [1:0] {
    GroupAdd  = 2'd0,  // add to the kept sums, and update where `update` says so
    GroupSwap = 2'd1,  // states <-> saved states, pending delta restored
    GroupRead = 2'd2   // readout: nothing is written
  } group_op_e;

  // Input states are code * scale.
  typedef enum logic [1:0] {
    Scale1   = 2'd0,
    Scale17  = 2'd1,
    Scale85  = 2'd2,
    Scale255 = 2'd3
  } scale_e;

  // What follows a sense with a late column.
  typedef enum logic [1:0] {
    LateKeep       = 2'd0,  // nothing
    LateReRead     = 2'd1,  // senses again until none is late, re_reads times at most
    LateVote       = 2'd2,  // senses twice more; the majority of the three
    LateVoteAlways = 2'd3   // the same, late or not
  } late_e;

  // One step of a ladder.
  typedef struct packed {
    logic [3:0] length;  // in units of `pulse`, at least 1
    logic [2:0] level;   // amplitude code
  } shot_t;

  // How the array is sensed.
  typedef struct packed {
    logic [7:0] precharge;  // cycles before a sense, 0 = by the macro
    logic [7:0] cycles;     // of a sense, at least 1
    late_e      late;
    logic [3:0] re_reads;
  } sensing_t;

  // How it is programmed.
  typedef struct packed {
    logic [15:0]          pulse;       // cycles of a pulse of length 1, at least 1
    logic                 verify;      // sense after each shot
    logic                 self_timed;  // a pulse ends when the macro is ready
    logic                 shrink;      // a weight that fails shrinks
    logic [3:0]           shots;       // at most, with verify; at least 1
    shot_t [NumShots-1:0] set;         // the ladder for cells that become 1
    shot_t [NumShots-1:0] reset;       // for cells that become 0
  } programming_t;

  // A row that a spare row replaces.
  typedef struct packed {
    logic        used;
    logic [23:0] row;
  } spare_t;

  // What a test of the cells does with each row word.
  typedef struct packed {
    logic value;   // what each cell should hold
    logic invert;  // then each is programmed to the other value
    logic margin;  // only finds weak cells
  } test_t;

  typedef struct packed {
    logic [15:0] size;   // neurons, 0 = population not used
    logic [15:0] block;  // first lane block in the state memory (population 0: unused)
  } population_t;

  typedef struct packed {
    logic [31:0] base;            // array row of [row 0][block 0]
    pop_t        a;
    pop_t        b;               // a < b
    logic [3:0]  gain_shift;      // g
    logic [4:0]  learning_shift;  // k
    logic        learn;
  } projection_t;

  // The network and the accesses of the array, written by the host while the core is idle.
  typedef struct packed {
    logic [2:0]                       populations;    // used ones
    logic [3:0]                       projections;    // used ones
    population_t [NumPopulations-1:0] population;
    projection_t [NumProjections-1:0] projection;
    logic [7:0]                       free_sweeps;    // T
    logic [7:0]                       nudged_sweeps;  // K
    logic [2:0]                       nudge_shift;    // b
    logic [8:0]                       error_gate;     // e
    logic [4:0]                       learning_rate;  // m
    logic                             stochastic;     // rounding of steps
    logic [31:0]                      random;         // of the first sample of a run
    logic [3:0]                       gain_max;       // G
    scale_e                           input_scale;
    logic [31:0]                      samples;        // of a run, 0 = until stopped
    sensing_t                         sensing;
    programming_t                     programming;
    test_t                            test;
    spare_t [NumSpares-1:0]           spare;
    logic [11:0]                      time_limit;     // without progress, x 1024 cycles, 0 = none
  } config_t;

  // One-cycle pulses.
  typedef struct packed {
    logic train;
    logic infer;
    logic load;
    logic save;
    logic stop;
    logic soft_reset;
    logic scrub;
    logic test;
  } command_t;

  typedef struct packed {
    logic       busy;
    logic       power_good;     // of the array
    logic [4:0] state;          // sequencer state
    logic [1:0] samples_ready;  // samples waiting in the input buffer
  } status_t;

  // The failure log, for the host.
  typedef struct packed {
    logic [7:0]  count;  // weights in it
    logic [15:0] lost;   // weights for which there was no room
    logic [31:0] row;    // of the oldest one: array row
    logic [6:0]  lane;
    logic [7:0]  cells;  // that failed
  } failures_t;

  // One-cycle pulses, bit order of the EVENT register.
  typedef struct packed {
    logic upset;            // 12 a flip-flop of registers or control changed by itself
    logic timed_out;        // 11 busy without progress for time_limit
    logic test_done;        // 10
    logic scrub_done;       // 9
    logic power_failed;     // 8 power was not good at a start, or while busy
    logic program_failed;   // 7 a row word still differed after the last shot
    logic config_error;     // 6 a start was refused: the network does not fit
    logic bus_error;        // 5 hole, or write to a locked register
    logic sample_rejected;  // 4 wrong length or class
    logic stopped;          // 3 a run ended by STOP
    logic save_done;        // 2
    logic load_done;        // 1
    logic run_done;         // 0 all samples of the run done
  } event_t;

endpackage

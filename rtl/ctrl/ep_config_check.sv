// SPDX-License-Identifier: Apache-2.0
//
// ep_config_check - checks the network in the registers before a run and derives its constants.
//
// Function   Refuses a network that does not fit: counts and sizes of populations (each in the state
//            memory behind the one before), projections a < b between used populations, in the
//            array one behind the other, gains, sums that could exceed SumBits, sweeps of 0.
//            Derives the row words of a sweep and of the learn pass, and for each projection whether
//            it is the last one that touches its lane population.
// Formats    counts unsigned 32 bits
// Latency    2 cycles a population, 1 a lane block of each projection, 3 a population and projection,
//            and 2 K cycles
// Model      model/common/network.h (Hardware::Check)

`include "ep_assert.svh"

module ep_config_check
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned MaxInputs = 1024,
    parameter int unsigned MaxStates = 2048,
    parameter int unsigned ArrayRows = 131072,
    parameter int unsigned WeightBits = 8,
    parameter int unsigned SumBits = 32
) (
    input  logic                         clk_i,
    input  logic                         rst_ni,
    input  logic                         clear_i,
    input  config_t                      config_i,
    input  logic                         start_i,
    output logic                         done_o,         // one cycle; with it ok_o
    output logic                         ok_o,
    // Held until the next start
    output logic    [              31:0] relax_words_o,  // row words of one sweep
    output logic    [              31:0] gated_words_o,  // of 2 K sweeps and the learn pass
    output logic    [NumProjections-1:0] drive_fused_o,  // last from the input to its lanes
    output logic    [NumProjections-1:0] relax_fused_o,  // last sweep projection of its lanes
    output logic    [NumPopulations-1:0] walked_o        // updated by the group walk
);
  localparam int unsigned LaneBits = $clog2(Lanes);

  typedef enum logic [2:0] {
    StIdle       = 3'd0,
    StPopulation = 3'd1,
    StProjection = 3'd2,
    StWords      = 3'd3,
    StSums       = 3'd4,
    StSweeps     = 3'd5,
    StDone       = 3'd6
  } state_e;

  state_e state_q, state_d;
  logic [3:0] index_q;
  logic [15:0] block_q;  // first free lane block
  logic [31:0] base_q;  // first free array row
  logic [15:0] blocks_q;  // lane blocks left of this projection
  logic [8:0] sweeps_q;
  logic ok_q;

  // It stands still while it has nothing to check.
  logic clk;
  ep_clock_gate u_clock_gate (
      .clk_i,
      .enable_i(start_i || clear_i || state_q != StIdle),
      .clk_o(clk)
  );

  population_t pop;
  projection_t proj;
  population_t rows, lanes;
  logic [15:0] pop_blocks;
  logic [4:0] last_pop, last_proj;
  logic pop_ok, proj_ok, net_ok, sum_ok;
  logic relax;
  pop_t neuron_q;  // population whose sums are bounded
  logic [48:0] bound_q;
  // A population takes two cycles, a bound three: look up, add, compare.
  logic [1:0] step_q;
  logic now;  // the last of them
  logic [15:0] pop_blocks_q, added_q, added;
  logic [3:0] places_q;

  assign pop = config_i.population[index_q[2:0]];
  assign proj = config_i.projection[index_q[2:0]];
  assign rows = config_i.population[(proj.a=='0)?3'd0 : proj.b];
  assign lanes = config_i.population[(proj.a=='0)?proj.b : proj.a];
  assign relax = proj.a != '0;
  assign pop_blocks = 16'((17'(pop.size) + 17'(Lanes - 1)) >> LaneBits);
  assign last_pop = {2'd0, config_i.populations} - 5'd1;
  assign last_proj = {1'b0, config_i.projections} - 5'd1;

  // Largest |sum| that `count` weights can add to a neuron: count (W + 1) 255, aligned.
  function automatic logic [48:0] Largest(logic [15:0] count, logic [3:0] places);
    logic [48:0] product;
    product = (49'(count) << 8) - 49'(count);
    return (product << (WeightBits - 1)) << places;
  endfunction

  logic ladders_ok;
  always_comb begin
    ladders_ok = 1'b1;
    for (int unsigned i = 0; i < NumShots; i++) begin
      if (config_i.programming.set[i].length == '0) ladders_ok = 1'b0;
      if (config_i.programming.reset[i].length == '0) ladders_ok = 1'b0;
    end
  end

  assign net_ok = config_i.populations >= 3'd2 && 32'(config_i.populations) <= NumPopulations
                  && config_i.projections >= 4'd1 && 32'(config_i.projections) <= NumProjections
                  && config_i.free_sweeps != '0 && config_i.nudged_sweeps != '0
                  && config_i.sensing.cycles != '0 && config_i.programming.pulse != '0
                  && config_i.programming.shots != '0 && ladders_ok;
  assign pop_ok = pop.size != '0
                  && ((index_q == '0) ? 32'(pop.size) <= MaxInputs
                      : pop.block == block_q
                        && (32'(block_q) + 32'(pop_blocks_q)) * 32'(Lanes) <= MaxStates)
                  && !(5'(index_q) == last_pop && pop.size > 16'd255);
  assign proj_ok = proj.a < proj.b && proj.b < config_i.populations
                   && proj.gain_shift <= config_i.gain_max && proj.learning_shift >= 5'd1
                   && proj.learning_shift <= 5'd21 && proj.base >= base_q;

  always_comb begin
    added = '0;
    if (relax && proj.b == neuron_q) added = lanes.size;
    if ((relax ? proj.a : proj.b) == neuron_q) added = rows.size;
  end
  assign sum_ok = (bound_q >> (SumBits - 1)) == '0;
  assign now = state_q == StSums ? step_q == 2'd2 : state_q != StPopulation || step_q == 2'd1;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waits for start_i.
      StIdle: if (start_i) state_d = StPopulation;
      // One population in two cycles.
      StPopulation:
      if (now) begin
        if (!net_ok || !pop_ok) state_d = StDone;
        else if (5'(index_q) == last_pop) state_d = StProjection;
      end
      // One projection a cycle, then its row words.
      StProjection: state_d = proj_ok ? StWords : StDone;
      // One lane block a cycle.
      StWords:
      if (base_q > 32'(ArrayRows)) state_d = StDone;
      else if (blocks_q == 16'd1) state_d = 5'(index_q) == last_proj ? StSums : StProjection;
      // One projection in three cycles, for each population.
      StSums:
      if (now) begin
        if (!sum_ok) state_d = StDone;
        else if (5'(index_q) == last_proj && 5'(neuron_q) == last_pop) state_d = StSweeps;
      end
      // One nudged sweep a cycle.
      StSweeps: if (sweeps_q == 9'd1) state_d = StDone;
      // Reports.
      StDone: state_d = StIdle;
      default: state_d = StIdle;
    endcase
    if (clear_i) state_d = StIdle;
  end

  assign done_o = state_q == StDone;
  assign ok_o   = ok_q && base_q <= 32'(ArrayRows);

  always_ff @(posedge clk or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      index_q <= '0;
      step_q <= '0;
      ok_q <= 1'b0;
    end else begin
      state_q <= state_d;
      step_q  <= (now || clear_i) ? '0 : step_q + 2'd1;
      unique case (state_q)
        StIdle: begin
          index_q <= '0;
          ok_q <= 1'b1;
        end
        StPopulation:
        if (now) begin
          index_q <= state_d == StProjection ? '0 : index_q + 4'd1;
          if (!net_ok || !pop_ok) ok_q <= 1'b0;
        end
        StProjection: if (!proj_ok) ok_q <= 1'b0;
        StWords: begin
          if (state_d != StWords) index_q <= state_d == StSums ? '0 : index_q + 4'd1;
          if (base_q > 32'(ArrayRows)) ok_q <= 1'b0;
        end
        StSums:
        if (now) begin
          index_q <= 5'(index_q) == last_proj ? '0 : index_q + 4'd1;
          if (!sum_ok) ok_q <= 1'b0;
        end
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk) begin
    unique case (state_q)
      StIdle: begin
        block_q  <= '0;
        base_q   <= '0;
        bound_q  <= '0;
        neuron_q <= 3'd1;
        if (start_i) begin
          relax_words_o <= '0;
          gated_words_o <= '0;
        end
        sweeps_q <= {config_i.nudged_sweeps, 1'b0};
      end
      StPopulation: begin
        pop_blocks_q <= pop_blocks;
        if (now && index_q != '0) block_q <= block_q + pop_blocks_q;
      end
      StProjection: begin
        base_q   <= proj.base;
        blocks_q <= (lanes.size + 16'(Lanes - 1)) >> LaneBits;
      end
      StWords: begin
        base_q   <= base_q + 32'(rows.size);
        blocks_q <= blocks_q - 16'd1;
        if (relax) relax_words_o <= relax_words_o + 32'(rows.size);
        if (proj.learn) gated_words_o <= gated_words_o + 32'(rows.size);
      end
      StSums: begin
        added_q  <= added;
        places_q <= config_i.gain_max - proj.gain_shift;
        if (step_q == 2'd1) bound_q <= bound_q + Largest(added_q, places_q);
        if (now && 5'(index_q) == last_proj) begin
          bound_q  <= '0;
          neuron_q <= neuron_q + 3'd1;
        end
      end
      StSweeps: begin
        gated_words_o <= gated_words_o + relax_words_o;
        sweeps_q <= sweeps_q - 9'd1;
      end
      default: ;
    endcase
  end

  //////////////////////////////////
  // Who is updated with which one //
  //////////////////////////////////
  function automatic pop_t LanesOf(projection_t p);
    return p.a == '0 ? p.b : p.a;
  endfunction

  function automatic logic Drives(projection_t p, pop_t neurons);
    return p.a == '0 && p.b == neurons;
  endfunction

  function automatic logic Relaxes(projection_t p, pop_t neurons);
    return p.a != '0 && (p.a == neurons || p.b == neurons);
  endfunction

  logic [NumProjections-1:0] drive_fused, relax_fused;
  logic [NumPopulations-1:0] walked;

  always_comb begin
    drive_fused = '0;
    relax_fused = '0;
    walked = '0;
    if (state_q == StDone) begin
      for (int unsigned p = 0; p < NumPopulations; p++) begin
        walked[p] = p != 0 && 3'(p) < config_i.populations;
      end
      for (int unsigned p = 0; p < NumProjections; p++) begin
        automatic pop_t mine = LanesOf(config_i.projection[p]);
        if (4'(p) < config_i.projections) begin
          drive_fused[p] = config_i.projection[p].a == '0;
          relax_fused[p] = config_i.projection[p].a != '0;
          for (int unsigned q = p + 1; q < NumProjections; q++) begin
            if (4'(q) < config_i.projections) begin
              if (Drives(config_i.projection[q], mine)) drive_fused[p] = 1'b0;
              if (Relaxes(config_i.projection[q], mine)) relax_fused[p] = 1'b0;
            end
          end
        end
        if (relax_fused[p]) walked[mine] = 1'b0;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (state_q == StDone) begin
      drive_fused_o <= drive_fused;
      relax_fused_o <= relax_fused;
      walked_o <= walked;
    end
  end
endmodule

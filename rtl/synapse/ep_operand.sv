// SPDX-License-Identifier: Apache-2.0
//
// ep_operand - what a row word is multiplied with, from the state of its row neuron.
//
// Function   drive  magnitude = input code
//            relax  magnitude and sign of the pending delta; none where the row did not change
//            learn  s+[r] and s-[r]; for an input row both are x = code * scale
// Formats    states and magnitudes unsigned 8.0
// Latency    combinational
// Model      model/synapse/row_adder.h, model/synapse/learn.h, bit exact

module ep_operand
  import ep_pkg::*;
(
    input  pass_e        pass_i,
    input  logic         word_i,         // a row word, not the bare end of a block
    input  logic         from_input_i,
    input  scale_e       scale_i,
    // From ep_input_buffer
    input  logic   [7:0] code_i,
    // From ep_state_memory
    input  logic         row_changed_i,
    input  delta_t       row_delta_i,
    input  state_t       row_plus_i,
    input  state_t       row_minus_i,
    // With the row word
    output logic         scatter_o,      // it goes to the accumulators
    output logic         negative_o,
    output state_t       plus_o,         // magnitude, or s+[r]
    output state_t       minus_o         // s-[r]
);
  // Codes of 1, 2 and 4 bits times 255, 85 and 17 are their bits repeated.
  function automatic state_t Input(logic [7:0] code, scale_e scale);
    unique case (scale)
      Scale17:  return {code[3:0], code[3:0]};
      Scale85:  return {4{code[1:0]}};
      Scale255: return {8{code[0]}};
      default:  return code;
    endcase
  endfunction

  always_comb begin
    scatter_o = 1'b0;
    negative_o = 1'b0;
    plus_o = '0;
    minus_o = '0;
    unique case (pass_i)
      PassDrive: begin
        scatter_o = word_i;
        plus_o = code_i;
      end
      PassRelax: begin
        scatter_o = word_i && row_changed_i;
        negative_o = row_delta_i[8];
        plus_o = row_delta_i[8] ? -row_delta_i[7:0] : row_delta_i[7:0];
      end
      PassLearn: begin
        plus_o  = from_input_i ? Input(code_i, scale_i) : row_plus_i;
        minus_o = from_input_i ? Input(code_i, scale_i) : row_minus_i;
      end
      default: ;
    endcase
  end
endmodule

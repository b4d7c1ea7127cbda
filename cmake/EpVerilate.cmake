# SPDX-License-Identifier: Apache-2.0
#
# Verilated RTL as libraries.
#
#   ep_verilate(NAME Vep_row_adder TOP ep_row_adder PARAMS Lanes=8 Width=20)
#
# makes the library Vep_row_adder: the C++ class Vep_row_adder in the header Vep_row_adder.h, from
# the module ep_row_adder of the files in rtl/sources.f. It is made anew only when a file that it
# reads changes. Arguments:
#
#   NAME      C++ class, header and library
#   TOP       module
#   PARAMS    its parameters, K=V
#   SOURCES   further SystemVerilog files (testbench-side checkers), relative to the caller
#   TRACE     FST waveforms, even where EP_TRACE is off
#   COVERAGE  line and toggle coverage, even where EP_COVERAGE is off
#   NO_TEST   not linked into rtl_tests
#   CELL      a cell of the library takes its place: RTL even where EP_NETLIST is set
#
# With EP_NETLIST=KIT the module is mapped to that cell library first, and its gates are verilated.
#
# Registers and memories start with seeded random values unless reset: +verilator+seed+<n> and
# +verilator+rand+reset+2 on the command line of the program, or VerilatedContext::randSeed and
# randReset.

# The Verilator: EQUISPIN_VERILATOR, else the one that scripts/setup.sh installed, else a new enough
# one on PATH.
execute_process(
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/verilator.sh --where
  OUTPUT_VARIABLE ep_verilator_where OUTPUT_STRIP_TRAILING_WHITESPACE
  RESULT_VARIABLE ep_verilator_result)
if(NOT ep_verilator_result EQUAL 0)
  message(FATAL_ERROR "No Verilator: run scripts/setup.sh base, or set EQUISPIN_VERILATOR")
endif()
list(GET ep_verilator_where 0 EP_VERILATOR)
list(GET ep_verilator_where 1 EP_VERILATOR_ROOT)
message(STATUS "Verilator: ${EP_VERILATOR}")

set(ep_verilated_flags -w)
if(EP_NATIVE)
  list(APPEND ep_verilated_flags -march=native)
endif()
if(EP_TRACE OR EP_COVERAGE)
  # Writing waves takes longer than evaluation; this halves the time to compile.
  list(APPEND ep_verilated_flags -O1)
endif()

# Runtime library; one variant for each of tracing off or on and coverage off or on.
function(ep_verilated_runtime name trace coverage)
  if(TARGET ${name})
    return()
  endif()
  set(include ${EP_VERILATOR_ROOT}/include)
  set(sources ${include}/verilated.cpp ${include}/verilated_threads.cpp)
  if(trace)
    list(APPEND sources ${include}/verilated_fst_c.cpp)
  endif()
  if(coverage)
    list(APPEND sources ${include}/verilated_cov.cpp)
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${include} ${include}/vltstd)
  target_compile_definitions(${name} PUBLIC VERILATOR=1 VM_SC=0 VM_TIMING=0 VM_TRACE=${trace}
    VM_TRACE_FST=${trace} VM_TRACE_VCD=0 VM_TRACE_SAIF=0 VM_COVERAGE=${coverage})
  target_compile_options(${name} PRIVATE ${ep_verilated_flags})
  target_link_libraries(${name} PUBLIC Threads::Threads)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # clang calls the library where g++ knows that an atomic is free of locks.
    target_link_libraries(${name} PUBLIC atomic)
  endif()
  if(trace)
    target_link_libraries(${name} PUBLIC lz4 z)
  endif()
endfunction()

function(ep_verilate)
  cmake_parse_arguments(PARSE_ARGV 0 arg "TRACE;COVERAGE;NO_TEST;CELL" "NAME;TOP" "PARAMS;SOURCES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ep_verilate(${arg_NAME}): unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(trace 0)
  set(coverage 0)
  # Loops over up to 32 lanes are unrolled, which makes them faster; longer ones would take minutes
  # to compile.
  set(options --cc --assert --no-timing -O3 --unroll-count 32 -Wall -Wno-fatal
      --x-assign unique --x-initial unique)
  if(arg_TRACE OR EP_TRACE)
    set(trace 1)
    list(APPEND options --trace-fst --trace-structs)
  endif()
  if(arg_COVERAGE OR EP_COVERAGE)
    set(coverage 1)
    # Not --coverage, whose coverage of expressions ends in an internal error of Verilator 5.048.
    list(APPEND options --coverage-line --coverage-toggle --coverage-user)
  endif()

  set(netlist)
  if(EP_NETLIST AND NOT arg_CELL)
    set(netlist --netlist ${EP_NETLIST})
  endif()
  list(TRANSFORM arg_PARAMS PREPEND -G)
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(dir ${PROJECT_BINARY_DIR}/verilated/${arg_NAME})
  set(fast ${dir}/${arg_NAME}__fast.cpp)
  set(slow ${dir}/${arg_NAME}__slow.cpp)
  add_custom_command(
    OUTPUT ${fast} ${slow}
    # So that who includes them is compiled anew in the same build, not in the next one.
    BYPRODUCTS ${dir}/${arg_NAME}.h ${dir}/${arg_NAME}___024root.h
    DEPFILE ${dir}/${arg_NAME}.d
    DEPENDS ${PROJECT_SOURCE_DIR}/scripts/verilate.py ${PROJECT_SOURCE_DIR}/rtl/sources.f
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    COMMAND ${CMAKE_COMMAND} -E env VERILATOR_ROOT=${EP_VERILATOR_ROOT}
            ${Python3_EXECUTABLE} scripts/verilate.py --verilator ${EP_VERILATOR}
            --name ${arg_NAME} --top ${arg_TOP} --dir ${dir} ${netlist} --
            ${options} ${arg_PARAMS} ${arg_SOURCES}
    COMMENT "Verilating ${arg_TOP} as ${arg_NAME}"
    VERBATIM)

  set(runtime ep_verilated_${trace}${coverage})
  ep_verilated_runtime(${runtime} ${trace} ${coverage})
  add_library(${arg_NAME} STATIC ${fast} ${slow})
  target_include_directories(${arg_NAME} SYSTEM PUBLIC ${dir})
  target_link_libraries(${arg_NAME} PUBLIC ${runtime})
  target_compile_options(${arg_NAME} PRIVATE ${ep_verilated_flags})
  # Construction and reset need no speed, only to be compiled soon.
  set_source_files_properties(${slow} PROPERTIES COMPILE_OPTIONS -O0)
  if(NOT arg_NO_TEST)
    set_property(GLOBAL APPEND PROPERTY EP_VERILATED ${arg_NAME})
  endif()
endfunction()

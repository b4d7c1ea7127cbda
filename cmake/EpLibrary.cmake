# SPDX-License-Identifier: Apache-2.0
#
# How our own C++ is compiled, found and tested.

# Warnings and options of our own code; Verilated code has its own (EpVerilate.cmake).
add_library(ep_options INTERFACE)
target_compile_options(ep_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual
  $<$<BOOL:${EP_WERROR}>:-Werror>)
if(EP_SANITIZE)
  target_compile_options(ep_options INTERFACE
    -fsanitize=${EP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g)
  target_link_options(ep_options INTERFACE -fsanitize=${EP_SANITIZE})
endif()

if(EP_GCOV)
  # Lines stay apart, and the models fast enough.
  target_compile_options(ep_options INTERFACE --coverage -O1 -fno-inline)
  target_link_options(ep_options INTERFACE --coverage)
endif()

if(EP_FUZZ)
  target_compile_options(ep_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# toml++ as the library that Debian builds where there is one, header-only otherwise.
add_library(ep_toml INTERFACE)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(TOMLPLUSPLUS QUIET IMPORTED_TARGET tomlplusplus)
endif()
if(TOMLPLUSPLUS_FOUND)
  target_link_libraries(ep_toml INTERFACE PkgConfig::TOMLPLUSPLUS)
else()
  find_package(tomlplusplus REQUIRED)
  target_link_libraries(ep_toml INTERFACE tomlplusplus::tomlplusplus)
endif()

# ep_sources(<variable> <folder>): every .cc below a folder except tests and programs that a script
# builds by itself.
function(ep_sources variable folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cc)
  list(FILTER files EXCLUDE REGEX "(_(test|tb|benchmark)|/fuzz_main|/fuzz_bus|/fault_campaign)\\.cc$")
  set(${variable} ${files} PARENT_SCOPE)
endfunction()

# ep_tests(<variable> <folder> [<suffix>]): every test below a folder.
function(ep_tests variable folder)
  set(suffix test)
  if(ARGC GREATER 2)
    set(suffix ${ARGV2})
  endif()
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*_${suffix}.cc)
  set(${variable} ${files} PARENT_SCOPE)
endfunction()

# ep_library(<name> <sources...>): a static library of our own code, an interface library while it
# has no sources. Sets <name>_scope to the scope for its target_* calls.
function(ep_library name)
  if(ARGN)
    add_library(${name} STATIC ${ARGN})
    target_link_libraries(${name} PRIVATE ep_options)
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} ${PROJECT_SOURCE_DIR})
  set(${name}_scope ${scope} PARENT_SCOPE)
endfunction()

# ep_discover_tests(<executable> LABEL <label>): each GoogleTest becomes a ctest, run at the root.
function(ep_discover_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "")
  gtest_discover_tests(${name}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    NO_PRETTY_VALUES
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600)
endfunction()

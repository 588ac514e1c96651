# Four precompiled headers, each made once and used by every target of its kind:
# one a target would be 100 MB each, thirty times over.
#
#   plain      the modules
#   test       their tests: with GoogleTest
#   caf        what is made of actors
#   caf_test   the tests of that
function(sluice_precompiled kind)
  cmake_parse_arguments(ARG "CAF" "" "HEADERS;LIBRARIES" ${ARGN})
  add_library(precompiled_${kind} OBJECT cmake/precompiled.cpp)
  set_target_properties(precompiled_${kind} PROPERTIES SLUICE_USES_CAF ${ARG_CAF})
  target_link_libraries(precompiled_${kind} PRIVATE sluice_compiler
                        ${ARG_LIBRARIES})
  target_precompile_headers(precompiled_${kind} PRIVATE
    ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp ${ARG_HEADERS})
  sluice_compile_quickly(precompiled_${kind} ${kind})
endfunction()

# A header fits only what is optimised as it was. Tests are: half the time to
# compile, and what they test is optimised as ever.
function(sluice_compile_quickly target kind)
  if(kind MATCHES "test$")
    target_compile_options(${target} PRIVATE -Og)
  endif()
endfunction()

sluice_precompiled(plain)
sluice_precompiled(caf CAF HEADERS <caf/all.hpp> LIBRARIES caf_core)
if(BUILD_TESTING)
  sluice_precompiled(test HEADERS <gtest/gtest.h> LIBRARIES GTest::gtest)
  sluice_precompiled(caf_test CAF HEADERS <gtest/gtest.h> <caf/all.hpp>
                     LIBRARIES caf_core GTest::gtest)
endif()

# sluice_use_precompiled(TARGET KIND): compiles TARGET with that header, and as
# the header was compiled.
function(sluice_use_precompiled target kind)
  get_target_property(caf precompiled_${kind} SLUICE_USES_CAF)
  set_target_properties(${target} PROPERTIES SLUICE_USES_CAF ${caf})
  sluice_compile_quickly(${target} ${kind})
  target_precompile_headers(${target} REUSE_FROM precompiled_${kind})
endfunction()

include(CTest)
include(GoogleTest)

# sluice_module(NAME [DEPENDS modules...] [LIBRARIES targets...])
#
# One static library from NAME/*.cpp and one test program from
# tests/unit/NAME/*_test.cpp (label "unit"). A module sees the headers of the
# modules that it depends on, directly or not.
function(sluice_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  list(TRANSFORM ARG_DEPENDS PREPEND sluice_)
  if(NOT sources)
    add_library(sluice_${name} INTERFACE)
    target_link_libraries(sluice_${name} INTERFACE ${ARG_DEPENDS} tl::expected)
    return()
  endif()
  add_library(sluice_${name} STATIC ${sources})
  target_link_libraries(sluice_${name} PUBLIC ${ARG_DEPENDS} tl::expected
                        ${ARG_LIBRARIES} PRIVATE sluice_compiler)
  target_include_directories(sluice_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_precompile_headers(sluice_${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp)

  file(GLOB_RECURSE tests CONFIGURE_DEPENDS tests/unit/${name}/*.cpp)
  if(BUILD_TESTING AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE sluice_${name} sluice_compiler
                          GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE
      SLUICE_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
      SLUICE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_precompile_headers(${name}_test PRIVATE
      ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp <gtest/gtest.h>)
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                         PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

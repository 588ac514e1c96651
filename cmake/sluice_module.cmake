include(GoogleTest)

# sluice_module(NAME [ACTORS] [DEPENDS modules...] [LIBRARIES targets...])
#
# One static library from NAME/*.cpp and one test program from
# tests/unit/NAME/*_test.cpp (label "unit"). A module sees the headers of the
# modules that it depends on, directly or not. ACTORS: it is made of actors.
function(sluice_module name)
  cmake_parse_arguments(ARG "ACTORS" "" "DEPENDS;LIBRARIES" ${ARGN})
  set(headers plain)
  set(test_headers test)
  if(ARG_ACTORS)
    set(headers caf)
    set(test_headers caf_test)
  endif()
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
  sluice_use_precompiled(sluice_${name} ${headers})

  file(GLOB_RECURSE tests CONFIGURE_DEPENDS tests/unit/${name}/*.cpp)
  if(BUILD_TESTING AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE sluice_${name} sluice_compiler
                          GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE
      SLUICE_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
      SLUICE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    sluice_use_precompiled(${name}_test ${test_headers})
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                         PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

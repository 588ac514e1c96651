# What every translation unit of ours is compiled with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

set(SLUICE_SANITIZE "" CACHE STRING
    "Sanitizers of this build: empty, 'address,undefined' or 'thread'")

add_library(sluice_compiler INTERFACE)
target_include_directories(sluice_compiler INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(sluice_compiler
                           INTERFACE SLUICE_VERSION="${PROJECT_VERSION}")
target_compile_options(sluice_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(SLUICE_SANITIZE)
  target_compile_options(sluice_compiler INTERFACE
    -fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all
    # CAF 0.17.6 binds references to null pointers in its own inline code.
    $<$<BOOL:$<TARGET_PROPERTY:SLUICE_USES_CAF>>:-fno-sanitize=null>)
  target_link_options(sluice_compiler INTERFACE -fsanitize=${SLUICE_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Without these, ccache passes over everything that has a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${CCACHE_PROGRAM})
  target_compile_options(sluice_compiler INTERFACE -fpch-preprocess)
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(sluice_compiler INTERFACE -fuse-ld=mold)
endif()

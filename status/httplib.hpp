// cpp-httplib as Debian compiled it. The library was built with these three
// macros; without them the classes have another layout here than in the library
// (Request and Client have members for TLS), which corrupts memory.
// Source: /usr/lib/*/pkgconfig/cpp-httplib.pc.
#pragma once

#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#define CPPHTTPLIB_OPENSSL_SUPPORT
#endif
#ifndef CPPHTTPLIB_ZLIB_SUPPORT
#define CPPHTTPLIB_ZLIB_SUPPORT
#endif
#ifndef CPPHTTPLIB_BROTLI_SUPPORT
#define CPPHTTPLIB_BROTLI_SUPPORT
#endif
#include <httplib.h>

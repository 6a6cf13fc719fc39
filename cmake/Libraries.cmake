# The libraries from outside, each an imported target; docs/ARCHITECTURE.md says why each is there.
find_package(PkgConfig REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)

pkg_check_modules(nettle REQUIRED IMPORTED_TARGET nettle)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(microhttpd REQUIRED IMPORTED_TARGET libmicrohttpd>=0.9.75)
pkg_check_modules(gnutls REQUIRED IMPORTED_TARGET gnutls>=3.6)
pkg_check_modules(cjson REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(inih REQUIRED IMPORTED_TARGET inih)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(gpiod REQUIRED IMPORTED_TARGET libgpiod)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)

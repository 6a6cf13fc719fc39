# 64-bit Raspberry Pi: Debian's cross compiler (gcc-aarch64-linux-gnu), and the foreign architecture's
# libraries unpacked in build/cross/arm64/root (tests/cross/stage.sh does that) or, where that is not
# there, installed beside this machine's (lib...-dev:arm64). Tests run under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/../build/cross/arm64/root ABSOLUTE)
if(EXISTS ${root})
	set(CMAKE_SYSROOT ${root})
	list(APPEND CMAKE_CROSSCOMPILING_EMULATOR -L ${root})
	set(ENV{PKG_CONFIG_SYSROOT_DIR} ${root})
endif()
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)

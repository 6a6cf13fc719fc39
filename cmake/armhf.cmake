# 32-bit Raspberry Pi (2 and later): Debian's cross compiler (gcc-arm-linux-gnueabihf), and the foreign architecture's
# libraries unpacked in build/cross/armhf/root (tests/cross/stage.sh does that) or, where that is not
# there, installed beside this machine's (lib...-dev:armhf). Tests run under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE arm-linux-gnueabihf)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm)
get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/../build/cross/armhf/root ABSOLUTE)
if(EXISTS ${root})
	set(CMAKE_SYSROOT ${root})
	list(APPEND CMAKE_CROSSCOMPILING_EMULATOR -L ${root})
	set(ENV{PKG_CONFIG_SYSROOT_DIR} ${root})
endif()
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/arm-linux-gnueabihf/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)

# One folder, one library. A library sees its own folder's headers and those of the libraries it
# names in LINK, and no others: LINK is private, so nothing is inherited from further down. That
# makes the include table of docs/ARCHITECTURE.md a matter of what compiles.

option(HOUSE_WERROR "Warnings are errors" ON)
option(HOUSE_HEADERS "Every header is compiled alone" ON)
option(HOUSE_FUZZ "Build the fuzz targets (clang)" OFF)
set(HOUSE_TEST_TIMEOUT 120 CACHE STRING "Seconds for one test program")
set(HOUSE_SANITIZE "" CACHE STRING "address,undefined or thread")

find_package(Threads REQUIRED)
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(house INTERFACE)
target_link_libraries(house INTERFACE Threads::Threads)
target_compile_definitions(house INTERFACE _GNU_SOURCE)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
	target_compile_definitions(house INTERFACE _FILE_OFFSET_BITS=64) # archives over 2 GiB
endif()
target_compile_options(house INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
	-Wvla -Wundef -Wwrite-strings -Wimplicit-fallthrough $<$<BOOL:${HOUSE_WERROR}>:-Werror>
	-fstack-protector-strong -fno-common)
if(HOUSE_SANITIZE)
	target_compile_options(house INTERFACE -fsanitize=${HOUSE_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	target_link_options(house INTERFACE -fsanitize=${HOUSE_SANITIZE})
endif()
if(HOUSE_FUZZ)
	target_compile_options(house INTERFACE -fsanitize=fuzzer-no-link)
	target_link_options(house INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Every header must compile alone: one generated .c per header.
function(house_check_headers name dir)
	if(NOT HOUSE_HEADERS)
		return()
	endif()
	file(GLOB headers CONFIGURE_DEPENDS ${dir}/*.h)
	foreach(h IN LISTS headers)
		get_filename_component(stem ${h} NAME_WE)
		set(stub ${CMAKE_CURRENT_BINARY_DIR}/headers/${name}/${stem}.c)
		file(CONFIGURE OUTPUT ${stub} CONTENT "#include \"${stem}.h\"\ntypedef int house_not_empty;\n")
		list(APPEND stubs ${stub})
	endforeach()
	if(stubs)
		add_library(${name}_headers OBJECT ${stubs})
		target_include_directories(${name}_headers PRIVATE ${dir})
		get_target_property(links ${name} HOUSE_LINK)
		if(links)
			target_link_libraries(${name}_headers PRIVATE ${links})
		endif()
		target_link_libraries(${name}_headers PRIVATE house)
	endif()
endfunction()

# house_library(NAME [LINK lib...]): every .c in this folder.
function(house_library name)
	cmake_parse_arguments(L "" "" "LINK" ${ARGN})
	file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
	add_library(${name} STATIC ${sources})
	target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
	target_link_libraries(${name} PRIVATE ${L_LINK} house)
	set_target_properties(${name} PROPERTIES HOUSE_LINK "${L_LINK}" HOUSE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
	set_property(GLOBAL APPEND PROPERTY HOUSE_LIBRARIES ${name})
	house_check_headers(${name} ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()

# house_program(NAME [LINK lib...]): every .c in this folder.
function(house_program name)
	cmake_parse_arguments(L "" "" "LINK" ${ARGN})
	file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
	add_executable(${name} ${sources})
	target_link_libraries(${name} PRIVATE ${L_LINK} house)
endfunction()

# house_tests([LINK lib...]): every *_test.c in this folder is a program and a test of its own;
# the other .c files are shared by all of them, and compiled once.
function(house_tests)
	cmake_parse_arguments(L "" "" "LINK" ${ARGN})
	file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.c)
	file(GLOB shared CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
	list(FILTER shared EXCLUDE REGEX "_test\\.c$")
	get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
	if(shared)
		add_library(tests_${folder} OBJECT ${shared})
		target_include_directories(tests_${folder} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
		target_link_libraries(tests_${folder} PRIVATE ${L_LINK} house)
		set(shared $<TARGET_OBJECTS:tests_${folder}>)
	endif()
	foreach(source IN LISTS tests)
		get_filename_component(name ${source} NAME_WE)
		add_executable(${name} ${source} ${shared})
		target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
		target_link_libraries(${name} PRIVATE ${L_LINK} house)
		add_test(NAME ${name} COMMAND ${name})
		set_tests_properties(${name} PROPERTIES TIMEOUT ${HOUSE_TEST_TIMEOUT} SKIP_RETURN_CODE 77)
	endforeach()
endfunction()

# house_fuzz(NAME [LINK lib...]): fuzz target from NAME.c in this folder, with a corpus in NAME/.
function(house_fuzz name)
	cmake_parse_arguments(L "" "" "LINK" ${ARGN})
	if(NOT HOUSE_FUZZ)
		return()
	endif()
	add_executable(${name} ${name}.c)
	target_link_libraries(${name} PRIVATE ${L_LINK} house)
	target_link_options(${name} PRIVATE -fsanitize=fuzzer)
	set_property(GLOBAL APPEND PROPERTY HOUSE_FUZZERS ${name})
endfunction()

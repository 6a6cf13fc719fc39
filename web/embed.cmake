# cmake -DASSETS=a;b -DOUTPUT=c -P embed.cmake: writes the table that assets.h declares.

set(type_.html "text/html; charset=utf-8")
set(type_.js "text/javascript; charset=utf-8")
set(type_.css "text/css; charset=utf-8")
set(type_.svg "image/svg+xml")
set(type_.png "image/png")
set(type_.ico "image/x-icon")
set(type_.yaml "application/yaml")

# Sets RESULT to the bytes of ASSET as a browser takes them compressed, without the time in the header of gzip.
function(compressed asset result)
	set(file ${OUTPUT}.gz)
	file(ARCHIVE_CREATE OUTPUT ${file} PATHS ${asset} FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
	file(READ ${file} hex HEX)
	file(REMOVE ${file})
	string(SUBSTRING "${hex}" 0 8 magic)
	string(SUBSTRING "${hex}" 16 -1 rest)
	set(${result} "${magic}00000000${rest}" PARENT_SCOPE)
endfunction()

# Sets RESULT to the bytes of HEX as C writes them.
function(c_bytes hex result)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n\t" bytes "${bytes}")
	set(${result} "${bytes}" PARENT_SCOPE)
endfunction()

set(number 0)
list(SORT ASSETS)
foreach(asset IN LISTS ASSETS)
	get_filename_component(name ${asset} NAME)
	get_filename_component(extension ${asset} LAST_EXT)
	file(READ ${asset} hex HEX)
	file(SHA256 ${asset} sum)
	file(SIZE ${asset} size)
	string(SUBSTRING ${sum} 0 20 tag)
	compressed(${asset} gzip)
	string(LENGTH "${gzip}" gzip_size)
	math(EXPR gzip_size "${gzip_size} / 2")
	c_bytes("${hex}" bytes)
	c_bytes("${gzip}" gzip_bytes)
	# The zero behind the bytes is there because C has no empty arrays.
	string(APPEND arrays "static const unsigned char asset_${number}[] = {\n\t${bytes}0x00\n};\n\n"
		"static const unsigned char gzip_${number}[] = {\n\t${gzip_bytes}\n};\n\n")
	string(APPEND rows "\t{ .path = \"/${name}\",\n\t  .content_type = \"${type_${extension}}\",\n"
		"\t  .bytes = asset_${number},\n\t  .len = ${size},\n\t  .gzip = gzip_${number},\n\t  .gzip_len = ${gzip_size},\n"
		"\t  .etag = \"\\\"${tag}\\\"\",\n\t  .gzip_etag = \"\\\"${tag}-gz\\\"\" },\n")
	math(EXPR number "${number} + 1")
endforeach()

file(WRITE ${OUTPUT} "#include \"assets.h\"

${arrays}static const struct web_asset assets[] = {
${rows}};

const struct web_asset *web_assets(size_t *n)
{
	*n = sizeof assets / sizeof *assets;
	return assets;
}
")

#include <stddef.h>

#include "auto.h"
#include "job_store.h"

#define AT(member)   offsetof(struct job_result, member)
#define SIZE(member) sizeof(((struct job_result *)0)->member)

#define NUMBER(path, column, member) \
	{ \
		path, column, JOB_FIELD_INT, AT(member), 0 \
	}
#define TEXT(path, column, member) \
	{ \
		path, column, JOB_FIELD_TEXT, AT(member), SIZE(member) \
	}

/* Members of one object ("entry.") stand together. */
static const struct job_field fields[] = {
	NUMBER("dump", "dump", dump),
	TEXT("jedec_id", "jedec_id", jedec_id),
	TEXT("chip", "chip", chip),
	NUMBER("offset", "data_offset", offset),
	NUMBER("size", "data_size", size),
	{ "crc32", "crc32", JOB_FIELD_CRC, AT(crc32), 0 },
	TEXT("sha256", "sha256", sha256),
	{ "beken_crc32", "beken_crc32", JOB_FIELD_CRC, AT(beken_crc32), 0 },
	{ "verified", "verified", JOB_FIELD_BOOL, AT(verified), 0 },
	NUMBER("device", "device", device),
	NUMBER("backup", "backup", backup),
	NUMBER("entry.attempts", "entry_attempts", entry_attempts),
	NUMBER("entry.ms", "entry_ms", entry_ms),
	TEXT("entry.finding", "entry_finding", entry_finding),
	NUMBER("entry.params.cen_low_us", "entry_cen_low_us", entry_cen_low_us),
	NUMBER("entry.params.pause_us", "entry_pause_us", entry_pause_us),
	NUMBER("entry.params.settle_us", "entry_settle_us", entry_settle_us),
	NUMBER("entry.params.hz", "entry_hz", entry_hz),
	NUMBER("entry.params.mode", "entry_mode", entry_mode),
	NUMBER("entry.params.train", "entry_train", entry_train),
	NUMBER("reads", "reads", reads),
	NUMBER("spi_hz", "spi_hz", spi_hz),
	NUMBER("baud", "baud", baud),
	TEXT("loader", "loader", loader),
	NUMBER("wire.bytes", "wire_bytes", wire_bytes),
	NUMBER("wire.transactions", "wire_transactions", wire_transactions),
	NUMBER("wire.ms", "wire_ms", wire_ms),
	NUMBER("erased", "erased", erased),
	NUMBER("programmed", "programmed", programmed),
	NUMBER("skipped", "skipped", skipped),
	NUMBER("simulated_ms", "simulated_ms", simulated_ms),
	TEXT("unique_id", "unique_id", unique_id),
	TEXT("status", "status", status),
	TEXT("sfdp", "sfdp", sfdp),
	TEXT("note", "note", note),
	NUMBER("checked", "checked", checked),
	NUMBER("damages", "damages", damages),
};

const struct job_field *job_fields(size_t *n)
{
	*n = ARRAY_LEN(fields);
	return fields;
}

#define ASK_AT(member)   offsetof(struct job_request, member)
#define ASK_SIZE(member) sizeof(((struct job_request *)0)->member)

#define ASK_NUMBER(column, member) \
	{ \
#member, column, JOB_FIELD_INT, ASK_AT(member), 0 \
	}
#define ASK_TEXT(column, member) \
	{ \
#member, column, JOB_FIELD_TEXT, ASK_AT(member), ASK_SIZE(member) \
	}

static const struct job_field asks[] = {
	ASK_NUMBER("req_offset", offset),
	ASK_NUMBER("req_length", length),
	ASK_TEXT("req_label", label),
	ASK_NUMBER("req_dump", dump),
	ASK_NUMBER("req_image", image),
	ASK_NUMBER("req_fill", fill),
	ASK_NUMBER("req_backup", backup),
	ASK_NUMBER("req_force", force),
	ASK_NUMBER("req_other_device", other_device),
	ASK_TEXT("req_expect", expect_jedec_id),
	ASK_TEXT("req_preserve", preserve),
	ASK_NUMBER("req_transport", transport),
	ASK_NUMBER("req_seconds", seconds),
	ASK_TEXT("req_boot_pattern", boot_pattern),
	ASK_NUMBER("req_boot_seconds", boot_seconds),
};

const struct job_field *job_asks(size_t *n)
{
	*n = ARRAY_LEN(asks);
	return asks;
}

struct job_request job_request(enum job_type type)
{
	return (struct job_request){ .type = type,
				     .offset = JOB_NONE,
				     .length = JOB_NONE,
				     .dump = JOB_NONE,
				     .image = JOB_NONE,
				     .fill = JOB_NONE,
				     .transport = JOB_NONE,
				     .seconds = JOB_NONE,
				     .boot_seconds = JOB_NONE };
}

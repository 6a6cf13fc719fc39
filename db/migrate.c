#include "migrate.h"

#include <assert.h>
#include <stdio.h>

#include "auto.h"
#include "conn.h"
#include "words.h"

/* The text of MIGRATE_APPLICATION, which "PRAGMA" takes as decimal or hex. */
#define SET_APPLICATION "PRAGMA application_id = 0x466c5267;"

/*
 * Times are milliseconds since 1970 in UTC; what is not there is NULL or ''. AUTOINCREMENT where
 * people have seen the number: it never comes back as another thing.
 */
static const char schema_1[] = SET_APPLICATION
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

	"CREATE TABLE device ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" label TEXT NOT NULL DEFAULT '', notes TEXT NOT NULL DEFAULT '',"
	" jedec_id TEXT NOT NULL, unique_id TEXT NOT NULL DEFAULT '',"
	" mac TEXT NOT NULL DEFAULT '',"
	" first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,"
	/* A write that has begun to change it and has not come to its end. */
	" partial_job INTEGER) STRICT;"
	"CREATE UNIQUE INDEX device_by_unique_id ON device (unique_id, jedec_id)"
	" WHERE unique_id <> '';"
	"CREATE INDEX device_by_mac ON device (mac, jedec_id) WHERE mac <> '';"

	/* A sector of flash, stored once. codec: see block.h. size is that of the sector. The
	 * bytes come last, so that the rest can be read without them. */
	"CREATE TABLE block ("
	" id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE,"
	" codec INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
	/* Sums and size are NULL until it is complete. stored: bytes of the blocks it brought. */
	"CREATE TABLE content ("
	" id INTEGER PRIMARY KEY, complete INTEGER NOT NULL DEFAULT 0,"
	" size INTEGER, crc32 INTEGER, sha256 BLOB, stored INTEGER,"
	" CHECK (NOT complete OR (size >= 0 AND crc32 IS NOT NULL AND length(sha256) = 32"
	" AND stored IS NOT NULL))) STRICT;"
	"CREATE UNIQUE INDEX content_by_sha256 ON content (sha256) WHERE complete = 1;"
	/* Sectors seq * 256 and up: block ids, 4 bytes each, little endian; 0 is an erased one. */
	"CREATE TABLE content_map ("
	" content INTEGER NOT NULL REFERENCES content ON DELETE CASCADE,"
	" seq INTEGER NOT NULL, blocks BLOB NOT NULL,"
	" PRIMARY KEY (content, seq)) STRICT, WITHOUT ROWID;"
	/* Who may have left something that nobody needs: see sweep.c. */
	"CREATE TABLE ingest ("
	" content INTEGER PRIMARY KEY,"
	" floor_block INTEGER NOT NULL, floor_content INTEGER NOT NULL) STRICT;"

	"CREATE TABLE job ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" type TEXT NOT NULL, slot TEXT NOT NULL, batch INTEGER, state TEXT NOT NULL,"
	" req_offset INTEGER, req_length INTEGER, req_label TEXT,"
	" req_dump INTEGER, req_image INTEGER, req_fill INTEGER, req_backup INTEGER,"
	" req_force INTEGER, req_other_device INTEGER, req_expect TEXT, req_preserve TEXT,"
	" created_ms INTEGER NOT NULL, started_ms INTEGER, finished_ms INTEGER,"
	" idem_key TEXT, idem_print BLOB,"
	" error_code TEXT, error_text TEXT, error_hint TEXT,"
	" error_offset INTEGER, error_differing INTEGER,"
	" dump INTEGER, jedec_id TEXT, chip TEXT, data_offset INTEGER, data_size INTEGER,"
	" crc32 INTEGER, sha256 TEXT, device INTEGER,"
	" entry_attempts INTEGER, entry_ms INTEGER, entry_finding TEXT,"
	" entry_cen_low_us INTEGER, entry_pause_us INTEGER, entry_settle_us INTEGER,"
	" entry_hz INTEGER, entry_mode INTEGER, entry_train INTEGER,"
	" reads INTEGER, spi_hz INTEGER,"
	" wire_bytes INTEGER, wire_transactions INTEGER, wire_ms INTEGER,"
	" erased INTEGER, programmed INTEGER, skipped INTEGER, backup INTEGER,"
	" verified INTEGER, simulated_ms INTEGER,"
	" unique_id TEXT, status TEXT, sfdp TEXT, note TEXT) STRICT;"
	"CREATE UNIQUE INDEX job_by_key ON job (idem_key) WHERE idem_key IS NOT NULL;"
	/* Lists are by falling id under any choice of these. Each one and each pair has an index
	 * that gives that order; the third is decided by the tail, without a look at the row. */
	"CREATE INDEX job_by_slot ON job (slot, id);"
	"CREATE INDEX job_by_state ON job (state, id);"
	"CREATE INDEX job_by_type ON job (type, id);"
	"CREATE INDEX job_by_slot_state ON job (slot, state, id, type);"
	"CREATE INDEX job_by_slot_type ON job (slot, type, id, state);"
	"CREATE INDEX job_by_state_type ON job (state, type, id);"
	"CREATE INDEX job_by_batch ON job (batch, id) WHERE batch IS NOT NULL;"

	/* total: bytes of the log with this row. */
	"CREATE TABLE job_log ("
	" job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,"
	" seq INTEGER NOT NULL, total INTEGER NOT NULL, text TEXT NOT NULL,"
	" PRIMARY KEY (job, seq)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE dump ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" device INTEGER REFERENCES device, slot TEXT NOT NULL, job INTEGER REFERENCES job,"
	" jedec_id TEXT NOT NULL, chip TEXT NOT NULL, chip_offset INTEGER NOT NULL,"
	" content INTEGER NOT NULL REFERENCES content,"
	" complete INTEGER NOT NULL, verified INTEGER NOT NULL, source TEXT NOT NULL,"
	" created_ms INTEGER NOT NULL,"
	" label TEXT NOT NULL, notes TEXT NOT NULL) STRICT;"
	"CREATE INDEX dump_by_device ON dump (device, id);"
	"CREATE INDEX dump_by_slot ON dump (slot, id);"
	"CREATE INDEX dump_by_jedec_id ON dump (jedec_id, id);"
	"CREATE INDEX dump_by_content ON dump (content, id);"
	"CREATE TABLE dump_tag ("
	" dump INTEGER NOT NULL REFERENCES dump ON DELETE CASCADE, tag TEXT NOT NULL,"
	" PRIMARY KEY (dump, tag)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE dump_unstable ("
	" dump INTEGER NOT NULL REFERENCES dump ON DELETE CASCADE,"
	" start INTEGER NOT NULL, length INTEGER NOT NULL,"
	" PRIMARY KEY (dump, start)) STRICT, WITHOUT ROWID;";

static const char schema_2[] =
	"CREATE TABLE image ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT NOT NULL, kind TEXT NOT NULL,"
	" content INTEGER NOT NULL REFERENCES content,"
	" created_ms INTEGER NOT NULL) STRICT;"
	"CREATE INDEX image_by_content ON image (content);"
	/* Contents that nothing names any more, until their blocks are gone: see collect.c. */
	"CREATE TABLE released ("
	" content INTEGER PRIMARY KEY REFERENCES content ON DELETE CASCADE) STRICT;";

static const char schema_3[] =
	/* Good bytes for a block whose own row is damaged: see block.h. */
	"CREATE TABLE block_repair ("
	" id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL,"
	" codec INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
	"CREATE TRIGGER block_is_gone AFTER DELETE ON block BEGIN"
	" DELETE FROM block_repair WHERE id = old.id; END;"
	/* What a check found, and how far it is: see audit_store.h. */
	"ALTER TABLE job ADD COLUMN checked INTEGER;"
	"ALTER TABLE job ADD COLUMN damages INTEGER;"
	"CREATE TABLE job_damage ("
	" job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE, seq INTEGER NOT NULL,"
	" dump INTEGER, content INTEGER, start INTEGER NOT NULL, length INTEGER NOT NULL,"
	" reason TEXT NOT NULL, PRIMARY KEY (job, seq)) STRICT, WITHOUT ROWID;";

static const char schema_4[] =
	/* A token itself is never stored. Revoked ones stay: see token_store.h. */
	"CREATE TABLE token ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
	" scope TEXT NOT NULL CHECK (scope IN ('read', 'operate', 'admin')),"
	" sha256 BLOB NOT NULL UNIQUE, created_ms INTEGER NOT NULL, revoked_ms INTEGER) STRICT;"
	"CREATE UNIQUE INDEX token_by_name ON token (name) WHERE revoked_ms IS NULL;";

static const char schema_5[] =
	/* Who changed what, and who was turned away: see trail_store.h. */
	"CREATE TABLE trail ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL,"
	" refused INTEGER NOT NULL, who TEXT NOT NULL, address TEXT NOT NULL,"
	" method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER NOT NULL,"
	" what TEXT NOT NULL) STRICT;"
	"CREATE INDEX trail_by_refused ON trail (refused, id);";

static const char schema_6[] =
	"ALTER TABLE job ADD COLUMN resumes INTEGER;"
	"CREATE INDEX job_by_resumes ON job (resumes) WHERE resumes IS NOT NULL;"
	/* What was begun and not ended: see partial_store.h. The ranges of older marks are not
	 * known: any write that is proven ends them. */
	"CREATE TABLE partial ("
	" job INTEGER NOT NULL REFERENCES job, start INTEGER NOT NULL, length INTEGER NOT NULL,"
	" device INTEGER NOT NULL REFERENCES device, backup INTEGER, since_ms INTEGER NOT NULL,"
	" PRIMARY KEY (job, start)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX partial_by_device ON partial (device);"
	"CREATE INDEX partial_by_backup ON partial (backup) WHERE backup IS NOT NULL;"
	"INSERT INTO partial SELECT job.id, coalesce(data_offset, 0), coalesce(data_size, 0),"
	" device.id, job.backup, job.created_ms FROM device JOIN job ON job.id = partial_job;"
	"ALTER TABLE device DROP COLUMN partial_job;"
	/* request: see request_text.h. ended_ms: of hands-free. The rest is counted from the jobs. */
	"CREATE TABLE batch ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, request TEXT NOT NULL,"
	" hands_free INTEGER NOT NULL, again_of INTEGER,"
	" created_ms INTEGER NOT NULL, ended_ms INTEGER,"
	" idem_key TEXT, idem_print BLOB) STRICT;"
	"CREATE UNIQUE INDEX batch_by_key ON batch (idem_key) WHERE idem_key IS NOT NULL;"
	"CREATE INDEX batch_hands_free ON batch (id) WHERE hands_free = 1 AND ended_ms IS NULL;"
	"CREATE TABLE batch_slot ("
	" batch INTEGER NOT NULL REFERENCES batch ON DELETE CASCADE, seq INTEGER NOT NULL,"
	" slot TEXT NOT NULL, gone INTEGER NOT NULL,"
	" PRIMARY KEY (batch, seq)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX job_by_batch_state ON job (batch, state, finished_ms)"
	" WHERE batch IS NOT NULL;"
	"CREATE INDEX job_by_batch_slot ON job (batch, slot, state, id) WHERE batch IS NOT NULL;";

static const char schema_7[] =
	"CREATE INDEX job_by_backup ON job (backup, device) WHERE backup IS NOT NULL;";

static const char schema_8[] =
	"CREATE TABLE device_tag ("
	" device INTEGER NOT NULL REFERENCES device ON DELETE CASCADE, tag TEXT NOT NULL,"
	" PRIMARY KEY (device, tag)) STRICT, WITHOUT ROWID;"
	/* What else a device is known by, since others were found to be the same: see
	 * device_merge.h. One of the two is not ''. */
	"CREATE TABLE device_known_as ("
	" id INTEGER PRIMARY KEY,"
	" device INTEGER NOT NULL REFERENCES device ON DELETE CASCADE,"
	" jedec_id TEXT NOT NULL, unique_id TEXT NOT NULL, mac TEXT NOT NULL) STRICT;"
	"CREATE INDEX known_by_device ON device_known_as (device);"
	"CREATE UNIQUE INDEX known_by_unique_id ON device_known_as (unique_id, jedec_id)"
	" WHERE unique_id <> '';"
	"CREATE INDEX known_by_mac ON device_known_as (mac, jedec_id) WHERE mac <> '';"
	/* Numbers of devices that are part of another one now: jobs may still use them. */
	"CREATE TABLE device_gone ("
	" id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES device ON DELETE CASCADE)"
	" STRICT;"
	"CREATE INDEX gone_by_device ON device_gone (device);";

static const char schema_9[] = WORDS_CREATE_UNREAD WORDS_CREATE WORDS_FILL ";";

static const char schema_10[] =
	/* What a slot knew last of its board: jobs that knew nothing are not looked at. */
	"CREATE INDEX job_with_device ON job (slot, id, device) WHERE device IS NOT NULL;"
	"CREATE INDEX job_by_slot_device ON job (slot, device, id) WHERE device IS NOT NULL;";

/* Jobs by UART, and what boards print when they start. */
static const char schema_11[] =
	"ALTER TABLE job ADD COLUMN req_transport INTEGER;"
	"ALTER TABLE job ADD COLUMN beken_crc32 INTEGER;"
	"ALTER TABLE job ADD COLUMN baud INTEGER;"
	"ALTER TABLE job ADD COLUMN loader TEXT;"
	"ALTER TABLE job ADD COLUMN req_seconds INTEGER;"
	"ALTER TABLE job ADD COLUMN req_boot_pattern TEXT;"
	"ALTER TABLE job ADD COLUMN req_boot_seconds INTEGER;"
	"CREATE TABLE boot_log ("
	" job INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE, text TEXT NOT NULL) STRICT;";

/* Step n makes schema n. Only ever append: files out there have run the steps before. */
static const char *const steps[] = {
	[1] = schema_1, [2] = schema_2,   [3] = schema_3,   [4] = schema_4,
	[5] = schema_5, [6] = schema_6,   [7] = schema_7,   [8] = schema_8,
	[9] = schema_9, [10] = schema_10, [11] = schema_11,
};

int migrate_newest(void)
{
	return (int)ARRAY_LEN(steps) - 1;
}

static int read_version(struct tx *tx, int *version, struct err *e)
{
	AUTO(stmt_free) struct stmt s = stmt_new(tx, "PRAGMA user_version");
	const int found = stmt_row(&s) ? (int)stmt_col_int(&s, "user_version") : 0;

	if (stmt_end(&s, e) < 0)
		return -1;
	*version = found;
	return 0;
}

int migrate_version(struct db *db, int *version, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);

	return read_version(&tx, version, e);
}

static int run_step(struct db *db, int n, struct err *e)
{
	struct db_conn *conn = &db->writer;
	char set[40];
	int rc;

	snprintf(set, sizeof set, "PRAGMA user_version = %d", n);
	rc = conn_exec(conn, steps[n]);
	if (rc == SQLITE_OK)
		rc = conn_exec(conn, set);
	return rc == SQLITE_OK ? 0 : conn_fail(conn, rc, "making the schema", e);
}

static int refuse(struct db *db, int version, struct err *e)
{
	err_set(e, ERR_IO, "archive %s: has schema %d, but this program knows 0 to %d",
		sqlite3_db_filename(db->writer.raw, "main"), version, migrate_newest());
	return err_hint(e, "it was made by a newer version: use that one");
}

int migrate(struct db *db, int target, struct err *e)
{
	AUTO(tx_end) struct tx tx = tx_begin(db);
	int version;

	assert(target <= migrate_newest());
	if (read_version(&tx, &version, e) < 0)
		return -1;
	if (version < 0 || version > migrate_newest())
		return refuse(db, version, e);
	for (int n = version + 1; n <= target; n++)
		if (run_step(db, n, e) < 0)
			return -1;
	return tx_commit(&tx, e);
}

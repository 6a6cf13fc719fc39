#include <string.h>

#include "auto.h"
#include "cli.h"
#include "start.h"

#define LIST "limit= before= all "
#define WAIT "no-wait cancel-on-interrupt patience="

/* clang-format off */
static const struct command commands[] = {
	{ "slots", "", "what is in each slot, and what it does", NULL, 0, 0, slots_command },
	{ "slot", "SLOT", "one slot, with the reason of its last failure", NULL, 1, 1, slot_command },
	{ "reset", "SLOT", "pulse CEN: the board starts its firmware", NULL, 1, 1, reset_command },
	{ "sim", "SLOT in|out", "put a simulated board in, or take it out", "fresh", 2, 2, sim_command },

	{ "identify", "SLOT", "what chip is there", START_OPTIONS, 1, 1, job_start_command },
	{ "backup", "SLOT", "read twice, prove, archive; -o FILE saves it here too",
	  START_OPTIONS " out= o= sidecar", 1, 1, backup_command },
	{ "verify", "SLOT SOURCE", "does the chip hold this?", START_OPTIONS, 2, 2, job_start_command },
	{ "blank-check", "SLOT", "is the chip erased?", START_OPTIONS, 1, 1, job_start_command },
	{ "write", "SLOT [SOURCE]", "write it, with the way back in the archive first", START_OPTIONS, 1, 2, write_command },
	{ "restore", "SLOT [DUMP]", "put a dump back on its board; without one the way back: what a broken write left, or the newest proven backup",
	  START_OPTIONS, 1, 2, restore_command },
	{ "erase", "SLOT", "erase the chip, or a range of it", START_OPTIONS, 1, 1, job_start_command },
	{ "bootlog", "SLOT", "reset the board and record what it prints", START_OPTIONS, 1, 1, bootlog_command },
	{ "log", "SLOT", "what the board prints, as it prints it", NULL, 1, 1, log_command },

	{ "jobs", "", "what was done", "slot= state= type= batch= " LIST, 0, 0, jobs_command },
	{ "job", "JOB", "one job and what came of it", NULL, 1, 1, job_command },
	{ "job-log", "JOB", "all its steps, with times", NULL, 1, 1, job_log_command },
	{ "wait", "JOB", "follow it to its end", WAIT, 1, 1, wait_command },
	{ "cancel", "JOB", "stop it", NULL, 1, 1, cancel_command },
	{ "resume", "JOB", "go on with a write that did not come to its end", WAIT, 1, 1, resume_command },
	{ "watch", "", "everything that happens, a line each", NULL, 0, 0, watch_command },
	{ "events", "", "the same as JSON, for programs", NULL, 0, 0, events_command },

	{ "batch", "TYPE [SOURCE] | BATCH [wait|report|run|cancel|finish]",
	  "one job in many slots: --slots A,B,...; or look at a batch", "slots= hands-free " START_OPTIONS, 1, 2, batch_command },
	{ "batches", "", "batches that were", LIST, 0, 0, batches_command },

	{ "dumps", "", "what the archive has",
	  "device= jedec-id= sha256= crc32= q= slot= chip= label= tag= size= since= until= verified= contains= " LIST, 0, 0, dumps_command },
	{ "dump", "DUMP", "one dump", NULL, 1, 1, dump_command },
	{ "get", "DUMP", "download it; checked, and under its telling name", "out= o= force sidecar offset= length=", 1, 1, dump_get_command },
	{ "set", "DUMP", "its label, notes, tags or device", "label= notes= tags= device=", 1, 1, dump_set_command },
	{ "delete", "DUMP", "remove it from the archive", "force", 1, 1, dump_delete_command },
	{ "diff", "DUMP DUMP", "where two dumps differ; status 1 when they do", NULL, 2, 2, diff_command },
	{ "find", "DUMP TEXT|0xHEX", "where in a dump it stands", "all", 2, 2, find_command },
	{ "analysis", "DUMP|image:N", "what it says about itself", "secrets", 1, 1, analysis_command },
	{ "map", "DUMP|image:N", "what each sector holds", "other=", 1, 1, map_command },
	{ "lookup", "FILE|SHA256", "does the archive have this? status 1 when not", NULL, 1, 1, lookup_command },
	{ "import", "FILE|FOLDER|TAR...", "old .bin files into the archive, their names as labels", "label= jedec-id=", 1, ARGS_WORDS, import_command },
	{ "export", "FILE.tar", "dumps with all that is known of them", "dump= device= all force", 1, 1, export_command },

	{ "devices", "", "boards that the archive knows", "q= " LIST, 0, 0, devices_command },
	{ "device", "DEVICE", "one board", NULL, 1, 1, device_command },
	{ "set-device", "DEVICE", "its label, notes or tags", "label= notes= tags=", 1, 1, device_set_command },
	{ "merge", "DEVICE OTHER", "two devices that are one: the other's dumps move", NULL, 2, 2, merge_command },

	{ "images", "", "firmware that waits to be written", LIST, 0, 0, images_command },
	{ "upload", "FILE", "one more", "name=", 1, 1, upload_command },
	{ "get-image", "IMAGE", "download it", "out= o= force", 1, 1, image_get_command },
	{ "rename-image", "IMAGE NAME", "call it something else", NULL, 2, 2, image_rename_command },
	{ "delete-image", "IMAGE", "remove it", NULL, 1, 1, image_delete_command },

	{ "info", "", "what rig that is", NULL, 0, 0, info_command },
	{ "chips", "[TEXT]", "the parts it knows", NULL, 0, 1, chips_command },
	{ "archive", "", "how large it is, and when it was checked", NULL, 0, 0, archive_command },
	{ "check", "", "read the whole archive back; status 1 when something is damaged", WAIT, 0, 0, check_command },
	{ "backup-archive", "FILE", "copy it, on the rig itself, while the daemon runs", "config= data=", 1, 1, backup_archive_command },
	{ "token", "add NAME | list | revoke NAME", "who may come in; add needs --scope read|operate|admin", "scope= " LIST, 1, 2, token_command },
	{ "audit", "", "who did what, when, from where", LIST, 0, 0, audit_command },
	{ "config", "", "the configuration as the daemon sees it", NULL, 0, 0, config_command },
};
/* clang-format on */

const struct command *command_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

const struct command *command_at(size_t i)
{
	return i < ARRAY_LEN(commands) ? &commands[i] : NULL;
}

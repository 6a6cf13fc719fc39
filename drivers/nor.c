/* Identification: from a bus to a chip that is known well enough to be read. */
#include "nor.h"

#include <stdio.h>
#include <string.h>

#include "nor_command.h"

#define ID_READS   3
#define PAGE_READS 4
#define WAKE_NS    (100ull * CLOCK_US) /* data sheets give 3 to 35 us from ABh to the first command */

/* A sector or block erase that a cancelled job left behind is over by then; a chip erase is not. */
#define LEFT_BUSY_NS (4ull * CLOCK_S)
#define LEFT_POLL_NS (5ull * CLOCK_MS)

#define KIB 1024u
#define MIB (1024u * KIB)

/* What a chip is taken to know when neither the table nor SFDP lists its erases. */
static const struct nor_erase usual_erases[] = {
	{ NOR_OP_ERASE_4K, NOR_SECTOR },
	{ NOR_OP_ERASE_64K, 64 * KIB },
};

static const char *line_hint(uint32_t id)
{
	if (id == 0xffffff)
		return "nothing drives MISO: check power, ground, CS and MISO";
	if (id == 0)
		return "MISO is held low: check power, MISO for a short, and CS";
	return "check that CS, SCK, MOSI and MISO are not swapped, and slow down (spi_hz)";
}

/* All reads of one look. Errors: those of the bus. */
static int read_ids(struct spi *spi, uint32_t ids[ID_READS], bool *any_plausible, struct err *e)
{
	*any_plausible = false;
	for (size_t i = 0; i < ID_READS; i++) {
		if (nor_read_id(spi, &ids[i], NULL, e) < 0)
			return -1;
		*any_plausible |= nor_id_plausible(ids[i]);
	}
	return 0;
}

/* Firmware that went to sleep may have left a bare flash in deep power-down, deaf but for ABh. */
static int wake(struct spi *spi, struct clock *clock, struct err *e)
{
	const uint8_t op = NOR_OP_WAKE;

	if (spi_command(spi, &op, 1, NULL, 0, e) < 0)
		return err_prefix(e, "waking the flash: ");
	clock_sleep_ns(clock, WAKE_NS);
	return 0;
}

static int check_ids(const uint32_t ids[ID_READS], bool any_plausible, struct err *e)
{
	if (!any_plausible) {
		err_set(e, ERR_NO_CHIP, "no flash answers: 9Fh reads %06X", ids[0]);
		return err_hint(e, "%s", line_hint(ids[0]));
	}
	for (size_t i = 1; i < ID_READS; i++) {
		if (ids[i] == ids[0])
			continue;
		err_set(e, ERR_UNSTABLE_READ, "the JEDEC ID changes from read to read: %06X, %06X",
			ids[0], ids[i]);
		return err_hint(e, "slow down (spi_hz), shorten the wires, look at the supply");
	}
	return 0;
}

/*
 * A busy chip hears nothing but status reads. WIP and WEL are set then, and a dead line is not
 * mistaken for it: FF is excluded, and so is what the train's echo (D2) makes of them.
 */
static int is_busy(struct spi *spi, bool *busy, struct err *e)
{
	const struct nor_command sr1 = { { NOR_OP_SR1 }, 1 };
	uint8_t status;

	*busy = false;
	if (nor_read_agreed(spi, &sr1, &status, 1, e) < 0)
		return e->code == ERR_UNSTABLE_READ ? 0 : -1;
	*busy = status != 0xff && (status & NOR_SR_WIP) && (status & NOR_SR_WEL);
	return 0;
}

static int wait_left_busy(struct nor *nor, struct err *e)
{
	const uint64_t until_ns = clock_now_ns(nor->clock) + LEFT_BUSY_NS;
	bool busy;

	for (;;) {
		if (is_busy(nor->spi, &busy, e) < 0)
			return err_prefix(e, "looking for a busy flash: ");
		if (!busy)
			return 0;
		if (clock_now_ns(nor->clock) > until_ns) {
			err_set(e, ERR_TIMEOUT, "the flash is busy with an earlier operation");
			return err_hint(e, "a chip erase takes up to some minutes: wait for its "
					   "end, or take the power away, and start again");
		}
		clock_sleep_ns(nor->clock, LEFT_POLL_NS);
	}
}

static int find_id(struct nor *nor, struct err *e)
{
	uint32_t ids[ID_READS];
	bool plausible;

	if (read_ids(nor->spi, ids, &plausible, e) < 0)
		return -1;
	/* FF first: deaf from the start, or busy, and done since. */
	if ((!plausible || ids[0] == 0xffffff) &&
	    (wait_left_busy(nor, e) < 0 || wake(nor->spi, nor->clock, e) < 0 ||
	     read_ids(nor->spi, ids, &plausible, e) < 0))
		return -1;
	nor->id.jedec_id = ids[0];
	return check_ids(ids, plausible, e);
}

/* Tables that make no sense, or other sense each time, are as good as none. */
static int find_sfdp(struct nor *nor, struct err *e)
{
	const bool known = nor_part_by_id(nor->id.jedec_id);
	uint8_t bytes[SFDP_MAX];
	struct err nonsense;
	bool there;

	if (nor_read_sfdp(nor->spi, bytes, sizeof bytes, &there, e) < 0) {
		if (!known || e->code != ERR_UNSTABLE_READ)
			return -1;
		snprintf(nor->note, sizeof nor->note,
			 "SFDP does not read the same twice and is left out; slow down (spi_hz)");
		return 0;
	}
	nor->id.has_sfdp = there &&
			   sfdp_parse(bytes, sizeof bytes, &nor->id.sfdp, &nonsense) == 0 &&
			   nor->id.sfdp.size <= UINT32_MAX;
	return 0;
}

/* True where the chip's own word counts more than the table: parts that share an ID may differ. */
static bool believes_sfdp(const struct nor *nor, const struct nor_part *part)
{
	return nor->id.has_sfdp && (!part || strchr(part->names, '/'));
}

static void add_erase(struct nor *nor, size_t *n, struct nor_erase erase)
{
	if (*n < NOR_ERASES && erase.size <= nor->size)
		nor->erase[(*n)++] = erase;
}

static void add_sfdp_erases(struct nor *nor, size_t *n)
{
	const struct sfdp *sfdp = &nor->id.sfdp;

	for (size_t i = 0; i < sfdp->erases; i++) {
		const struct sfdp_erase *erase = &sfdp->erase[i];
		const bool four = nor->size > NOR_MAX_3B && erase->opcode_4b;

		add_erase(
			nor, n,
			(struct nor_erase){ four ? erase->opcode_4b : erase->opcode, erase->size });
	}
}

static void add_usual_erases(struct nor *nor, size_t *n)
{
	for (size_t i = 0; i < sizeof usual_erases / sizeof *usual_erases; i++)
		add_erase(nor, n, usual_erases[i]);
}

/* SFDP lists no chip erase, but every chip has one. */
static void set_erases(struct nor *nor, const struct nor_part *part)
{
	const bool sfdp_lists = nor->id.has_sfdp && nor->id.sfdp.erases > 0;
	const bool part_lists = part && part->erase[0].opcode;
	size_t n = 0;

	if (part_lists && !(believes_sfdp(nor, part) && sfdp_lists)) {
		memcpy(nor->erase, part->erase, sizeof nor->erase);
		return;
	}
	if (sfdp_lists)
		add_sfdp_erases(nor, &n);
	else
		add_usual_erases(nor, &n);
	add_erase(nor, &n, (struct nor_erase){ NOR_OP_ERASE_CHIP, nor->size });
}

/* As many whole names as fit. */
static void set_part_name(struct nor *nor, const char *names)
{
	const size_t room = sizeof nor->name - sizeof "/...";
	size_t len = strlen(names);

	if (len < sizeof nor->name) {
		memcpy(nor->name, names, len + 1);
		return;
	}
	for (len = room; len > 0 && names[len] != '/'; len--)
		;
	snprintf(nor->name, sizeof nor->name, "%.*s/...", (int)len, names);
}

static void set_name(struct nor *nor, const struct nor_part *part)
{
	if (part)
		set_part_name(nor, part->names);
	else if (nor->size % MIB == 0)
		snprintf(nor->name, sizeof nor->name, "SFDP %u MiB", nor->size / MIB);
	else
		snprintf(nor->name, sizeof nor->name, "SFDP %u KiB", nor->size / KIB);
}

/* A part that erases with four-byte opcodes reads and programs with them. */
static bool lists_four_byte(const struct nor_part *part)
{
	for (size_t i = 0; part && i < NOR_ERASES && part->erase[i].opcode; i++)
		if (part->erase[i].opcode == 0x21 || part->erase[i].opcode == 0xdc)
			return true;
	return false;
}

static int set_addressing(struct nor *nor, const struct nor_part *part, struct err *e)
{
	const struct sfdp *sfdp = &nor->id.sfdp;
	const bool by_sfdp = nor->id.has_sfdp && (sfdp->address_bytes != 3 || sfdp->read_4b);

	nor->address_bytes = nor->size > NOR_MAX_3B ? 4 : 3;
	if (nor->address_bytes == 3)
		return 0;
	if (!by_sfdp && !(part && part->address_bytes == 4))
		return err_set(e, ERR_UNKNOWN_CHIP,
			       "%s (%06X) has %u bytes, but no known way to reach those behind "
			       "16 MiB",
			       nor->name, nor->id.jedec_id, nor->size);
	nor->read_4b = lists_four_byte(part) || (nor->id.has_sfdp && sfdp->read_4b);
	nor->program_4b = lists_four_byte(part) || (nor->id.has_sfdp && sfdp->program_4b);
	nor->always_4b = nor->id.has_sfdp && sfdp->address_bytes == 4;
	/* A B7h that a controller cuts short would read elsewhere, and nobody would notice. */
	nor->apart = nor_needs_mode(nor, nor_read_command(nor, 0).bytes[0]);
	return 0;
}

static int set_facts(struct nor *nor, struct err *e)
{
	const struct nor_part *part = nor_part_by_id(nor->id.jedec_id);
	const bool by_sfdp = believes_sfdp(nor, part);

	if (!part && !by_sfdp) {
		err_set(e, ERR_UNKNOWN_CHIP,
			"a flash answers with ID %06X, but no known part has it, and its SFDP does "
			"not tell the size",
			nor->id.jedec_id);
		return err_hint(e, "if the ID looks wrong, slow down (spi_hz) and try again");
	}
	nor->size = by_sfdp ? (uint32_t)nor->id.sfdp.size : part->size;
	nor->page = by_sfdp ? (uint16_t)nor->id.sfdp.page : part->page;
	nor->program = part ? part->program : NOR_PROGRAM_PAGE;
	set_erases(nor, part);
	set_name(nor, part);
	nor_pace_init(nor);
	return set_addressing(nor, part, e);
}

/* Two reads in a row that agree, of as much as a page and a message hold. */
static int check_page(struct nor *nor, struct err *e)
{
	const size_t max = nor->spi->max_len, len = max < NOR_CHUNK ? max : NOR_CHUNK;
	uint8_t page[2][NOR_CHUNK];

	for (int i = 0; i < PAGE_READS; i++) {
		if (nor_read(nor, 0, page[i % 2], len, e) < 0)
			return -1;
		if (i > 0 && !memcmp(page[0], page[1], len))
			return 0;
	}
	err_set(e, ERR_UNSTABLE_READ, "reading 0x0: no two reads in a row gave the same bytes");
	err_hint(e, "slow down (spi_hz), shorten the wires, look at the supply");
	return err_at(e, 0, ERR_NO_OFFSET);
}

int nor_probe(struct spi *spi, struct clock *clock, struct nor *nor, struct err *e)
{
	struct nor found = { .spi = spi, .clock = clock };

	if (find_id(&found, e) < 0 || find_sfdp(&found, e) < 0 || set_facts(&found, e) < 0 ||
	    check_page(&found, e) < 0 ||
	    nor_read_status(spi, found.id.jedec_id, found.id.status, e) < 0 ||
	    nor_read_unique_id(&found, e) < 0 || nor_find_mirror(&found, e) < 0)
		return -1;
	*nor = found;
	return 0;
}

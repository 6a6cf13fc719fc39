#include "nor_protect.h"

#include <string.h>

#include "nor_busy.h"
#include "nor_proof.h"

/* Winbond's W25Q32JV data sheet (rev. H), 7.1; GigaDevice, XTX, Puya, Boya and others do the same. */
#define SR1_BP   0x1cu
#define SR1_BP4  0x3cu /* four of them: Macronix, Eon, ISSI, and Winbond above 16 MiB */
#define SR1_TB   0x20u
#define SR1_SEC  0x40u
#define SR1_SRP  0x80u
#define SR1_OURS 0xfcu
#define SR2_SRL  0x01u
#define SR2_CMP  0x40u
#define SR2_OURS 0x7fu /* SUS is no setting */

#define SECTOR      0x1000u
#define SECTORS_MAX 0x8000u
#define BLOCK       0x10000u
#define BP_ALL      7u

#define VOLATILE_NS (100ull * CLOCK_US) /* data sheets call it immediate */

/* Makers whose parts up to 16 MiB have BP0-2, TB, SEC and CMP. */
static bool is_winbond_like(uint32_t jedec_id)
{
	static const uint8_t makers[] = { 0x0b, 0x5e, 0x68, 0x85, 0xa1, 0xc4, 0xc8, 0xef };

	for (size_t i = 0; i < sizeof makers; i++)
		if (makers[i] == jedec_id >> 16)
			return true;
	return false;
}

/* ---- what is protected */

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* By BP and SEC, CMP left aside. */
static uint32_t protected_len(uint8_t sr1, uint32_t size)
{
	const uint32_t bp = (sr1 & SR1_BP) >> 2;
	const uint32_t block = size / 64 > BLOCK ? size / 64 : BLOCK;

	if (bp == 0)
		return 0;
	if (bp == BP_ALL)
		return size;
	if (sr1 & SR1_SEC)
		return smaller(smaller(SECTOR << (bp - 1), SECTORS_MAX), size);
	return block >= size >> (bp - 1) ? size : block << (bp - 1);
}

static void set_exact_range(struct nor_protection *p, uint32_t size)
{
	const uint32_t len = protected_len(p->sr1, size);
	const bool bottom = p->sr1 & SR1_TB, inverted = p->has_sr2 && (p->sr2 & SR2_CMP);

	p->len = inverted ? size - len : len;
	p->start = bottom != inverted ? 0 : size - p->len;
}

static void set_range(const struct nor *nor, struct nor_protection *p)
{
	const bool inverted = p->has_sr2 && (p->sr2 & SR2_CMP) && is_winbond_like(nor->id.jedec_id);

	p->exact = is_winbond_like(nor->id.jedec_id) && nor->size <= NOR_MAX_3B;
	if (p->exact) {
		set_exact_range(p, nor->size);
		return;
	}
	p->start = 0;
	p->len = (p->sr1 & SR1_BP4) || inverted ? nor->size : 0;
}

static int read_register(struct nor *nor, uint8_t opcode, uint8_t *value, struct err *e)
{
	const struct nor_command command = { { opcode }, 1 };

	if (nor_read_agreed(nor->spi, &command, value, 1, e) < 0)
		return err_prefix(e, "reading the status registers: ");
	return 0;
}

int nor_protection_read(struct nor *nor, struct nor_protection *protection, struct err *e)
{
	struct nor_protection p = { .has_sr2 = nor_has_sr2(nor->id.jedec_id) };

	if (read_register(nor, NOR_OP_SR1, &p.sr1, e) < 0 ||
	    (p.has_sr2 && read_register(nor, NOR_OP_SR2, &p.sr2, e) < 0))
		return -1;
	if (p.sr1 == 0xff && nor_check_alive(nor, e) < 0) /* or nobody drives the line */
		return -1;
	p.has_sr2 = p.has_sr2 && p.sr2 != 0xff; /* nothing drives the line: there is none */
	p.sr1 &= SR1_OURS;
	p.sr2 = p.has_sr2 ? p.sr2 & SR2_OURS : 0;
	set_range(nor, &p);
	*protection = p;
	return 0;
}

bool nor_protection_covers(const struct nor_protection *p, uint32_t addr, size_t len)
{
	return p->len > 0 && len > 0 && addr < (uint64_t)p->start + p->len &&
	       p->start < (uint64_t)addr + len;
}

/* ---- writing */

/* What goes before, and which register goes how. */
struct way {
	uint8_t enable;
	bool both; /* 01h with two bytes; else 31h and 01h with one each */
};

static int write_register(struct nor *nor, uint8_t enable, const uint8_t *bytes, size_t len,
			  struct err *e)
{
	struct nor_pace at_once = { .estimate_ns = VOLATILE_NS,
				    .limit_ns = nor->status_pace.limit_ns };
	const struct nor_change change = {
		.command = { { bytes[0] }, 1 },
		.data = bytes + 1,
		.len = len - 1,
		.enable = enable,
		.pace = enable == NOR_OP_ENABLE ? &nor->status_pace : &at_once,
	};
	struct nor_meter nobody;
	bool taken; /* what the registers hold then is the only answer */

	nor_meter_init(&nobody, NULL, 0);
	if (nor_change(nor, &change, &nobody, &taken, e) < 0)
		return err_prefix(e, "writing the status register: ");
	return 0;
}

static int write_apart(struct nor *nor, const struct way *way, const struct nor_protection *now,
		       const struct nor_protection *want, struct err *e)
{
	const uint8_t sr2[] = { NOR_OP_WRITE_SR2, want->sr2 };
	const uint8_t sr1[] = { NOR_OP_WRITE_SR1, want->sr1 };

	if (now->sr2 != want->sr2 && write_register(nor, way->enable, sr2, sizeof sr2, e) < 0)
		return -1;
	if (now->sr1 != want->sr1 && write_register(nor, way->enable, sr1, sizeof sr1, e) < 0)
		return -1;
	return 0;
}

static bool is_same(const struct nor_protection *a, const struct nor_protection *b)
{
	return a->sr1 == b->sr1 && a->sr2 == b->sr2;
}

/* Writes if a bit must change; *now is what the registers hold then. */
static int try_way(struct nor *nor, const struct way *way, const struct nor_protection *want,
		   struct nor_protection *now, struct err *e)
{
	const uint8_t both[] = { NOR_OP_WRITE_SR1, want->sr1, want->sr2 };

	if (is_same(now, want))
		return 0;
	if (way->both && write_register(nor, way->enable, both, sizeof both, e) < 0)
		return -1;
	if (!way->both && write_apart(nor, way, now, want, e) < 0)
		return -1;
	return nor_protection_read(nor, now, e);
}

/* 50h where SFDP says that it is known, or where the part takes no other (EWSR). */
static bool knows_50(const struct nor *nor)
{
	const struct nor_part *part = nor_part_by_id(nor->id.jedec_id);
	const bool volatile_too =
		nor->id.has_sfdp && (nor->id.sfdp.status_writes & SFDP_STATUS_VOLATILE);

	return volatile_too || (part && strstr(part->notes, "EWSR"));
}

/*
 * With one byte, old parts clear SR2 (QE with it), so 01h takes both where SR2 holds anything;
 * where SFDP says that 01h takes one byte only, and where two were not taken, they go apart.
 */
static bool needs_both(const struct nor *nor, const struct nor_protection *now,
		       const struct nor_protection *want)
{
	const bool apart = nor->id.has_sfdp && nor->id.sfdp.quad_enable == SFDP_QE_SR2_ONLY;

	return now->has_sr2 && !apart && (now->sr2 != 0 || want->sr2 != 0);
}

static int write_both(struct nor *nor, const struct nor_protection *want,
		      struct nor_protection *now, struct err *e)
{
	const bool both = needs_both(nor, now, want);
	const struct way ways[] = { { NOR_OP_ENABLE_SR, both },
				    { NOR_OP_ENABLE_SR, false },
				    { NOR_OP_ENABLE, both },
				    { NOR_OP_ENABLE, false } };

	for (size_t i = knows_50(nor) ? 0 : 2; i < sizeof ways / sizeof *ways; i++)
		if (try_way(nor, &ways[i], want, now, e) < 0)
			return -1;
	return 0;
}

int nor_protection_err(const struct nor_protection *p, struct err *e)
{
	if (p->exact)
		err_set(e, ERR_PROTECTED, "0x%x to 0x%x is write protected (SR1 %02X, SR2 %02X)",
			p->start, p->start + p->len - 1, p->sr1, p->sr2);
	else
		err_set(e, ERR_PROTECTED, "the chip is write protected (SR1 %02X, SR2 %02X)",
			p->sr1, p->sr2);
	err_at(e, p->start, ERR_NO_OFFSET);
	if (p->sr2 & SR2_SRL)
		return err_hint(e, "SRL is set: the registers are locked until the power goes, or "
				   "for ever. Take the power away and start again.");
	if (p->sr1 & SR1_SRP)
		return err_hint(e, "SRP is set: the registers are locked while WP# is low. Pull "
				   "WP# (pin 3) to the supply and start again.");
	return err_hint(e, "Allow the job to clear the protection.");
}

static int not_written(const struct nor_protection *now, const struct nor_protection *want,
		       struct err *e)
{
	if (now->len == 0) {
		err_set(e, ERR_PROTECTED,
			"the status registers changed otherwise than they should: SR1 is %02X and "
			"not %02X, SR2 %02X and not %02X",
			now->sr1, want->sr1, now->sr2, want->sr2);
		return err_hint(e, "Nothing else was written. Look at the part's data sheet.");
	}
	nor_protection_err(now, e);
	err_prefix(e, "the status registers did not take a write: ");
	if (now->sr1 & SR1_SRP || now->sr2 & SR2_SRL)
		return -1;
	return err_hint(e, "Look at WP# (pin 3): it must be high. The part may also be locked for "
			   "good.");
}

int nor_unprotect(struct nor *nor, struct nor_protection *before, struct err *e)
{
	struct nor_protection now, want;

	if (nor_protection_read(nor, &now, e) < 0)
		return -1;
	*before = want = now;
	if (now.len == 0)
		return 0;
	want.sr1 &= (uint8_t) ~(now.exact ? SR1_BP : SR1_BP4);
	if (is_winbond_like(nor->id.jedec_id))
		want.sr2 &= (uint8_t)~SR2_CMP;
	if (write_both(nor, &want, &now, e) < 0)
		return -1;
	return is_same(&now, &want) ? 0 : not_written(&now, &want, e);
}

int nor_protection_restore(struct nor *nor, const struct nor_protection *before, struct err *e)
{
	struct nor_protection now;

	if (nor_protection_read(nor, &now, e) < 0 || write_both(nor, before, &now, e) < 0)
		return err_prefix(e, "putting the protection back: ");
	if (is_same(&now, before))
		return 0;
	err_set(e, ERR_PROTECTED,
		"the protection could not be put back: SR1 is %02X and was %02X, SR2 %02X and %02X",
		now.sr1, before->sr1, now.sr2, before->sr2);
	return err_hint(e, "The content is not concerned. Protect the chip again by hand if it "
			   "matters.");
}

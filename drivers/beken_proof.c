#include "beken_proof.h"

#include <string.h>

#include "nor.h"

#define ID_READS   4
#define PAGE       256u
#define PAGE_READS 4
#define PAGE_MS    70u /* of wire time at most, */
#define PAGE_MIN   64u /* but so many bytes at least */

#define OP_READ   0x03
#define OP_STATUS 0x05
#define OP_SFDP   0x5a

/* Who is asked, and who is told. */
struct asking {
	struct spi *spi;
	struct progress *progress;
	uint64_t done;
};

static int report(const struct asking *asking, struct err *e)
{
	return progress_report(asking->progress, asking->done, 0, e);
}

static int verdict(struct beken_proof *proof, enum beken_verdict verdict, const char *failed)
{
	proof->verdict = verdict;
	proof->failed = failed;
	return 0;
}

static int prove_id(const struct asking *asking, struct beken_proof *proof, struct err *e)
{
	if (nor_read_id(asking->spi, &proof->jedec_id, NULL, e) < 0)
		return -1;
	for (int i = 1; i < ID_READS; i++) {
		uint32_t id;

		if (nor_read_id(asking->spi, &id, NULL, e) < 0)
			return -1;
		if (id != proof->jedec_id)
			return verdict(proof, BEKEN_CHANGING, "its ID changes from read to read");
	}
	if (!nor_id_plausible(proof->jedec_id))
		return verdict(proof, BEKEN_CHANGING, "its ID does not stay");
	return 0;
}

/* FF would be a chip that is busy, fully protected and locked at once: nobody answers. */
static int prove_status(const struct asking *asking, struct beken_proof *proof, struct err *e)
{
	static const uint8_t op = OP_STATUS;
	uint8_t seen[3];

	for (size_t i = 0; i < sizeof seen; i++)
		if (spi_command(asking->spi, &op, 1, &seen[i], 1, e) < 0)
			return err_prefix(e, "reading the status register: ");
	if (seen[0] != seen[1] || seen[1] != seen[2])
		return verdict(proof, BEKEN_CHANGING, "its status register changes");
	if (seen[0] == 0xff)
		return verdict(proof, BEKEN_REFUSED, "its status register reads FF");
	return 0;
}

static int prove_kind(const struct asking *asking, struct beken_proof *proof, struct err *e)
{
	static const uint8_t command[] = { OP_SFDP, 0, 0, 0, 0 };
	uint8_t seen[2][4];

	if (nor_part_by_id(proof->jedec_id))
		return 0;
	for (size_t i = 0; i < 2; i++)
		if (spi_command(asking->spi, command, sizeof command, seen[i], sizeof seen[i], e) <
		    0)
			return err_prefix(e, "reading the SFDP signature: ");
	if (memcmp(seen[0], seen[1], sizeof seen[0]) != 0)
		return verdict(proof, BEKEN_CHANGING, "its SFDP changes from read to read");
	if (memcmp(seen[0], "SFDP", sizeof seen[0]) != 0)
		return verdict(proof, BEKEN_REFUSED,
			       "no known part has its ID, and it has no SFDP");
	return 0;
}

static size_t page_len(const struct spi *spi)
{
	const size_t in_time = (size_t)(spi->now.hz / 8 * (uint64_t)PAGE_MS / 1000);
	size_t len = in_time < PAGE ? in_time : PAGE;

	if (len < PAGE_MIN)
		len = PAGE_MIN;
	return len < spi->max_len ? len : spi->max_len;
}

static int prove_page(const struct asking *asking, struct beken_proof *proof, struct err *e)
{
	static const uint8_t command[] = { OP_READ, 0, 0, 0 };
	const size_t len = page_len(asking->spi);
	uint8_t seen[2][PAGE];

	for (size_t i = 0; i < PAGE_READS; i++) {
		if (spi_command(asking->spi, command, sizeof command, seen[i % 2], len, e) < 0)
			return err_prefix(e, "reading a page: ");
		if (report(asking, e) < 0)
			return -1;
		if (i > 0 && memcmp(seen[0], seen[1], len) == 0)
			return 0;
	}
	return verdict(proof, BEKEN_CHANGING, "no two reads of a page agree");
}

int beken_prove(struct spi *spi, struct progress *progress, uint64_t done,
		struct beken_proof *proof, struct err *e)
{
	static int (*const steps[])(const struct asking *asking, struct beken_proof *proof,
				    struct err *e) = { prove_id, prove_status, prove_kind,
						       prove_page };
	const struct asking asking = { .spi = spi, .progress = progress, .done = done };

	*proof = (struct beken_proof){ .verdict = BEKEN_PROVEN };
	for (size_t i = 0; i < sizeof steps / sizeof *steps && !proof->failed; i++)
		if (steps[i](&asking, proof, e) < 0 || report(&asking, e) < 0)
			return -1;
	return 0;
}

/*
 * A SPI NOR flash chip, as the wire sees it: bytes and chip select in, bytes out, at times that
 * the caller tells. No I/O, no memory of its own, no clock, no floating point, so that the same
 * source serves a program and a kernel module.
 *
 * It does what data sheets say, the refusals included: a command that changes something takes
 * effect when the chip select rises, and only if WEL is set, the number of bytes is right, and
 * nothing is protected. While busy it hears nothing but status reads. Programming only clears
 * bits; a page wraps in itself, a read at the end of the chip. Opcodes and register bits are those
 * of Winbond's W25Q32JV data sheet (rev. H), 4-byte addressing those of W25Q256JV.
 *
 * Known: 9F 90 AB B9 4B 5A, 03 0B, 02, 06 04 50, 05 35 15, 01 31 11, the part's erases, C7 60,
 * 66 99; on parts with 4-byte addresses B7 E9, 13 0C, 12; on AAI parts AD, as in the SST25VF032B
 * data sheet: two bytes a command, the address in the first one only, then nothing but AD, 05 and
 * 04, which ends it, until the last word of the chip. All others are ignored, MISO floats (FF).
 */
#pragma once

#include "model_types.h"

#define CHIP_ERASES      8
#define CHIP_PAGE_MAX    512
#define CHIP_UNIQUE_ID   8
#define CHIP_SFDP        256
#define CHIP_JITTER_UNIT 1024

enum chip_sr1 {
	CHIP_WIP = 0x01,    /* busy */
	CHIP_WEL = 0x02,    /* write enabled */
	CHIP_BP = 0x1c,     /* how much is protected; 0: nothing */
	CHIP_TB = 0x20,     /* counted from the bottom instead of the top */
	CHIP_SEC = 0x40,    /* counted in sectors of 4 KiB instead of blocks */
	CHIP_AAI = 0x40,    /* AAI parts: in the middle of AAI. They have neither TB nor SEC. */
	CHIP_BP_BIG = 0x3c, /* parts with four BP bits; TB has moved up, and there is no SEC */
	CHIP_TB_BIG = 0x40,
	CHIP_SRP = 0x80 /* with WP low: the status registers are locked */
};

enum chip_sr2 {
	CHIP_SRL = 0x01, /* the status registers are locked until the power goes */
	CHIP_QE = 0x02,
	CHIP_LB = 0x38, /* lock bits of the security registers: can only be set */
	CHIP_CMP = 0x40 /* what BP says is protected is free, and the rest protected */
};

struct chip_erase {
	uint8_t opcode; /* 0: end of the list */
	uint32_t size;  /* bytes, a power of two */
};

/* Typical times in ns; what an operation really takes is one of these and some jitter. */
struct chip_timing {
	uint64_t program;   /* a page */
	uint64_t word;      /* a byte, or two by AAI */
	uint64_t erase_4k;  /* up to 4 KiB */
	uint64_t erase_32k; /* up to 32 KiB */
	uint64_t erase_64k; /* 64 KiB; larger blocks in proportion */
	uint64_t erase_chip;
	uint64_t status; /* a non-volatile status register write */
	uint32_t jitter; /* up to so much more or less, in CHIP_JITTER_UNITths */
};

enum chip_program {
	CHIP_PROGRAM_PAGE, /* 02, up to a page */
	CHIP_PROGRAM_BYTE, /* 02, exactly one byte */
	CHIP_PROGRAM_AAI   /* and AD beside */
};

struct chip_part {
	uint32_t jedec_id;     /* manufacturer, type, capacity: 0xef4016 */
	uint32_t size;         /* bytes, a power of two */
	uint32_t page;         /* bytes, a power of two up to CHIP_PAGE_MAX */
	uint8_t address_bytes; /* 3, or 4: knows both */
	enum chip_program program;
	bool needs_ewsr; /* 01 right after 50 only, WREN is not enough; it is no volatile write */
	bool has_bp3;    /* four BP bits, counted in blocks: W25Q256JV data sheet */
	bool no_sfdp;    /* 5A is ignored */
	bool has_unique_id; /* false: 4B is ignored */
	uint8_t unique_id[CHIP_UNIQUE_ID];
	struct chip_erase erase[CHIP_ERASES]; /* beside C7 and 60, which erase the chip */
	struct chip_timing timing;
};

/* What goes over the wire at a stretch, within one chip-select period. */
struct chip_piece {
	const uint8_t *tx; /* NULL: zeros */
	uint8_t *rx;       /* NULL: nobody listens */
	size_t len;
	uint64_t start_ns; /* of the first bit */
	uint32_t hz;       /* of the clock */
	uint8_t mode;      /* SPI mode */
};

/* What a byte takes at hz. */
static inline uint32_t chip_byte_ns(uint32_t hz)
{
	return hz < 8 ? 1000000000u : 1000000000u / (hz / 8);
}

struct chip_counters {
	uint64_t polls;            /* 05: status register reads */
	uint64_t programs, erases; /* started */
	uint64_t busy_ns;          /* of both; status writes are not in it */
};

/* What the command before prepared: it holds for the very next one only. */
enum chip_armed { CHIP_ARMED_NONE, CHIP_ARMED_VOLATILE /* 50 */, CHIP_ARMED_RESET /* 66 */ };

struct chip_command;

/* One chip-select period. */
struct chip_frame {
	const struct chip_command *command; /* NULL before the opcode */
	uint8_t head[8];                    /* opcode, address, dummies */
	uint32_t head_len, head_need;
	enum chip_armed armed;
	uint8_t noise;  /* what floats on MISO while the opcode goes in */
	uint32_t addr;  /* a read moves it on */
	uint64_t data;  /* bytes of data so far */
	uint8_t in[2];  /* the first of them: for the status registers */
	uint32_t block; /* bytes that an erase of the part's list erases */
};

struct chip {
	struct chip_part part;
	/*
	 * The caller's, part.size bytes: the charge of each cell, the inverse of the data, so that
	 * fresh zeroed memory is an erased chip and costs nothing before it is programmed.
	 */
	uint8_t *cells;
	uint64_t changes; /* goes up whenever the cells were written */
	uint64_t chance;  /* for jitter and noise */
	bool wp_low;      /* the WP pin: low arms SRP. The caller's to set. */

	uint8_t sr[3];    /* as they act; WIP, WEL and ADS are made up when read */
	uint8_t saved[3]; /* as they are after a reset */
	bool wel, asleep, four_byte;
	bool aai; /* between the first AD and the 04 that ends it; the next word goes to */
	uint32_t aai_addr;
	enum chip_armed armed;
	bool busy; /* with something that clears WEL when it ends, at */
	uint64_t busy_until_ns;

	bool selected;
	struct chip_frame frame;
	uint8_t charge[CHIP_PAGE_MAX]; /* the page buffer */
	uint8_t sfdp[CHIP_SFDP];
	struct chip_counters counters;
};

/* cells is borrowed and holds the inverse of the content. Equal seeds give equal chips. */
void chip_init(struct chip *chip, const struct chip_part *part, uint8_t *cells, uint64_t seed);

/* The factory's status registers, before anything is on the wire. */
void chip_set_status(struct chip *chip, uint8_t sr1, uint8_t sr2);

/* The chip select falls; rises; and what is clocked between. now_ns never goes back. */
void chip_select(struct chip *chip, uint64_t now_ns);
void chip_xfer(struct chip *chip, const struct chip_piece *piece);
void chip_deselect(struct chip *chip, uint64_t now_ns);

/*
 * The supply comes back after it was gone: what is not stored in cells is as after the factory or
 * the last non-volatile write; an operation that was going on has been cut short.
 */
void chip_power_up(struct chip *chip);

/* The chip select falls away without the clock edge that a command needs: it is forgotten. */
void chip_abandon(struct chip *chip);

/* The content, past the wire: addr + len within the part. poke is not counted as a change. */
void chip_peek(const struct chip *chip, uint32_t addr, uint8_t *buf, size_t len);
void chip_poke(struct chip *chip, uint32_t addr, const uint8_t *buf, size_t len);
void chip_blank(struct chip *chip); /* all FF */

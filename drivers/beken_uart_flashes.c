/*
 * From the lists of the open tools for these loaders, the newest first where they disagree. Some
 * parts have bits in the mask that their registers to read do not reach: those stay as they are.
 */
#include "beken_uart_flashes.h"

#include "auto.h"

#define KIB 1024u

#define NONE \
	{ \
		0 \
	}
#define SR1 \
	{ \
		0x05 \
	}
#define SR12 \
	{ \
		0x05, 0x35 \
	}
#define SR13 \
	{ \
		0x05, 0x15 \
	}
#define SR123 \
	{ \
		0x05, 0x35, 0x15 \
	}

/* clang-format off */
static const struct beken_flash table[] = {
	{ 0x014b42,   512 * KIB, NONE, 0, 0x0000 }, /* BK */
	{ 0x0b4014,  1024 * KIB, SR12, 2, 0x407c }, /* XT25F08F */
	{ 0x0b4015,  2048 * KIB, SR12, 2, 0x407c }, /* XT25F16B */
	{ 0x0b4016,  4096 * KIB, SR12, 2, 0x407c }, /* XT25F32B */
	{ 0x0b4017,  8192 * KIB, SR12, 2, 0x407c }, /* XT25F64B */
	{ 0x0b4018, 16384 * KIB, SR123, 2, 0x407c }, /* XT25F128F */
	{ 0x0b6017,  8192 * KIB, SR12, 2, 0x407c }, /* XT25Q64B */
	{ 0x0b6018, 16384 * KIB, SR123, 2, 0x407c }, /* XT25Q128B */
	{ 0x1c3113,   512 * KIB, SR1, 1, 0x003c }, /* PN25F04B */
	{ 0x1c4116,  4096 * KIB, SR12, 2, 0x407c }, /* EN25QE32A */
	{ 0x1c6116,  4096 * KIB, SR12, 2, 0x407c }, /* EN25QW32A */
	{ 0x1c7015,  2048 * KIB, SR1, 1, 0x003c }, /* EN25QH16B */
	{ 0x204016,  4096 * KIB, SR12, 2, 0x407c }, /* XM25QH32D */
	{ 0x204017,  8192 * KIB, SR12, 2, 0x407c }, /* XM25QH64D */
	{ 0x204018, 16384 * KIB, SR12, 2, 0x407c }, /* XM25QH128D */
	{ 0x204019, 32768 * KIB, SR12, 2, 0x407c }, /* XM25QH256D */
	{ 0x204118, 16384 * KIB, SR12, 2, 0x407c }, /* XM25QU128C */
	{ 0x4b4015,  2048 * KIB, SR12, 2, 0x407c }, /* XT25F16B_1 */
	{ 0x514013,   512 * KIB, SR1, 1, 0x001c }, /* GD25D40 */
	{ 0x514014,  1024 * KIB, SR1, 1, 0x001c }, /* GD25D80 */
	{ 0x5e4014,  1024 * KIB, SR1, 1, 0x003c }, /* PN25F08B */
	{ 0x5e5018, 16384 * KIB, SR12, 2, 0x407c }, /* ZB25LQ128C */
	{ 0x684018, 16384 * KIB, SR12, 2, 0x7c7c }, /* BY25Q128ES */
	{ 0x686018, 16384 * KIB, SR12, 2, 0x407c }, /* BY25Q128EL */
	{ 0x852015,  2048 * KIB, SR12, 2, 0x407c }, /* P25Q16HBK */
	{ 0x852016,  4096 * KIB, SR12, 2, 0x407c }, /* P25Q32HB */
	{ 0x852017,  8192 * KIB, SR12, 2, 0x407c }, /* PY25Q64HA */
	{ 0x852018, 16384 * KIB, SR12, 2, 0x407c }, /* P25Q128HA */
	{ 0x854215,  2048 * KIB, SR1, 1, 0x407c }, /* P25Q16HB */
	{ 0x854412,   256 * KIB, SR1, 1, 0x007c }, /* PY25D22U */
	{ 0x854512,   256 * KIB, SR1, 1, 0x007c }, /* PY25D24U */
	{ 0x856013,   512 * KIB, SR12, 2, 0x407c }, /* P25Q40 */
	{ 0x856014,  1024 * KIB, SR12, 2, 0x407c }, /* P25Q80 */
	{ 0x856015,  2048 * KIB, SR12, 2, 0x407c }, /* P25Q16SU */
	{ 0x856016,  4096 * KIB, SR12, 2, 0x407c }, /* P25Q32H */
	{ 0x856017,  8192 * KIB, SR12, 2, 0x407c }, /* P25Q64H */
	{ 0x856516,  4096 * KIB, SR12, 2, 0x407c }, /* PY25Q32LB */
	{ 0x856518, 16384 * KIB, SR12, 2, 0x407c }, /* PY25Q128LA */
	{ 0xa16018, 16384 * KIB, SR12, 2, 0x407c }, /* FM25LQ128I */
	{ 0xb36012,   256 * KIB, SR12, 2, 0x407c }, /* UC25HQ20 */
	{ 0xb36013,   512 * KIB, SR12, 2, 0x407c }, /* UC25HQ40 */
	{ 0xc22014,  1024 * KIB, SR1, 1, 0x007c }, /* MX25V80066 */
	{ 0xc22313,   512 * KIB, SR12, 2, 0x407c }, /* MX25V4035F */
	{ 0xc22314,  1024 * KIB, SR13, 2, 0x103c }, /* MX25V8035F */
	{ 0xc22315,  2048 * KIB, SR13, 2, 0x103c }, /* MX25V1635F */
	{ 0xc44010,    64 * KIB, SR12, 2, 0x407c }, /* GT25Q05D */
	{ 0xc44011,   128 * KIB, SR12, 2, 0x407c }, /* GT25Q10D */
	{ 0xc44012,   256 * KIB, SR12, 2, 0x407c }, /* GT25Q20D */
	{ 0xc44013,   512 * KIB, SR12, 2, 0x407c }, /* GT25Q40D */
	{ 0xc44018, 16384 * KIB, SR12, 2, 0x407c }, /* GT25Q128EZ */
	{ 0xc46015,  2048 * KIB, SR123, 2, 0x407c }, /* GT25Q16B */
	{ 0xc84013,   512 * KIB, SR1, 1, 0x401c }, /* GD25Q41B */
	{ 0xc84014,  1024 * KIB, SR12, 2, 0x407c }, /* GD25D80 */
	{ 0xc84015,  2048 * KIB, SR12, 2, 0x407c }, /* GD25Q16B */
	{ 0xc84016,  4096 * KIB, SR12, 2, 0x407c }, /* GD25Q32E */
	{ 0xc84017,  8192 * KIB, SR12, 2, 0x407c }, /* GD25Q64C */
	{ 0xc84018, 16384 * KIB, SR12, 2, 0x407c }, /* GD25Q128C */
	{ 0xc84019, 32768 * KIB, SR12, 2, 0x407c }, /* GD25Q256C */
	{ 0xc8471a, 65536 * KIB, SR12, 2, 0x407c }, /* GD25Q512C */
	{ 0xc86018, 16384 * KIB, SR12, 2, 0x407c }, /* GD25LQ128E */
	{ 0xc86019, 32768 * KIB, SR12, 2, 0x407c }, /* GD25LQ256E */
	{ 0xc86413,   512 * KIB, SR1, 1, 0x401c }, /* GD25Q41BT */
	{ 0xc86414,  1024 * KIB, SR1, 1, 0x407c }, /* GD25WD80E */
	{ 0xc86513,   512 * KIB, SR12, 2, 0x407c }, /* GD25Q41B */
	{ 0xc86514,  1024 * KIB, SR12, 2, 0x407c }, /* GD25WQ80E */
	{ 0xc86515,  2048 * KIB, SR12, 2, 0x407c }, /* GD25WQ16E */
	{ 0xc86516,  4096 * KIB, SR12, 2, 0x407c }, /* GD25WQ32E */
	{ 0xc86517,  8192 * KIB, SR12, 2, 0x407c }, /* GD25WQ64E */
	{ 0xc86518, 16384 * KIB, SR12, 2, 0x407c }, /* GD25WQ128E */
	{ 0xc86819, 32768 * KIB, SR1, 1, 0x407c }, /* GD25LX256E */
	{ 0xcd6013,   512 * KIB, SR12, 2, 0x407c }, /* TH25D40HB */
	{ 0xcd6014,  1024 * KIB, SR12, 2, 0x407c }, /* TH25Q80HB */
	{ 0xcd6016,  4096 * KIB, SR12, 2, 0x407c }, /* TH25Q32UB */
	{ 0xcd6017,  8192 * KIB, SR12, 2, 0x407c }, /* TH25Q64HB */
	{ 0xcd7113,   512 * KIB, SR12, 2, 0x407c }, /* TH25D40UC */
	{ 0xcd7115,  2048 * KIB, SR12, 2, 0x407c }, /* TH25Q16UC */
	{ 0xe04013,   512 * KIB, SR1, 1, 0x401c }, /* PN25Q40A */
	{ 0xe04014,  1024 * KIB, SR1, 1, 0x401c }, /* PN25Q80A */
	{ 0xeb6012,   256 * KIB, SR12, 2, 0x407c }, /* TH25D20HA */
	{ 0xeb6015,  2048 * KIB, SR12, 2, 0x407c }, /* TH25Q16HB */
	{ 0xeb6017,  8192 * KIB, SR12, 2, 0x407c }, /* TH25Q64HA */
	{ 0xef4018, 16384 * KIB, SR12, 2, 0x407c }, /* WB25Q128JV */
	{ 0xef6018, 16384 * KIB, SR12, 2, 0x407c }, /* WB25Q128JW_IQ */
	{ 0xef8018, 16384 * KIB, SR12, 2, 0x407c }, /* WB25Q128JW_IM */
};
/* clang-format on */

const struct beken_flash *beken_flashes(size_t *n)
{
	*n = ARRAY_LEN(table);
	return table;
}

const struct beken_flash *beken_flash_by_id(uint32_t jedec_id)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].jedec_id == jedec_id)
			return &table[i];
	return NULL;
}

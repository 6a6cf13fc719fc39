/* Which chip it is for: everything that names one has a weight, and the heaviest chip wins. */
#include "analysis_impl.h"

#include <stdio.h>

#include "auto.h"

static void add(struct analysis *a, const char *what, const char *says, uint32_t socs,
		unsigned weight, struct fact fact)
{
	struct clue *clue = &a->clue[a->clues];

	if (!socs || a->clues == ANALYSIS_CLUES)
		return;
	*clue = (struct clue){ .what = what, .socs = socs, .fact = fact, .weight = weight };
	snprintf(clue->says, sizeof clue->says, "%s", says);
	a->clues++;
}

static void add_loader(struct analysis *a)
{
	const struct bootloader *loader = &a->loader;
	char says[BANNER_TEXT];

	if (loader->text[0])
		snprintf(says, sizeof says, "%s", loader->text);
	else
		snprintf(says, sizeof says, "CRC-32 %08X", loader->id);
	if (loader->fact.sure != SURE_NOT)
		add(a, "bootloader", says, loader->socs, 4, loader->fact);
	if (loader->marked)
		add(a, "marker", "BK7231", SOC_BK7231N | SOC_BK7231M, 2,
		    (struct fact){ SURE_PATTERN, 0x110 });
}

/* "oem_bk7231n_plug": the chip stands somewhere in the name. */
static uint32_t soc_in(const char *name)
{
	for (; *name; name++)
		if (soc_of_text(name))
			return soc_of_text(name);
	return 0;
}

static void add_firmware(struct analysis *a)
{
	const struct fact name = { a->firmware_sure, (uint32_t)a->name.at };

	if (a->firmware == BANNER_OPENBEKEN)
		add(a, "firmware", a->name.text, soc_in(a->name.text), 5, name);
	else if (a->name.text[0])
		add(a, "firmware", a->name.text, soc_in(a->name.text), 3, name);
	if (a->platform.text[0] && a->firmware != BANNER_OPENBEKEN)
		add(a, "platform", a->platform.text, soc_in(a->platform.text), 4,
		    (struct fact){ a->firmware_sure, (uint32_t)a->platform.at });
}

/* Tuya's modules are called by the chip that is on them. */
static uint32_t soc_of_module(const char *module)
{
	if (module[0] == 'W' && module[1] >= 'A' && module[1] <= 'Z')
		return SOC_BK7231T;
	if (!strncmp(module, "CB", 2) || !strncmp(module, "T34", 3) || !strcmp(module, "T2"))
		return SOC_BK7231N;
	if (!strcmp(module, "T1"))
		return SOC_BK7238;
	return !strncmp(module, "T4", 2) ? SOC_BK7252N : 0;
}

static void add_settings(struct analysis *a)
{
	static const char store[] = "tuya";
	const struct setting *platform = settings_find(&a->settings, store, "em_sys_env");
	const struct setting *module = settings_find(&a->settings, store, "user_param_key.module");

	if (platform)
		add(a, "configuration", settings_value(&a->settings, platform),
		    soc_in(settings_value(&a->settings, platform)), 2, platform->fact);
	if (module)
		add(a, "module", settings_value(&a->settings, module),
		    soc_of_module(settings_value(&a->settings, module)), 1, module->fact);
}

static bool begins(const struct survey *survey, uint32_t at)
{
	for (size_t i = 0; i < survey->vectors.n; i++)
		if (survey->vectors.at[i] == at)
			return true;
	return false;
}

static void add_shape(struct work *w)
{
	if (begins(&w->survey, 0x1ba000))
		add(w->a, "layout", "a second application at 0x1BA000", SOC_BK7252 | SOC_BK7252U, 3,
		    (struct fact){ SURE_PATTERN, 0x1ba000 });
}

static unsigned score(const struct analysis *a, uint32_t soc)
{
	unsigned sum = 0;

	for (size_t i = 0; i < a->clues; i++)
		if (a->clue[i].socs & soc)
			sum += a->clue[i].weight;
	return sum;
}

/* One that is worth something and names only others. */
static bool contradicted(const struct analysis *a)
{
	for (size_t i = 0; i < a->clues; i++)
		if (!(a->clue[i].socs & a->socs) && a->clue[i].weight > 1)
			return true;
	return false;
}

static void decide(struct analysis *a)
{
	unsigned best = 0;

	for (uint32_t soc = 1; soc <= SOC_ALL; soc <<= 1) {
		const unsigned sum = score(a, soc);

		if (sum > best)
			a->socs = 0;
		if (sum >= best && sum > 0)
			a->socs |= soc;
		best = sum > best ? sum : best;
	}
	for (size_t i = 0; i < a->clues; i++)
		if (a->clue[i].socs & a->socs && a->clue[i].fact.sure > a->socs_sure)
			a->socs_sure = a->clue[i].fact.sure;
	if (contradicted(a))
		analysis_warn(a, "its parts name different chips");
}

void clues_weigh(struct work *w)
{
	add_loader(w->a);
	add_firmware(w->a);
	add_settings(w->a);
	add_shape(w);
	decide(w->a);
}

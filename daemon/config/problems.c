#include "problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void problems_add(struct config_problems *problems, const char *file, unsigned line,
		  const char *fmt, ...)
{
	char text[480], *whole;
	va_list ap;
	int n;

	problems->n++;
	if (problems->kept == CONFIG_PROBLEMS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	n = line ? asprintf(&whole, "%s:%u: %s", file, line, text)
		 : asprintf(&whole, "%s: %s", file, text);
	if (n >= 0)
		problems->text[problems->kept++] = whole;
}

void config_problems_done(struct config_problems *problems)
{
	for (size_t i = 0; i < problems->kept; i++)
		free(problems->text[i]);
	*problems = (struct config_problems){ 0 };
}

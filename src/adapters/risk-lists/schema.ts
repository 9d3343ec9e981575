import { z } from 'zod';

/** CISA, known_exploited_vulnerabilities_schema.json: what is needed of it. */
export const KevCatalog = z.object({
  dateReleased: z.iso.datetime({ offset: true }),
  vulnerabilities: z
    .array(z.object({ cveID: z.string().regex(/^CVE-\d{4}-\d{4,19}$/) }))
    .min(1)
    .max(200_000),
});

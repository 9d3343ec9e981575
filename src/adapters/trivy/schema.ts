import { z } from 'zod';

const MAX_FINDINGS = 50_000;

/** Of `trivy sbom --format json` (trivy, pkg/types/report.go). */
export const trivyReport = z.object({
  Trivy: z.object({ Version: z.string().optional() }).nullish(),
  Results: z
    .array(
      z.object({
        Vulnerabilities: z
          .array(
            z.object({
              VulnerabilityID: z.string().min(1),
              PkgName: z.string(),
              InstalledVersion: z.string().nullish(),
              FixedVersion: z.string().nullish(),
              Severity: z.string().nullish(),
              Title: z.string().nullish(),
              PublishedDate: z.string().nullish(),
              PkgIdentifier: z.object({ PURL: z.string().nullish() }).nullish(),
            }),
          )
          .max(MAX_FINDINGS)
          .nullish(),
      }),
    )
    .max(10_000)
    .nullish(),
});
export type TrivyReport = z.infer<typeof trivyReport>;

/** `db/metadata.json` (trivy-db, pkg/metadata). */
export const databaseMetadata = z.object({
  Version: z.literal(2),
  UpdatedAt: z.iso.datetime({ offset: true }),
});

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

const texts = z.array(z.string()).nullish();
const severity = z.int().optional();

/** A value of the database's advisory buckets: of one feed or another (trivy-db, pkg/types and pkg/vulnsrc/redhat-oval). */
export const advisoryValue = z.object({
  FixedVersion: z.string().optional(),
  AffectedVersion: z.string().optional(),
  VulnerableVersions: texts,
  PatchedVersions: texts,
  UnaffectedVersions: texts,
  Severity: severity,
  Status: z.int().optional(),
  Entries: z
    .array(
      z.object({
        FixedVersion: z.string().optional(),
        Arches: texts,
        Status: z.int().optional(),
        /** Indices of Red Hat's products. */
        Affected: z.array(z.int()).nullish(),
        Cves: z.array(z.object({ ID: z.string().optional(), Severity: severity })).nullish(),
      }),
    )
    .nullish(),
});
export type AdvisoryValue = z.infer<typeof advisoryValue>;

/** Of the bucket `vulnerability`. */
export const vulnerabilityValue = z.object({
  Severity: z.string().optional(),
  VendorSeverity: z.record(z.string(), z.int()).nullish(),
});

/** Of the bucket `data-source`. */
export const dataSourceValue = z.object({
  ID: z.string().optional(),
  BaseID: z.string().optional(),
});

/** Of the buckets of `Red Hat CPE`. */
export const productIndices = z.array(z.int());

import { z } from 'zod';
import { DATABASE_KINDS } from '../../domain/advisories/database-mirror';
import { isDigest, type Digest } from '../../domain/digest';

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

const Metadata = z.object({ Version: z.int(), UpdatedAt: z.iso.datetime({ offset: true }) });

/** `metadata.json` beside a database of this schema (trivy-db, pkg/metadata; trivy-java-db, pkg/db). */
export function databaseMetadataOf(schema: number): z.ZodType<z.infer<typeof Metadata>> {
  return Metadata.refine(({ Version }) => Version === schema, `is not of schema ${schema}`);
}

export const databaseMetadata = databaseMetadataOf(2);

const digestText = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));

/** Predicate of `https://plura.dev/attestations/scanner-database/v1`. What a later version adds is let through. */
export const databasePredicate = z.object({
  kind: z.enum(DATABASE_KINDS),
  /** Of the file, unpacked. */
  fileDigest: digestText,
  updatedAt: z.iso.datetime({ offset: true }),
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

import { z } from 'zod';
import type { RetentionPolicy, RetentionWindows } from '../../domain/gc/retention';
import { Duration, durationFrom, UNIT_MS } from './policy-duration';

/** A push of an image takes several requests: children first, then the index, then what is attached. */
export const Grace = durationFrom(UNIT_MS.h, '1h');
const Undelete = durationFrom(0, '0s');

const UNIT_BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const SIZE = /^(\d{1,9})(B|KiB|MiB|GiB|TiB)$/;

/** A size as people write it, `500GiB`; bytes after parsing. */
const Size = z.string('expected a size such as 500GiB').transform((text, context) => {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  const bytes = Number(amount) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES];
  if (Number.isSafeInteger(bytes)) return bytes;
  context.addIssue(`"${text}" is not a size in B, KiB, MiB, GiB or TiB, such as 500GiB`);
  return z.NEVER;
});

const WindowsFile = z
  .strictObject({
    prodStable: Duration,
    prodCandidate: Duration,
    stg: Duration,
    dev: Duration,
    inactive: Duration,
  })
  .transform(({ prodStable, prodCandidate, stg, dev, inactive }): RetentionWindows => ({
    prodStableMs: prodStable,
    prodCandidateMs: prodCandidate,
    stgMs: stg,
    devMs: dev,
    inactiveMs: inactive,
  }));

export const SomeWindowsFile = z
  .strictObject({
    prodStable: Duration.exactOptional(),
    prodCandidate: Duration.exactOptional(),
    stg: Duration.exactOptional(),
    dev: Duration.exactOptional(),
    inactive: Duration.exactOptional(),
  })
  .transform(({ prodStable, prodCandidate, stg, dev, inactive }): Partial<RetentionWindows> => ({
    ...(prodStable !== undefined && { prodStableMs: prodStable }),
    ...(prodCandidate !== undefined && { prodCandidateMs: prodCandidate }),
    ...(stg !== undefined && { stgMs: stg }),
    ...(dev !== undefined && { devMs: dev }),
    ...(inactive !== undefined && { inactiveMs: inactive }),
  }));

export const KeepLast = z.int().min(0).max(1000);
const Judged = z.enum(['judge', 'keep']);

const RepositoryFile = z
  .strictObject({
    match: z.string().min(1).max(255),
    tags: Judged.exactOptional(),
    untagged: Judged.exactOptional(),
    windows: SomeWindowsFile.exactOptional(),
    keepLast: KeepLast.exactOptional(),
    untaggedGrace: Grace.exactOptional(),
  })
  .transform(({ untaggedGrace, ...rest }) => ({
    ...rest,
    ...(untaggedGrace !== undefined && { untaggedGraceMs: untaggedGrace }),
  }));

export const RepositoriesFile = z.array(RepositoryFile).max(200);

export const BudgetFields = z.strictObject({
  maxRepositoryShare: z.number().min(0).max(1),
  maxBytes: Size,
  maxItems: z.int().min(0).max(100_000_000),
  protectLastReleases: KeepLast,
  maxEventGap: Duration,
});

const BudgetFile = BudgetFields.transform(({ maxEventGap, ...rest }) => ({
  ...rest,
  maxEventGapMs: maxEventGap,
}));

/** When a plan is made, runs and takes back disk. */
export const RunFields = {
  planMaxAge: Duration,
  firstRun: z.enum(['report', 'run']),
  automatic: z.boolean(),
  // Policies from before say nothing of it.
  reclaim: z.enum(['off', 'after-run']).default('off'),
  undelete: Undelete.default(UNIT_MS.d),
};

export const RetentionFile = z
  .strictObject({
    windows: WindowsFile,
    keepLast: KeepLast,
    untaggedGrace: Grace,
    repositories: RepositoriesFile,
    budget: BudgetFile,
    ...RunFields,
  })
  .transform(({ untaggedGrace, planMaxAge, undelete, ...rest }): RetentionPolicy => ({
    ...rest,
    untaggedGraceMs: untaggedGrace,
    planMaxAgeMs: planMaxAge,
    undeleteMs: undelete,
  }));

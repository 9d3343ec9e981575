import { z } from 'zod';
import { ADMISSION_DEPENDENCIES } from '../../domain/admission/fault';
import type { AdmissionSettings } from '../../domain/admission/settings';
import { Duration } from './policy-duration';

const MAX_GOOD_MS = 60_000;
const MAX_DEADLINE_MS = 29_000;
const MIB = 1024 * 1024;

const HostAndPort = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?$/, 'is not host or host:port in lower case');

const CacheFile = z
  .strictObject({
    good: Duration.refine((ms) => ms <= MAX_GOOD_MS, 'is longer than 60s'),
    bad: Duration,
    entries: z.int().min(100).max(1_000_000),
  })
  .refine(({ good, bad }) => bad <= good, { path: ['bad'], message: 'is longer than good' })
  .transform(({ good, bad, entries }) => ({ goodMs: good, badMs: bad, entries }));

const LimitsFile = z
  .strictObject({
    reviews: z.int().min(1).max(10_000),
    bodyMiB: z.int().min(8).max(4096),
    imagesPerReview: z.int().min(1).max(1000),
    bundlesPerImage: z.int().min(3).max(200),
    bundleMiB: z.int().min(1).max(256),
    childrenPerImage: z.int().min(1).max(500),
  })
  .transform(({ bodyMiB, bundleMiB, ...rest }) => ({
    ...rest,
    bodyBytes: bodyMiB * MIB,
    bundleBytes: bundleMiB * MIB,
  }));

const BreakGlassFile = z.strictObject({
  groups: z.array(z.string().min(1).max(253)).max(100),
  users: z.array(z.string().min(1).max(253)).max(100),
  perHour: z.int().min(0).max(100),
  covers: z.array(z.enum(ADMISSION_DEPENDENCIES)).max(ADMISSION_DEPENDENCIES.length),
});

/** The webhook's settings as people write them; the domain's AdmissionSettings after parsing. Unknown keys are refused. */
export const AdmissionFile = z
  .strictObject({
    apiVersion: z.literal('plura.reg/v1'),
    registries: z.array(HostAndPort).min(1).max(50),
    deadline: Duration.refine((ms) => ms <= MAX_DEADLINE_MS, 'is longer than 29s'),
    dependency: Duration,
    verdictMaxAge: Duration,
    trustedSources: z.array(z.string().min(1).max(1024)).max(200),
    cache: CacheFile,
    limits: LimitsFile,
    breakGlass: BreakGlassFile,
  })
  .refine(({ deadline, dependency }) => dependency < deadline, {
    path: ['dependency'],
    message: 'is not shorter than deadline',
  })
  .transform(({ deadline, dependency, verdictMaxAge, ...rest }) => ({
    ...rest,
    deadlineMs: deadline,
    dependencyMs: dependency,
    verdictMaxAgeMs: verdictMaxAge,
  })) satisfies z.ZodType<AdmissionSettings>;

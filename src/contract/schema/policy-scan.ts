import { z } from 'zod';
import type { ScanPolicy } from '../../domain/policy';
import { Duration } from './policy-duration';

const Aged = z.strictObject({ maxAge: Duration }).transform(({ maxAge }) => ({ maxAgeMs: maxAge }));

const Epss = z
  .strictObject({ threshold: z.number().gt(0).max(1), maxAge: Duration })
  .transform(({ threshold, maxAge }) => ({ threshold, maxAgeMs: maxAge }));

export const ScanFile = z
  .strictObject({
    databaseMaxAge: Duration,
    critical: z.literal(0),
    high: z.literal(0),
    medium: z.enum(['exception', 'allow']),
    unknown: z.enum(['fail', 'exception', 'allow']),
    fixAvailable: Aged.exactOptional(),
    kev: Aged.exactOptional(),
    epss: Epss.exactOptional(),
    vex: z
      .strictObject({ keys: z.array(z.string().min(1).max(100)).min(1).max(20) })
      .exactOptional(),
  })
  .transform(({ databaseMaxAge, ...rest }) => ({
    ...rest,
    databaseMaxAgeMs: databaseMaxAge,
  })) satisfies z.ZodType<ScanPolicy>;

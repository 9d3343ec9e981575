import { z } from 'zod';
import type { ExceptionPolicy } from '../../domain/exceptions/policy';
import { Duration, durationFrom, UNIT_MS } from './policy-duration';

/** Hours: what takes longer is for the standard ones, or for nobody. */
const BreakGlass = durationFrom(UNIT_MS.m, '1m', 3);

export const ExceptionsFile = z
  .strictObject({
    maxDuration: Duration,
    breakGlassMax: BreakGlass,
    warnBefore: z.array(Duration).max(10),
    endedPulls: z.enum(['refuse', 'allow']),
  })
  .transform(({ maxDuration, breakGlassMax, warnBefore, ...rest }) => ({
    ...rest,
    maxDurationMs: maxDuration,
    breakGlassMaxMs: breakGlassMax,
    warnBeforeMs: warnBefore,
  })) satisfies z.ZodType<ExceptionPolicy>;

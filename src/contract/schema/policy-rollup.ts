import { z } from 'zod';
import type { RollupPolicy } from '../../domain/rollup/policy';
import { Duration, durationFrom } from './policy-duration';

const Count = z.int().min(1).max(1000);
const Share = z.number().gt(0).max(1);

const PaceFile = { concurrency: Count.max(200), soak: durationFrom(0), maxDuration: Duration };

interface Pace {
  readonly concurrency: number;
  readonly soak: number;
  readonly maxDuration: number;
}

function toPace({
  concurrency,
  soak,
  maxDuration,
}: Pace): Pick<RollupPolicy, 'concurrency' | 'soakMs' | 'maxDurationMs'> {
  return { concurrency, soakMs: soak, maxDurationMs: maxDuration };
}

const EmergencyFile = z
  .strictObject({ ...PaceFile, optOuts: z.enum(['ignore', 'respect']) })
  .transform(({ optOuts, ...pace }) => ({ ...toPace(pace), optOuts }));

export const RollupFile = z
  .strictObject({
    schedule: z.strictObject({
      // Later days are missing in some months, and the rollup with them.
      dayOfMonth: z.int().min(1).max(28),
      hour: z.int().min(0).max(23),
      minute: z.int().min(0).max(59),
    }),
    waves: z.array(z.strictObject({ share: Share, atLeast: Count })).max(10),
    stopAfter: z.strictObject({ firstWave: Count, ratio: z.number().min(0).max(1) }),
    ...PaceFile,
    unknownSource: z.enum(['rebuild', 'skip']),
    emergency: EmergencyFile,
  })
  .transform(({ concurrency, soak, maxDuration, ...rest }) => ({
    ...rest,
    ...toPace({ concurrency, soak, maxDuration }),
  })) satisfies z.ZodType<RollupPolicy>;

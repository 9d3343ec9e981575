import { z } from 'zod';
import { METRIC_WINDOW_MS, type AccountingPolicy } from '../../domain/accounting/policy';
import { durationFrom } from './policy-duration';

const MAX_DAYS = 3660;
/** Longer than what metrics look back on, so that none of them shrinks as records are forgotten. */
const Age = durationFrom(METRIC_WINDOW_MS, '30d', MAX_DAYS);

export const AccountingFile = z
  .strictObject({
    monthlyGoal: z.number().gt(-1).max(0),
    prices: z
      .strictObject({
        currency: z.string().regex(/^[A-Z]{3}$/, 'is not a currency of ISO 4217, such as EUR'),
        perGbMonth: z.strictObject({ registry: z.number().min(0).max(1e6) }),
      })
      .exactOptional(),
    keep: z
      .strictObject({ events: Age, tagMoves: Age, samples: Age })
      .transform(({ events, tagMoves, samples }) => ({
        eventsMs: events,
        tagMovesMs: tagMoves,
        samplesMs: samples,
      })),
  })
  .transform(({ prices, ...rest }) => ({
    ...rest,
    prices: prices ?? null,
  })) satisfies z.ZodType<AccountingPolicy>;

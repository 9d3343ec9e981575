import { z } from 'zod';
import type { VerdictsPredicate as Predicate } from '../../domain/evidence-predicate';
import { GATES, VERDICT_OUTCOMES } from '../../domain/verdict';
import { digestText } from './oci-manifest';

const text = z.string().max(512);

/** Predicate of `https://plura.dev/attestations/verdicts/v1`. What a later version adds is let through. */
export const VerdictsPredicate = z.object({
  release: z.object({
    id: text,
    svc: text,
    repository: text,
    version: text,
    revision: text,
    runId: text,
  }),
  digest: digestText,
  verdicts: z
    .array(
      z.object({
        gate: z.enum(GATES),
        subject: text,
        outcome: z.enum(VERDICT_OUTCOMES),
        reasons: z.array(z.string().max(2_000)).max(200),
        policyHash: text,
        at: z.iso.datetime({ offset: true }),
        evidence: z.json(),
      }),
    )
    .min(1)
    .max(200),
}) satisfies z.ZodType<Predicate>;

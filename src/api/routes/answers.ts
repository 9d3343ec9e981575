import { z } from 'zod';
import { Problem } from '../../contract/schema/api-problem';

const problem = {
  description: 'Problem (RFC 9457)',
  content: { 'application/problem+json': { schema: Problem } },
};

/** Adds what every route may also answer. */
export function answers<Answers extends Record<number, z.ZodType>>(
  own: Answers,
): Answers & {
  readonly '4xx': typeof problem;
  readonly '5xx': typeof problem;
} {
  return { ...own, '4xx': problem, '5xx': problem };
}

/** Makes a repeated request the same request. Without it each request is its own. */
export const MutationHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\w.:-]{1,128}$/)
    .optional(),
});

import { z } from 'zod';
import { ADVISORY_ACTIONS, PROD_RULES, type AdvisoryPolicy } from '../../domain/advisories/policy';
import { durationFrom, UNIT_MS } from './policy-duration';

const MAX_DUE_DAYS = 3;
/** The standard's 24 to 72 hours; who can do better may say less. */
const Due = durationFrom(UNIT_MS.h, '1h', MAX_DUE_DAYS);
const Recheck = durationFrom(UNIT_MS.m, '1m', 1);
const Extension = durationFrom(0, '0s', MAX_DUE_DAYS);

const Rule = z
  .strictObject({ action: z.enum(ADVISORY_ACTIONS), due: Due })
  .transform(({ action, due }) => ({ action, dueMs: due }));

export const AdvisoriesFile = z
  .strictObject({
    critical: Rule,
    high: Rule,
    prod: z.enum(PROD_RULES),
    rollup: z.enum(['automatic', 'by-hand']),
    recheck: Recheck,
    maxExtension: Extension,
  })
  .transform(({ recheck, maxExtension, ...rest }) => ({
    ...rest,
    recheckMs: recheck,
    maxExtensionMs: maxExtension,
  })) satisfies z.ZodType<AdvisoryPolicy>;

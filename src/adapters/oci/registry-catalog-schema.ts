import { z } from 'zod';
import { networkError } from './errors';
import { errorBody } from './schema';

const MAX_NAMES = 10_000;
const names = z.array(z.string().min(1).max(300)).max(MAX_NAMES).nullable();

/** distribution writes null where there is nothing; a missing field is no answer. */
export const catalogBody = z.object({ repositories: names });
export const tagsBody = z.object({ tags: names });

/** An answer that can't be read is no answer: throws REGISTRY_UNAVAILABLE, never an empty list. */
export function parseCatalogBody<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Buffer,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(readJson(bytes));
  if (parsed.success) return parsed.data;
  throw networkError(what, new Error('the answer is not a list of names'));
}

/** Codes of an error answer; none when it is not the registry's own. */
export function errorCodes(bytes: Buffer): readonly string[] {
  const parsed = errorBody.safeParse(readJson(bytes));
  return parsed.success ? parsed.data.errors.map(({ code }) => code) : [];
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

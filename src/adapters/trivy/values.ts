import type { z } from 'zod';
import type { Entry } from './bolt/page';
import { scannerUnavailable } from './run';

/** @throws ReleaseError SCANNER_UNAVAILABLE when the value is not what its bucket holds */
export function readValue<T>(entry: Entry, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(entry.value.toString('utf8')));
  } catch (cause) {
    const key = entry.key.toString('utf8');
    throw scannerUnavailable(`${key} in its vulnerability database was not understood`, cause);
  }
}

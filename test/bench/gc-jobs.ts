import { z } from 'zod';
import { digestText } from '../../src/adapters/oci/schema';

const Common = z.object({
  nowMs: z.number(),
  /** Digests that channels hold. */
  channels: z.array(digestText),
  /** Where to write what would go, a name a line. */
  itemsFile: z.string(),
});

/** One plan, in a process of its own. */
export const GcJob = z.discriminatedUnion('kind', [
  Common.extend({ kind: z.literal('cold'), storageDir: z.string() }),
  Common.extend({ kind: z.literal('layout'), storageDir: z.string() }),
  Common.extend({ kind: z.literal('warm'), connectionString: z.string() }),
]);
export type GcJob = z.infer<typeof GcJob>;

export const GcResult = z.object({
  readSeconds: z.number(),
  /** With the reading. */
  seconds: z.number(),
  peakRssMb: z.number(),
  manifests: z.number(),
  freeBytes: z.number(),
  unknown: z.number(),
});
export type GcResult = z.infer<typeof GcResult>;

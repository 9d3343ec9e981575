import { z } from 'zod';
import { isDigest, type Digest } from '../../domain/digest';

/** One line of `buildctl --progress=rawjson` (buildkit, client/graph.go, SolveStatus). */
export const solveStatus = z.object({
  vertexes: z
    .array(
      z.object({
        digest: z.string(),
        name: z.string(),
        started: z.string().optional(),
        completed: z.string().optional(),
        cached: z.boolean().optional(),
        error: z.string().optional(),
      }),
    )
    .optional(),
  logs: z.array(z.object({ vertex: z.string(), data: z.base64().optional() })).optional(),
});

/** Of `--metadata-file`. */
export const buildMetadata = z.object({
  'containerimage.digest': z.custom<Digest>(
    (value) => typeof value === 'string' && isDigest(value),
  ),
});

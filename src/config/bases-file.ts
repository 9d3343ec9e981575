import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import type { PinnedBase } from '../domain/bases';
import { isDigest, type Digest } from '../domain/digest';

const BasesFile = z.record(
  z.string().min(1).max(300),
  z.object({
    repository: z.string().min(1).max(300),
    digest: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
  }),
);

/**
 * Base name as Dockerfiles write it, to its pin. No file means no bases yet.
 * @throws ReleaseError INVALID_INPUT for a file that is something else.
 */
export async function loadBases(file: string): Promise<Readonly<Record<string, PinnedBase>>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  });
  const bases = BasesFile.safeParse(parseJson(text));
  if (bases.success) return bases.data;
  throw new ReleaseError('INVALID_INPUT', `${file} is not a table of base images`, {
    details: { field: file, remedy: 'remove it and start the stack again: it is written anew' },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

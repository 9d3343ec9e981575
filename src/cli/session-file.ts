import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../contract/errors';

const Session = z.object({
  server: z.url(),
  token: z.string().min(1),
  subject: z.string(),
});
export type Session = z.infer<typeof Session>;

/** Null when nobody is logged in. @throws ReleaseError INVALID_INPUT for a file that is not ours. */
export async function readSession(file: string): Promise<Session | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = Session.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ReleaseError('INVALID_INPUT', `${file} is not a session of plura`, {
    details: { field: file, remedy: 'remove it and log in again: plura login' },
  });
}

/** Replaced in one step, readable by its owner only: it holds a token. */
export async function writeSession(file: string, session: Session): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(session, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

export async function removeSession(file: string): Promise<void> {
  await rm(file, { force: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

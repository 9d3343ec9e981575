import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SetupError } from '../process/setup-error';

/** What CLI, tests and demo may know of a running stack. */
const StackState = z.object({
  pid: z.number().int().positive(),
  startedAt: z.iso.datetime(),
  /** The CLI finds the API and its issuer by these two names. */
  api: z.url(),
  issuer: z.url(),
  registry: z.url(),
  /** The registry behind the gateway. What writes there goes around every rule. */
  registryBackend: z.url(),
  /** The webhook: reviews, the certificate to trust them by, health and metrics. */
  admission: z.url(),
  admissionCa: z.string(),
  admissionOperations: z.url(),
  /** Folder with the secrets of the registry's robots. */
  robots: z.string(),
  /** `host:port`. */
  temporal: z.string(),
  temporalUi: z.url(),
  /** `unix://...` */
  buildkit: z.string(),
  rekor: z.url(),
  prometheus: z.url(),
  target: z.url(),
  /** Its password opens this machine's Postgres only; the file is private to its owner. */
  database: z.string(),
  logs: z.string(),
});

export type StackState = z.infer<typeof StackState>;

/** `stack.json` in the state folder; there while a stack runs, and after one was killed. */
export function stackFile(stateDir: string): string {
  return join(stateDir, 'stack.json');
}

export async function writeStackState(stateDir: string, state: StackState): Promise<void> {
  const draft = `${stackFile(stateDir)}.new`;
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, stackFile(stateDir));
}

/** @throws SetupError when no stack was started on this folder. */
export function readStackState(stateDir: string): StackState {
  const file = stackFile(stateDir);
  if (!existsSync(file)) {
    throw new SetupError(`No stack runs on ${stateDir}.`, 'Start it with `npm start`.');
  }
  const parsed = StackState.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) {
    throw new SetupError(`${file} is of another version.`, 'Start the stack again: `npm start`.');
  }
  return parsed.data;
}

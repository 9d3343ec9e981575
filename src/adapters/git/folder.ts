import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SourceComparison } from '../../domain/rollup/source';

const runFile = promisify(execFile);

// A folder's own git configuration is as little trusted as the rest of it: nothing is fetched for an answer, and nobody is asked.
const ENV = {
  ...process.env,
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
};

/** Anything else would be an option or another revision to git. */
const REVISION = /^[0-9a-f]{7,40}$/;

const MAX_TIME_MS = Date.parse('9999-12-31T23:59:59Z');

/** One line of git's answer about a folder; null when it has none. */
async function askGit(folder: string, ...args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await runFile('git', ['-C', folder, ...args], { timeout: 5000, env: ENV });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

/** The commit a folder is at; null when it is in no git repository. */
export function readRevision(folder: string): Promise<string | null> {
  return askGit(folder, 'rev-parse', 'HEAD');
}

/** The e-mail address of who wrote a commit; null when the folder's repository, if it is in one, has no such commit. */
export async function readAuthor(folder: string, revision: string): Promise<string | null> {
  if (!REVISION.test(revision)) return null;
  return askGit(folder, 'log', '-1', '--no-show-signature', '--format=%ae', revision, '--');
}

/** RFC 3339: when a commit was committed; null when the folder's repository, if it is in one, has no such commit. */
export async function readCommitTime(folder: string, revision: string): Promise<string | null> {
  if (!REVISION.test(revision)) return null;
  const text = await askGit(
    folder,
    'log',
    '-1',
    '--no-show-signature',
    '--format=%ct',
    revision,
    '--',
  );
  const ms = Number(text ?? Number.NaN) * 1000;
  // A commit may bear any time: before 1970 and after 9999 no builder and no tar has it.
  return ms >= 0 && ms <= MAX_TIME_MS ? new Date(ms).toISOString() : null;
}

/** Whether a folder, as it lies there, is what a commit holds of it; files that git ignores are not looked at. */
export async function compareSource(folder: string, revision: string): Promise<SourceComparison> {
  if (!REVISION.test(revision)) return 'unknown';
  const commit = await askGit(folder, 'rev-parse', '--verify', '--quiet', `${revision}^{commit}`);
  if (commit === null) return 'unknown';
  // A folder that the commit does not hold differs from it by all its files.
  const tracked = await countChanges(
    folder,
    'diff',
    '--name-only',
    '--no-ext-diff',
    commit,
    '--',
    '.',
  );
  const added = await countChanges(folder, 'ls-files', '--others', '--exclude-standard', '--', '.');
  if (tracked === null || added === null) return 'unknown';
  return tracked + added === 0 ? 'same' : 'changed';
}

/** Lines of git's answer; null when it has none to give. */
async function countChanges(folder: string, ...args: readonly string[]): Promise<number | null> {
  try {
    const options = { timeout: 20_000, env: ENV, maxBuffer: 16 * 1024 * 1024 };
    // A monitor is a program of the folder's own configuration.
    const command = ['-C', folder, '-c', 'core.fsmonitor=false', ...args];
    const { stdout } = await runFile('git', command, options);
    return stdout.split('\n').filter((line) => line !== '').length;
  } catch {
    return null;
  }
}

import { execFile } from 'node:child_process';

/** `du -sk` (POSIX): kilobytes that are allocated, then the name. */
const ANSWER = /^(\d+)\s/;
/** What was deleted while it looked (glibc's words in the C locale, and those of BusyBox). */
const GONE = /No such file or directory$/;

/** `du` fails for a file that has just gone, and has a sum all the same; with any other complaint the sum lacks something. */
function readAnswer(code: number, stdout: string, stderr: string): number | null {
  const complaints = stderr.split('\n').filter((line) => line !== '');
  const isWhole = code === 0 || (code === 1 && complaints.every((line) => GONE.test(line)));
  const [, kilobytes] = ANSWER.exec(stdout) ?? [];
  return isWhole && kilobytes !== undefined ? Number(kilobytes) * 1024 : null;
}

/**
 * Bytes that a folder takes on its disk. By `du`, which walks a registry many times faster than we could while pushes wait. Null when it
 * can't be told: a measure is no reason to stop.
 */
export async function diskUsage(folder: string, signal: AbortSignal): Promise<number | null> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  const bytes = await new Promise<number | null>((resolve) => {
    execFile('du', ['-sk', folder], { signal, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve(typeof code === 'number' ? readAnswer(code, stdout, stderr) : null);
    });
  });
  signal.throwIfAborted();
  return bytes;
}

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { lastLines } from '../process/log-file';
import { SetupError } from '../process/setup-error';
import { startChild } from '../process/child';

export interface Step {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs steps one after the other, all they say in one log file. @throws SetupError with its last lines. */
export async function runLogged(
  what: string,
  steps: readonly Step[],
  logFile: string,
  remedy: string,
  signal: AbortSignal,
): Promise<void> {
  mkdirSync(dirname(logFile), { recursive: true });
  closeSync(openSync(logFile, 'w'));
  for (const step of steps) {
    signal.throwIfAborted();
    const child = await startChild({ ...step, graceMs: 1000 }, logFile);
    const stop = (): void => void child.stop();
    signal.addEventListener('abort', stop, { once: true });
    const { code } = await child.exited;
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    if (code !== 0) {
      const command = [step.command, ...step.args].join(' ');
      const message = `${what} could not be made: \`${command}\` failed (log: ${logFile}).`;
      throw new SetupError(message, remedy, lastLines(logFile));
    }
  }
}

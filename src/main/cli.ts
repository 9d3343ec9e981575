#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { version } from '../../package.json';
import type { CliContext, Stream } from '../cli/context';
import { formatError } from '../cli/output/error';
import { createPaint } from '../cli/output/style';
import { runCli } from '../cli/run';
import { readCliConfig } from '../config/cli';
import { ERRORS, ReleaseError } from '../contract/errors';
import { readAuthor, readRevision } from '../adapters/git/folder';

const DEFAULT_COLUMNS = 80;

/** `isTTY` of a stream is undefined where there is none, which is not what its type says. */
function streamOf(stream: NodeJS.WriteStream & { fd: number }): Stream {
  const isTTY = isatty(stream.fd);
  return {
    isTTY,
    get columns(): number {
      return isTTY ? stream.columns : DEFAULT_COLUMNS;
    },
    write: (text) => {
      stream.write(text);
    },
  };
}

async function confirm(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}

function createContext(signal: AbortSignal): CliContext {
  const { noColor, unicode, ...settings } = readCliConfig();
  return {
    settings,
    version,
    cwd: process.cwd(),
    stdout: streamOf(process.stdout),
    stderr: streamOf(process.stderr),
    colors: isatty(process.stdout.fd) && !noColor,
    unicode,
    signal,
    fetch: (url, init) => fetch(url, init),
    confirm: isatty(process.stdin.fd) && isatty(process.stderr.fd) ? confirm : null,
    now: () => Date.now(),
    sleep: (ms, abort) => sleep(ms, undefined, { signal: abort }),
    readRevision,
    readAuthor,
  };
}

async function main(): Promise<number> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    interrupt.abort();
  });
  try {
    return await runCli(process.argv.slice(2), createContext(interrupt.signal));
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    process.stderr.write(formatError(error, false, createPaint(false)));
    return ERRORS[error.code].exit;
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`plura: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function exitCodeOf(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

/** Hands terminal and signals through to the child; resolves with its exit code. */
export async function runInFront(command, args, { onStart = () => {}, ...options } = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  onStart(child);
  const forward = (signal) => child.kill(signal);
  FORWARDED.forEach((signal) => process.on(signal, forward));
  try {
    const [code, signal] = await once(child, 'exit');
    return exitCodeOf(code, signal);
  } finally {
    FORWARDED.forEach((signal) => process.off(signal, forward));
  }
}

/** Runs quietly; resolves with the exit code and the last 4000 characters it said. */
export async function runQuietly(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  const add = (chunk) => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  const [code, signal] = await once(child, 'close');
  return { code: exitCodeOf(code, signal), output };
}

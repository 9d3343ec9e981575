import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';

/*
 * Runs `node supervise deadlineMs command args…` in a process of its own: the command is killed with all that it started at its
 * deadline, and when whoever started us goes away, which shows at our standard input. Needs nothing but Node.
 */

const WATCH_MS = 1_000;
const [deadlineMs = '0', command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });

function kill(): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

// Whoever started us can kill it even when we are killed.
writeSync(3, `${String(child.pid ?? '')}\n`);
const endsAt = Date.now() + Number(deadlineMs);
setTimeout(kill, Number(deadlineMs));
// By the clock on the wall too: pushes open by it, also while a machine sleeps.
setInterval(() => {
  if (Date.now() >= endsAt) kill();
}, WATCH_MS).unref();
process.stdin.on('end', kill).on('close', kill).on('error', kill).resume();
process.on('SIGTERM', kill).on('SIGINT', kill);
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code) => {
  process.exit(code ?? 137);
});

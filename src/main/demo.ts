import { readStackConfig } from '../config/stack';
import { runDemo } from '../local/demo/demo';
import { describeFailure } from '../local/process/setup-error';

async function main(args: readonly string[]): Promise<number> {
  const { stateDir, portOffset, environment } = readStackConfig();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      interrupted.abort();
    });
  }
  const ok = await runDemo({
    stateDir,
    portOffset,
    environment,
    out: process.stdout,
    keep: args.includes('--keep'),
    signal: interrupted.signal,
  });
  return ok ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exitCode = 1;
  },
);

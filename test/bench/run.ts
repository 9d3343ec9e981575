import { cpus } from 'node:os';
import { describeFailure } from '../../src/local/process/setup-error';
import { admission } from './admission';
import { advisory } from './advisory';
import type { Benchmark } from './benchmark';
import { canary } from './canary';
import { fleet } from './fleet';
import { gateway } from './gateway';
import { gc } from './gc';
import { judge } from './judge';
import { promotion } from './promotion';
import { rollback } from './rollback';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  promotion,
  rollback,
  fleet,
  gateway,
  judge,
  canary,
  admission,
  gc,
  advisory,
};

const USAGE = `usage: npm run bench NAME [-- --quick]; NAME is one of ${Object.keys(BENCHMARKS).join(', ')}`;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...flags] = args;
  const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (!benchmark || flags.some((flag) => flag !== '--quick')) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      interrupted.abort(new Error(`interrupted by ${signal}`));
    });
  }
  const figures = await benchmark({
    quick: flags.includes('--quick'),
    environment: process.env,
    signal: interrupted.signal,
    say,
  });
  interrupted.signal.throwIfAborted();
  const [cpu] = cpus();
  const about = {
    bench: name,
    at: new Date().toISOString(),
    cpu: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}`,
    node: process.version,
  };
  say(JSON.stringify({ ...about, ...figures }));
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`not measured: ${describeFailure(error)}\n`);
    process.exitCode = 1;
  },
);

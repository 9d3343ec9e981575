import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
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

const PARTS: Readonly<Record<string, readonly string[]>> = { gc: ['million'] };

const USAGE = `usage: npm run bench NAME [-- [--quick] [--only PART]]; NAME is one of ${Object.keys(BENCHMARKS).join(', ')}
PART of gc: million`;

interface Order {
  readonly name: string;
  readonly benchmark: Benchmark;
  readonly quick: boolean;
  readonly only: string | null;
}

/** Null: not to be understood. */
function orderOf(args: readonly string[]): Order | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
    });
    const [name = '', ...more] = positionals;
    const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
    const { quick, only = null } = values;
    if (!benchmark || more.length > 0) return null;
    return only === null || PARTS[name]?.includes(only) ? { name, benchmark, quick, only } : null;
  } catch {
    return null;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  const order = orderOf(args);
  if (!order) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      interrupted.abort(new Error(`interrupted by ${signal}`));
    });
  }
  const { name, benchmark, quick, only } = order;
  const figures = await benchmark({
    quick,
    only,
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

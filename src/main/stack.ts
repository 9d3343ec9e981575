import { readStackConfig, type StackConfig } from '../config/stack';
import { describeFailure, SetupError } from '../local/process/setup-error';
import { isPartName, PART_NAMES, type PartName } from '../local/stack/parts';
import { resetState } from '../local/stack/reset';
import { launchStack, type Stack } from '../local/stack/start-stack';
import { summaryOf } from '../local/stack/summary';
import { cacheDirOf } from '../local/toolchain/cache';
import { ALL_TOOLS, STACK_TOOLS } from '../local/toolchain/catalogue';
import { ensureTools } from '../local/toolchain/ensure-tools';
import { showTools } from '../local/toolchain/progress';

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function parseOnly(args: readonly string[]): readonly PartName[] | undefined {
  const index = args.indexOf('--only');
  const inline = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
  const text = inline ?? (index >= 0 ? args[index + 1] : undefined);
  if (text === undefined) {
    return undefined;
  }
  const names = text.split(',');
  const unknown = names.find((name) => !isPartName(name));
  if (unknown !== undefined) {
    throw new SetupError(`"${unknown}" is no part.`, `Parts: ${PART_NAMES.join(', ')}.`);
  }
  // People reach the registry through its gateway alone.
  return names
    .filter(isPartName)
    .flatMap((name) => (name === 'registry' ? [name, 'gateway'] : [name]));
}

/** Resolves at the first Ctrl-C or SIGTERM; later ones change nothing, a stop is bounded anyway. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        resolve();
      });
    }
  });
}

async function untilAsked(stack: Stack, stop: Promise<void>, since: number): Promise<void> {
  const up = (async () => {
    await stack.allReady;
    const addresses = await stack.addresses;
    const elapsed = ((Date.now() - since) / 1000).toFixed(1);
    process.stdout.write(`${summaryOf(addresses)}\nThe stack is up after ${elapsed} s.\n`);
    process.stdout.write('Ctrl-C stops it.\n');
  })();
  await Promise.race([up.then(() => stop), stop]);
  say('stopping ...');
}

async function start(config: StackConfig, args: readonly string[]): Promise<number> {
  const since = Date.now();
  const stop = asked();
  const only = parseOnly(args);
  const tools = showTools(process.stderr);
  const stack = await launchStack({
    stateDir: config.stateDir,
    ports: args.includes('--ports=free') ? 'free' : 'default',
    portOffset: config.portOffset,
    environment: config.environment,
    env: config.overrides,
    mirrorsDatabase: true,
    onProgress: say,
    onTool: tools.onEvent,
    ...(only ? { only } : {}),
  });
  try {
    await untilAsked(stack, stop, since);
  } finally {
    tools.end();
    await stack.stop();
  }
  say('stopped');
  return 0;
}

async function buildTools(config: StackConfig, args: readonly string[]): Promise<number> {
  const tools = showTools(process.stderr);
  const aborted = new AbortController();
  void asked().then(() => {
    aborted.abort(new SetupError('Interrupted.', 'The next run goes on from here.'));
  });
  const { ready, failures } = ensureTools(args.includes('--all') ? ALL_TOOLS : STACK_TOOLS, {
    cacheDir: cacheDirOf(config.environment),
    environment: config.environment,
    signal: aborted.signal,
    onEvent: tools.onEvent,
  });
  await ready.catch(() => undefined);
  const failed = await failures;
  tools.end();
  failed.forEach(({ error }) => {
    say(describeFailure(error));
  });
  // Tests that skip time say themselves what they miss.
  return failed.every(({ tool }) => tool === 'temporal-test-server') ? 0 : 2;
}

async function reset(config: StackConfig): Promise<number> {
  const done = await resetState(config.stateDir);
  say(done ? `${config.stateDir} is cleared.` : `There is nothing in ${config.stateDir}.`);
  return 0;
}

async function main([command = 'start', ...args]: readonly string[]): Promise<number> {
  const config = readStackConfig();
  if (command === 'tools') {
    return buildTools(config, args);
  }
  return command === 'reset' ? reset(config) : start(config, args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    say(describeFailure(error));
    process.exitCode = error instanceof SetupError ? 2 : 1;
  },
);

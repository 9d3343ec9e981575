import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { ReleaseList } from '../../contract/schema/api-release';
import { repositoryRoot } from '../repository-root';
import { PART_NAMES } from '../stack/parts';
import { launchStack, type Stack } from '../stack/start-stack';
import { writeDockerConfig } from '../stack/robots';
import type { StackState } from '../stack/state';
import { loginLine } from '../stack/summary';
import { showTools } from '../toolchain/progress';
import { verifyWithCosign } from './cosign';
import { createPlura, type Plura } from './plura';
import { formatActs, formatTimeline, seconds } from './report';
import { playBroken, playGood, playRollback, playVulnerable, type Act, type Story } from './story';

export interface DemoOptions {
  readonly stateDir: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly portOffset: number;
  readonly out: NodeJS.WriteStream;
  /** Leave the stack up until interrupted. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

const SERVICE = 'checkout';
const KEY_FILE = 'release_eu-west-1.pub';
/** No act asks for admission, and each process costs a start that somebody waits for. */
const PARTS = PART_NAMES.filter((name) => name !== 'admission');

/** Commit of the sample sources; a tree without git has none, and says so. */
async function readRevision(root: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', root, 'rev-parse', 'HEAD']);
    return stdout.trim().slice(0, 12);
  } catch {
    return '0000000';
  }
}

/** Tags are written once, so a demo on a used state folder takes the next minor version. */
async function nextMinor(plura: Plura): Promise<number> {
  const list = ReleaseList.parse(
    await plura.query(['reg', 'list', '--svc', SERVICE, '--limit', '100']),
  );
  const minors = list.releases.map(({ version }) => Number(version.split('.')[1]));
  return Math.max(-1, ...minors) + 1;
}

async function playAll(story: Story): Promise<readonly Act[]> {
  const minor = await nextMinor(story.cast.alice);
  const version = (patch: number): string => `1.${minor}.${patch}`;
  const acts: Act[] = [];
  const one = await playGood(story, version(0));
  acts.push(one);
  const two = await playGood(story, version(1));
  acts.push(two);
  acts.push(await playBroken(story, version(2)));
  acts.push(await playVulnerable(story, version(3)));
  if (one.release && two.release) {
    acts.push(await playRollback(story, two.release, one.release));
  }
  return acts;
}

async function logIn(options: DemoOptions, person: string): Promise<Plura> {
  const plura = createPlura({
    cliPath: path.join(repositoryRoot(), 'dist/src/main/cli.js'),
    cwd: repositoryRoot(),
    stateDir: options.stateDir,
    environment: options.environment,
    person,
    out: options.out,
  });
  await plura.run(['login', '--local', '--as', person]);
  return plura;
}

/** A lane that an earlier demo's rollback left held must be opened by a person, as in life. */
async function openLane(carol: Plura): Promise<void> {
  await carol.run(['reg', 'resume', SERVICE, '--reason', 'demo: a new start']);
}

async function launch(options: DemoOptions, onFirst: (stack: Stack) => void): Promise<Stack> {
  const { out, stateDir, environment, portOffset } = options;
  const tools = showTools(out);
  const stack = await launchStack({
    stateDir,
    ports: 'default',
    portOffset,
    only: PARTS,
    environment,
    moreTools: ['cosign'],
    mirrorsDatabase: true,
    env: { PLURA_POLICY: path.join(repositoryRoot(), 'deploy/policy/demo.yaml') },
    onTool: tools.onEvent,
    onProgress: (line) => out.write(`${line}\n`),
  });
  const endTools = (): void => {
    tools.end();
  };
  void stack.toolchain.ready.then(endTools, endTools);
  onFirst(stack);
  return stack;
}

async function play(options: DemoOptions, stack: Stack, startedAt: number): Promise<boolean> {
  const { out } = options;
  const addresses = await stack.addresses;
  await stack.ready('api');
  out.write(`\nThe stack answers after ${seconds(Date.now() - startedAt)}.\n`);
  out.write(formatAddresses(addresses));
  await stack.allReady;
  out.write(`All parts are up after ${seconds(Date.now() - startedAt)}.\n`);

  const carol = await logIn(options, 'carol');
  const alice = await logIn(options, 'alice');
  await openLane(carol);
  const acts = await playAll({
    svc: SERVICE,
    revision: await readRevision(repositoryRoot()),
    cast: { alice, carol },
    now: () => Date.now(),
    heading: (title) => out.write(`\n━━ ${title}\n`),
  });
  const pinned = acts[0]?.release;
  out.write('\n━━ Stock cosign checks what is pinned\n');
  const verified =
    pinned?.digest !== undefined &&
    (await verifyWithCosign({
      cosign: await stack.toolchain.path('cosign'),
      stateDir: options.stateDir,
      dockerConfig: await writeDockerConfig(options.stateDir, addresses.registry, 'demo'),
      environment: options.environment,
      image: `${new URL(addresses.registry).host}/${pinned.repository}@${pinned.digest}`,
      keyFile: KEY_FILE,
      out,
    }));
  out.write(`\n━━ Timeline\n${formatTimeline(acts)}\n${formatActs(acts)}`);
  out.write(formatAddresses(addresses));
  const ok = verified && acts.length === 5 && acts.every((act) => act.ok);
  const total = seconds(Date.now() - startedAt);
  out.write(ok ? `\nAll of it happened, in ${total}.\n` : `\nNot all went as told (${total}).\n`);
  return ok;
}

function formatAddresses(addresses: StackState): string {
  const rows = [
    ['Temporal Web UI', addresses.temporalUi],
    ['API and OpenAPI', `${addresses.api}/openapi.json`],
    ['registry', addresses.registry],
    ['registry login', loginLine(addresses)],
    ['Prometheus', addresses.prometheus],
    ['logs', addresses.logs],
  ] as const;
  return `\n${rows.map(([name, where]) => `  ${name.padEnd(16)} ${where}`).join('\n')}\n`;
}

/** The main job in front of the reader. True only if every act went as told. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const startedAt = Date.now();
  let running: Stack | undefined;
  const stack = await launch(options, (started) => (running = started));
  const stop = (): void => {
    void running?.stop();
  };
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    const ok = await play(options, stack, startedAt);
    if (options.keep && !options.signal.aborted) {
      options.out.write('\nThe stack stays up: Ctrl-C stops it.\n');
      await new Promise((resolve) => {
        options.signal.addEventListener('abort', resolve, { once: true });
      });
    } else {
      options.out.write('\nLook around: `npm start` brings the same stack up again.\n');
    }
    return ok;
  } finally {
    await stack.stop();
  }
}

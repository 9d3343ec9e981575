import type { Role } from '../../src/domain/actor';
import type { CliContext } from '../../src/cli/context';
import { runCli } from '../../src/cli/run';
import type { TestApi } from './api-app';

export interface CliRun {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly as?: string;
  readonly roles?: readonly Role[];
  readonly tty?: boolean;
  readonly over?: Partial<CliContext>;
  /** Called at each wait of the CLI, to move the world on. */
  readonly onSleep?: (count: number) => Promise<void>;
}

/** Carries the CLI's requests into the app, no port opened. */
function fetchOf(api: TestApi): CliContext['fetch'] {
  return async (url, init) => {
    const { pathname, search } = new URL(url);
    const answer = await api.app.inject({
      method: init.method === 'POST' || init.method === 'DELETE' ? init.method : 'GET',
      url: pathname + search,
      headers: init.headers as Record<string, string>,
      ...(typeof init.body === 'string' && { payload: init.body }),
    });
    return new Response(answer.payload, { status: answer.statusCode });
  };
}

/** Runs one command line against the app as a subject with roles. */
export async function runPlura(
  api: TestApi,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  let slept = 0;
  const isTTY = options.tty ?? false;
  const context: CliContext = {
    settings: {
      server: 'http://api.test',
      token: await api.token(options.as ?? 'rita', options.roles ?? ['viewer', 'releaser']),
      configFile: '/nonexistent/plura/config.json',
      stateDir: '/nonexistent/plura',
    },
    version: '0.0.0-test',
    cwd: '/home/rita/src',
    stdout: { isTTY, columns: 100, write: (text) => out.push(text) },
    stderr: { isTTY, columns: 100, write: (text) => err.push(text) },
    colors: false,
    signal: new AbortController().signal,
    fetch: fetchOf(api),
    confirm: null,
    now: () => Date.parse('2026-03-01T12:00:30.000Z') + slept * 500,
    sleep: async () => {
      slept += 1;
      await options.onSleep?.(slept);
    },
    readRevision: () => Promise.resolve('abc1234'),
    readAuthor: () => Promise.resolve(null),
    ...options.over,
  };
  const exit = await runCli(args, context);
  return { exit, stdout: out.join(''), stderr: err.join('') };
}

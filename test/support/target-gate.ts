import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { readStackState } from '../../src/local/stack/state';

export type WriteKind = 'start' | 'percent' | 'stable' | 'withdraw' | 'clear';

/** Something the target was told and has answered. */
export interface TargetWrite {
  readonly svc: string;
  readonly env: string;
  readonly kind: WriteKind;
  /** Of `percent`. */
  readonly percent: number | null;
  readonly status: number;
  /** When the target answered, ms since the epoch. */
  readonly atMs: number;
}

export interface Held {
  readonly svc: string;
  readonly env: string;
  readonly kind: WriteKind;
  readonly percent?: number;
  /** before: the target has not heard of it. after: it is done, and nobody was told. */
  readonly when: 'before' | 'after';
}

export interface Hold {
  /** Resolves when such a write has come that far; rejects when none has in two minutes. */
  readonly reached: Promise<void>;
  release(): void;
}

/** A release that was refused before it came to its write must not keep a suite waiting. */
const REACHED_WITHIN_MS = 120_000;

function inTime(coming: Promise<void>, otherwise: string): Promise<void> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => {
      reject(new Error(otherwise));
    }, REACHED_WITHIN_MS).unref();
  });
  const first = Promise.race([coming, late]);
  // Who waits for it hears of it; a hold that nobody waits for fails nothing.
  first.catch(() => undefined);
  return first;
}

/** Between the workers and the rollout target: keeps a record of the writes, and holds one where a test wants to strike. */
export interface TargetGate {
  readonly url: string;
  readonly writes: readonly TargetWrite[];
  /** Every such write, repeats too, until released. */
  hold(wanted: Held): Hold;
  stop(): Promise<void>;
}

interface OpenHold {
  readonly wanted: Held;
  readonly arrive: () => void;
  readonly released: Promise<void>;
}

type Told = Pick<TargetWrite, 'svc' | 'env' | 'kind' | 'percent'>;

const ROUTES: readonly (readonly [WriteKind, RegExp])[] = [
  ['start', /^PUT \/v1\/rollouts\/([^/]+)\/([^/]+)\/candidate$/],
  ['percent', /^PUT \/v1\/rollouts\/([^/]+)\/([^/]+)\/candidate\/percent$/],
  ['stable', /^PUT \/v1\/rollouts\/([^/]+)\/([^/]+)\/stable$/],
  ['withdraw', /^POST \/v1\/rollouts\/([^/]+)\/([^/]+)\/candidate\/withdrawal$/],
  ['clear', /^POST \/v1\/rollouts\/([^/]+)\/([^/]+)\/stable\/withdrawal$/],
];
const PercentBody = z.object({ percent: z.number() });

function createLatch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function readWrite({ method, url }: IncomingMessage, body: string): Told | null {
  for (const [kind, pattern] of ROUTES) {
    const [, svc, env] = pattern.exec(`${method ?? ''} ${url ?? ''}`) ?? [];
    if (svc === undefined || env === undefined) continue;
    const percent = kind === 'percent' ? PercentBody.parse(JSON.parse(body)).percent : null;
    return { svc, env, kind, percent };
  }
  return null;
}

function isWanted({ svc, env, kind, percent }: Held, told: Told): boolean {
  const same = told.svc === svc && told.env === env && told.kind === kind;
  return same && (percent === undefined || told.percent === percent);
}

/** Leads to the target of the stack on `stateDir`, which may start later. */
export async function startTargetGate(stateDir: string): Promise<TargetGate> {
  const writes: TargetWrite[] = [];
  const holds = new Set<OpenHold>();

  async function forward(
    request: IncomingMessage,
    body: string,
    signal: AbortSignal,
  ): Promise<[number, string]> {
    const { authorization = '', 'content-type': type } = request.headers;
    const answer = await fetch(new URL(request.url ?? '/', readStackState(stateDir).target), {
      method: request.method ?? 'GET',
      headers: { authorization, ...(type !== undefined && { 'content-type': type }) },
      ...(body !== '' && { body }),
      signal,
    });
    return [answer.status, await answer.text()];
  }

  async function wait(when: Held['when'], told: Told | null): Promise<void> {
    for (const { wanted, arrive, released } of holds) {
      if (!told || wanted.when !== when || !isWanted(wanted, told)) continue;
      arrive();
      await released;
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whoever asks and goes away is gone for the target too.
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    const body = await text(request);
    const told = readWrite(request, body);
    await wait('before', told);
    if (gone.signal.aborted) return;
    const [status, answer] = await forward(request, body, gone.signal);
    if (told) writes.push({ ...told, status, atMs: Date.now() });
    await wait('after', told);
    response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    hold: (wanted) => {
      const reached = createLatch();
      const released = createLatch();
      const open: OpenHold = { wanted, arrive: reached.open, released: released.opened };
      holds.add(open);
      return {
        reached: inTime(reached.opened, `no write of ${JSON.stringify(wanted)} has come`),
        release: () => {
          holds.delete(open);
          released.open();
        },
      };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

import type { IncomingMessage } from 'node:http';
import { pino } from 'pino';
import type { RegistryPolicy } from '../../src/domain/policy';
import type { RepositoryScope } from '../../src/domain/registry/principal';
import { hashRobotSecret } from '../../src/contract/schema/registry-token';
import type { IdentityDependencies } from '../../src/gateway/auth/identity-parts';
import { parseTarget, type Target } from '../../src/gateway/http/route';
import type { RobotWithSecrets } from '../../src/ports/robots';

export const AUTH_NOW = '2026-03-01T12:00:00.000Z';
export const SECRET = 'plr_YcSXVnqkxOpfCT2ox3mrrJcN2bF3Rx8U1G8WLhUv0oM';
export const OTHER_SECRET = 'plr_0000000000000000000000000000000000000000000';

export const CI_SCOPES: readonly RepositoryScope[] = [
  { repositories: 'apps/checkout/**', actions: ['pull', 'push'] },
  { repositories: 'bases/**', actions: ['pull'] },
];

/** An active robot `ci` whose secret is `SECRET`. */
export function robotWithSecret(over: Partial<RobotWithSecrets> = {}): RobotWithSecrets {
  return {
    name: 'ci',
    kind: 'robot',
    scopes: CI_SCOPES,
    description: '',
    createdBy: 'carol',
    createdAt: '2026-02-01T00:00:00.000Z',
    expiresAt: null,
    disabledAt: null,
    rotatedAt: null,
    lastUsedAt: null,
    secrets: [{ hash: hashRobotSecret(SECRET), validUntil: null }],
    ...over,
  };
}

export interface TestIdentity {
  readonly deps: IdentityDependencies;
  readonly uses: { readonly name: string; readonly at: string }[];
  /** What the snapshot holds from now on. */
  setRobots(...robots: readonly RobotWithSecrets[]): void;
  setAvailable(available: boolean): void;
  advance(ms: number): void;
}

interface TestIdentityOptions {
  readonly anonymousPull?: readonly string[];
  readonly publicUrl?: string;
  readonly unavailable?: () => Error;
}

/** What authenticator and token endpoint need, with one robot `ci`, and a clock that stands still. */
export function createTestIdentity({
  anonymousPull = [],
  publicUrl,
  unavailable = () => new Error('no snapshot'),
}: TestIdentityOptions = {}): TestIdentity {
  let robots = new Map([['ci', robotWithSecret()]]);
  let nowMs = Date.parse(AUTH_NOW);
  let isAvailable = true;
  const uses: { name: string; at: string }[] = [];
  const policy: RegistryPolicy = {
    open: [],
    anonymousPull,
    quarantine: { spreadToParents: true, spreadToChildren: true, runningGraceMs: 0 },
    withoutDatabase: { pulls: 'serve', maxAgeMs: 300_000 },
  };
  return {
    uses,
    deps: {
      policy,
      tokenKey: Buffer.alloc(32, 7),
      log: pino({ level: 'silent' }),
      now: () => new Date(nowMs),
      robots: {
        recordUse: (batch) => {
          uses.push(...batch);
          return Promise.resolve();
        },
      },
      cache: {
        current: () => {
          if (!isAvailable) throw unavailable();
          const mode = {
            pushes: 'open',
            reason: '',
            by: '',
            since: AUTH_NOW,
            until: null,
          } as const;
          return { robots, blocks: new Map(), withheld: new Map(), mode };
        },
        ageMs: () => 0,
        refresh: () => Promise.resolve(),
        close: () => Promise.resolve(),
      },
      ...(publicUrl !== undefined && { publicUrl }),
    },
    setRobots: (...given) => {
      robots = new Map(given.map((robot) => [robot.name, robot]));
    },
    setAvailable: (available) => {
      isAvailable = available;
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

export function basicAuth(name: string, secret: string): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
}

interface RequestOptions {
  readonly method?: string;
  readonly authorization?: string | undefined;
  readonly host?: string;
  readonly from?: string;
}

/** The head of a request, as far as identity looks at it. */
export function requestFor(
  url: string,
  {
    method = 'GET',
    authorization,
    host = 'registry.test:5000',
    from = '10.0.0.7',
  }: RequestOptions = {},
): { readonly request: IncomingMessage; readonly target: Target } {
  const head = {
    method,
    url,
    headers: { host, ...(authorization !== undefined && { authorization }) },
    socket: { remoteAddress: from },
  };
  return { request: head as unknown as IncomingMessage, target: parseTarget(url) };
}

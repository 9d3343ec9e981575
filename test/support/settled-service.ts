import type { ReleaseRequest } from '../../src/contract/messages';
import type { Digest } from '../../src/domain/digest';
import type { ReleaseStatus } from '../../src/domain/release';
import { releaseRequest, withoutWindows } from './builders';
import { createFakeDeps, type FakeDeps, type FakeDepsOptions } from './fake-deps';
import type { DevServer } from './dev-server';
import { eventually, type Caller } from './workflow-env';

/** A service whose 1.0.0 is prod:stable. */
export interface SettledService {
  readonly svc: string;
  readonly deps: FakeDeps;
  readonly caller: Caller;
  readonly stable: Digest;
  readonly request: (version: string, overrides?: Partial<ReleaseRequest>) => ReleaseRequest;
  readonly status: (version: string) => Promise<ReleaseStatus>;
}

export async function settleService(
  { caller, workers }: Pick<DevServer, 'caller' | 'workers'>,
  svc: string,
  options: FakeDepsOptions = {},
  overrides: Partial<ReleaseRequest> = {},
): Promise<SettledService> {
  const deps = await createFakeDeps(options);
  const request = (version: string, more: Partial<ReleaseRequest> = {}): ReleaseRequest =>
    releaseRequest(svc, version, { ...overrides, ...more });
  workers.use(svc, deps);
  const { outcome, digest, reason } = await caller.run(
    request('1.0.0', { policy: withoutWindows() }),
  );
  if (outcome !== 'released' || !digest) throw new Error(`1.0.0 was not released: ${reason}`);
  // The lane hears of a release's end after who waits for its result.
  await eventually(async () => {
    const { running } = await caller.getLane(svc);
    if (running) throw new Error(`${running.releaseId} has not ended for its lane`);
  });
  return {
    svc,
    deps,
    caller,
    stable: digest,
    request,
    status: async (version) => {
      const { releaseId } = request(version);
      const status = await deps.ledger.getStatus(releaseId);
      if (!status) throw new Error(`no status of ${releaseId}`);
      return status;
    },
  };
}

/** What must be so after a release that did not make it: all as it was before. */
export async function takenBack({ svc, deps, stable }: SettledService): Promise<unknown> {
  const channels = await deps.ledger.listChannels(svc);
  const tags = await Promise.all(
    (['dev', 'stg', 'prod'] as const).flatMap((env) =>
      (['stable', 'candidate'] as const).map(async (tag) => {
        const found = await deps.registry.resolve(`channels/${env}/${svc}`, tag);
        return [`${env}:${tag}`, found?.digest === stable ? 'stable' : (found?.digest ?? null)];
      }),
    ),
  );
  const ledger = channels.map(({ channel, digest }) => [
    channel,
    digest === stable ? 'stable' : digest,
  ]);
  const traffic = (['stg', 'prod'] as const).map((env) => {
    const state = deps.rollout.states.get(`${svc}/${env}`);
    const track = state?.stable === stable ? 'stable' : state?.stable;
    return [env, track, state?.candidate, state?.warm ?? []];
  });
  return {
    tags: Object.fromEntries(tags) as unknown,
    ledger: Object.fromEntries(ledger) as unknown,
    traffic,
  };
}

/** As 1.0.0 left it. */
export const AS_BEFORE = {
  tags: {
    'dev:stable': null,
    'dev:candidate': 'stable',
    'stg:stable': 'stable',
    'stg:candidate': null,
    'prod:stable': 'stable',
    'prod:candidate': null,
  },
  ledger: {
    'dev:candidate': 'stable',
    'stg:stable': 'stable',
    'stg:candidate': null,
    'prod:stable': 'stable',
    'prod:candidate': null,
  },
  traffic: [
    ['stg', 'stable', null, []],
    ['prod', 'stable', null, []],
  ],
};

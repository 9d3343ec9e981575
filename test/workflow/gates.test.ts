import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WindowQuery, WindowSample } from '../../src/ports/metrics-source';
import { testPolicy } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { healthySample } from '../support/fakes/metrics-source';
import { HIGH_FINDING } from '../support/fakes/scanner';
import {
  AS_BEFORE,
  settleService,
  takenBack,
  type SettledService,
} from '../support/settled-service';
import { it } from '../support/side-by-side';

jest.setTimeout(60_000);

interface Case {
  readonly name: string;
  readonly outcome: 'rejected' | 'failed';
  readonly reason: RegExp;
  readonly arrange: (service: SettledService, world: World) => void | Promise<void>;
}

/** What the fakes answer from now on. */
interface World {
  sample: (query: WindowQuery) => WindowSample;
  findings: (typeof HIGH_FINDING)[];
  database: { updatedAt: string; canaryFound: boolean };
  user: string;
  builderId: string;
}

const dockerfile = (text: string) => (service: SettledService) => {
  writeFileSync(join(service.deps.sourceRoot, 'shop', 'Dockerfile'), text);
};

const CASES: readonly Case[] = [
  {
    name: 'a Dockerfile with one stage',
    outcome: 'rejected',
    reason: /multi-stage/,
    arrange: dockerfile('FROM bases/static\nUSER 65532\n'),
  },
  {
    name: 'a base that is not on the list',
    outcome: 'rejected',
    reason: /ubuntu/,
    arrange: dockerfile('FROM bases/go AS build\nFROM ubuntu\nUSER 65532\n'),
  },
  {
    name: 'a source folder that is not there',
    outcome: 'rejected',
    reason: /SOURCE_NOT_FOUND/,
    arrange: (service) => {
      Object.assign(service.deps, { sourceRoot: '/nowhere' });
    },
  },
  {
    name: 'a build that fails',
    outcome: 'rejected',
    reason: /ordered to fail/,
    arrange: ({ deps }) => {
      deps.builder.fail('BUILD_FAILED', 1);
    },
  },
  {
    name: 'an image that runs as root',
    outcome: 'rejected',
    reason: /root/,
    arrange: (_, world) => {
      world.user = '0';
    },
  },
  {
    name: 'provenance by another builder',
    outcome: 'rejected',
    reason: /builder/,
    arrange: (_, world) => {
      world.builderId = 'https://elsewhere.test';
    },
  },
  {
    name: 'a High finding',
    outcome: 'rejected',
    reason: /CVE-2022-24999/,
    arrange: (_, world) => {
      world.findings.push(HIGH_FINDING);
    },
  },
  {
    name: 'an old vulnerability database',
    outcome: 'failed',
    reason: /old/,
    arrange: (_, world) => {
      world.database.updatedAt = '2020-01-01T00:00:00Z';
    },
  },
  {
    name: 'a tag that another digest has',
    outcome: 'rejected',
    reason: /TAG_TAKEN/,
    arrange: async ({ deps, svc, stable }) => {
      const image = { repository: `apps/${svc}/${svc}`, digest: stable };
      await deps.ledger.claimTag(image, '2.0.0_abc1234', 'someone', '2026-01-01T00:00:00Z');
    },
  },
  {
    name: 'a container that does not become ready',
    outcome: 'rejected',
    reason: /ROLLOUT_FAILED/,
    arrange: ({ deps }) => {
      deps.rollout.fail('ROLLOUT_FAILED', 1, 'startCandidate');
    },
  },
  {
    name: 'a scenario that fails',
    outcome: 'rejected',
    reason: /buy: wrong price/,
    arrange: ({ deps }) => {
      deps.scenarios.breakScenario('buy', 'wrong price');
    },
  },
  {
    name: 'errors in the canary',
    outcome: 'rejected',
    reason: /canary 5 %.*failed/,
    arrange: (_, world) => {
      world.sample = () => healthySample({ errors: 500 });
    },
  },
  {
    name: 'a canary without traffic',
    outcome: 'rejected',
    reason: /canary 5 %.*0 requests/,
    arrange: (_, world) => {
      world.sample = () => healthySample({ requests: 0, p95Ms: null });
    },
  },
  {
    name: 'samples too old to judge by',
    outcome: 'failed',
    reason: /METRICS_UNAVAILABLE.*ms old/,
    arrange: (_, world) => {
      world.sample = () => healthySample({ freshnessMs: 900_000 });
    },
  },
  {
    name: 'slowness in the observation',
    outcome: 'rejected',
    reason: /observation 10 %.*p95/,
    arrange: (_, world) => {
      world.sample = ({ env }) => healthySample({ p95Ms: env === 'prod' ? 9_000 : 20 });
    },
  },
  {
    name: 'metrics down for longer than the policy waits',
    outcome: 'failed',
    reason: /METRICS_UNAVAILABLE/,
    arrange: ({ deps }) => {
      deps.metrics.fail('METRICS_UNAVAILABLE', 10_000);
    },
  },
  {
    name: 'a channel that someone else moved',
    outcome: 'failed',
    reason: /CHANNEL_MOVED/,
    arrange: ({ deps }) => {
      deps.ledger.fail('CHANNEL_MOVED', 1, 'beginMove');
    },
  },
];

describe('a release is stopped and taken back by', () => {
  const server = useDevServer();

  it.each(CASES.map((one, index) => [one.name, one, index] as const))(
    '%s',
    async (_, { outcome, reason, arrange }, index) => {
      const world: World = {
        sample: () => healthySample(),
        findings: [],
        database: { updatedAt: new Date().toISOString(), canaryFound: true },
        user: '65532',
        builderId: 'https://builder.test/buildkit',
      };
      const service = await settleService(server, `gate-${index}`, {
        metrics: (query) => world.sample(query),
        scanner: { findings: world.findings, database: world.database },
        builder: {
          get user() {
            return world.user;
          },
          get builderId() {
            return world.builderId;
          },
        },
      });
      const { timeouts } = testPolicy();
      const policy = testPolicy({ timeouts: { ...timeouts, dependencyMs: 500 } });
      await arrange(service, world);

      const result = await service.caller.run(service.request('2.0.0', { policy }));

      expect(result.outcome).toBe(outcome);
      expect(result.reason).toMatch(reason);
      expect(await takenBack(service)).toEqual(AS_BEFORE);
      const status = await service.status('2.0.0');
      expect(status).toMatchObject({ outcome, stage: 'done' });
      expect(status.steps.filter((step) => step.state === 'compensation-failed')).toEqual([]);
      expect(service.deps.notifier.sent).toEqual([]);
    },
  );
});

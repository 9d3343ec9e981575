import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import { openAdvisoryDatabase } from '../../src/adapters/trivy/advisory-database';
import { WORKFLOWS } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Digest } from '../../src/domain/digest';
import { seedDatabase } from '../../src/local/seed/database';
import type { Orchestrator } from '../../src/orchestrator/orchestrator';
import { quickPolicy, runInProd } from '../support/advisory-world';
import { createTestApi, type TestApi } from '../support/api-app';
import { runPlura, type CliRun } from '../support/cli-run';
import { hitOf } from '../support/contracts/advisory-cases';
import { A, B, C, digestOf, T0, T1 } from '../support/contracts/ledger-builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { containing } from '../support/matchers';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, type OpenStores } from '../support/registry-stores';
import { rescanSettings } from '../support/rescan-world';
import { toolPath } from '../support/tools';
import { eventually } from '../support/workflow-env';

jest.setTimeout(120_000);

/** Of the sample advisories. */
const CRITICAL = 'CVE-2021-44228';
const LOG4J = {
  ...{ space: 'maven', name: 'org.apache.logging.log4j:log4j-core', version: '2.14.1' },
  ...{ purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', arch: '', products: [] },
};
const T2 = '2026-01-04T00:00:00.000Z';
const T3 = '2026-01-05T00:00:00.000Z';
const T4 = '2026-01-06T00:00:00.000Z';
const D = digestOf('made of the same');
const DISMISSED = 'CVE-2026-4712';

describe('cases of advisories, from a database to the last affected digest', () => {
  const server = useDevServer();
  let postgres: PostgresServer;
  let stores: OpenStores;
  let ledger: PostgresLedger;
  let deps: FakeDeps;
  let orchestrator: Orchestrator;
  let api: TestApi;
  let folder: string;
  /** Of the scanner, as it is replaced by a newer one. */
  let databaseFolder: string;
  let watches = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-cases-'));
    postgres = await startPostgres();
    const database = await postgres.freshDatabase();
    stores = await openStores(database);
    ledger = createPostgresLedger({ connectionString: database });
    deps = await createFakeDeps();
    orchestrator = createOrchestrator({
      client: server.environment.client,
      deadlineMs: 10_000,
      rollbackDeadlineMs: 20_000,
    });
    const { advisoryCases, advisoryMatches, allowList, componentIndex, quarantine } = stores;
    const { rescans } = stores;
    const real: Deps = {
      ...{ ...deps, advisoryCases, advisoryMatches, allowList, componentIndex },
      ...{ ledger, quarantine, rescans },
      openAdvisoryDatabase: () => openAdvisoryDatabase(databaseFolder),
      advisoryCaseRuns: {
        noteHits: (advisory, hits) =>
          orchestrator.advisories.noteHits({ advisory, policy: quickPolicy() }, hits),
      },
    };
    for (const svc of ['', 'shop']) server.workers.use(svc, real);
    api = await createTestApi({ advisoryCases, orchestrator, now: () => new Date() });
  });

  afterAll(async () => {
    await api.app.close();
    await Promise.all([ledger.close(), stores.close()]);
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const plura = (...args: readonly string[]): Promise<CliRun> =>
    runPlura(api, ['reg', 'cve', ...args], { as: 'erin', roles: ['viewer', 'security'] });

  async function isBlocked(digest: Digest): Promise<boolean> {
    const image = { repository: 'apps/shop/web', digest };
    const { denials, quarantines } = await stores.allowList.facts(image);
    return denials.length + quarantines.length > 0;
  }

  /** A database of the scanner with these advisories of the sample, and the watch that matches the index with it. */
  async function bringDatabase(name: string, files: readonly string[]): Promise<void> {
    const advisories = join(folder, `${name}-advisories`);
    await mkdir(advisories);
    for (const file of files) {
      const sample = join(__dirname, '../../src/local/advisories', file);
      await copyFile(sample, join(advisories, file));
    }
    const boltFixtures = toolPath('bolt-fixtures');
    const stateDir = join(folder, name);
    const { cacheDir } = await seedDatabase({ stateDir, boltFixtures, advisories });
    databaseFolder = join(cacheDir, 'db');
    const opened = await openAdvisoryDatabase(databaseFolder);
    const { digest, updatedAt } = opened;
    await opened.close();
    deps.scanner.describeDatabase = () => Promise.resolve({ digest, updatedAt, canaryFound: true });
    watches += 1;
    await server.environment.client.workflow.execute(WORKFLOWS.advisoryWatch, {
      workflowId: `advisory-watch-${watches}`,
      taskQueue: TASK_QUEUES.release,
      args: [{ settings: { rescan: rescanSettings(), sboms: 100, packages: 100 } }],
    });
  }

  it('closes only after the affected digest has left every channel and no target runs it', async () => {
    await runInProd({ ledger, rollout: deps.rollout }, A, T0);
    const indexed = { digest: A, sbom: `sha256:${'5'.repeat(64)}`, uncovered: [], at: T0 };
    await stores.componentIndex.put({ ...indexed, components: [LOG4J] });
    const others = ['data-source.yaml', 'npm.yaml', 'vulnerability.yaml'];
    await bringDatabase('before', others);
    expect((await plura('open')).stdout).toBe('no case is open\n');
    await bringDatabase('after', [...others, 'maven.yaml']);
    await eventually(async () => {
      expect((await plura('open')).stdout).toContain('2 places');
    }, 30_000);

    expect(await isBlocked(A)).toBe(true);
    expect(deps.emergencyRollups.orders).toMatchObject([{ advisory: CRITICAL, only: ['shop'] }]);
    deps.emergencyRollups.progress({ ended: true, released: 1, troubled: [] });
    // Out of the channel, and still running: somebody has to take it away there.
    const image = { repository: 'apps/shop/web', digest: A };
    const write = { svc: 'shop', env: 'stg', epoch: 1 } as const;
    await deps.rollout.makeStable(write, image, '/healthz', 1_000);
    await runInProd({ ledger, rollout: deps.rollout }, B, T1);
    await eventually(async () => {
      expect((await plura('timeline', CRITICAL)).stdout).toContain('shop runs in stg');
    }, 30_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await plura('open')).toMatchObject({ exit: 0, stdout: containing(CRITICAL) });
    await deps.rollout.makeStable(write, { ...image, digest: B }, '/healthz', 1_000);

    await eventually(async () => {
      expect(await plura('open')).toMatchObject({ exit: 0, stdout: containing('no case is open') });
    }, 30_000);
    const { stdout } = await plura('timeline', CRITICAL);
    for (const what of ['opened', 'rollup', 'quarantined', 'nothing affected was left']) {
      expect(stdout).toContain(what);
    }
    expect(await stores.quarantine.get(A)).toMatchObject({ cves: [CRITICAL] });
    await eventually(() => {
      const told = deps.notifier.sent.map(({ title }) => title);
      expect(told.filter((title) => title.startsWith(CRITICAL))).toEqual([
        `${CRITICAL} (CRITICAL) hits what is in use`,
        `${CRITICAL}: nothing affected is left`,
      ]);
    });
  });

  it('takes a successor that is hit too, and frees all of it when a corrected database takes the advisory back', async () => {
    await runInProd({ ledger, rollout: deps.rollout }, C, T2);
    const indexed = { digest: C, sbom: `sha256:${'6'.repeat(64)}`, uncovered: [], at: T0 };
    await stores.componentIndex.put({ ...indexed, components: [LOG4J] });
    const others = ['data-source.yaml', 'npm.yaml', 'vulnerability.yaml'];
    await bringDatabase('hit', [...others, 'maven.yaml']);
    await eventually(async () => {
      expect(await isBlocked(C)).toBe(true);
    }, 30_000);

    // Made of the same, and in prod before the next watch.
    const [before] = await stores.advisoryCases.list('open', 10);
    await stores.componentIndex.put({ ...indexed, digest: D, components: [LOG4J] });
    await runInProd({ ledger, rollout: deps.rollout }, D, T3);
    await eventually(async () => {
      expect(await isBlocked(D)).toBe(true);
    }, 30_000);
    const { openedAt, dueAt } = before!;
    expect(await stores.advisoryCases.list('open', 10)).toMatchObject([{ openedAt, dueAt }]);

    await bringDatabase('corrected', others);

    await eventually(async () => {
      expect(await plura('open')).toMatchObject({ exit: 0, stdout: containing('no case is open') });
    }, 30_000);
    expect(await isBlocked(C)).toBe(false);
    expect(await isBlocked(D)).toBe(false);
    // What was affected, and is replaced, stays blocked.
    expect(await isBlocked(A)).toBe(true);
    const { stdout } = await plura('timeline', CRITICAL);
    for (const what of ['Not hit any more', C, 'newer databases say']) {
      expect(stdout).toContain(what);
    }
    await runInProd({ ledger, rollout: deps.rollout }, B, T4);
  });

  it('is extended once, noted and called not affected by people, from the command line', async () => {
    const hit = hitOf({ advisory: DISMISSED, digest: B, channels: ['prod:stable'] });
    await orchestrator.advisories.noteHits({ advisory: DISMISSED, policy: quickPolicy() }, [hit]);
    await eventually(async () => {
      expect(await isBlocked(B)).toBe(true);
    }, 30_000);
    const before = await stores.advisoryCases.read(DISMISSED);

    const noted = await plura('note', DISMISSED, 'not called anywhere, asked the team');
    const more = await plura('extend', DISMISSED, '--by', '12h', '--reason', 'team is away');
    const again = await plura('extend', DISMISSED, '--by', '12h', '--reason', 'still away');
    const why = [
      '--justification',
      'vulnerable_code_not_in_execute_path',
      '--reason',
      'not called',
    ];
    const closed = await plura('close', DISMISSED, ...why, '--yes');

    expect([noted.exit, more.exit, again.exit, closed.exit]).toEqual([0, 0, 3, 0]);
    expect(again.stderr).toContain('was extended before');
    await eventually(async () => {
      expect(await isBlocked(B)).toBe(false);
    }, 30_000);
    const after = await stores.advisoryCases.read(DISMISSED);
    const added = Date.parse(after?.dueAt ?? '') - Date.parse(before?.dueAt ?? '');
    expect(added).toBe(12 * 3_600_000);
    expect(after).toMatchObject({ resolution: { kind: 'not-affected', by: 'erin' } });
    const { stdout } = await plura('timeline', DISMISSED);
    for (const what of ['asked the team', 'team is away', 'not called', 'erin']) {
      expect(stdout).toContain(what);
    }
  });
});

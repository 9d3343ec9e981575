import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayDo, type RegistryAction } from '../../../../src/domain/registry/principal';
import {
  DEMO_ROBOT,
  PRODUCT_ROBOTS,
  seedRobots,
  type SeedRobotsInput,
} from '../../../../src/local/seed/robots';
import { createFakeGatewayState } from '../../../support/fakes/gateway-state';
import { createFakeRobots, type FakeRobots } from '../../../support/fakes/robots';

const NOW = new Date('2026-11-24T12:00:00Z');

let dir: string;
let robots: FakeRobots;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plura-robots-'));
  robots = createFakeRobots();
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function input(
  wanted: SeedRobotsInput['wanted'] = [...PRODUCT_ROBOTS, DEMO_ROBOT],
): SeedRobotsInput {
  return { dir, wanted, robots, state: createFakeGatewayState({ robots }), now: () => NOW };
}

async function secretOf(name: string): Promise<string> {
  return readFile(join(dir, name), 'utf8');
}

async function currentHash(name: string): Promise<string | undefined> {
  const found = (await robots.withSecrets()).find((one) => one.name === name);
  return found?.secrets.find(({ validUntil }) => validUntil === null)?.hash;
}

async function expectToFit(name: string): Promise<void> {
  const secret = await secretOf(name);
  expect(await currentHash(name)).toBe(createHash('sha256').update(secret).digest('hex'));
}

describe('seedRobots', () => {
  it('makes each robot with a secret of 256 bits that only its owner can read', async () => {
    await seedRobots(input());

    const names = (await robots.list()).map(({ name }) => name);
    expect((await readdir(dir)).sort()).toEqual([...names].sort());
    for (const name of names) {
      expect(await secretOf(name)).toMatch(/^plr_[A-Za-z0-9_-]{43}$/);
      expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
      await expectToFit(name);
    }
  });

  it('changes nothing the second time', async () => {
    await seedRobots(input());
    const before = await Promise.all([secretOf('system'), robots.withSecrets()]);

    await seedRobots(input());

    expect(await Promise.all([secretOf('system'), robots.withSecrets()])).toEqual(before);
  });

  it('makes a robot anew for the secret that is there when the database was replaced', async () => {
    await seedRobots(input());
    const secret = await secretOf('builder');
    robots = createFakeRobots();

    await seedRobots(input());

    expect(await secretOf('builder')).toBe(secret);
    await expectToFit('builder');
  });

  it('gives a robot another secret when its file was lost, and the old one is over', async () => {
    await seedRobots(input());
    await rm(join(dir, 'builder'));

    await seedRobots(input());

    await expectToFit('builder');
    const builder = (await robots.withSecrets()).find(({ name }) => name === 'builder');
    expect(builder?.secrets).toHaveLength(1);
  });

  it('takes a secret that a person has put into the file', async () => {
    await seedRobots(input());
    await writeFile(join(dir, 'demo'), 'plr_chosen');

    await seedRobots(input());

    expect(await secretOf('demo')).toBe('plr_chosen');
    await expectToFit('demo');
  });

  it('brings the rights of an older version up to date, and leaves out who was locked out', async () => {
    const scopes = [{ repositories: '**', actions: ['pull', 'push'] as const }];
    await seedRobots(input([{ ...DEMO_ROBOT, scopes }]));
    await robots.setDisabled('demo', '2026-11-01T00:00:00.000Z');

    await seedRobots(input());

    expect(await robots.get('demo')).toMatchObject({
      scopes: DEMO_ROBOT.scopes,
      disabledAt: '2026-11-01T00:00:00.000Z',
    });
    await expectToFit('demo');
  });
});

describe('the robots of the product', () => {
  it.each<[string, string, RegistryAction, boolean]>([
    ['system', 'channels/prod/checkout', 'delete', true],
    ['builder', 'apps/checkout/checkout', 'push', true],
    ['builder', 'bases/go', 'pull', true],
    ['builder', 'bases/go', 'push', false],
    ['builder', 'channels/prod/checkout', 'pull', false],
    ['scanner', 'apps/checkout/checkout', 'push', false],
    ['api', 'apps/checkout/checkout', 'push', false],
    ['admission', 'bases/go', 'pull', true],
    ['admission', 'apps/checkout/checkout', 'push', false],
    ['runtime', 'channels/prod/checkout', 'pull', true],
    ['runtime', 'apps/checkout/checkout', 'push', false],
    ['custodian', 'bases/go', 'push', true],
    ['custodian', 'apps/checkout/checkout', 'push', false],
    ['demo', 'charts/checkout', 'push', true],
    ['demo', 'bases/go', 'pull', true],
    ['demo', 'bases/go', 'push', false],
  ])('%s at %s: %s is %s', (name, repository, action, allowed) => {
    const robot = [...PRODUCT_ROBOTS, DEMO_ROBOT].find((one) => one.name === name)!;

    expect(mayDo(robot, repository, action)).toBe(allowed);
  });

  it('let nobody but the system delete, and the one that cleans up', () => {
    const deleters = [...PRODUCT_ROBOTS, DEMO_ROBOT].filter(({ scopes }) =>
      scopes.some(({ actions }) => actions.some((action) => (action as string) === 'delete')),
    );

    expect(deleters.map(({ name }) => name)).toEqual(['system', 'retention']);
  });
});

import type { NewRobot, Robots, RobotWithSecrets } from '../../../src/ports/robots';
import { codeOf, digestOf, T0, T1 } from './ledger-builders';

export interface RobotsUnderTest {
  readonly robots: Robots;
  /** As a gateway sees them: with the secrets that still work. */
  withSecrets(): Promise<readonly RobotWithSecrets[]>;
  close(): Promise<void>;
}

const FAR = '2999-01-01T00:00:00.000Z';
const PAST = '2020-01-01T00:00:00.000Z';
export const hashOf = (seed: string): string => digestOf(seed).slice('sha256:'.length);

export function robotOf(over: Partial<NewRobot> = {}): NewRobot {
  return {
    name: 'builder',
    kind: 'robot',
    scopes: [{ repositories: 'apps/shop/**', actions: ['pull', 'push'] }],
    description: 'CI of shop',
    createdBy: 'alice',
    createdAt: T0,
    expiresAt: null,
    ...over,
  };
}

const NEVER = { disabledAt: null, rotatedAt: null, lastUsedAt: null };

/** What every store of robots must do. `open` gives an empty one; it is closed after each test. */
export function describeRobots(name: string, open: () => Promise<RobotsUnderTest>): void {
  describe(`robots contract: ${name}`, () => {
    let under: RobotsUnderTest;
    let robots: Robots;

    beforeEach(async () => {
      under = await open();
      robots = under.robots;
    });

    afterEach(async () => {
      await under.close();
    });

    const secretsOf = async (robot: string): Promise<unknown> =>
      (await under.withSecrets()).find((one) => one.name === robot)?.secrets;

    it('keeps a robot as it was made, and never shows its secret in a list', async () => {
      const created = await robots.create(robotOf({ expiresAt: FAR }), hashOf('s1'));

      expect(created).toEqual({ ...robotOf({ expiresAt: FAR }), ...NEVER });
      expect(await robots.get('builder')).toEqual(created);
      expect(await robots.list()).toEqual([created]);
      expect(JSON.stringify(await robots.list())).not.toContain(hashOf('s1'));
      expect(await secretsOf('builder')).toEqual([{ hash: hashOf('s1'), validUntil: null }]);
    });

    it('lists by name and answers null for one it does not know', async () => {
      for (const robot of ['scanner', 'Zed', 'builder']) {
        await robots.create(robotOf({ name: robot }), hashOf(robot));
      }

      const names = (await robots.list()).map((one) => one.name);

      expect(names).toEqual(['Zed', 'builder', 'scanner']);
      expect(await robots.get('none')).toBeNull();
    });

    it('refuses a name twice, but not the same call again, as after a lost answer', async () => {
      const created = await robots.create(robotOf(), hashOf('s1'));

      expect(await robots.create(robotOf(), hashOf('s1'))).toEqual(created);
      expect(await codeOf(robots.create(robotOf(), hashOf('s2')))).toBe('ROBOT_EXISTS');
      expect(await secretsOf('builder')).toHaveLength(1);
    });

    it('makes a name once when many want it', async () => {
      const codes = await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          codeOf(robots.create(robotOf(), hashOf(`s${index}`))),
        ),
      );

      expect(codes.filter((code) => code === 'fulfilled')).toHaveLength(1);
      expect(codes.filter((code) => code === 'ROBOT_EXISTS')).toHaveLength(19);
      expect(await secretsOf('builder')).toHaveLength(1);
    });

    it('lets the old secret work for a while after a rotation', async () => {
      await robots.create(robotOf(), hashOf('s1'));

      const rotated = await robots.rotate('builder', hashOf('s2'), FAR, T1);

      expect(rotated).toEqual({ ...robotOf(), ...NEVER, rotatedAt: T1 });
      expect(await robots.get('builder')).toEqual(rotated);
      expect(await secretsOf('builder')).toEqual([
        { hash: hashOf('s2'), validUntil: null },
        { hash: hashOf('s1'), validUntil: FAR },
      ]);
    });

    it('rotates once when told twice', async () => {
      await robots.create(robotOf(), hashOf('s1'));
      await robots.rotate('builder', hashOf('s2'), FAR, T0);

      const again = await robots.rotate('builder', hashOf('s2'), PAST, T1);

      expect(again.rotatedAt).toBe(T0);
      expect(await secretsOf('builder')).toHaveLength(2);
    });

    it('ends all older secrets, also those of earlier rotations, when the next one says so', async () => {
      await robots.create(robotOf(), hashOf('s1'));
      await robots.rotate('builder', hashOf('s2'), FAR, T0);

      await robots.rotate('builder', hashOf('s3'), PAST, T1);

      expect(await secretsOf('builder')).toEqual([{ hash: hashOf('s3'), validUntil: null }]);
    });

    it('never gives an old secret more time than it had', async () => {
      await robots.create(robotOf(), hashOf('s1'));
      await robots.rotate('builder', hashOf('s2'), '2998-01-01T00:00:00.000Z', T0);

      await robots.rotate('builder', hashOf('s3'), FAR, T1);

      expect(await secretsOf('builder')).toEqual([
        { hash: hashOf('s3'), validUntil: null },
        { hash: hashOf('s2'), validUntil: FAR },
        { hash: hashOf('s1'), validUntil: '2998-01-01T00:00:00.000Z' },
      ]);
    });

    it('has one current secret whatever the race of rotations', async () => {
      await robots.create(robotOf(), hashOf('s0'));

      await Promise.all(
        Array.from({ length: 10 }, async (_, index) =>
          robots.rotate('builder', hashOf(`race ${index}`), FAR, T1),
        ),
      );

      const [builder] = await under.withSecrets();
      expect(builder?.secrets).toHaveLength(11);
      expect(builder?.secrets.filter((one) => one.validUntil === null)).toHaveLength(1);
    });

    it('disables and enables; the first time of disabling stays', async () => {
      await robots.create(robotOf(), hashOf('s1'));

      expect((await robots.setDisabled('builder', T0)).disabledAt).toBe(T0);
      expect((await robots.setDisabled('builder', T1)).disabledAt).toBe(T0);
      expect((await robots.get('builder'))?.disabledAt).toBe(T0);
      expect((await robots.setDisabled('builder', null)).disabledAt).toBeNull();
    });

    it('forgets a removed robot with its secrets', async () => {
      await robots.create(robotOf(), hashOf('s1'));

      await robots.remove('builder');

      expect(await robots.get('builder')).toBeNull();
      expect(await under.withSecrets()).toEqual([]);
      await robots.create(robotOf(), hashOf('s2'));
      expect(await secretsOf('builder')).toEqual([{ hash: hashOf('s2'), validUntil: null }]);
    });

    it('says so when there is none of that name', async () => {
      const calls = [
        robots.rotate('none', hashOf('s1'), FAR, T0),
        robots.setDisabled('none', T0),
        robots.remove('none'),
      ];

      expect(await Promise.all(calls.map(async (call) => codeOf(call)))).toEqual([
        'ROBOT_NOT_FOUND',
        'ROBOT_NOT_FOUND',
        'ROBOT_NOT_FOUND',
      ]);
    });

    it('remembers the newest use; unknown ones are ignored', async () => {
      await robots.create(robotOf(), hashOf('s1'));

      await robots.recordUse([
        { name: 'builder', at: T0 },
        { name: 'builder', at: T1 },
        { name: 'none', at: T1 },
      ]);
      await robots.recordUse([{ name: 'builder', at: T0 }]);
      await robots.recordUse([]);

      expect((await robots.get('builder'))?.lastUsedAt).toBe(T1);
    });
  });
}

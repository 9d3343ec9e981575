import { ReleaseError } from '../../../src/contract/errors';
import type { Robot, Robots, RobotSecret, RobotWithSecrets } from '../../../src/ports/robots';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeRobots extends Robots, CallFaults {
  /** All with the secrets that still work, as a gateway sees them. */
  withSecrets(): Promise<readonly RobotWithSecrets[]>;
}

interface Held {
  robot: Robot;
  secrets: RobotSecret[];
}

function earlier(a: string | null, b: string): string {
  return a !== null && Date.parse(a) < Date.parse(b) ? a : b;
}

function works({ validUntil }: RobotSecret, nowMs: number): boolean {
  return validUntil === null || Date.parse(validUntil) > nowMs;
}

function isCurrent({ secrets }: Held, hash: string): boolean {
  return secrets.some((one) => one.hash === hash && one.validUntil === null);
}

class Store {
  private readonly robots = new Map<string, Held>();

  find(name: string): Held {
    const held = this.robots.get(name);
    if (held) return held;
    throw new ReleaseError('ROBOT_NOT_FOUND', `There is no robot "${name}"`);
  }

  change(name: string, change: Partial<Robot>): Robot {
    const held = this.find(name);
    held.robot = { ...held.robot, ...change };
    return held.robot;
  }

  all(): Held[] {
    return [...this.robots.values()].sort((a, b) => (a.robot.name < b.robot.name ? -1 : 1));
  }

  create(robot: Robot, hash: string): Robot {
    const held = this.robots.get(robot.name);
    if (held && isCurrent(held, hash)) return held.robot;
    if (held) throw new ReleaseError('ROBOT_EXISTS', `There is a robot "${robot.name}" already`);
    this.robots.set(robot.name, { robot, secrets: [{ hash, validUntil: null }] });
    return robot;
  }

  rotate(name: string, hash: string, oldValidUntil: string, at: string): Robot {
    const held = this.find(name);
    if (isCurrent(held, hash)) return held.robot;
    const old = held.secrets
      .map((one) => ({ ...one, validUntil: earlier(one.validUntil, oldValidUntil) }))
      .filter((one) => works(one, Date.parse(at)) && one.hash !== hash);
    held.secrets = [{ hash, validUntil: null }, ...old];
    return this.change(name, { rotatedAt: at });
  }

  remove(name: string): void {
    this.find(name);
    this.robots.delete(name);
  }

  use(name: string, at: string): void {
    const held = this.robots.get(name);
    const last = Date.parse(held?.robot.lastUsedAt ?? '1970-01-01');
    if (held && last < Date.parse(at)) this.change(name, { lastUsedAt: at });
  }
}

function createMethods(store: Store): Robots {
  return {
    create: (robot, hash) => {
      const fresh = { disabledAt: null, rotatedAt: null, lastUsedAt: null };
      return Promise.resolve(store.create({ ...robot, ...fresh }, hash));
    },
    get: (name) =>
      Promise.resolve(store.all().find((one) => one.robot.name === name)?.robot ?? null),
    list: () => Promise.resolve(store.all().map((one) => one.robot)),
    rotate: (name, hash, oldValidUntil, at) =>
      Promise.resolve(store.rotate(name, hash, oldValidUntil, at)),
    setDisabled: (name, at) => {
      const { disabledAt } = store.find(name).robot;
      return Promise.resolve(
        store.change(name, { disabledAt: at === null ? null : (disabledAt ?? at) }),
      );
    },
    remove: (name) => {
      store.remove(name);
      return Promise.resolve();
    },
    recordUse: (uses) => {
      for (const { name, at } of uses) store.use(name, at);
      return Promise.resolve();
    },
  };
}

export function createFakeRobots(): FakeRobots {
  const store = new Store();
  return withCallFaults({
    ...createMethods(store),
    withSecrets: () =>
      Promise.resolve(
        store.all().map(({ robot, secrets }) => ({
          ...robot,
          secrets: secrets.filter((one) => works(one, Date.now())),
        })),
      ),
  });
}

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOnce } from '../../adapters/kms/ensure-keys';
import { createRobotSecret, hashRobotSecret } from '../../contract/schema/registry-token';
import type { RepositoryScope } from '../../domain/registry/principal';
import type { GatewayState } from '../../ports/gateway-state';
import type { NewRobot, Robots, RobotWithSecrets } from '../../ports/robots';

type WantedRobot = Pick<NewRobot, 'name' | 'kind' | 'scopes' | 'description'>;

const EVERYTHING = '**';

function reader<Name extends string>(
  name: Name,
  kind: 'robot' | 'observer',
  description: string,
): WantedRobot & { readonly name: Name } {
  return { name, kind, description, scopes: [{ repositories: EVERYTHING, actions: ['pull'] }] };
}

/** Who of the product speaks to the registry, each with no more rights than it needs. */
export const PRODUCT_ROBOTS = [
  {
    name: 'system',
    kind: 'system',
    description: 'release workflows: tags, channels, signatures',
    scopes: [{ repositories: EVERYTHING, actions: ['pull', 'push', 'delete'] }],
  },
  {
    name: 'retention',
    kind: 'system',
    description: 'clean-up: deletes what a plan says',
    scopes: [{ repositories: EVERYTHING, actions: ['delete'] }],
  },
  {
    name: 'builder',
    kind: 'robot',
    description: 'BuildKit: pushes what it built, reads bases',
    scopes: [
      { repositories: 'apps/**', actions: ['pull', 'push'] },
      { repositories: 'bases/**', actions: ['pull'] },
    ],
  },
  reader('scanner', 'observer', 'Trivy: reads images for their SBOM'),
  reader('api', 'observer', 'API: reads what it shows and verifies'),
  reader('admission', 'observer', 'webhook: reads what it checks before it may start'),
  reader('runtime', 'robot', 'rollout target: pulls what it runs'),
  {
    name: 'custodian',
    kind: 'custodian',
    description: 'imports and signs base images',
    scopes: [
      { repositories: 'bases/**', actions: ['pull', 'push'] },
      { repositories: 'mirror/**', actions: ['pull', 'push'] },
    ],
  },
] as const satisfies readonly WantedRobot[];

/** For the people in front of a local stack, and its tests. */
export const DEMO_ROBOT = {
  name: 'demo',
  kind: 'robot',
  description: 'you: push apps and charts, pull everything',
  scopes: [
    { repositories: 'apps/**', actions: ['pull', 'push'] },
    { repositories: 'charts/**', actions: ['pull', 'push'] },
    { repositories: EVERYTHING, actions: ['pull'] },
  ],
} as const satisfies WantedRobot;

export type LocalRobotName = (typeof PRODUCT_ROBOTS)[number]['name'] | 'demo';

export interface SeedRobotsInput {
  /** Folder of the secrets, one file a robot, for their owner only. */
  readonly dir: string;
  readonly wanted: readonly WantedRobot[];
  readonly robots: Robots;
  readonly state: Pick<GatewayState, 'read'>;
  readonly now: () => Date;
}

/** Whatever order the store keeps keys in. */
function rightsOf({ kind, scopes }: Pick<WantedRobot, 'kind' | 'scopes'>): string {
  const text = ({ repositories, actions }: RepositoryScope): string =>
    `${repositories}:${[...actions].sort().join(',')}`;
  return [kind, ...scopes.map(text).sort()].join(' ');
}

async function ensureRobot(
  { robots, now }: SeedRobotsInput,
  wanted: WantedRobot,
  secretHash: string,
  known: RobotWithSecrets | undefined,
): Promise<void> {
  const at = now().toISOString();
  const create = async (): Promise<void> => {
    await robots.create(
      { ...wanted, createdBy: 'plura', createdAt: at, expiresAt: null },
      secretHash,
    );
  };
  if (!known) {
    await create();
    return;
  }
  if (rightsOf(known) !== rightsOf(wanted)) {
    // Made by another version; who was locked out stays so.
    await robots.remove(wanted.name);
    await create();
    if (known.disabledAt !== null) await robots.setDisabled(wanted.name, known.disabledAt);
    return;
  }
  const isCurrent = known.secrets.some(
    ({ hash, validUntil }) => hash === secretHash && validUntil === null,
  );
  if (!isCurrent) await robots.rotate(wanted.name, secretHash, at, at);
}

/**
 * Makes the robots and their secrets. Safe to repeat at any point: the file of a secret is made first and is the truth, so
 * that what was interrupted, and a database or folder that was replaced, come together again at the next start.
 */
export async function seedRobots(input: SeedRobotsInput): Promise<void> {
  const { dir, wanted, state } = input;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { robots: known } = await state.read({ parents: false, children: false });
  for (const robot of wanted) {
    const file = join(dir, robot.name);
    await createOnce(file, createRobotSecret);
    const secret = (await readFile(file, 'utf8')).trim();
    const before = known.find(({ name }) => name === robot.name);
    await ensureRobot(input, robot, hashRobotSecret(secret), before);
  }
}

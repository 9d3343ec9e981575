import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura, type CliRun } from '../../support/cli-run';

const CAROL = { as: 'carol', roles: ['viewer', 'operator'] } as const;
const CREATE = ['create', 'ci', '--scope', 'apps/checkout/**:pull,push'];

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(() => api.app.close());

async function robots(args: readonly string[], over: object = {}): Promise<CliRun> {
  return runPlura(api, ['reg', 'robots', ...args], { ...CAROL, ...over });
}

describe('plura reg robots', () => {
  it('creates one, shows its secret once, and how to log in with it', async () => {
    const { exit, stdout, stderr } = await robots([
      ...CREATE,
      '--scope',
      'charts/checkout:pull',
      '--expires',
      '30d',
      '--description',
      'builds checkout',
    ]);

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout.match(/plr_[A-Za-z0-9_-]{43}/g)).toHaveLength(1);
    expect(stdout).toContain('docker login REGISTRY --username ci --password-stdin');
    expect(stdout).toContain(
      'scope    apps/checkout/**:pull,push\nscope    charts/checkout:pull\n',
    );
    expect(stdout).toContain('expires  2026-03-31T12:00:00.000Z');
    expect(stdout).toContain('about    builds checkout');
  });

  it('prints JSON with the secret as a field of its own', async () => {
    const { stdout } = await robots([...CREATE, '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      robot: { name: 'ci', kind: 'robot' },
      secret: expect.stringMatching(/^plr_/) as string,
    });
  });

  it('lists and shows them without secrets', async () => {
    await robots(CREATE);

    const list = await robots(['list']);
    const show = await robots(['show', 'ci']);

    expect(list.stdout).toMatch(/^NAME +KIND +STATE +SCOPES +EXPIRES +LAST USED$/m);
    expect(list.stdout).toMatch(/^ci +robot +active +apps\/checkout\/\*\*:pull,push +2026-05-30/m);
    expect(show.stdout).toContain('ci  robot, active\n');
    expect(show.stdout).toContain('used     never\n');
    expect(list.stdout + show.stdout).not.toContain('plr_');
  });

  it('rotates, and says how long the old secret works', async () => {
    await robots(CREATE);

    const { exit, stdout } = await robots(['rotate', 'ci', '--grace', '1h']);

    expect(exit).toBe(0);
    expect(stdout.match(/plr_/g)).toHaveLength(1);
    expect(stdout).toContain('old      works until 2026-03-01T13:00:00.000Z');
  });

  it('asks in a terminal before it ends a secret at once, or removes a robot', async () => {
    await robots(CREATE);
    const asked: string[] = [];
    const confirm = (question: string): Promise<boolean> => {
      asked.push(question);
      return Promise.resolve(false);
    };

    const runs = [
      await robots(['rotate', 'ci', '--grace', '0s'], { over: { confirm } }),
      await robots(['delete', 'ci'], { over: { confirm } }),
      await robots(['rotate', 'ci'], { over: { confirm } }),
    ];

    expect(runs.map(({ exit }) => exit)).toEqual([2, 2, 0]);
    expect(asked).toEqual([
      'End the secret of ci now? Whoever uses it is logged out.',
      'Remove the robot ci for good?',
    ]);
  });

  it('disables, enables and deletes', async () => {
    await robots(CREATE);

    const said = [
      await robots(['disable', 'ci', '--reason', 'leaked']),
      await robots(['enable', 'ci']),
      await robots(['delete', 'ci', '--yes']),
      await robots(['delete', 'ci', '--yes', '--json']),
    ];

    expect(said.map(({ exit, stdout }) => [exit, stdout])).toEqual([
      [0, 'ci is disabled\n'],
      [0, 'ci is active\n'],
      [0, 'ci is gone\n'],
      [4, ''],
    ]);
  });

  it.each<[readonly string[], number]>([
    [['create', 'ci'], 2],
    [['create', 'ci', '--scope', 'apps/checkout'], 2],
    [['create', 'ci', '--scope', 'apps/*:pull'], 2],
    [['create', 'CI', '--scope', 'apps/**:pull'], 2],
    [[...CREATE, '--expires', 'soon'], 2],
    [[...CREATE, '--kind', 'root'], 2],
    [[...CREATE, '--kind', 'system'], 6],
    [[...CREATE, '--expires', 'never'], 6],
    [['show', 'nobody'], 4],
    [['rotate', 'nobody', '--grace', '40d'], 2],
    [['rotate', 'nobody'], 4],
  ])('ends %j with %d', async (args, exit) => {
    expect(await robots(args)).toMatchObject({ exit, stdout: '' });
  });

  it('ends with 5 when the name is taken', async () => {
    await robots(CREATE);

    expect(await robots(CREATE)).toMatchObject({ exit: 5 });
  });

  it('says what is wrong with a scope', async () => {
    const { stderr } = await robots(['create', 'ci', '--scope', 'apps/checkout/**:read']);

    expect(stderr).toContain('"apps/checkout/**:read" does not end with pull, push, delete or *');
  });

  it('explains itself', async () => {
    const { stdout } = await robots(['create', '--help']);

    expect(stdout).toContain(
      '$ plura reg robots create prod-cluster --scope **:pull --expires 366d',
    );
  });
});

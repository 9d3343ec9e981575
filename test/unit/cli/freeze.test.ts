import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';

const CAROL = { as: 'carol', roles: ['viewer', 'operator'] } as const;
const RULE = ['--rule', 'FREQ=WEEKLY;BYDAY=FR', '--start', '2026-01-02T18:00'] as const;
const ZONE = ['--duration', '62h', '--time-zone', 'Europe/Berlin'] as const;
const WHY = ['--reason', 'nobody on call'] as const;

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const freeze = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', 'freeze', ...args], CAROL);

const add = (...args: readonly string[]): Promise<CliRun> =>
  freeze('add', 'weekend', ...RULE, ...ZONE, ...WHY, ...args);

describe('plura reg freeze', () => {
  it('adds by a rule and shows the next three times', async () => {
    const { exit, stdout } = await add('--env', 'prod', '--except', '2026-03-06');

    expect(exit).toBe(0);
    expect(stdout).toBe(
      [
        'weekend',
        '  closes    all services, prod',
        '  when      FREQ=WEEKLY;BYDAY=FR from 2026-01-02T18:00:00 Europe/Berlin for PT62H except 2026-03-06',
        '  why       nobody on call',
        `  by        carol, ${NOW}`,
        '  next      2026-02-27T17:00:00.000Z to 2026-03-02T07:00:00.000Z',
        '            2026-03-13T17:00:00.000Z to 2026-03-16T07:00:00.000Z',
        '            2026-03-20T17:00:00.000Z to 2026-03-23T07:00:00.000Z',
        '',
      ].join('\n'),
    );
  });

  it('adds one for once, as JSON', async () => {
    const times = ['--from', '2026-12-20T18:00', '--to', '2027-01-04', '--time-zone', 'UTC'];

    const { stdout } = await freeze('add', 'end', '--svc', 'checkout', ...times, ...WHY, '--json');

    expect(JSON.parse(stdout)).toMatchObject({
      name: 'end',
      svc: 'checkout',
      environments: ['stg', 'prod'],
      next: [{ from: '2026-12-20T18:00:00.000Z', to: '2027-01-04T00:00:00.000Z' }],
    });
  });

  it('lists with the next time, the stopped line first', async () => {
    await add();
    await freeze('stop', 'checkout', '--reason', 'bad data');

    const { stdout } = await freeze('list');

    const [stop, , row] = stdout.split('\n');
    expect(stop).toBe(`The line of checkout is stopped since ${NOW} by carol: bad data`);
    expect(row?.split(/ {2,}/)).toEqual([
      'weekend',
      'all services',
      'stg, prod',
      '2026-02-27T17:00:00.000Z to 2026-03-02T07:00:00.000Z',
      'nobody on call',
      'carol',
    ]);
  });

  it('lists what was deleted with --all', async () => {
    await add();
    const deleted = await freeze('delete', 'weekend', '--reason', 'on call again');

    const { stdout } = await freeze('list', '--all');

    expect(deleted).toMatchObject({ exit: 0, stdout: 'weekend closes nothing any more\n' });
    expect(stdout).toContain(`deleted ${NOW}`);
    expect((await freeze('list')).stdout).not.toContain('weekend');
  });

  it('shows one', async () => {
    const { stdout } = await add();

    expect(await freeze('show', 'weekend')).toMatchObject({ exit: 0, stdout });
    expect(await freeze('show', 'other')).toMatchObject({ exit: 4 });
  });

  it('asks before it deletes, in a terminal', async () => {
    await add();
    const over = { confirm: () => Promise.resolve(false) };

    const args = ['reg', 'freeze', 'delete', 'weekend', '--reason', 'x'];
    const { exit } = await runPlura(api, args, { ...CAROL, over });

    expect(exit).toBe(2);
    expect(await api.freezes.get('weekend')).not.toBeNull();
  });

  it('checks what is open with 0, and what closes next', async () => {
    await add('--svc', 'cart');

    const { exit, stdout } = await freeze('check', 'checkout');

    expect(exit).toBe(0);
    expect(stdout).toContain(`checkout at ${NOW}`);
    expect(stdout).toMatch(/prod pin +open/);
    expect(stdout).toContain('Rollback and abort are never frozen.');
    expect(stdout).not.toContain('Next:');
  });

  it('checks what is closed with 3, until when and why', async () => {
    await add('--env', 'prod');

    const { exit, stdout } = await freeze('check', 'checkout');

    expect(exit).toBe(3);
    expect(stdout).toMatch(/stg channel +open/);
    expect(stdout).toMatch(
      /prod pin +frozen +2026-03-02T07:00:00\.000Z +freeze weekend +nobody on call \(carol\)/,
    );
    expect(stdout).toContain(
      '2026-03-06T17:00:00.000Z to 2026-03-09T07:00:00.000Z  prod  weekend: nobody on call',
    );
    expect(JSON.parse((await freeze('check', 'checkout', '--json')).stdout)).toMatchObject({
      open: false,
    });
  });

  it('stops the line for all and resumes it, without a question', async () => {
    const stopped = await freeze('stop', '--reason', 'incident 4711');
    expect(stopped).toMatchObject({
      exit: 0,
      stdout: `The line of all services is stopped since ${NOW} by carol: incident 4711\n`,
    });
    expect(await freeze('check', 'checkout')).toMatchObject({
      exit: 3,
      stdout: expect.stringMatching(/frozen +someone opens it +line stopped/) as string,
    });

    const resumed = await freeze('resume', '--reason', 'over');
    expect(resumed).toMatchObject({ exit: 0, stdout: 'The line of all services goes on\n' });
    const args = ['reg', 'freeze', 'resume', '--reason', 'over'];
    expect(await runPlura(api, args, { ...CAROL, as: 'dave' })).toMatchObject({
      exit: 0,
      stdout: 'The line of all services was not stopped\n',
    });
  });

  it.each([
    [['add', 'x', ...RULE, ...ZONE], "required option '--reason <text>' not specified"],
    [['add', 'x', ...WHY, ...RULE, ...ZONE, '--env', 'dev'], "argument 'dev' is invalid"],
    [['stop'], "required option '--reason <text>' not specified"],
    [['add', 'x', ...WHY, ...RULE], 'input: duration'],
    [
      ['add', 'x', ...WHY, ...ZONE, '--rule', 'FREQ=HOURLY'],
      'do: for example FREQ=WEEKLY;BYDAY=FR',
    ],
  ])('exits with 2 for %j', async (args, message) => {
    const { exit, stderr } = await freeze(...args);

    expect(exit).toBe(2);
    expect(stderr).toContain(message);
  });

  it('exits with 6 for who is no operator', async () => {
    const { exit, stderr } = await runPlura(api, ['reg', 'freeze', 'stop', '--reason', 'x']);

    expect(exit).toBe(6);
    expect(stderr).toContain('ask for the role operator');
  });

  it('has help with examples', async () => {
    const { exit, stdout } = await freeze('add', '--help');

    expect(exit).toBe(0);
    expect(stdout).toContain('$ plura reg freeze add weekend --rule FREQ=WEEKLY;BYDAY=FR');
  });
});

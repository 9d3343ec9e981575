import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';
import { record, REPO } from '../api/inventory-fixtures';

const INDEX = fakeDigest('index');
const CHILD = fakeDigest('child');
const TAG = '1.4.0_abc1234';
const ERIN = { as: 'erin', roles: ['viewer', 'security'] } as const;
const CAROL = { as: 'carol', roles: ['viewer', 'operator'] } as const;

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
  await record(api, { digest: CHILD });
  await record(api, { digest: INDEX, tag: TAG, children: [CHILD] });
});

afterEach(async () => {
  await api.app.close();
});

const quarantine = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', 'quarantine', ...args], ERIN);

const add = (...args: readonly string[]): Promise<CliRun> =>
  quarantine('add', CHILD, '--reason', 'remote code execution', ...args);

/** Cells of a table without its head. */
function cellsOf(stdout: string): readonly (readonly string[])[] {
  return stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/ {2,}/));
}

describe('plura reg quarantine', () => {
  it('adds, with advisories and an end, and shows where the digest is', async () => {
    const { exit, stdout } = await add(
      ...['--cve', 'CVE-2026-1', '--cve', 'CVE-2026-2', '--expires', '4000d'],
    );

    expect(exit).toBe(0);
    expect(stdout).toContain(`${CHILD}  quarantined`);
    expect(stdout).toContain('CVE-2026-1, CVE-2026-2: remote code execution');
    expect(stdout).toContain('until    2037-02-11T12:00:30.000Z');
    expect(stdout).toMatch(new RegExp(`${REPO} +${INDEX.slice(7, 19)} +${TAG}`));
  });

  it('lists as a table and as JSON', async () => {
    await add('--cve', 'CVE-2026-1');

    const table = await quarantine('list');
    const json = await quarantine('list', '--all', '--json');

    expect(cellsOf(table.stdout)).toEqual([[CHILD, 'CVE-2026-1', 'erin', NOW, '-']]);
    expect(JSON.parse(json.stdout)).toMatchObject({ entries: [{ digest: CHILD, liftedAt: null }] });
  });

  it('shows what a digest is blocked through, and one that is free', async () => {
    await add();

    const index = await quarantine('show', INDEX);
    const other = await quarantine('show', fakeDigest('other'));

    expect(index.stdout).toContain(`through  ${CHILD}`);
    expect(other.stdout).toContain('may be pulled');
    expect(other.stdout).toContain('In no repository that the gateway knows');
  });

  it('releases where nobody can answer, and says so', async () => {
    await add();

    const { exit, stdout } = await quarantine('release', CHILD, '--reason', 'wrong');

    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: `${CHILD} may be pulled and promoted again\n`,
    });
  });

  it('asks before it releases, in a terminal', async () => {
    await add();
    const over = { confirm: () => Promise.resolve(false) };

    const { exit } = await runPlura(api, ['reg', 'quarantine', 'release', CHILD, '--reason', 'x'], {
      ...ERIN,
      over,
    });

    expect(exit).toBe(2);
    expect(await api.quarantine.get(CHILD)).not.toBeNull();
  });

  it('exits with 5 and names the digest to release', async () => {
    await add();

    const { exit, stderr } = await quarantine('release', INDEX, '--reason', 'x');

    expect(exit).toBe(5);
    expect(stderr).toContain(
      `do: it is blocked through another one: plura reg quarantine release ${CHILD}`,
    );
  });

  it('exits with 6 for who is not of security', async () => {
    const args = ['reg', 'quarantine', 'add', CHILD, '--reason', 'x'];

    const { exit, stderr } = await runPlura(api, args, CAROL);

    expect(exit).toBe(6);
    expect(stderr).toContain('ask for the role security');
  });

  it.each([
    [['add', CHILD], "required option '--reason <text>' not specified"],
    [
      ['add', CHILD, '--reason', 'x', '--expires', 'soon'],
      'It takes a duration such as 30m, 12h or 7d.',
    ],
    [['add', 'sha256:abc', '--reason', 'x'], 'is not a digest'],
  ])('exits with 2 for %j', async (args, message) => {
    const { exit, stderr } = await quarantine(...args);

    expect(exit).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('plura reg tags', () => {
  it('lists those of a service, quarantined ones marked', async () => {
    await add('--cve', 'CVE-2026-1');

    const { stdout } = await runPlura(api, ['reg', 'tags', 'list', 'checkout']);

    expect(cellsOf(stdout)).toEqual([
      [TAG, INDEX.slice(7, 19), 'builder', NOW, '-', `CVE-2026-1 (through ${CHILD.slice(7, 19)})`],
    ]);
  });

  it('says how to see the next page', async () => {
    await record(api, { digest: CHILD, tag: '1.5.0_abc1234' });

    const { stdout } = await runPlura(api, ['reg', 'tags', 'list', 'checkout', '--limit', '1']);

    expect(stdout).toContain(`more: plura reg tags list checkout --after ${TAG}`);
  });

  it('shows one, by the version as people write it', async () => {
    const { stdout } = await runPlura(api, ['reg', 'tags', 'show', 'checkout:1.4.0+abc1234']);

    expect(stdout).toBe(
      [
        `${REPO}:${TAG}`,
        `  digest      ${INDEX}`,
        `  pushed      ${NOW} by builder`,
        '  pulled      not yet',
        '  written     once: it never moves',
        '  quarantine  none',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['checkout:9.9.9_abc1234', 4],
    ['apps/cart/cart:1.0.0_abc1234', 4],
    ['checkout', 2],
    ['checkout:latest:x', 2],
  ])('exits for %s with %i', async (tag, exit) => {
    expect(await runPlura(api, ['reg', 'tags', 'show', tag])).toMatchObject({ exit });
  });
});

describe('plura reg events', () => {
  it('lists refused pulls', async () => {
    await api.inventory.recordEvent({
      kind: 'pull-blocked',
      repository: REPO,
      reference: TAG,
      actor: 'runtime',
      at: NOW,
      detail: { outcome: 'refused', digest: INDEX, cves: ['CVE-2026-1', 'CVE-2026-2'], times: 3 },
    });

    const { stdout } = await runPlura(api, ['reg', 'events', '--kind', 'pull-blocked']);

    const detail = `outcome=refused, digest=${INDEX.slice(7, 19)}, cves=CVE-2026-1 CVE-2026-2, times=3`;
    expect(cellsOf(stdout)).toEqual([[NOW, 'pull-blocked', `${REPO}:${TAG}`, 'runtime', detail]]);
  });

  it('exits with 2 for a kind that is none', async () => {
    expect(await runPlura(api, ['reg', 'events', '--kind', 'lunch'])).toMatchObject({ exit: 2 });
  });
});

describe('plura reg maintenance', () => {
  const maintenance = (...args: readonly string[]): Promise<CliRun> =>
    runPlura(api, ['reg', 'maintenance', ...args], CAROL);

  it('closes pushes and opens them again', async () => {
    const on = await maintenance('on', '--reason', 'reclaiming storage');
    const show = await maintenance('show');
    const off = await maintenance('off');

    expect(on.stdout).toContain(
      'Pushes are closed until they are opened: plura reg maintenance off',
    );
    expect(show.stdout).toBe(on.stdout);
    expect(off.stdout).toBe(`Pushes are open (carol, ${NOW}: maintenance is over)\n`);
  });

  it('closes them for a time', async () => {
    const { stdout } = await maintenance('on', '--reason', 'x', '--for', '30m', '--json');

    expect(JSON.parse(stdout)).toMatchObject({
      pushes: 'closed',
      until: '2026-03-01T12:30:00.000Z',
    });
  });

  it('is not for security', async () => {
    const args = ['reg', 'maintenance', 'on', '--reason', 'x'];

    expect(await runPlura(api, args, ERIN)).toMatchObject({ exit: 6 });
  });
});

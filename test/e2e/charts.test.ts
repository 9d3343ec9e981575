import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { logIn, type ClientRun, type LoggedIn } from '../support/registry-clients';
import { startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(300_000);

let postgres: PostgresServer;
let registry: RegistryServer;
let gateway: GatewayProcess;
let team: LoggedIn;

beforeAll(async () => {
  postgres = await startPostgres();
  registry = await startRegistry();
  gateway = await startGatewayProcess({
    backendUrl: registry.url,
    database: await postgres.freshDatabase(),
    open: ['scratch'],
  });
  const robot = await gateway.createRobot({
    name: 'team-checkout',
    scopes: [{ repositories: '**', actions: ['pull', 'push'] }],
  });
  team = await logIn(gateway.host, robot);
});
afterAll(async () => {
  await team.logOut();
  await gateway.stop();
  await registry.stop();
  await postgres.stop();
});

/** A packaged chart; the file's name. */
async function packageChart(version: string, description: string): Promise<string> {
  const folder = join(team.folder, 'sources', `${version}-${description}`, 'checkout');
  await mkdir(join(folder, 'templates'), { recursive: true });
  const about = ['apiVersion: v2', 'name: checkout', `version: ${version}`];
  await writeFile(join(folder, 'Chart.yaml'), `${about.join('\n')}\ndescription: ${description}\n`);
  await writeFile(
    join(folder, 'templates', 'note.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\n',
  );
  const to = join(team.folder, 'packages', description);
  await mkdir(to, { recursive: true });
  await team.must('helm', 'package', folder, '--destination', to);
  return join(to, `checkout-${version}.tgz`);
}

const push = (file: string, folder = 'charts'): Promise<ClientRun> =>
  team.run('helm', 'push', file, `oci://${gateway.host}/${folder}`, '--plain-http');

test('helm pushes a chart and pulls the same bytes', async () => {
  const file = await packageChart('1.2.0', 'first');
  const pushed = await push(file);
  expect({ code: pushed.code, said: pushed.code === 0 ? '' : pushed.said }).toEqual({
    code: 0,
    said: '',
  });
  const to = join(team.folder, 'pulled');
  await mkdir(to);

  const reference = `oci://${gateway.host}/charts/checkout`;
  await team.must(
    'helm',
    ...['pull', reference, '--version', '1.2.0', '--plain-http', '--destination', to],
  );
  const shown = await team.must(
    'helm',
    'show',
    'chart',
    reference,
    '--version',
    '1.2.0',
    '--plain-http',
  );

  expect(await readFile(join(to, 'checkout-1.2.0.tgz'))).toEqual(await readFile(file));
  expect(shown).toContain('description: first');
});

test('build metadata goes as helm writes it', async () => {
  const pushed = await push(await packageChart('1.3.0+abcdef1', 'metadata'));

  expect(pushed.code).toBe(0);
  const tags = await team.must('crane', 'ls', `${gateway.host}/charts/checkout`);
  expect(tags.split('\n')).toContain('1.3.0_abcdef1');
});

test('a chart version is written once', async () => {
  expect((await push(await packageChart('1.4.0', 'one'))).code).toBe(0);

  const second = await push(await packageChart('1.4.0', 'other'));

  expect(second.code).not.toBe(0);
  expect(second.said).toContain('was written by team-checkout');
});

test('a chart under a tag that is no version is refused', async () => {
  expect((await push(await packageChart('1.5.0', 'tagged'))).code).toBe(0);

  const refused = await team.run('crane', 'tag', `${gateway.host}/charts/checkout:1.5.0`, 'newest');

  expect(refused.code).not.toBe(0);
  expect(refused.said).toContain('is not a semantic version');
});

test('a chart among the apps is refused, and an image among the charts', async () => {
  const chart = await push(await packageChart('1.6.0', 'misplaced'), 'apps/checkout');
  const elsewhere = await push(await packageChart('1.6.0', 'nowhere'), 'helm');

  expect(chart.code).not.toBe(0);
  expect(elsewhere.code).not.toBe(0);
  expect(elsewhere.said).toContain('Nothing is kept here');
});

test('a quarantined chart is not pulled', async () => {
  await push(await packageChart('1.7.0', 'bad'));
  const reference = `${gateway.host}/charts/checkout:1.7.0`;
  const digest = (await team.must('crane', 'digest', reference)).trim();
  await gateway.quarantine(digest, ['CVE-2026-4321']);

  const pull = (): Promise<ClientRun> =>
    team.run(
      'helm',
      ...['pull', `oci://${gateway.host}/charts/checkout`, '--version', '1.7.0', '--plain-http'],
      ...['--destination', team.folder],
    );
  let run = await pull();
  for (let tries = 0; run.code === 0 && tries < 50; tries += 1) run = await pull();

  expect(run.code).not.toBe(0);
  expect(run.said).toContain('CVE-2026-4321');
});

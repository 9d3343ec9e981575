import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';

jest.setTimeout(60_000);

const ROBOTS = [
  { name: 'builder', scopes: [{ repositories: 'scratch/**', actions: ['pull', 'push'] }] },
  { name: 'cluster', scopes: [{ repositories: '**', actions: ['pull'] }] },
  { name: 'scanner', kind: 'observer', scopes: [{ repositories: '**', actions: ['pull'] }] },
] as const;

let registry: RegistryServer;
let gateway: GatewayServer;
let folder: string;
/** A digest that is in `scratch/source` and `public/image`. */
let digest: string;

beforeAll(async () => {
  registry = await startRegistry();
  gateway = await startGateway({
    backendUrl: registry.url,
    robots: ROBOTS,
    policy: { open: ['scratch', 'public'], anonymousPull: ['public'] },
  });
  digest = await pushTestImage(registry.url, { repository: 'scratch/source' });
  await pushTestImage(registry.url, { repository: 'public/image' });
});

afterAll(async () => {
  await gateway.close();
  await registry.stop();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-login-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly exit: number;
  readonly output: string;
}

/** Runs a client with logins of its own. */
function run(tool: 'crane' | 'oras', args: readonly string[], input = ''): Promise<Run> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: folder, DOCKER_CONFIG: folder };
    const child = execFile(
      toolPath(tool),
      [...args],
      { env, timeout: 30_000 },
      (error, out, err) => {
        resolve({ exit: error ? 1 : 0, output: out + err });
      },
    );
    child.stdin?.end(input);
  });
}

function login(name: string, secret = gateway.secret(name)): Promise<Run> {
  const flags = ['--username', name, '--password-stdin', '--plain-http'];
  return run('oras', ['login', gateway.host, ...flags], secret);
}

describe('logging in as clients do', () => {
  it('works with name and secret of a robot, and with nothing else', async () => {
    expect(await login('builder')).toMatchObject({ exit: 0 });
    expect(await login('builder', gateway.secret('cluster'))).toMatchObject({
      exit: 1,
      output: expect.stringContaining('Name or secret is wrong') as string,
    });
    expect(await login('nobody', 'plr_x')).toMatchObject({ exit: 1 });
  });

  it('lets crane pull and push with tokens for what its robot may do', async () => {
    await login('builder');
    const copy = [`${gateway.host}/scratch/source@${digest}`, `${gateway.host}/scratch/copy:one`];

    expect(await run('crane', ['copy', ...copy])).toMatchObject({ exit: 0 });
    expect(await run('crane', ['digest', copy[1] ?? ''])).toMatchObject({
      exit: 0,
      output: `${digest}\n`,
    });
  });

  it('says to crane what its robot may not do, and why', async () => {
    await login('cluster');
    const copy = [`${gateway.host}/scratch/source@${digest}`, `${gateway.host}/scratch/copy:two`];

    expect(await run('crane', ['copy', ...copy])).toMatchObject({
      exit: 1,
      output: expect.stringContaining('DENIED') as string,
    });
  });

  it('lets anyone pull what the policy opens to anyone, and nothing more', async () => {
    const open = `${gateway.host}/public/image@${digest}`;

    expect(await run('crane', ['manifest', open])).toMatchObject({ exit: 0 });
    expect(await run('oras', ['manifest', 'fetch', '--plain-http', open])).toMatchObject({
      exit: 0,
    });
    expect(
      await run('crane', ['manifest', `${gateway.host}/scratch/source@${digest}`]),
    ).toMatchObject({
      exit: 1,
      output: expect.stringContaining('UNAUTHORIZED') as string,
    });
    expect(await run('crane', ['copy', open, `${gateway.host}/public/image:mine`])).toMatchObject({
      exit: 1,
    });
  });

  it('lists repositories for an observer, by a token for the catalogue', async () => {
    await login('scanner');

    const { exit, output } = await run('crane', ['catalog', gateway.host]);

    expect(exit).toBe(0);
    expect(output).toContain('scratch/source');
  });
});

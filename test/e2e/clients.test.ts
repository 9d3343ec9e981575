import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBuildkit, type BuildkitServer } from '../support/buildkit-server';
import { LABELS } from '../support/fuzz/artifact';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { logIn, writeLayout, type ClientRun, type LoggedIn } from '../support/registry-clients';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { startRekor, type RekorServer } from '../support/rekor-server';

jest.setTimeout(300_000);

const APP = 'apps/checkout/checkout';
const SHA = 'abcdef123456';

let postgres: PostgresServer;
let registry: RegistryServer;
let gateway: GatewayProcess;
let team: LoggedIn;
let layouts = 0;

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
    scopes: [{ repositories: '**', actions: ['pull', 'push', 'delete'] }],
  });
  team = await logIn(gateway.host, robot);
});
afterAll(async () => {
  await team.logOut();
  await gateway.stop();
  await registry.stop();
  await postgres.stop();
});

const at = (repository: string, reference: string): string =>
  `${gateway.host}/${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`;

/** A new image as a layout on disk; `note` makes it another one. */
async function layoutOf(
  note: string,
  labels: Readonly<Record<string, string>> = LABELS,
): Promise<{ readonly folder: string; readonly digest: string }> {
  const folder = join(team.folder, `layout-${layouts++}`);
  const digest = await writeLayout(folder, { repository: APP, labels: { ...labels, note } });
  return { folder, digest };
}

async function push(note: string, tag: string): Promise<string> {
  const { folder, digest } = await layoutOf(note);
  await team.must('crane', 'push', folder, at(APP, tag));
  return digest;
}

function expectRefusal({ code, said }: ClientRun, ...texts: readonly string[]): void {
  expect(code).not.toBe(0);
  for (const text of texts) expect(said).toContain(text);
}

describe('crane', () => {
  test('pushes, lists, pulls and copies', async () => {
    const { folder, digest } = await layoutOf('crane');

    await team.must('crane', 'push', folder, at(APP, `1.0.0_${SHA}`));
    const again = await team.run('crane', 'push', folder, at(APP, `1.0.0_${SHA}`));
    const resolved = await team.must('crane', 'digest', at(APP, `1.0.0_${SHA}`));
    const manifest = await team.must('crane', 'manifest', at(APP, digest));
    const config = await team.must('crane', 'config', at(APP, digest));
    const tags = await team.must('crane', 'ls', `${gateway.host}/${APP}`);
    await team.must('crane', 'pull', '--format=oci', at(APP, digest), join(team.folder, 'pulled'));
    await team.must('crane', 'copy', at(APP, digest), at('scratch/copy', 'anything'));
    const copied = await team.must('crane', 'digest', at('scratch/copy', 'anything'));

    expect(again.code).toBe(0);
    expect([resolved.trim(), copied.trim()]).toEqual([digest, digest]);
    expect(JSON.parse(manifest)).toMatchObject({ schemaVersion: 2 });
    expect(JSON.parse(config)).toMatchObject({ config: { Labels: LABELS } });
    expect(tags.split('\n')).toContain(`1.0.0_${SHA}`);
  });

  test('a tag is written once', async () => {
    const first = await push('first', `1.1.0_${SHA}`);
    const { folder } = await layoutOf('second');

    const second = await team.run('crane', 'push', folder, at(APP, `1.1.0_${SHA}`));

    expectRefusal(second, 'was written by team-checkout', first);
    const held = await team.must('crane', 'digest', at(APP, `1.1.0_${SHA}`));
    expect(held.trim()).toBe(first);
  });

  test.each([
    ['latest', APP, 'latest', 'The tag latest is refused'],
    ['a tag of its own making', APP, 'v1', 'is not {semver}_{gitsha}'],
    ['a channel', 'channels/prod/checkout', 'stable', 'team-checkout may not write a channel'],
    ['a base', 'bases/static', '1.0_20261124', 'team-checkout may not write bases'],
    ['a place nobody keeps', 'somewhere/else', '1.0.0', 'Nothing is kept here'],
  ])('%s is refused, and one reads why', async (_, repository, tag, text) => {
    const { folder } = await layoutOf(`refused ${tag}`);

    const refused = await team.run('crane', 'push', folder, at(repository, tag));

    expectRefusal(refused, text);
    const there = await fetch(`${registry.url}/v2/${repository}/manifests/${tag}`);
    expect(there.status).toBe(404);
  });

  test('labels that are missing are named', async () => {
    const { folder } = await layoutOf('unlabelled', { 'plura.region': 'eu-west-1' });

    const refused = await team.run('crane', 'push', folder, at(APP, `1.2.0_${SHA}`));

    expectRefusal(refused, 'org.opencontainers.image.version', 'plura.build_id');
  });

  test('nobody but the system deletes', async () => {
    const digest = await push('kept', `1.3.0_${SHA}`);

    const byTag = await team.run('crane', 'delete', at(APP, `1.3.0_${SHA}`));
    const byDigest = await team.run('crane', 'delete', at(APP, digest));

    expectRefusal(byTag, 'team-checkout may not delete here');
    expectRefusal(byDigest, 'team-checkout may not delete here');
    const held = await team.must('crane', 'digest', at(APP, `1.3.0_${SHA}`));
    expect(held.trim()).toBe(digest);
  });

  test('who is not logged in gets nothing', async () => {
    const digest = await push('private', `1.4.0_${SHA}`);
    const nobody = await logIn('other.test', { username: 'nobody', password: 'nothing' });

    const refused = await nobody.run('crane', 'manifest', at(APP, digest));

    await nobody.logOut();
    expectRefusal(refused, 'UNAUTHORIZED');
  });

  test('what is quarantined is not pulled, by digest or tag, and is listed no more', async () => {
    const digest = await push('vulnerable', `1.5.0_${SHA}`);
    await gateway.quarantine(digest, ['CVE-2026-1234']);

    const refused = await until(() => team.run('crane', 'manifest', at(APP, digest)));
    const byTag = await team.run(
      'crane',
      'pull',
      at(APP, `1.5.0_${SHA}`),
      join(team.folder, 'bad.tar'),
    );
    const copy = await team.run('crane', 'copy', at(APP, digest), at('scratch/copy', 'bad'));
    const tags = await team.must('crane', 'ls', `${gateway.host}/${APP}`);

    for (const run of [refused, byTag, copy]) expectRefusal(run, 'CVE-2026-1234');
    expect(tags.split('\n')).not.toContain(`1.5.0_${SHA}`);
  });
});

/** A quarantine is seen as soon as Postgres has told it. */
async function until(look: () => Promise<ClientRun>): Promise<ClientRun> {
  for (let tries = 0; tries < 100; tries += 1) {
    const run = await look();
    if (run.code !== 0) return run;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it stays allowed');
}

describe('cosign', () => {
  let rekor: RekorServer;
  let key: string;
  let signing: readonly string[];
  let checking: readonly string[];

  beforeAll(async () => {
    rekor = await startRekor();
    const config = join(team.folder, 'signing-config.json');
    const log = `url=${rekor.url},api-version=2,start-time=2024-01-01T00:00:00Z,operator=test`;
    await team.must('cosign', 'generate-key-pair', '--output-key-prefix', 'team');
    await team.must(
      'cosign',
      ...['signing-config', 'create', '--rekor', log, '--rekor-config', 'ANY', '--out', config],
    );
    key = join(team.folder, 'team.key');
    const roots = ['--trusted-root', rekor.trustedRootFile, '--allow-http-registry'];
    signing = ['--key', key, '--signing-config', config, ...roots, '--yes'];
    checking = ['--key', join(team.folder, 'team.pub'), ...roots];
  });
  afterAll(async () => {
    await rekor.stop();
  });

  test('signs, attests and verifies, with its bundles as referrers', async () => {
    const image = at(APP, await push('signed', `2.0.0_${SHA}`));
    const predicate = join(team.folder, 'predicate.json');
    await writeFile(
      predicate,
      '{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[]}',
    );

    await team.must('cosign', 'sign', ...signing, image);
    await team.must(
      'cosign',
      'attest',
      ...signing,
      '--type',
      'cyclonedx',
      '--predicate',
      predicate,
      image,
    );
    const verified = await team.run('cosign', 'verify', ...checking, image);
    const attested = await team.run(
      'cosign',
      'verify-attestation',
      ...checking,
      '--type',
      'cyclonedx',
      image,
    );
    const tree = await team.must('cosign', 'tree', '--allow-http-registry', image);

    expect(verified).toMatchObject({ code: 0 });
    expect(attested).toMatchObject({ code: 0 });
    expect(tree).toContain('https://sigstore.dev/cosign/sign/v1');
    expect(tree).toContain('https://cyclonedx.org/bom');
  });

  test('eight attestations at once: none is lost', async () => {
    const digest = await push('attested', `2.1.0_${SHA}`);
    const names = Array.from(
      { length: 8 },
      (_, index) => `https://example.test/predicate/${index}`,
    );
    await Promise.all(
      names.map(async (type, index) => {
        const predicate = join(team.folder, `predicate-${index}.json`);
        await writeFile(predicate, `{"n":${index}}`);
        await team.must(
          'cosign',
          ...['attest', ...signing, '--type', type, '--predicate', predicate, at(APP, digest)],
        );
      }),
    );

    for (const type of names) {
      const { code } = await team.run(
        'cosign',
        ...['verify-attestation', ...checking, '--type', type, at(APP, digest)],
      );
      expect({ type, code }).toEqual({ type, code: 0 });
    }
  });
});

describe('buildctl', () => {
  let buildkit: BuildkitServer;
  let source: string;

  beforeAll(async () => {
    buildkit = await startBuildkit(gateway.host);
    source = join(team.folder, 'source');
    await mkdir(source);
    await writeFile(join(source, 'hello'), 'hello');
    await writeFile(
      join(source, 'Dockerfile'),
      'FROM scratch\nARG NOTE\nCOPY hello /hello\nLABEL note=$NOTE\n',
    );
  });
  afterAll(async () => {
    await buildkit.stop();
  });

  function build(
    tag: string,
    note: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<ClientRun> {
    const options = Object.entries(labels).flatMap(([name, value]) => [
      '--opt',
      `label:${name}=${value}`,
    ]);
    const local = ['--local', `context=${source}`, '--local', `dockerfile=${source}`];
    const output = `type=image,name=${at(APP, tag)},push=true,oci-mediatypes=true,registry.insecure=true`;
    return team.run(
      'buildctl',
      ...['--addr', buildkit.address, 'build', '--frontend', 'dockerfile.v0', ...local],
      ...['--opt', `build-arg:NOTE=${note}`, '--opt', 'attest:provenance=mode=max,version=v1'],
      ...[...options, '--output', output, '--progress', 'plain'],
    );
  }

  test('pushes what it built, with provenance', async () => {
    const { code, said } = await build(`3.0.0_${SHA}`, 'one', LABELS);

    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
    const manifest = await team.must('crane', 'manifest', at(APP, `3.0.0_${SHA}`));
    expect(manifest).toContain('attestation-manifest');
  });

  test('a build without labels is refused, and the build log says which', async () => {
    const run = await build(`3.1.0_${SHA}`, 'two', {});

    expectRefusal(run, 'org.opencontainers.image.version', 'plura.build_id');
  });

  test('another build under the same tag is refused', async () => {
    const first = await build(`3.2.0_${SHA}`, 'three', LABELS);

    const run = await build(`3.2.0_${SHA}`, 'four', LABELS);

    expect(first.code).toBe(0);
    expectRefusal(run, 'was written by team-checkout');
  });

  test('the tag latest is refused, and the build log says so', async () => {
    const run = await build('latest', 'five', LABELS);

    expectRefusal(run, 'The tag latest is refused');
  });
});

describe('oras', () => {
  const plain = '--plain-http';

  test('pushes an artifact to an open place and pulls the same bytes', async () => {
    await writeFile(join(team.folder, 'note.txt'), 'a note');

    await team.must('oras', 'push', plain, at('scratch/notes', 'moving'), 'note.txt:text/plain');
    await team.must('oras', 'push', plain, at('scratch/notes', 'moving'), 'note.txt:text/plain');
    await team.must('oras', 'pull', plain, at('scratch/notes', 'moving'), '-o', 'pulled-note');

    expect(await readFile(join(team.folder, 'pulled-note', 'note.txt'), 'utf8')).toBe('a note');
  });

  test('ten attachments at once: discover finds each', async () => {
    const digest = await push('discovered', `4.0.0_${SHA}`);
    const types = Array.from({ length: 10 }, (_, index) => `application/vnd.test.note${index}`);
    await writeFile(join(team.folder, 'attached.txt'), 'attached');

    await Promise.all(
      types.map((type) =>
        team.must(
          'oras',
          'attach',
          plain,
          '--artifact-type',
          type,
          at(APP, digest),
          'attached.txt',
        ),
      ),
    );

    const found = await team.must('oras', 'discover', plain, '--format', 'json', at(APP, digest));
    for (const type of types) expect(found).toContain(`"${type}"`);
    const one = await team.must(
      'oras',
      ...['discover', plain, '--format', 'json', '--artifact-type', types[3]!, at(APP, digest)],
    );
    expect(one).toContain(types[3]);
    expect(one).not.toContain(`"${types[4]!}"`);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { signBase } from '../../../src/local/seed/sign-base';
import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura, type CliRun } from '../../support/cli-run';

const GOOD = 'ARG KIND=static\nFROM bases/$KIND AS a\nFROM bases/static\nUSER 65532\n';

let api: TestApi;
let folder: string;

beforeEach(async () => {
  api = await createTestApi();
  folder = mkdtempSync(path.join(tmpdir(), 'plura-lint-'));
  const digest = api.registry.pushImage({ repository: 'bases/static', labels: {} });
  const base = { repository: 'bases/static', digest };
  await signBase({ registry: api.registry, signer: api.signer, log: true }, base);
  await api.app.close();
  api = await createTestApi({
    registry: api.registry,
    signer: api.signer,
    readBases: () => Promise.resolve({ 'bases/static': base }),
  });
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await api.app.close();
});

function lint(text: string, ...args: readonly string[]): Promise<CliRun> {
  writeFileSync(path.join(folder, 'Dockerfile'), text);
  return runPlura(api, ['reg', 'base', 'lint', ...args], {
    roles: ['viewer'],
    over: { cwd: folder },
  });
}

describe('plura reg base lint', () => {
  it('says of each image where it stands and what it is pinned to', async () => {
    const { exit, stdout } = await lint(GOOD);

    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /^✓ Dockerfile:2,3: bases\/static → bases\/static@sha256:\w{64}\n✓ Dockerfile: a build may start\n$/,
    );
  });

  it('names line, reason and remedy of what a build would be refused for, and exits with 1', async () => {
    const { exit, stdout } = await lint(`${GOOD}COPY --from=evil/x:1 / /\n`, 'Dockerfile');

    expect(exit).toBe(1);
    expect(stdout.split('\n').slice(1)).toEqual([
      '✗ Dockerfile:5: evil/x:1',
      'Dockerfile:5: refused: The base image "evil/x:1" is not on the allow-list.',
      '  do: Use one of: bases/static.',
      '✗ Dockerfile: a build would be refused',
      '',
    ]);
  });

  it('gives the same as JSON', async () => {
    const { exit, stdout } = await lint(`# syntax=evil/x\n${GOOD}`, '.', '--json');

    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'Dockerfile',
      accepted: false,
      stages: 2,
      user: '65532',
      images: [{ name: 'bases/static', lines: [3, 4], signed: true, accepted: true }],
      refusals: [{ code: 'BUILD_REFUSED', line: 1 }],
    });
  });

  it('tells a base that nobody signed', async () => {
    await api.app.close();
    const digest = api.registry.pushImage({ repository: 'bases/static', labels: { a: 'b' } });
    const base = { repository: 'bases/static', digest };
    api = await createTestApi({ readBases: () => Promise.resolve({ 'bases/static': base }) });

    const { exit, stdout } = await lint(GOOD);

    expect(exit).toBe(1);
    expect(stdout).toContain('has no valid signature of the base custodian');
  });

  it('takes a Dockerfile as large as one that is built, and no larger', async () => {
    const filler = `# ${'"'.repeat(1000)}\n`;

    const fits = await lint(GOOD + filler.repeat(250));
    const tooLarge = await lint(GOOD + filler.repeat(270));

    expect(fits.exit).toBe(0);
    expect(tooLarge).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('larger than') as unknown,
    });
  });

  it('says that there is no such file', async () => {
    expect(await lint(GOOD, 'nothing')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("nothing can't be read") as unknown,
    });
  });
});

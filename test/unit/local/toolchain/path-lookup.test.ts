import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CATALOGUE } from '../../../../src/local/toolchain/catalogue';
import {
  findOnPath,
  parseVersion,
  toolOnPath,
  versionFits,
} from '../../../../src/local/toolchain/path-lookup';

test.each([
  ['temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', '1.5.1'],
  ['registry github.com/distribution/distribution/v3 v3.1.2', '3.1.2'],
  ['buildkitd github.com/moby/buildkit v0.34.2 5a1b2c3', '0.34.2'],
  ['prometheus, version 3.16.0 (branch: HEAD, revision: abc)', '3.16.0'],
  ['Version: 0.74.0\nVulnerability DB:\n  Version: 2', '0.74.0'],
  ['v0.21.0', '0.21.0'],
  ['GitVersion:    v3.1.3', '3.1.3'],
  ['Version: dev', undefined],
  ['', undefined],
])('reads the version out of %j', (output, version) => {
  expect(parseVersion(output)).toBe(version);
});

test.each([
  ['1.5.1', '^1.5.1', true],
  ['1.6.0', '^1.5.1', true],
  ['1.5.0', '^1.5.1', false],
  ['2.0.0', '^1.5.1', false],
  ['0.35.0', '^0.34.2', false],
  ['no version', '^1.0.0', false],
])('version %s fits %s: %s', (output, range, fits) => {
  expect(versionFits(output, range)).toBe(fits);
});

describe('on PATH', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-path-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function install(name: string, says: string, mode = 0o755): Promise<void> {
    await writeFile(join(folder, name), `#!/bin/sh\necho '${says}'\n`);
    await chmod(join(folder, name), mode);
  }

  test('a tool in a version that fits is taken', async () => {
    await install('temporal', 'temporal version 1.5.3');

    const found = await toolOnPath(CATALOGUE.temporal, `/nowhere${delimiter}${folder}`);

    expect(found).toEqual({ temporal: join(folder, 'temporal') });
  });

  test('an older one is not', async () => {
    await install('temporal', 'temporal version 1.4.0');

    expect(await toolOnPath(CATALOGUE.temporal, folder)).toBeUndefined();
  });

  test('half of a tool is not', async () => {
    await install('buildkitd', 'buildkitd v0.34.2');

    expect(await toolOnPath(CATALOGUE.buildkit, folder)).toBeUndefined();
  });

  test('a file that can not be run is passed over', async () => {
    await install('temporal', 'x', 0o644);

    expect(findOnPath('temporal', folder)).toBeUndefined();
  });

  test('a tool that can not say its version is built, not guessed', async () => {
    await install('bolt-fixtures', 'v1.0.0');

    expect(await toolOnPath(CATALOGUE['bolt-fixtures'], folder)).toBeUndefined();
  });
});

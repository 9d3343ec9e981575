import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import { createTrivyScanner } from '../../src/adapters/trivy/scanner';
import type { PinnedBase } from '../../src/domain/bases';
import { seedBases } from '../../src/local/seed/bases';
import { seedDatabase } from '../../src/local/seed/database';
import { debianEntries } from '../../src/local/seed/debian/debian-entries';
import type { DebianPackage } from '../../src/local/seed/debian/apt';
import { readPackage } from '../../src/local/seed/debian/package-content';
import { seedKeys } from '../../src/local/seed/keys';
import { writeLayer } from '../../src/local/seed/tar-layer';
import { findOnPath } from '../../src/local/toolchain/path-lookup';
import type { Scanner } from '../../src/ports/scanner';
import { cacheFolder } from '../support/cache-folder';
import { describeWith } from '../support/needs';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';

jest.setTimeout(120_000);

const run = promisify(execFile);
const dpkgDeb = findOnPath('dpkg-deb', process.env['PATH'] ?? '');
const ADVISORIES = join(__dirname, '../../src/local/advisories');

/** Below 99, so that whatever version is installed is hit. */
const OPENSSL = `
- bucket: data-source
  pairs:
    - { key: debian 12, value: { ID: debian, Name: Debian Security Tracker, URL: https://salsa.debian.org } }
    - { key: debian 13, value: { ID: debian, Name: Debian Security Tracker, URL: https://salsa.debian.org } }
- bucket: vulnerability
  pairs:
    - { key: CVE-2022-0778, value: { Title: 'openssl: loop in BN_mod_sqrt', Severity: HIGH, VendorSeverity: { nvd: 3 } } }
${['12', '13']
  .map(
    (version) => `- bucket: debian ${version}
  pairs:
    - bucket: openssl
      pairs:
        - { key: CVE-2022-0778, value: { FixedVersion: '99:1', Severity: 3 } }`,
  )
  .join('\n')}
`;

describe('bases of Debian packages', () => {
  let folder: string;
  let server: RegistryServer;
  let bases: Readonly<Record<string, PinnedBase>>;
  let scanner: Scanner;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-debian-'));
    server = await startRegistry();
    const { keysDir } = await seedKeys(folder);
    bases = await seedBases({
      registryUrl: server.url,
      stateDir: folder,
      cacheDir: cacheFolder(),
      signer: createSigstoreSigner({ kms: createFileKeyManagement({ dir: keysDir }) }),
      log: false,
      go: findOnPath('go', process.env['PATH'] ?? '') ?? 'go',
    });
    const advisories = join(folder, 'advisories');
    await run('cp', ['-r', ADVISORIES, advisories]);
    await writeFile(join(advisories, 'zz-debian.yaml'), OPENSSL);
    const boltFixtures = toolPath('bolt-fixtures');
    const seeded = await seedDatabase({ stateDir: folder, boltFixtures, advisories });
    scanner = createTrivyScanner({
      trivy: toolPath('trivy'),
      cacheDir: seeded.cacheDir,
      registryHost: server.host,
      insecure: true,
      timeoutMs: 60_000,
      canarySbom: await readFile(seeded.canarySbomFile),
      canaryId: seeded.canaryId,
    });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are known to the scanner by package and source, and an advisory on one is found', async () => {
    const image = bases['bases/base'];
    if (!image) {
      process.stdout.write('skipped: no Debian, or its archive could not be reached\n');
      return;
    }

    const sbom = await scanner.generateSbom(image);
    const report = await scanner.scanSbom(sbom);

    const text = sbom.toString('utf8').replaceAll(/\s/g, '');
    expect(text).toMatch(/pkg:deb\/debian\/libc6@/);
    expect(text).toMatch(/pkg:deb\/debian\/tzdata@/);
    expect(text).toContain('"aquasecurity:trivy:SrcName","value":"openssl"');
    expect(report.findings).toEqual([
      expect.objectContaining({ id: 'CVE-2022-0778', severity: 'HIGH' }),
    ]);
  });
});

describeWith('dpkg-deb', dpkgDeb !== undefined)('a Debian package', () => {
  let folder: string;
  const files = {
    'usr/share/doc/sample/copyright': 'free',
    'usr/share/doc/sample/changelog': 'long',
    'usr/share/man/man1/sample.1': 'manual',
    'usr/share/ca-certificates/mozilla/B.crt': 'B\n',
    'usr/share/ca-certificates/mozilla/A.crt': 'A\n',
    'usr/bin/sample': 'binary',
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-deb-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A real package, with a script that would leave a trace if it were run. */
  async function buildPackage(): Promise<DebianPackage> {
    const root = await mkdtemp(join(folder, 'root-'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    await symlink('sample', join(root, 'usr/bin/alias'));
    await mkdir(join(root, 'DEBIAN'));
    const control =
      'Package: sample\nVersion: 1:2.0-1\nArchitecture: all\nSource: source-of-sample\n' +
      'Maintainer: Nobody <nobody@example.com>\nDescription: a sample\n';
    await writeFile(join(root, 'DEBIAN/control'), control);
    await writeFile(join(root, 'DEBIAN/md5sums'), '');
    const script = `#!/bin/sh\ntouch ${join(folder, 'ran')}\n`;
    await writeFile(join(root, 'DEBIAN/postinst'), script, { mode: 0o755 });
    const file = `${root}.deb`;
    await run('dpkg-deb', ['--build', '--root-owner-group', root, file]);
    const bytes = await readFile(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name: 'sample', file, bytes: bytes.length, sha256 };
  }

  it('becomes files and a record, without its script and what nobody reads', async () => {
    const content = await readPackage(dpkgDeb ?? '', await buildPackage());

    const entries = debianEntries([content], [{ path: 'tmp', mode: 0o1777 }]);

    expect(entries.map(({ path }) => path)).toEqual([
      ...['etc', 'etc/ssl', 'etc/ssl/certs', 'etc/ssl/certs/ca-certificates.crt', 'tmp', 'usr'],
      ...['usr/bin', 'usr/bin/alias', 'usr/bin/sample', 'usr/share', 'usr/share/ca-certificates'],
      'usr/share/ca-certificates/mozilla',
      'usr/share/ca-certificates/mozilla/A.crt',
      'usr/share/ca-certificates/mozilla/B.crt',
      ...['usr/share/doc', 'usr/share/doc/sample', 'usr/share/doc/sample/copyright', 'var'],
      ...['var/lib', 'var/lib/dpkg', 'var/lib/dpkg/status.d', 'var/lib/dpkg/status.d/sample'],
      'var/lib/dpkg/status.d/sample.md5sums',
    ]);
    const text = (path: string): string =>
      String(entries.find((entry) => entry.path === path)?.content);
    expect(text('etc/ssl/certs/ca-certificates.crt')).toBe('A\nB\n');
    expect(text('var/lib/dpkg/status.d/sample')).toContain('Source: source-of-sample');
    expect(entries.find(({ path }) => path === 'usr/bin/alias')?.link).toEqual({
      symbolic: 'sample',
    });
    await expect(readFile(join(folder, 'ran'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('gives the same layer each time', async () => {
    const one = await readPackage(dpkgDeb ?? '', await buildPackage());
    const two = await readPackage(dpkgDeb ?? '', await buildPackage());

    const first = await writeLayer(debianEntries([one], []), join(folder, 'one.tar.gz'));
    const second = await writeLayer(debianEntries([two], []), join(folder, 'two.tar.gz'));

    expect(second).toEqual(first);
  });

  it('is refused when it is not what the archive signed', async () => {
    const signed = await buildPackage();
    const bytes = await readFile(signed.file);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    await writeFile(signed.file, bytes);

    const read = readPackage(dpkgDeb ?? '', signed);

    await expect(read).rejects.toThrow(/is not the package that the archive signed/);
  });

  it('is refused when it is no package, though its hash is right', async () => {
    const file = join(folder, 'text.deb');
    const bytes = Buffer.from('no package');
    await writeFile(file, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');

    const read = readPackage(dpkgDeb ?? '', { name: 'text', file, bytes: bytes.length, sha256 });

    await expect(read).rejects.toThrow(/can't be unpacked/);
  });
});

it('a layer keeps its links', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plura-links-'));
  const file = join(folder, 'layer.tar.gz');
  await writeLayer(
    [
      { path: 'a', mode: 0o644, content: Buffer.from('x') },
      { path: 'b', mode: 0o644, link: { symbolic: 'a' } },
      { path: 'c', mode: 0o644, link: { hard: 'a' } },
    ],
    file,
  );

  const { stdout } = await run('tar', ['tvzf', file]);

  expect(stdout).toMatch(/b -> a\n.* c link to a/);
  await rm(folder, { recursive: true });
});

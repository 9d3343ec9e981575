import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { authorityFiles } from '../../../../src/admission/tls/authority';
import { readKeyPair, type KeyPairFiles } from '../../../../src/admission/tls/key-pair';
import { ensureSelfMadePair } from '../../../../src/admission/tls/self-made';

const NOW = new Date();
const NAMES = ['plura-admission.plura-reg.svc', '127.0.0.1'];
const DAY_MS = 86_400_000;

let folder: string;
let files: KeyPairFiles;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plura-self-made-'));
  files = { certFile: path.join(folder, 'tls.crt'), keyFile: path.join(folder, 'tls.key') };
  await ensureSelfMadePair(files, NAMES, NOW);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const after = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);
const served = (): Promise<string> => readFile(files.certFile, 'utf8');

/** Whether a client that has `ca` from elsewhere takes what the files hold now. */
async function isTrusted(ca: string): Promise<boolean> {
  const server = createServer(await readKeyPair(files, NOW)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca });
  const isSecure = await once(socket, 'secureConnect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  server.close();
  return isSecure;
}

it('is for the names it is asked for, 90 days long, its keys for their owner alone', async () => {
  const { cert, notAfter } = await readKeyPair(files, NOW);

  const certificate = new X509Certificate(cert);
  expect(certificate.checkHost(NAMES[0]!)).toBe(NAMES[0]);
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.ca).toBe(false);
  expect(Math.round((notAfter.getTime() - NOW.getTime()) / DAY_MS)).toBe(90);
  for (const file of [files.keyFile, authorityFiles(files).keyFile]) {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
});

it('stays while it is good', async () => {
  const before = await served();

  expect(await ensureSelfMadePair(files, NAMES, after(59))).toBe(false);

  expect(await served()).toBe(before);
});

it('is renewed 30 days before its end', async () => {
  const before = await served();

  expect(await ensureSelfMadePair(files, NAMES, after(61))).toBe(true);

  expect(await served()).not.toBe(before);
  expect((await readKeyPair(files, NOW)).notAfter.getTime()).toBeGreaterThan(after(150).getTime());
});

it('is trusted, once renewed, by who trusted the one before', async () => {
  const caBundle = await served();
  await ensureSelfMadePair(files, ['127.0.0.1', 'other.example'], NOW);

  expect(await served()).not.toBe(caBundle);
  expect(await isTrusted(caBundle)).toBe(true);
});

it('is renewed where half of it was written', async () => {
  const caBundle = await served();
  await writeFile(files.certFile, caBundle.slice(0, 200));

  expect(await ensureSelfMadePair(files, NAMES, NOW)).toBe(true);

  expect(await isTrusted(caBundle)).toBe(true);
});

it('leaves a pair alone that has no authority beside it, whatever its end', async () => {
  const before = await served();
  await rm(authorityFiles(files).keyFile);

  expect(await ensureSelfMadePair(files, NAMES, after(89))).toBe(false);

  expect(await served()).toBe(before);
  await expect(access(authorityFiles(files).keyFile)).rejects.toThrow();
});

it('says what to do with an authority that can not be used, and keeps it', async () => {
  const { keyFile } = authorityFiles(files);
  await writeFile(keyFile, 'not a key');

  await expect(ensureSelfMadePair(files, NAMES, after(61))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    details: { remedy: expect.stringMatching(/caBundle/) as string },
  });

  expect(await readFile(keyFile, 'utf8')).toBe('not a key');
});

import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { createAdmission, type Admission } from '../../../../src/admission/admission';
import {
  parseKeyPair,
  readKeyPair,
  type KeyPairFiles,
} from '../../../../src/admission/tls/key-pair';
import { ensureSelfMadePair } from '../../../../src/admission/tls/self-made';
import { watchKeyPair } from '../../../../src/admission/tls/watch-key-pair';
import { createAdmissionWorld } from '../../../support/admission-world';

interface Peer {
  getPeerCertificate(): { readonly serialNumber: string };
}

const NOW = new Date();
const NAMES = ['plura-admission.plura-reg.svc', '127.0.0.1'];

let folder: string;
let files: KeyPairFiles;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plura-tls-'));
  files = filesIn('one');
  await ensureSelfMadePair(files, NAMES, NOW);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function filesIn(name: string): KeyPairFiles {
  return {
    certFile: path.join(folder, name, 'tls.crt'),
    keyFile: path.join(folder, name, 'tls.key'),
  };
}

describe('a pair of files', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a key of another certificate',
      async () => {
        await ensureSelfMadePair(filesIn('two'), NAMES, NOW);
        await rename(filesIn('two').keyFile, files.keyFile);
      },
      /not the one of the certificate/,
    ],
    ['no key', () => rm(files.keyFile), /ENOENT/],
    [
      'half a certificate',
      () => writeFile(files.certFile, '-----BEGIN CERTIFICATE-----\n'),
      /Certificate .*one/,
    ],
    ['an empty key', () => writeFile(files.keyFile, ''), /Certificate .*one/],
  ])('is refused with %s', async (_what, change, message) => {
    await change();

    await expect(readKeyPair(files, NOW)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message) as string,
    });
  });

  it('is refused once the certificate has ended', async () => {
    const pair = await readKeyPair(files, NOW);

    expect(() => parseKeyPair(files, pair, new Date('2999-01-01'))).toThrow(
      /the certificate ended/,
    );
  });
});

describe('the watch', () => {
  const errors: string[] = [];
  const served: string[] = [];
  let watch: ReturnType<typeof watchKeyPair>;

  async function start(watched: KeyPairFiles): Promise<void> {
    errors.length = 0;
    served.length = 0;
    watch = watchKeyPair({
      files: watched,
      current: await readKeyPair(watched, NOW),
      onChange: ({ cert }) => served.push(cert),
      log: {
        info: () => undefined,
        error: (...args: unknown[]) => errors.push((args[0] as { reason: string }).reason),
      },
      now: () => NOW,
      everyMs: 3_600_000,
    });
  }

  afterEach(() => {
    watch.close();
  });

  it('sees a mounted secret change by its symlink', async () => {
    await ensureSelfMadePair(filesIn('two'), NAMES, NOW);
    await symlink(path.join(folder, 'one'), path.join(folder, 'data'));
    await start(filesIn('data'));
    await watch.look();
    await symlink(path.join(folder, 'two'), path.join(folder, 'data-next'));
    await rename(path.join(folder, 'data-next'), path.join(folder, 'data'));
    await watch.look();
    await watch.look();

    expect(served).toEqual([await readFile(filesIn('two').certFile, 'utf8')]);
  });

  it('keeps the old pair while the files hold half a new one, and says so once', async () => {
    await ensureSelfMadePair(filesIn('two'), NAMES, NOW);
    await start(files);
    await rename(filesIn('two').certFile, files.certFile);
    await watch.look();
    await watch.look();

    expect(served).toEqual([]);
    expect(errors).toEqual([expect.stringMatching(/not the one of the certificate/)]);

    await rename(filesIn('two').keyFile, files.keyFile);
    await watch.look();
    expect(served).toHaveLength(1);
  });
});

describe('the webhook', () => {
  let admission: Admission;

  afterEach(async () => {
    await admission.close(0);
  });

  async function start(clientCa: string | null): Promise<number> {
    const { deps } = await createAdmissionWorld();
    admission = createAdmission({
      deps,
      files,
      pair: await readKeyPair(files, NOW),
      clientCa,
      log: { info: () => undefined, error: () => undefined },
    });
    await admission.reviews.listen({ port: 0, host: '127.0.0.1' });
    return (admission.reviews.server.address() as AddressInfo).port;
  }

  /** The serial number of the certificate that it shows. */
  function ask(port: number, ca: string): Promise<{ serial: string; status: number | undefined }> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, ca, agent: false, path: '/none' }, (response) => {
        const { serialNumber } = (response.socket as unknown as Peer).getPeerCertificate();
        response.resume();
        resolve({ serial: serialNumber, status: response.statusCode });
      })
        .on('error', reject)
        .end();
    });
  }

  it('is trusted by its certificate, and swaps it without a restart', async () => {
    await ensureSelfMadePair(filesIn('two'), NAMES, NOW);
    const ca = await readFile(files.certFile, 'utf8');
    const nextCa = await readFile(filesIn('two').certFile, 'utf8');
    const port = await start(null);
    const before = await ask(port, ca);

    const { cert, key } = await readKeyPair(filesIn('two'), NOW);
    admission.reviews.server.setSecureContext({ cert, key });
    const after = await ask(port, nextCa);

    expect(before.status).toBe(404);
    expect(after.serial).not.toBe(before.serial);
    await expect(ask(port, ca)).rejects.toThrow(/self-signed|certificate/);
  });

  it('ends although somebody holds a connection that was never used', async () => {
    const ca = await readFile(files.certFile, 'utf8');
    const socket = connect({ host: '127.0.0.1', port: await start(null), ca });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    const closed = once(socket, 'close');

    await admission.close(0);

    await closed;
  });

  it('answers nobody without a client certificate where one is asked for', async () => {
    const ca = await readFile(files.certFile, 'utf8');
    const port = await start(ca);

    await expect(ask(port, ca)).rejects.toThrow();
  });
});

it('makes the folder of the pair for its owner alone', async () => {
  await mkdir(path.join(folder, 'deep'));
  await ensureSelfMadePair(filesIn('deep/er'), ['localhost'], NOW);

  expect((await stat(path.join(folder, 'deep/er'))).mode & 0o777).toBe(0o700);
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  admissionSecretFile,
  giveAdmissionItsSecret,
  robotsDir,
  robotSecretFile,
} from '../../../../src/local/stack/robots';

let stateDir: string;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'plura-robots-'));
  await mkdir(robotsDir(stateDir));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

test.each([1, 2])(
  'the webhook has a folder with its own secret alone, made %d times',
  async (n) => {
    await writeFile(robotSecretFile(stateDir, 'system'), 'of the system', { mode: 0o600 });
    await writeFile(robotSecretFile(stateDir, 'admission'), 'of the webhook', { mode: 0o600 });
    const file = admissionSecretFile(stateDir);

    for (let time = 0; time < n; time += 1) await giveAdmissionItsSecret(stateDir);

    expect(await readFile(file, 'utf8')).toBe('of the webhook');
    expect(await readdir(dirname(file))).toEqual(['secret']);
    expect((await stat(file)).mode & 0o077).toBe(0);
  },
);

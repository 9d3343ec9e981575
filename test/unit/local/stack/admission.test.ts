import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAdmissionSettings } from '../../../../src/config/admission';
import { repositoryRoot } from '../../../../src/local/repository-root';
import { portsByDefault } from '../../../../src/local/stack/addresses';
import { admissionFiles, writeAdmissionSettings } from '../../../../src/local/stack/admission';

let stateDir: string;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'plura-admission-settings-'));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

test('the webhook of a stack judges as shipped, for the registry of this stack', async () => {
  const shipped = loadAdmissionSettings(join(repositoryRoot(), 'deploy/admission/default.yaml'));
  const ports = portsByDefault(100);

  await writeAdmissionSettings({ stateDir, ports, root: repositoryRoot() });

  expect(loadAdmissionSettings(admissionFiles(stateDir).settings)).toEqual({
    ...shipped,
    registries: ['127.0.0.1:5180', 'localhost:5180'],
  });
});

import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolOf } from '../../src/local/toolchain/catalogue';
import { buildEnvironment } from '../../src/local/toolchain/go-build';
import { trimModule } from '../../src/local/toolchain/trim';

jest.setTimeout(300_000);

const run = promisify(execFile);
const { signal } = new AbortController();
let workDir: string;

beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'plura-trim-'));
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

test('what is left out of the scanner is replaced, and the rest is as it came', async () => {
  const { trim, version } = toolOf('trivy');
  if (!trim) throw new Error('nothing is left out');
  const env = buildEnvironment(process.env);
  await writeFile(
    join(workDir, 'go.mod'),
    `module plura.local/tool\n\ngo 1.25\n\nrequire ${trim.module} ${version}\n`,
  );
  await run('go', ['mod', 'download', trim.module], { cwd: workDir, env });

  await trimModule('trivy', trim, { workDir, env, signal });

  const copy = join(workDir, 'trimmed');
  const k8s = await readFile(join(copy, 'pkg/k8s/commands/run.go'), 'utf8');
  expect(k8s).toContain('leaves Kubernetes clusters out');
  await expect(access(join(copy, 'pkg/k8s/scanner'))).rejects.toThrow('ENOENT');
  await expect(access(join(copy, 'pkg/sbom/cyclonedx/marshal.go'))).resolves.toBeUndefined();
});

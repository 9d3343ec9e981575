import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
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
  await run('go', ['mod', 'init', 'plura.local/tool'], { cwd: workDir, env });

  await trimModule('trivy', { version, ...trim }, { workDir, env, signal });

  const copy = join(workDir, 'trimmed');
  const k8s = await readFile(join(copy, 'pkg/k8s/commands/run.go'), 'utf8');
  expect(k8s).toContain('leaves Kubernetes clusters out');
  await expect(access(join(copy, 'pkg/k8s/scanner'))).rejects.toThrow('ENOENT');
  await expect(access(join(copy, 'pkg/sbom/cyclonedx/marshal.go'))).resolves.toBeUndefined();
});

test('the Temporal server that is trimmed is the one that its CLI asks for', async () => {
  const { trim, version } = toolOf('temporal');
  const env = buildEnvironment(process.env);
  const module = `github.com/temporalio/cli@${version}`;
  await run('go', ['mod', 'init', 'plura.local/tool'], { cwd: workDir, env });

  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: workDir, env });
  const { GoMod } = JSON.parse(stdout) as { readonly GoMod: string };

  const wanted = await readFile(GoMod, 'utf8');
  expect(wanted).toContain(`${trim?.module ?? ''} ${trim?.version ?? ''}\n`);
});

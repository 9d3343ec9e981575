import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolOf } from '../../../../src/local/toolchain/catalogue';
import { ensureTools } from '../../../../src/local/toolchain/ensure-tools';

const TOOLS = ['registry', 'rekor', 'trivy', 'prometheus'] as const;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-ensure-tools-'));
  const go = join(folder, 'go');
  const module = join(folder, 'module');
  for (const path of ['cmd', 'pkg', 'internal', 'rpc']) {
    await mkdir(join(module, path), { recursive: true });
  }
  for (const path of ['go.mod', 'go.sum']) await writeFile(join(module, path), '');
  for (const path of TOOLS.flatMap((name) => toolOf(name).trim?.without ?? [])) {
    await mkdir(join(module, path), { recursive: true });
  }
  // Notes where it is called and how, and makes what it is told to; a build takes its time.
  const script = `#!/bin/sh
echo "$(basename "$PWD") $*" >> '${folder}/calls'
[ "$1 $2" = "mod download" ] && echo '{"Dir": "${module}"}'
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then sleep 0.3; mkdir -p "$(dirname "$2")"; touch "$2"; fi
  shift
done
`;
  await writeFile(go, script);
  await chmod(go, 0o755);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function buildAll(): Promise<readonly string[]> {
  const environment = { PATH: `${folder}:/usr/bin:/bin` };
  const { signal } = new AbortController();
  const cacheDir = join(folder, 'cache');
  await ensureTools(TOOLS, {
    cacheDir,
    environment,
    signal,
  }).ready;
  return (await readFile(join(folder, 'calls'), 'utf8')).trimEnd().split('\n');
}

describe('tools that are missing', () => {
  it('are built in their order, and modules of later ones are fetched once the first is there', async () => {
    const calls = await buildAll();

    const builds = calls.flatMap((call, at) => (call.includes(' build ') ? [at] : []));
    const fetches = calls.flatMap((call, at) =>
      call.startsWith('plura-prefetch-') && call.includes(' get ') ? [at] : [],
    );
    expect(builds.map((at) => / -o \S+\/bin\/(\S+)/.exec(calls[at] ?? '')?.[1])).toEqual([
      'registry',
      'rekor-server',
      'trivy',
      'prometheus',
    ]);
    expect(fetches.map((at) => calls[at])).toEqual([
      expect.stringContaining('/cmd/trivy@'),
      expect.stringContaining('/cmd/prometheus@'),
    ]);
    expect(fetches[0]).toBeGreaterThan(builds[0] ?? Infinity);
  });

  it('are compiled with their own tags and without optimising where nobody waits for them', async () => {
    const calls = await buildAll();

    const build = (name: string): string =>
      calls.find((call) => call.includes(' build ') && call.includes(`/bin/${name} `)) ?? '';
    expect(build('prometheus')).toContain('-tags=remove_all_sd');
    expect(build('prometheus')).toContain('-dwarf=false -N -l');
    expect(build('registry')).not.toContain('-N -l');
    const replaced = calls.filter((call) => call.includes('mod edit -replace='));
    expect(replaced.map((call) => /-replace=(\S+)=\.\/trimmed/.exec(call)?.[1])).toEqual(
      expect.arrayContaining(['github.com/aquasecurity/trivy', 'github.com/prometheus/prometheus']),
    );
  });
});

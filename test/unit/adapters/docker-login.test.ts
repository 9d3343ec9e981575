import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBuildkitBuilder } from '../../../src/adapters/buildkit/builder';
import { createTrivyScanner } from '../../../src/adapters/trivy/scanner';
import { dockerConfig } from '../../../src/contract/docker-config';

const digest = `sha256:${'a'.repeat(64)}` as const;
const registryHost = '127.0.0.1:5080';
const credentials = { username: 'builder', password: 'plr_secret' };

let folder: string;
let tool: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-login-'));
  tool = join(folder, 'tool');
  // Keeps what it was given: the login, its mode, its folder, the command line.
  await writeFile(
    tool,
    `#!/bin/sh
echo "$DOCKER_CONFIG" > "$SEEN/folder"
stat -c %a "$DOCKER_CONFIG" "$DOCKER_CONFIG/config.json" > "$SEEN/modes"
cp "$DOCKER_CONFIG/config.json" "$SEEN/login"
echo "$@" > "$SEEN/arguments"
while [ "$#" -gt 0 ]; do
  if [ "$1" = --metadata-file ]; then echo '{"containerimage.digest":"${digest}"}' > "$2"; fi
  shift
done
`,
  );
  await chmod(tool, 0o700);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function seen(name: string): Promise<string> {
  return (await readFile(join(folder, name), 'utf8')).trim();
}

const env = (): Record<string, string> => ({ SEEN: folder, PATH: process.env['PATH'] ?? '' });

const tools: Record<string, () => Promise<unknown>> = {
  buildctl: async () => {
    await mkdir(join(folder, 'context'));
    await writeFile(join(folder, 'context', 'Dockerfile'), 'FROM scratch\n');
    const builder = createBuildkitBuilder({
      buildctl: tool,
      address: 'unix:///b.sock',
      registryHost,
      credentials,
      insecure: true,
      timeoutMs: 10_000,
      builderId: 'https://builder.test/buildkit',
      env: env(),
    });
    return builder.build({
      contextPath: join(folder, 'context'),
      repository: 'apps/a/a',
      labels: {},
      bases: {},
    });
  },
  trivy: () =>
    createTrivyScanner({
      trivy: tool,
      cacheDir: folder,
      registryHost,
      credentials,
      insecure: true,
      timeoutMs: 10_000,
      canarySbom: Buffer.alloc(0),
      canaryId: 'CVE-1',
      env: env(),
    }).generateSbom({ repository: 'apps/a/a', digest }),
};

describe.each(Object.keys(tools))('%s', (name) => {
  it('is given the login in a private file that is gone afterwards, not on its command line', async () => {
    await tools[name]!();

    expect(await seen('login')).toBe(dockerConfig(registryHost, credentials).trim());
    expect(await seen('modes')).toBe('700\n600');
    expect(existsSync(await seen('folder'))).toBe(false);
    expect(await seen('arguments')).not.toContain('plr_secret');
  });
});

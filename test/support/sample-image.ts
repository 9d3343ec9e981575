import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { pack } from 'tar-stream';
import type { ImageRef } from '../../src/domain/reference';
import { pushTestImage } from './registry-server';

const run = promisify(execFile);

/** The layer with the static sample server as /server. */
export async function buildSampleLayer(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-sample-'));
  try {
    const binary = join(folder, 'server');
    const source = join(__dirname, 'sample-server', 'main.go');
    await run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', binary, source], {
      env: { ...process.env, CGO_ENABLED: '0' },
    });
    const layer = pack();
    layer.entry({ name: 'server', mode: 0o755 }, await readFile(binary));
    layer.finalize();
    return await buffer(layer);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pushes an image of the sample server; `version` is what `/` answers. */
export async function pushSampleImage(
  registryUrl: string,
  layer: Buffer,
  version: string,
  extra: { readonly env?: readonly string[]; readonly user?: string } = {},
): Promise<ImageRef> {
  const repository = 'apps/sample/web';
  const digest = await pushTestImage(registryUrl, {
    repository,
    layers: [layer],
    env: [`VERSION=${version}`, ...(extra.env ?? [])],
    user: extra.user ?? '65532:65532',
  });
  return { repository, digest };
}

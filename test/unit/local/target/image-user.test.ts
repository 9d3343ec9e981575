import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveImageUser } from '../../../../src/local/target/runtime/image-user';

let rootfs: string;

beforeEach(async () => {
  rootfs = await mkdtemp(join(tmpdir(), 'plura-user-'));
  await mkdir(join(rootfs, 'etc'));
  await writeFile(
    join(rootfs, 'etc/passwd'),
    'root:x:0:0::/:/bin/sh\nnonroot:x:65532:65531::/:/bin/sh\n',
  );
  await writeFile(join(rootfs, 'etc/group'), 'root:x:0:\nweb:x:33:\n');
});
afterEach(() => rm(rootfs, { recursive: true }));

describe('resolveImageUser', () => {
  it.each([
    ['1000', 1000, 0],
    ['1000:1001', 1000, 1001],
    ['65532', 65532, 65531],
    ['nonroot', 65532, 65531],
    ['nonroot:web', 65532, 33],
    ['1000:web', 1000, 33],
  ])('reads "%s"', async (text, uid, gid) => {
    await expect(resolveImageUser(rootfs, text)).resolves.toEqual({ uid, gid });
  });

  it.each(['', '0', '0:1000', 'root', 'nobody', 'nonroot:nogroup', '-1', '1e3', '00'])(
    'refuses "%s"',
    async (text) => {
      await expect(resolveImageUser(rootfs, text)).rejects.toMatchObject({
        code: 'ROLLOUT_FAILED',
      });
    },
  );

  it("never looks into the host's files through a link", async () => {
    await rm(join(rootfs, 'etc/passwd'));
    await symlink('/etc/passwd', join(rootfs, 'etc/passwd'));

    await expect(resolveImageUser(rootfs, 'daemon')).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
    });
  });
});

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Options } from '../../src/adapters/s3/bucket';
import { captureOutput, freePort, stopProcess, waitForHttp } from './registry-server';
import { toolPath } from './tools';

export interface S3Server {
  /** As its owner, who may do all that S3 lets anyone do. */
  readonly client: S3Client;
  /** Makes a bucket; with Object Lock, unless told otherwise. */
  makeBucket(name: string, lock?: boolean): Promise<S3Options>;
  stop(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
const REGION = 'us-east-1';

/** A real S3 server with Object Lock on a free port (versitygw, in a folder of its own). */
export async function startS3(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-s3-server-'));
  // The sidecar keeps what would be extended attributes, which not every file system of tests has.
  const [root = '', versions = '', meta = ''] = await Promise.all(
    ['root', 'versions', 'meta'].map(async (name) => {
      await mkdir(join(folder, name));
      return join(folder, name);
    }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const flags = ['--port', address, '--region', REGION, '--health', '/health', '--quiet'];
  const posix = ['posix', '--versioning-dir', versions, '--sidecar', meta, root];
  const child = spawn(toolPath('versitygw'), [...flags, ...posix], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      ROOT_ACCESS_KEY: CREDENTIALS.accessKeyId,
      ROOT_SECRET_KEY: CREDENTIALS.secretAccessKey,
    },
  });
  const log = captureOutput(child);
  const endpoint = `http://${address}`;
  const access = { endpoint, region: REGION, credentials: CREDENTIALS };
  const client = new S3Client({ ...access, forcePathStyle: true });
  const stop = async (): Promise<void> => {
    client.destroy();
    await stopProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitForHttp(`${endpoint}/health`, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    client,
    stop,
    makeBucket: async (name, lock = true) => {
      await client.send(
        new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: lock }),
      );
      return {
        ...access,
        bucket: name,
        prefix: 'plura/',
        pathStyle: true,
        partBytes: 5 * 1024 ** 2,
      };
    },
  };
}

import { S3Client } from '@aws-sdk/client-s3';

export interface S3Options {
  readonly bucket: string;
  /** Before every key, e.g. `plura/`; may be empty. */
  readonly prefix: string;
  readonly region: string;
  /** Instead of AWS's own. */
  readonly endpoint?: string;
  /** The bucket in the path and not in the host's name, as most stores beside AWS want it. */
  readonly pathStyle: boolean;
  /** Default: the SDK's chain (environment, web identity, instance profile). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Of a big object; the least that S3 takes is 5 MiB. */
  readonly partBytes?: number;
}

export interface Bucket {
  readonly client: S3Client;
  readonly name: string;
  readonly prefix: string;
  readonly partBytes: number;
}

const PART_BYTES = 16 * 1024 * 1024;
const CONNECT_MS = 5_000;
const SILENCE_MS = 60_000;

const quiet = (): undefined => undefined;
/** What goes wrong is thrown; the SDK would tell the console too. */
const QUIET = { debug: quiet, info: quiet, warn: quiet, error: quiet };

export function openBucket(options: S3Options): Bucket {
  const { bucket, prefix, region, endpoint, pathStyle, credentials } = options;
  const client = new S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    // A stream is gone after the first try, and the caller tries again anyhow.
    maxAttempts: 1,
    logger: QUIET,
    // Ours are SHA-256 and given; what is read is hashed.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
  });
  return { client, name: bucket, prefix, partBytes: options.partBytes ?? PART_BYTES };
}

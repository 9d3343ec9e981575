import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** DER (ITU-T X.690), as much of it as certificates need. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const octets = (...parts: readonly Buffer[]): Buffer => der(0x04, ...parts);
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const bits = (bytes: Buffer): Buffer => der(0x03, Buffer.of(0), bytes);

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const base128 = (value: number): readonly number[] => {
    const digits = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  };
  return der(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const nameOf = (name: string): Buffer => sequence(der(0x31, sequence(oid('2.5.4.3'), utf8(name))));
const timeOf = (at: Date): Buffer =>
  der(0x18, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));
const extension = (id: string, ...value: readonly Buffer[]): Buffer =>
  sequence(oid(id), octets(...value));

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly spki: Buffer;
}

export function createKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, spki: publicKey.export({ type: 'spki', format: 'der' }) };
}

interface CertificateInput {
  readonly subject: string;
  readonly key: KeyPair;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

function tbsOf({ subject, key, notBefore, notAfter, extensions }: CertificateInput): Buffer {
  return sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ECDSA_SHA256,
    nameOf('test root'),
    sequence(timeOf(notBefore), timeOf(notAfter)),
    nameOf(subject),
    key.spki,
    der(0xa3, sequence(...extensions)),
  );
}

const sha256 = (...parts: readonly Buffer[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

function certificateOf(input: CertificateInput, issuer: KeyPair): Buffer {
  const tbs = tbsOf(input);
  return sequence(tbs, ECDSA_SHA256, bits(sign('sha256', tbs, issuer.privateKey)));
}

const uint = (value: number | bigint, bytes: number): Buffer => {
  const hex = BigInt(value).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, '0'), 'hex');
};

/** An SCT of a precertificate, in the list that a certificate holds (RFC 6962, 3.2 and 3.3). */
function sctExtension(tbs: Buffer, issuer: KeyPair, log: KeyPair, at: Date): Buffer {
  const time = uint(at.getTime(), 8);
  const precert = Buffer.concat([sha256(issuer.spki), uint(tbs.length, 3), tbs]);
  const signed = Buffer.concat([Buffer.of(0, 0), time, uint(1, 2), precert, uint(0, 2)]);
  const signature = sign('sha256', signed, log.privateKey);
  const sct = Buffer.concat([
    ...[Buffer.of(0), sha256(log.spki), time, uint(0, 2), Buffer.of(4, 3)],
    ...[uint(signature.length, 2), signature],
  ]);
  const list = Buffer.concat([uint(sct.length + 2, 2), uint(sct.length, 2), sct]);
  return extension('1.3.6.1.4.1.11129.2.4.2', octets(list));
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface KeylessInput {
  readonly identity: string;
  readonly issuer: string;
  readonly payload: Buffer;
  /** When it was signed; the certificate lasts ten minutes from then. */
  readonly at?: Date;
  /** When the log says that it was logged; else then. */
  readonly loggedAt?: Date;
}

/** As the annotations of cosign's layers hold it. */
export interface KeylessSignature {
  readonly signature: string;
  /** PEM. */
  readonly certificate: string;
  /** JSON of Rekor's promise. */
  readonly logEntry: string;
}

export interface SigstoreInstance {
  /** trusted_root.json. */
  readonly trustedRoot: string;
  sign(input: KeylessInput): KeylessSignature;
}

function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function trustedRootOf(
  root: Buffer,
  logs: { readonly rekor: KeyPair; readonly ct: KeyPair },
  lifetime: { readonly start: Date; readonly end: Date },
): string {
  const validFor = { start: lifetime.start.toISOString() };
  const logOf = ({ spki }: KeyPair): object => ({
    baseUrl: 'https://log.invalid',
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: spki.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor,
    },
    logId: { keyId: sha256(spki).toString('base64') },
  });
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(logs.rekor)],
    ctlogs: [logOf(logs.ct)],
    certificateAuthorities: [
      {
        subject: { organization: 'test', commonName: 'test root' },
        uri: 'https://ca.invalid',
        certChain: { certificates: [{ rawBytes: root.toString('base64') }] },
        validFor: { ...validFor, end: lifetime.end.toISOString() },
      },
    ],
    timestampAuthorities: [],
  });
}

/** Rekor v1: a body, and the log's signed promise to hold it. */
function promiseOf(
  { signature, payload, certificate }: { signature: Buffer; payload: Buffer; certificate: string },
  rekor: KeyPair,
  at: Date,
): string {
  const body = Buffer.from(
    JSON.stringify({
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: 'sha256', value: sha256(payload).toString('hex') } },
        signature: {
          content: signature.toString('base64'),
          publicKey: { content: Buffer.from(certificate).toString('base64') },
        },
      },
    }),
  ).toString('base64');
  // Its keys are in the order of canonical JSON (RFC 8785).
  const entry = {
    body,
    integratedTime: Math.floor(at.getTime() / 1000),
    logID: sha256(rekor.spki).toString('hex'),
    logIndex: 1,
  };
  const promise = sign('sha256', Buffer.from(JSON.stringify(entry)), rekor.privateKey);
  return JSON.stringify({ SignedEntryTimestamp: promise.toString('base64'), Payload: entry });
}

/** A Sigstore of our own: certificate authority, certificate log and transparency log, with real signatures of each. */
export function createSigstoreInstance(
  lifetime = { start: new Date(Date.now() - 30 * DAY_MS), end: new Date(Date.now() + DAY_MS) },
): SigstoreInstance {
  const [ca, ct, rekor] = [createKeyPair(), createKeyPair(), createKeyPair()];
  const root = certificateOf(
    {
      ...{ subject: 'test root', key: ca, notBefore: lifetime.start, notAfter: lifetime.end },
      extensions: [extension('2.5.29.19', sequence(der(0x01, Buffer.of(0xff))))],
    },
    ca,
  );
  return {
    trustedRoot: trustedRootOf(root, { rekor, ct }, lifetime),
    sign: ({ identity, issuer, payload, at = new Date(), loggedAt = at }) => {
      const key = createKeyPair();
      const input = {
        ...{ subject: '', key, notBefore: new Date(at.getTime() - 1000) },
        notAfter: new Date(at.getTime() + 10 * MINUTE_MS),
        extensions: [
          extension('2.5.29.17', sequence(der(0x81, Buffer.from(identity)))),
          extension('1.3.6.1.4.1.57264.1.8', utf8(issuer)),
        ],
      };
      const sct = sctExtension(tbsOf(input), ca, ct, at);
      const extensions = [...input.extensions, sct];
      const certificate = pemOf(certificateOf({ ...input, extensions }, ca));
      const signature = sign('sha256', payload, key.privateKey);
      return {
        signature: signature.toString('base64'),
        certificate,
        logEntry: promiseOf({ signature, payload, certificate }, rekor, loggedAt),
      };
    },
  };
}

import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { dsse } from '@sigstore/core';
import { bits, der, ECDSA_SHA256, extension, nameOf, octets, sequence, timeOf, utf8 } from './der';

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly spki: Buffer;
}

function createKeyPair(): KeyPair {
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

const IN_TOTO = 'application/vnd.in-toto+json';

interface Signing {
  readonly identity: string;
  readonly issuer: string;
  /** When it was signed; the certificate lasts ten minutes from then. */
  readonly at?: Date;
}

interface Certified {
  readonly key: KeyPair;
  readonly certificate: Buffer;
}

export interface KeylessInput extends Signing {
  readonly payload: Buffer;
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
  /** A statement, in a bundle as cosign 3 makes it. */
  signBundle(input: KeylessInput): Buffer;
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

interface LogEntry {
  /** Base64. */
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
}

/** Rekor v1: the log's signed promise to hold an entry. */
function promiseOf(body: object, rekor: KeyPair, at: Date): { promise: string; entry: LogEntry } {
  // Its keys are in the order of canonical JSON (RFC 8785).
  const entry = {
    body: Buffer.from(JSON.stringify(body)).toString('base64'),
    integratedTime: Math.floor(at.getTime() / 1000),
    logID: sha256(rekor.spki).toString('hex'),
    logIndex: 0,
  };
  const signature = sign('sha256', Buffer.from(JSON.stringify(entry)), rekor.privateKey);
  return { promise: signature.toString('base64'), entry };
}

/** A log that holds this entry alone (RFC 6962; C2SP checkpoints). */
function proofOf({ body }: LogEntry, rekor: KeyPair): object {
  const root = sha256(Buffer.of(0), Buffer.from(body, 'base64')).toString('base64');
  const note = `log.invalid\n1\n${root}\n`;
  const signature = sign('sha256', Buffer.from(note), rekor.privateKey);
  const line = Buffer.concat([sha256(rekor.spki).subarray(0, 4), signature]).toString('base64');
  const envelope = `${note}\n\u2014 log.invalid ${line}\n`;
  return { logIndex: '0', rootHash: root, treeSize: '1', hashes: [], checkpoint: { envelope } };
}

/** What Rekor keeps of a signature over bytes. */
function hashedRekord(signature: Buffer, payload: Buffer, certificate: string): object {
  const publicKey = { content: Buffer.from(certificate).toString('base64') };
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: sha256(payload).toString('hex') } },
      signature: { content: signature.toString('base64'), publicKey },
    },
  };
}

/** And of an envelope. */
function dsseEntry(signature: Buffer, payload: Buffer, certificate: string): object {
  const verifier = Buffer.from(certificate).toString('base64');
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
      signatures: [{ signature: signature.toString('base64'), verifier }],
    },
  };
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
  function certify({ identity, issuer, at = new Date() }: Signing): Certified {
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
    return { key, certificate: certificateOf({ ...input, extensions }, ca) };
  }

  function signPayload(input: KeylessInput): KeylessSignature {
    const { payload, at = new Date(), loggedAt = at } = input;
    const { key, certificate } = certify({ ...input, at });
    const pem = pemOf(certificate);
    const signature = sign('sha256', payload, key.privateKey);
    const { promise, entry } = promiseOf(hashedRekord(signature, payload, pem), rekor, loggedAt);
    return {
      signature: signature.toString('base64'),
      certificate: pem,
      logEntry: JSON.stringify({ SignedEntryTimestamp: promise, Payload: entry }),
    };
  }

  function signBundle(input: KeylessInput): Buffer {
    const { payload, at = new Date(), loggedAt = at } = input;
    const { key, certificate } = certify({ ...input, at });
    const signature = sign('sha256', dsse.preAuthEncoding(IN_TOTO, payload), key.privateKey);
    const body = dsseEntry(signature, payload, pemOf(certificate));
    const { promise, entry } = promiseOf(body, rekor, loggedAt);
    const logEntry = {
      logIndex: '0',
      logId: { keyId: sha256(rekor.spki).toString('base64') },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: String(entry.integratedTime),
      inclusionPromise: { signedEntryTimestamp: promise },
      inclusionProof: proofOf(entry, rekor),
      canonicalizedBody: entry.body,
    };
    const bundle = {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: certificate.toString('base64') },
        tlogEntries: [logEntry],
      },
      dsseEnvelope: {
        payload: payload.toString('base64'),
        payloadType: IN_TOTO,
        signatures: [{ sig: signature.toString('base64'), keyid: '' }],
      },
    };
    return Buffer.from(JSON.stringify(bundle));
  }

  return {
    trustedRoot: trustedRootOf(root, { rekor, ct }, lifetime),
    sign: signPayload,
    signBundle,
  };
}

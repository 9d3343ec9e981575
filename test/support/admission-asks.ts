import type { OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageRef } from '../../src/domain/reference';
import { HOST, type AdmissionStack } from './admission-stack';
import {
  goodContainer,
  goodMetadata,
  goodSpec,
  type GuardrailCase,
  type Raw,
} from './guardrail-builders';
import { objectOf } from './guardrail-objects';
import { sendToKube, type KubeReply } from './kubernetes/kube-send';

/** What quarantine and revocation may take to count. */
export const SECOND_MS = 1_000;

const PROD = 'shop-prod';
/** As a block of YAML (`|`) writes it: with a line break at its end. */
const BREAK_GLASS = { 'plura.reg/break-glass': 'shop is down, incident 42\n' };

export const nameOf = ({ repository, digest }: ImageRef): string =>
  `${HOST}/${repository}@${digest}`;

export const messageOf = ({ body }: KubeReply): string => String(body['message']);

/** Satisfies all guardrails; `over` replaces parts of its spec. */
export function podOf(
  image: string,
  over: Raw = {},
  more: Partial<GuardrailCase> = {},
): GuardrailCase {
  const spec = goodSpec({ containers: [goodContainer({ image })], ...over });
  return { name: '', namespace: PROD, metadata: goodMetadata(), spec, breached: [], ...more };
}

/** Of the group that may break the glass. */
export const OLGA = { 'impersonate-user': 'olga', 'impersonate-group': ['sre', 'system:masters'] };

/** Says that it breaks the glass. */
export function brokenGlass(image: string): GuardrailCase {
  const metadata = goodMetadata();
  const annotations = { ...(metadata['annotations'] as Raw), ...BREAK_GLASS };
  return podOf(image, {}, { metadata: { ...metadata, annotations } });
}

export function pathOf({ kind = 'Pod', namespace }: GuardrailCase): string {
  const { apiVersion } = objectOf({ ...podOf('x'), kind });
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${String(apiVersion)}`;
  return `${root}/namespaces/${namespace}/${kind.toLowerCase()}s`;
}

/** Asks the API server, which asks the webhook. */
export interface Asks {
  /** `query` is a dry run unless said. */
  create(one: GuardrailCase, query?: string, headers?: OutgoingHttpHeaders): Promise<KubeReply>;
  /** A good pod of it in prod. */
  run(image: ImageRef): Promise<KubeReply>;
  untilAdmitted(image: ImageRef): Promise<void>;
}

export function createAsks({ kube }: Pick<AdmissionStack, 'kube'>): Asks {
  let pods = 0;
  const asks: Asks = {
    create: (one, query = '?dryRun=All', headers = {}) => {
      pods += 1;
      const object = objectOf(one, `web-${pods}`);
      return sendToKube(kube, 'POST', `${pathOf(one)}${query}`, object, headers);
    },
    run: (image) => asks.create(podOf(nameOf(image))),
    untilAdmitted: async (image) => {
      for (let tries = 0; tries < 100; tries += 1) {
        if ((await asks.run(image)).status === 201) return;
        await sleep(100);
      }
      throw new Error('it is not admitted again');
    },
  };
  return asks;
}

/** Within the second that it may take until something that was withdrawn is refused. */
export async function untilRefused(ask: () => Promise<KubeReply>): Promise<KubeReply> {
  const from = performance.now();
  let reply = await ask();
  while (reply.status === 201 && performance.now() - from < SECOND_MS) reply = await ask();
  expect(reply.status).toBe(403);
  return reply;
}

/** Past the API server. */
export function postToWebhook(
  { url, ca }: AdmissionStack['webhook'],
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = request(`${url}/validate`, { method: 'POST', ca, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

import { createHash } from 'node:crypto';
import type { ErrorCode } from '../../../src/contract/errors';
import type { Digest } from '../../../src/domain/digest';
import type { Channel } from '../../../src/domain/reference';
import type { ChannelMove } from '../../../src/ports/ledger';

export const STABLE: Channel = { env: 'prod', tag: 'stable' };
export const CANDIDATE: Channel = { env: 'prod', tag: 'candidate' };
export const T0 = '2026-01-02T03:04:05.678Z';
export const T1 = '2026-01-02T03:05:05.678Z';

export function digestOf(seed: string): Digest {
  return `sha256:${createHash('sha256').update(seed).digest('hex')}`;
}

export const A = digestOf('a');
export const B = digestOf('b');
export const C = digestOf('c');

export function moveOf(over: Partial<ChannelMove> = {}): ChannelMove {
  return {
    svc: 'shop',
    channel: STABLE,
    expected: null,
    next: A,
    epoch: 1,
    actor: 'alice',
    reason: 'release',
    releaseId: 'shop/1.0.0_abc1234',
    idempotencyKey: 'k1',
    ...over,
  };
}

export async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'fulfilled' | 'unknown'> {
  try {
    await work;
    return 'fulfilled';
  } catch (error) {
    return error instanceof Error && 'code' in error ? (error.code as ErrorCode) : 'unknown';
  }
}

import type { RevokedKey } from '../../../src/domain/key-revocations';
import type { KeyRevocations } from '../../../src/ports/key-revocations';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeKeyRevocations extends KeyRevocations, CallFaults {}

export function createFakeKeyRevocations(): FakeKeyRevocations {
  const revoked = new Map<string, RevokedKey>();
  const listeners = new Set<() => void>();
  return withCallFaults<KeyRevocations>({
    revoke: (key, idempotencyKey) => {
      if (!revoked.has(idempotencyKey)) revoked.set(idempotencyKey, key);
      for (const listener of listeners) listener();
      return Promise.resolve();
    },
    list: () => Promise.resolve([...revoked.values()]),
    watch: (onChange, signal) => {
      if (signal.aborted) return;
      listeners.add(onChange);
      signal.addEventListener('abort', () => listeners.delete(onChange), { once: true });
      onChange();
    },
  });
}

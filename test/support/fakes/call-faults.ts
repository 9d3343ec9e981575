import { ReleaseError, type ErrorCode } from '../../../src/contract/errors';

interface RecordedCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface CallFaults {
  /** Every call in order, the failed ones too. */
  readonly calls: RecordedCall[];
  /** The next `times` calls throw `code`; of `method` only, when it is given. */
  fail(code: ErrorCode, times: number, method?: string): void;
}

interface Fault {
  readonly code: ErrorCode;
  readonly method: string | undefined;
  left: number;
}

/** Gives a fake a call log and faults to order; the fake itself stays a plain object. */
export function withCallFaults<T extends object>(target: T): T & CallFaults {
  const calls: RecordedCall[] = [];
  const faults: Fault[] = [];
  const extra: CallFaults = {
    calls,
    fail: (code, times, method) => {
      faults.push({ code, method, left: times });
    },
  };

  function throwIfOrdered(method: string): void {
    const fault = faults.find((one) => one.left > 0 && (one.method ?? method) === method);
    if (fault) {
      fault.left -= 1;
      throw new ReleaseError(fault.code, `${method}: ordered to fail by the test`);
    }
  }

  const recorded = new Proxy(target, {
    get(object, name): unknown {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function' || typeof name !== 'string') {
        return member;
      }
      return async (...args: unknown[]): Promise<unknown> => {
        calls.push({ method: name, args });
        await Promise.resolve();
        throwIfOrdered(name);
        return Reflect.apply(member, object, args) as unknown;
      };
    },
  });
  return new Proxy(recorded, {
    get: (object, name): unknown =>
      Object.hasOwn(extra, name) ? Reflect.get(extra, name) : Reflect.get(object, name),
    has: (object, name) => Object.hasOwn(extra, name) || Reflect.has(object, name),
  }) as T & CallFaults;
}

/** Memory that is read into again and again, where Node would take new memory for each piece. */
export interface BufferPool {
  take(): Buffer;
  /** Nobody may hold it any more. */
  give(buffer: Buffer): void;
}

/** Buffers of `bytes`; as many as are asked for, of which `maxIdle` are kept. */
export function createBufferPool(bytes: number, maxIdle: number): BufferPool {
  const idle: Buffer[] = [];
  return {
    // The last that came back: the processor's cache may still have it.
    take: () => idle.pop() ?? Buffer.allocUnsafeSlow(bytes),
    give: (buffer) => {
      if (idle.length < maxIdle) idle.push(buffer);
    },
  };
}

/** The few buffers of one transfer. */
export interface BufferLoan {
  /** Undefined while all are in use. */
  take(): Buffer | undefined;
  /** It can be taken again. */
  release(buffer: Buffer): void;
  /** All of them to the pool. */
  end(): void;
}

/** At most `max` of the pool, each when it is first needed. */
export function borrowBuffers(pool: BufferPool, max: number): BufferLoan {
  const held: Buffer[] = [];
  const free: Buffer[] = [];
  return {
    take: () => {
      if (free.length > 0 || held.length === max) return free.pop();
      const buffer = pool.take();
      held.push(buffer);
      return buffer;
    },
    release: (buffer) => {
      free.push(buffer);
    },
    end: () => {
      held.forEach((buffer) => {
        pool.give(buffer);
      });
    },
  };
}

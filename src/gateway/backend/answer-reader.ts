import type { Head } from './dispatch';
import { parseResponseHead, declaredLength } from './response-head';

/** `unusable`: nothing of the answer was handed on. */
export type Outcome = 'whole' | 'broken' | 'unusable';

/** Who takes an answer. */
export interface Answering {
  /** False: it is not wanted like this. */
  head(head: Head): boolean;
  /** The memory is used again after the return, or after `goOn` when it returns false. */
  data(chunk: Buffer, goOn: () => void): boolean;
  /** Once, at the end. */
  over(outcome: Outcome): void;
}

export interface AnswerReader {
  start(answering: Answering): void;
  /** False: no more, until `onFree` or the end. */
  read(chunk: Buffer): boolean;
  /** The connection has gone. */
  end(): void;
  /** Waits for who takes the answer. */
  isHeld(): boolean;
}

interface ReaderEvents {
  /** Before `over` is told: whether another request may follow on the connection. */
  readonly onOver: (isReusable: boolean) => void;
  readonly onFree: () => void;
}

const MAX_HEAD_BYTES = 32 * 1024;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NONE = Buffer.alloc(0);

/** One plain answer after the other: a head, and as many bytes as it says. Anything else is unusable. */
export function createAnswerReader({ onOver, onFree }: ReaderEvents): AnswerReader {
  let answering: Answering | null = null;
  let head: Buffer = NONE;
  /** Of the body; -1 before it. */
  let left = -1;
  let isHeld = false;
  let isKept = true;

  function finish(outcome: Outcome): void {
    const done = answering;
    answering = null;
    head = NONE;
    left = -1;
    isHeld = false;
    onOver(outcome === 'whole' && isKept);
    done?.over(outcome);
  }

  const goOn = (): void => {
    if (!isHeld) return;
    isHeld = false;
    if (left === 0) finish('whole');
    onFree();
  };

  function takeBody(chunk: Buffer): boolean {
    if (!answering || chunk.length > left) {
      finish('broken');
      return false;
    }
    left -= chunk.length;
    isHeld = chunk.length > 0 && !answering.data(chunk, goOn);
    if (isHeld) return false;
    if (left === 0) finish('whole');
    return true;
  }

  function takeHead(chunk: Buffer): boolean {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(END_OF_HEAD);
    if (end < 0 && head.length <= MAX_HEAD_BYTES) return true;
    const parsed = end < 0 ? null : parseResponseHead(head.subarray(0, end));
    const length = parsed && declaredLength(parsed);
    if (!parsed || length === null || !answering?.head(parsed)) {
      finish('unusable');
      return false;
    }
    left = length;
    isKept = parsed.headers['connection']?.toLowerCase() !== 'close';
    return takeBody(head.subarray(end + END_OF_HEAD.length));
  }

  return {
    start: (wanted) => {
      answering = wanted;
    },
    read: (chunk) => (left < 0 ? takeHead(chunk) : takeBody(chunk)),
    end: () => {
      if (answering) finish(left < 0 ? 'unusable' : 'broken');
    },
    isHeld: () => isHeld,
  };
}

import type { ReleaseView } from '../../contract/schema/api-release';
import type { Stream } from '../context';
import { formatRelease, formatStep, formatVerdict } from './release';
import { displayRelease, formatDuration, type Paint } from './style';

export interface Progress {
  show(release: ReleaseView): void;
  note(text: string): void;
}

/** Redraws one block in a terminal; elsewhere one line for each thing that changed. */
export function createProgress(stream: Stream, now: () => number, paint: Paint): Progress {
  return stream.isTTY ? liveBlock(stream, now, paint) : plainLines(stream, now, paint);
}

function liveBlock(stream: Stream, now: () => number, paint: Paint): Progress {
  let height = 0;
  const draw = (lines: readonly string[]): void => {
    const up = height > 0 ? `\u001b[${height}A` : '';
    stream.write(
      `${up}${lines.map((line) => `\u001b[2K${clip(line, stream.columns)}\n`).join('')}\u001b[J`,
    );
    height = lines.length;
  };
  return {
    show: (release) => {
      draw(formatRelease(release, now(), paint));
    },
    note: (text) => {
      stream.write(`${paint.yellow(text)}\n`);
      height = 0;
    },
  };
}

/** A wrapped line would be two lines to the cursor. Colours are not counted: a short line is no harm. */
function clip(line: string, columns: number): string {
  // eslint-disable-next-line no-control-regex -- escape sequences are what is left out of the count
  const visible = line.replaceAll(/\u001b\[[0-9;]*m/g, '');
  return visible.length <= columns ? line : `${visible.slice(0, Math.max(0, columns - 1))}…`;
}

function plainLines(stream: Stream, now: () => number, paint: Paint): Progress {
  const seen = new Set<string>();
  const once = (key: string, line: string): void => {
    if (seen.has(key)) return;
    seen.add(key);
    stream.write(`${line}\n`);
  };
  return {
    show: (release) => {
      once('head', `${displayRelease(release.releaseId)} ${release.repository}`);
      release.steps.forEach((step, index) => {
        const key = `step ${index} ${step.state}`;
        once(key, step.state === 'running' ? `… ${step.title}` : formatStep(step, now(), paint));
      });
      for (const verdict of release.verdicts) {
        if (verdict.outcome === 'pass') continue;
        const line = formatVerdict(verdict, paint);
        once(`verdict ${line}`, line);
      }
      for (const { actor, via } of release.approvals) {
        once(`approval ${actor}`, `approved by ${actor} (${via})`);
      }
      if (release.outcome === undefined) {
        if (release.reason !== undefined) once(`reason ${release.reason}`, release.reason);
        return;
      }
      const ended = release.endedAt === undefined ? now() : Date.parse(release.endedAt);
      const took = formatDuration(Math.max(0, ended - Date.parse(release.requestedAt)));
      const why = release.reason === undefined ? '' : `: ${release.reason}`;
      once('end', `${release.outcome} after ${took}${why}`);
    },
    note: (text) => {
      once(`note ${text}`, text);
    },
  };
}

import type { GcGraph } from './graph';
import { float, int } from './typed';

/** The newest `count` releases of a repository, newest first: its tags but branches, experiments and attachments. */
export function newestReleases(
  { tag, tagsOfRepository: { starts, targets } }: GcGraph,
  repository: number,
  count: number,
): readonly number[] {
  const newest: number[] = [];
  if (count === 0) return newest;
  const isNewer = (a: number, b: number): boolean => {
    const [left, right] = [timeOf(tag, a), timeOf(tag, b)];
    return left === right ? tag.names.text(a) > tag.names.text(b) : left > right;
  };
  for (let at = int(starts, repository); at < int(starts, repository + 1); at++) {
    const one = int(targets, at);
    if (int(tag.prerelease, one) === 1 || int(tag.subject, one) >= 0) continue;
    let place = newest.length;
    while (place > 0 && isNewer(one, newest[place - 1] ?? one)) place--;
    if (place < count) {
      newest.splice(place, 0, one);
      if (newest.length > count) newest.pop();
    }
  }
  return newest;
}

/** What has no time may be the newest. */
function timeOf({ pushedAt }: GcGraph['tag'], tag: number): number {
  const time = float(pushedAt, tag);
  return Number.isNaN(time) ? Infinity : time;
}

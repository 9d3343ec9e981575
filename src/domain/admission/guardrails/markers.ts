import type { PodTemplate } from '../workload';
import type { Marker } from './config';

export function hasMarker(
  { labels, annotations }: Pick<PodTemplate, 'labels' | 'annotations'>,
  markers: readonly Marker[],
): boolean {
  return markers.some(
    (marker) => (marker.in === 'label' ? labels : annotations)[marker.name] === marker.value,
  );
}

/** The picture in words, for who does not see it. */
import { t } from '../l10n';
import { linesOf, nameOf } from '../model/describe';
import { formatDuration } from '../model/format';
import type { TraceModel } from '../model/trace-model';
import type { PageState } from '../store';
import { visibleText } from '../visible-text';

/** All of it in a sentence. */
export function summaryOf({ header, totalUs, standstills, hops, all }: TraceModel): string {
  const domain = visibleText(header?.domain ?? '');
  const parts = [
    hops.length > 1
      ? t('Timeline of {0} migrations of {1}', hops.length, domain)
      : t('Timeline of the migration of {0}', domain),
  ];
  if (totalUs !== undefined) parts.push(t('{0} in all', formatDuration(totalUs)));
  const lengths = standstills
    .filter(({ endUs }) => endUs !== Infinity)
    .map(({ startUs, endUs }) => formatDuration(endUs - startUs));
  if (lengths.length > 0) parts.push(t('the guest stood still for {0}', lengths.join(' + ')));
  parts.push(
    t(
      '{0} items; arrow keys select, W and S zoom, A and D pan; the list has all of them',
      all.length,
    ),
  );
  return parts.join(', ');
}

export function selectionOf({ model, selection, nowUs }: PageState): string {
  const item = model.item(selection);
  return item === undefined ? '' : [nameOf(item), ...linesOf(item, model, nowUs)].join(', ');
}

/** The picture in words, for who does not see it. */
import { t } from '../l10n';
import { linesOf, nameOf } from '../model/describe';
import { formatDuration } from '../model/format';
import type { TraceModel } from '../model/trace-model';
import type { PageState } from '../store';
import { visibleText } from '../visible-text';

/** All of it in a sentence. */
export function summaryOf({ header, totalUs, standstill, all }: TraceModel): string {
  const parts = [t('Timeline of the migration of {0}', visibleText(header?.domain ?? ''))];
  if (totalUs !== undefined) parts.push(t('{0} in all', formatDuration(totalUs)));
  if (standstill !== undefined && standstill.endUs !== Infinity) {
    const length = formatDuration(standstill.endUs - standstill.startUs);
    parts.push(t('the guest stood still for {0}', length));
  }
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

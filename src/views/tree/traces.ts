/** The traces of past migrations on a host, as rows. */
import type { TraceName } from '../../engine/trace-list';
import { labelText, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Words } from './branch';
import { treeCommands } from './commands';
import { contextValue } from './context-values';
import type { TraceNode, TracesNode } from './node';
import { leaf, note } from './notes';

/** Older ones are in the traces' folder. */
const shownTraces = 50;

/** @param underWay paths of those that still grow */
export function tracesBranch(
  hostId: string,
  traces: readonly TraceName[],
  underWay: ReadonlySet<string>,
  words: Words,
): Branch {
  const { t } = words;
  const node: TracesNode = { kind: 'traces', hostId };
  const label = t('Recent traces');
  const count = String(traces.length);
  return {
    node,
    look: {
      label,
      description: count,
      tooltip: t('What happened in each migration on this host.'),
      icon: { id: 'history' },
      contextValue: contextValue('traces'),
      accessibilityLabel: spoken(label, count),
    },
    children:
      traces.length === 0
        ? [note(node, 'empty', t('No migration has left a trace yet.'))]
        : traces
            .slice(0, shownTraces)
            .map((trace) => traceBranch(hostId, trace, underWay.has(trace.path), words)),
    isOpen: false,
  };
}

function traceBranch(
  hostId: string,
  { path, domain, source, at }: TraceName,
  isUnderWay: boolean,
  words: Words,
): Branch {
  const { t } = words;
  const node: TraceNode = { kind: 'trace', hostId, path };
  const label = labelText(domain);
  const time = words.time(at);
  const state = isUnderWay ? t('under way') : undefined;
  return leaf(node, {
    label,
    description: joined(time, state),
    tooltip: lines(label, joined(time, state), t('From instance #{0}', source), tooltipText(path)),
    icon: isUnderWay ? { id: 'record', color: 'charts.red' } : { id: 'graph-line' },
    contextValue: contextValue('trace', isUnderWay ? 'unfinished' : 'finished'),
    accessibilityLabel: spoken(t('Trace of {0}', label), time, state),
    command: { id: treeCommands.openTrace, title: t('Open the Timeline'), node },
  });
}

/** JSON as a tree: what its nodes are called, what is in them, and what is seen while they are shut. */
import { visibleText } from '../visible-text';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

export interface JsonEntry {
  readonly key: string;
  readonly value: unknown;
}

export function kindOf(value: unknown): JsonKind {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return typeof value as JsonKind;
  }
  return typeof value === 'object' && value !== null ? 'object' : 'null';
}

/** In their order; of a value without any, none. */
export function entriesOf(value: unknown): JsonEntry[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, child]: [string, unknown]) => ({ key, value: child }));
}

/** On one line, cut off where it gets long. */
export function previewOf(value: unknown, longest = 100): string {
  const text = visibleText(JSON.stringify(value));
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** A string with its quotes, as JSON has it. */
export function leafText(value: unknown): string {
  return visibleText(JSON.stringify(value));
}

/**
 * The containers that are open at first: level by level, as long as there are no more than
 * `mostLines` lines to be seen.
 */
export function openAtFirst(root: unknown, mostLines = 60): Set<object> {
  const open = new Set<object>();
  let lines = 1;
  let level: unknown[] = [root];
  while (level.length > 0) {
    const next: unknown[] = [];
    for (const value of level) {
      const entries = entriesOf(value);
      if (entries.length === 0) continue;
      if (lines + entries.length > mostLines) return open;
      lines += entries.length;
      open.add(value as object);
      next.push(...entries.map((entry) => entry.value));
    }
    level = next;
  }
  return open;
}

/** The tree as data: what it shows of each node. */
import type { Micros } from '../../host/host';
import type { treeCommands } from './commands';
import type { TreeNode } from './node';

/** A codicon, and the id of a theme's colour. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
}

/** What a row looks like. Names of others are safe in all of it: `../text.ts`. */
export interface Look {
  readonly label: string;
  /** Beside the label. Our own words only: VS Code may put icons in place of `$(name)`. */
  readonly description: string;
  /** Lines of plain text. */
  readonly tooltip: string;
  readonly icon: Icon | undefined;
  readonly contextValue: string;
  /** When its process was started: how long ago that is, the tooltip tells when it is shown. */
  readonly startedAt?: Micros;
  /** What a screen reader says of the row. */
  readonly accessibilityLabel: string;
  /** Run with the node when the row is clicked. */
  readonly command?: { readonly id: TreeCommand; readonly title: string; readonly node: TreeNode };
}

export type TreeCommand = (typeof treeCommands)[keyof typeof treeCommands];

/** A node, what it looks like, and what is below it. */
export interface Branch {
  readonly node: TreeNode;
  readonly look: Look;
  /** Undefined where there can be none. `not loaded`: they are read when the node is opened. */
  readonly children: readonly Branch[] | 'not loaded' | undefined;
  /** Whether it is open as long as the user has not closed it. */
  readonly isOpen: boolean;
}

/** The user's language. */
export interface Words {
  /** As `vscode.l10n.t`. */
  readonly t: (message: string, ...args: (string | number)[]) => string;
  /** A point in time, to the minute. */
  readonly time: (at: Micros) => string;
  /** The same for a row, which has little room: of today the time alone, of another day the date alone. */
  readonly shortTime: (at: Micros) => string;
}

/** What of a host is read from it; nothing until it is asked for. */
export type Part<Value> =
  | undefined
  | { readonly state: 'loaded'; readonly value: Value }
  | { readonly state: 'failed'; readonly error: unknown };

/** A failure is as good as any other answer: it is shown. */
export async function partOf<Value>(
  reading: Promise<Value>,
): Promise<Exclude<Part<Value>, undefined>> {
  try {
    return { state: 'loaded', value: await reading };
  } catch (error) {
    return { state: 'failed', error };
  }
}

/** A row's words that belong together: `running · QEMU 10.0.13`. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

export function lines(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n');
}

/** For a screen reader, which does not see the columns and icons. */
export function spoken(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

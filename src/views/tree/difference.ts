/** What has changed between two states of the tree, as few and as small parts of it as possible. */
import { isDeepStrictEqual } from 'node:util';
import type { Branch } from './branch';
import { idOf, type TreeNode } from './node';

/**
 * The nodes to be drawn anew: those that look otherwise, or whose children have come, gone or moved.
 * A node that is drawn anew takes all below it along.
 */
export function changedNodes(before: Branch, now: Branch): TreeNode[] {
  if (!isDeepStrictEqual(before.look, now.look)) return [now.node];
  const old = before.children;
  const { children } = now;
  if (old === children) return [];
  if (old === undefined || children === undefined || children === 'not loaded') return [now.node];
  // Nobody has seen them yet: they are loaded because VS Code asks for them just now.
  if (old === 'not loaded') return [];
  const haveSameNodes =
    old.length === children.length &&
    children.every((child, index) => {
      const one = old[index];
      return one !== undefined && idOf(one.node) === idOf(child.node);
    });
  if (!haveSameNodes) return [now.node];
  return children.flatMap((child, index) => {
    const one = old[index];
    return one === undefined ? [] : changedNodes(one, child);
  });
}

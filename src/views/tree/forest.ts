/** The trees of all hosts as they are shown, found by node. */
import { isDeepStrictEqual } from 'node:util';
import type { Branch } from './branch';
import { changedNodes } from './difference';
import { idOf, type TreeNode } from './node';

interface Planted {
  readonly branch: Branch;
  /** The object that stands for the node for as long as it is the same: VS Code tells nodes by identity. */
  readonly node: TreeNode;
  readonly parent: TreeNode | undefined;
}

export class Forest {
  readonly #trees = new Map<string, Branch>();
  readonly #planted = new Map<string, Planted>();

  /**
   * Puts a host's tree in the place of the one before.
   * @returns the nodes to be drawn anew
   */
  plant(tree: Branch): TreeNode[] {
    const { hostId } = tree.node;
    const before = this.#trees.get(hostId);
    this.#trees.set(hostId, tree);
    const gone = new Map([...this.#planted].filter(([, { node }]) => node.hostId === hostId));
    for (const id of gone.keys()) this.#planted.delete(id);
    this.#plant(tree, undefined, gone);
    const changed = before === undefined ? [tree.node] : changedNodes(before, tree);
    return changed.map((node) => this.same(node));
  }

  fell(hostId: string): void {
    this.#trees.delete(hostId);
    for (const [id, { node }] of this.#planted)
      if (node.hostId === hostId) this.#planted.delete(id);
  }

  branch(node: TreeNode): Branch | undefined {
    return this.#planted.get(idOf(node))?.branch;
  }

  parent(node: TreeNode): TreeNode | undefined {
    return this.#planted.get(idOf(node))?.parent;
  }

  find(id: string): TreeNode | undefined {
    return this.#planted.get(id)?.node;
  }

  /** The object that stands for a node. */
  same(node: TreeNode): TreeNode {
    return this.find(idOf(node)) ?? node;
  }

  #plant(branch: Branch, parent: TreeNode | undefined, before: ReadonlyMap<string, Planted>): void {
    const id = idOf(branch.node);
    const known = before.get(id)?.node;
    const node = isDeepStrictEqual(known, branch.node) && known ? known : branch.node;
    this.#planted.set(id, { branch, node, parent });
    for (const child of childrenOf(branch)) this.#plant(child, node, before);
  }
}

/** Those that are loaded. */
export function childrenOf({ children }: Branch): readonly Branch[] {
  return children === undefined || children === 'not loaded' ? [] : children;
}

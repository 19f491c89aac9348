/**
 * What the nodes of the domain tree stand for. VS Code hands a node to the commands of its menu, so
 * a node holds what a command needs to know, and nothing of how it looks.
 */
import * as v from 'valibot';
import { holdingGroups } from '../../engine/inventory/holding-groups';
import { connectionUris } from '../../libvirt/connections';

const HostId = v.string();
/** Of the libvirt that runs the domain; missing for a domain that the engine runs. */
const Connection = v.exactOptional(v.picklist(connectionUris));

const HostNode = v.object({ kind: v.literal('host'), hostId: HostId });
const DomainNode = v.object({
  kind: v.literal('domain'),
  hostId: HostId,
  connection: Connection,
  uuid: v.string(),
  name: v.string(),
});
const InstanceNode = v.object({
  kind: v.literal('instance'),
  hostId: HostId,
  connection: Connection,
  /** The domain's. */
  uuid: v.string(),
  name: v.string(),
  /** libvirt's own number where libvirt runs it. */
  instanceId: v.number(),
});
/** A group of an instance's paths. */
const PathGroupNode = v.object({
  kind: v.literal('path-group'),
  hostId: HostId,
  connection: Connection,
  uuid: v.string(),
  instanceId: v.number(),
  group: v.picklist(holdingGroups),
});
const PathNode = v.object({
  kind: v.literal('path'),
  hostId: HostId,
  connection: Connection,
  /** The domain's. */
  uuid: v.string(),
  name: v.string(),
  instanceId: v.number(),
  group: v.picklist(holdingGroups),
  /** As on the command line: `-chardev`. */
  option: v.string(),
  /** Whole, as the host knows it: a path, or the address of a listener. */
  address: v.string(),
});
const EmulatorsNode = v.object({ kind: v.literal('emulators'), hostId: HostId });
const EmulatorNode = v.object({
  kind: v.literal('emulator'),
  hostId: HostId,
  /** Of the binary, on the host. */
  path: v.string(),
});
const TracesNode = v.object({ kind: v.literal('traces'), hostId: HostId });
const TraceNode = v.object({
  kind: v.literal('trace'),
  hostId: HostId,
  /** Of the file, on the host. */
  path: v.string(),
});
/**
 * What stands in place of children (that they are loading, that there are none, why they are not
 * there), or before them.
 */
const NoteNode = v.object({
  kind: v.literal('note'),
  hostId: HostId,
  /** Id of the node whose children it stands for. */
  parent: v.string(),
  /** Of the libvirt that it is about. */
  connection: Connection,
  note: v.picklist(['loading', 'empty', 'failed', 'disconnected', 'outdated']),
});

const TreeNode = v.variant('kind', [
  HostNode,
  DomainNode,
  InstanceNode,
  PathGroupNode,
  PathNode,
  EmulatorsNode,
  EmulatorNode,
  TracesNode,
  TraceNode,
  NoteNode,
]);

export type HostNode = Readonly<v.InferOutput<typeof HostNode>>;
export type DomainNode = Readonly<v.InferOutput<typeof DomainNode>>;
export type InstanceNode = Readonly<v.InferOutput<typeof InstanceNode>>;
export type PathGroupNode = Readonly<v.InferOutput<typeof PathGroupNode>>;
export type PathNode = Readonly<v.InferOutput<typeof PathNode>>;
export type EmulatorsNode = Readonly<v.InferOutput<typeof EmulatorsNode>>;
export type EmulatorNode = Readonly<v.InferOutput<typeof EmulatorNode>>;
export type TracesNode = Readonly<v.InferOutput<typeof TracesNode>>;
export type TraceNode = Readonly<v.InferOutput<typeof TraceNode>>;
export type NoteNode = Readonly<v.InferOutput<typeof NoteNode>>;
export type TreeNode = Readonly<v.InferOutput<typeof TreeNode>>;

/** What a command was given, as a node of the tree; undefined if it is none. */
export function asTreeNode(value: unknown): TreeNode | undefined {
  const parsed = v.safeParse(TreeNode, value);
  return parsed.success ? parsed.output : undefined;
}

/** The same for every node that stands for the same thing, also after a reload. */
export function idOf(node: TreeNode): string {
  return JSON.stringify(keyOf(node));
}

function keyOf(node: TreeNode): (string | number)[] {
  const { kind, hostId } = node;
  switch (node.kind) {
    case 'host':
    case 'emulators':
    case 'traces':
      return [hostId, kind];
    case 'domain':
      return [hostId, kind, node.uuid, ...connectionOf(node)];
    case 'instance':
      return [hostId, kind, node.uuid, node.instanceId, ...connectionOf(node)];
    case 'path-group':
      return [hostId, kind, node.uuid, node.instanceId, node.group, ...connectionOf(node)];
    case 'path':
      return [
        ...[hostId, kind, node.uuid, node.instanceId, node.group, node.option, node.address],
        ...connectionOf(node),
      ];
    case 'emulator':
    case 'trace':
      return [hostId, kind, node.path];
    case 'note':
      return [hostId, kind, node.parent, node.note, ...connectionOf(node)];
  }
}

function connectionOf({ connection }: { readonly connection?: string }): string[] {
  return connection === undefined ? [] : [connection];
}

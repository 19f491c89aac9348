/** What the state folder holds of domains and instances: the records, as parsed from their files. */
import * as v from 'valibot';
import type { ProcessIdentity } from '../../host/process';

/** The layout and records of a state folder that this Sidestep reads and writes. */
export const stateFormat = 1;

const InstanceId = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Another user than ours, whom a domain's QEMU runs as. */
const UserSchema = v.object({ uid: v.number(), gid: v.number(), groups: v.array(v.number()) });
export type User = v.InferOutput<typeof UserSchema>;

/** A domain that libvirt has had, and can have back. */
const LibvirtOriginSchema = v.object({
  /** Of its connection: `qemu:///system`. */
  uri: v.string(),
  /** Its live XML as libvirt migrates it, secrets included. */
  xml: v.string(),
});

export const DomainSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  /**
   * Arguments of QEMU as the owner means them, the program aside: addresses as written, paths
   * absolute, aliases pinned. What an instance really runs with may differ for its own paths.
   */
  definition: v.array(v.string()),
  /** The instance in the source tables: it runs the domain. */
  source: InstanceId,
  /** The instance in the remote tables while a local migration is under way. */
  remote: v.optional(InstanceId),
  /**
   * Sockets that an instance listens on under another name than QEMU knows, since they were taken
   * back, and those names, in case they were not: QEMU does not remove the former at its end.
   */
  takenSockets: v.optional(v.array(v.string()), []),
  /** Files made for the domain, removed with it: guest RAM in a file. */
  ownedPaths: v.array(v.string()),
  /** Network interfaces made for it on the host, removed with it. */
  ownedTaps: v.exactOptional(v.array(v.string())),
  /** By default its QEMU runs as ours. */
  runAs: v.exactOptional(UserSchema),
  libvirt: v.exactOptional(LibvirtOriginSchema),
});
export type Domain = v.InferOutput<typeof DomainSchema>;
/** What decides how a domain can be moved, also of one that is not in the tables yet. */
export type DomainToMove = Pick<Domain, 'libvirt' | 'runAs'> & {
  readonly definition: readonly string[];
};

const ProcessSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  startTime: v.number(),
  argv: v.array(v.string()),
});

export const InstanceSchema = v.object({
  id: InstanceId,
  /** UUID of the domain it runs. */
  uuid: v.string(),
  /** The QEMU binary, or wrapper script, it was started with. */
  emulator: v.string(),
  version: v.optional(v.string()),
  /** Path of the QMP socket the engine uses. */
  monitor: v.string(),
  /** URI of the libvirt that holds this monitor: it is talked to through that. */
  libvirt: v.exactOptional(v.string()),
  /** Missing between the claim of its id and the start of its process. */
  process: v.optional(ProcessSchema),
});
export type Instance = v.InferOutput<typeof InstanceSchema>;
export const StartedInstanceSchema = v.object({
  ...InstanceSchema.entries,
  process: ProcessSchema,
});
/** An instance whose process is known. */
export type StartedInstance = Instance & { readonly process: ProcessIdentity };

export const parseDomain = (json: unknown): Domain => v.parse(DomainSchema, json);
export const parseInstance = (json: unknown): Instance => v.parse(InstanceSchema, json);

/** Which domain a command is about, for those that are about libvirt's too. */
import type { NamedDomain } from '../../engine/engine';

export const connectOptions = {
  connect: { value: 'URI', help: "libvirt's domain at qemu:///system or qemu:///session" },
} as const;

/** What each of them says of `DOMAIN`. */
export const namedDomainHelp = `DOMAIN is a name or a UUID, of one of Sidestep's domains or else of libvirt's; --connect says of which
libvirt's.`;

export function namedDomain(
  nameOrUuid: string,
  { connect }: { readonly connect: string | undefined },
): NamedDomain {
  return connect === undefined ? nameOrUuid : { uri: connect, domain: nameOrUuid };
}

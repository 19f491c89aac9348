/** What libvirt's logs are about, before one of their domains is chosen. */
import type { Host } from '../../host/host';
import { readParts } from '../../host/read-parts';
import { LogReader } from '../../libvirt/log/log-reader';

export interface LoggedDomain {
  readonly name: string;
  /** Empty where the logs do not tell. */
  readonly uuid: string;
  /** QMP messages. */
  readonly messages: number;
  /** When the logs begin to tell of it: µs since the Unix epoch. */
  readonly since: number;
}

export interface LogSurvey {
  readonly paths: readonly string[];
  /** Those with the most messages first. */
  readonly domains: readonly LoggedDomain[];
  /** The hosts, as their daemons name them; none where the logs do not tell. */
  readonly hostnames: readonly string[];
}

export interface LogReading {
  readonly signal?: AbortSignal | undefined;
  /** Told with each part, in bytes of all logs together. */
  readonly onProgress?: ((read: number) => void) | undefined;
}

/** @throws HostError if a log cannot be read */
export async function surveyLogs(
  host: Pick<Host, 'files'>,
  paths: readonly string[],
  { signal, onProgress }: LogReading = {},
): Promise<LogSurvey> {
  const domains = new Map<string, { messages: number; since: number }>();
  const uuids = new Map<string, string>();
  const hostnames = new Set<string>();
  let read = 0;
  for (const path of paths) {
    const reader = new LogReader({
      onEntry({ domain, type, at }) {
        const known = domains.get(domain);
        const messages = type === 'message' ? 1 : 0;
        if (known === undefined) domains.set(domain, { messages, since: at });
        else {
          known.messages += messages;
          known.since = Math.min(known.since, at);
        }
      },
      onUuid: (domain, uuid) => uuids.set(domain, uuid),
      onHostname: (name) => hostnames.add(name),
    });
    for await (const part of readParts(host, path, { signal })) {
      reader.read(part);
      read += part.length;
      onProgress?.(read);
    }
    reader.end();
  }
  return {
    paths,
    domains: [...domains]
      .map(([name, found]) => ({ name, uuid: uuids.get(name) ?? '', ...found }))
      .sort((a, b) => b.messages - a.messages),
    hostnames: [...hostnames],
  };
}

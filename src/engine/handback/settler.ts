/** Brings a hand-back that has not gone its way to an end: asks all sides, does what is decided. */
import { setTimeout as delay } from 'node:timers/promises';
import { timeLimit } from '../../host/time-limit';
import { parseResult, resultPath } from '../../libvirt/restore/restore';
import { resumeGuest } from '../domain/give-disks';
import { InstanceMonitor } from '../instance-monitor';
import { isAlive } from '../is-alive';
import { libvirtGuest } from '../libvirt/run-state';
import { cancelBeforeSwitchover } from '../migration/cancel';
import { isHostLost, messageOf } from '../migration/failures';
import type { SideEvidence } from '../migration/settle';
import type { Handback } from './handback';
import { receivingProcess } from './receiving-process';
import {
  decideHandback,
  type Attempt,
  type HandbackDecision,
  type HandbackEvidence,
} from './settle';

export type HandbackSettlement = Extract<
  HandbackDecision,
  'stays' | 'moved' | 'lost' | 'undecided'
>;

const answerTimeoutMs = 5_000;
const betweenLooksMs = 100;
const deadlineMs = 60_000;

/**
 * What cannot be told is `undecided`.
 * @throws HostError `DISCONNECTED`: there is nobody left to be asked
 */
export async function settleHandback(h: Handback): Promise<HandbackSettlement> {
  const begunAt = h.trace.now();
  const elapsedMs = () => (h.trace.now() - begunAt) / 1000;
  while (elapsedMs() < deadlineMs) {
    try {
      const decision = decideHandback(await gather(h, elapsedMs()));
      if (isSettlement(decision)) return decision;
      await act(h, decision);
    } catch (error) {
      if (isHostLost(error)) throw error;
      h.trace.add({
        type: 'warning',
        code: 'SETTLING',
        message: `While finding out where the guest is: ${messageOf(error)}`,
      });
      await delay(betweenLooksMs);
    }
  }
  return 'undecided';
}

function isSettlement(decision: HandbackDecision): decision is HandbackSettlement {
  return ['stays', 'moved', 'lost', 'undecided'].includes(decision);
}

async function gather(h: Handback, waitedMs: number): Promise<HandbackEvidence> {
  const [source, attempt, target] = await Promise.all([
    examineSource(h),
    examineAttempt(h),
    examineTarget(h),
  ]);
  return {
    migrateSent: h.migrateSent,
    isBegun: h.restore?.isMigrating === true,
    waitedMs,
    watched: !h.resumed,
    guestRan: h.runState === 'running',
    ...{ source, attempt, target },
  };
}

async function examineSource(h: Handback): Promise<SideEvidence> {
  const alive = await isAlive(h.host, h.sourceInstance.process);
  const unknown = { alive, runState: undefined, migration: undefined };
  if (!alive || !h.migrateSent) return unknown;
  try {
    const monitor = await reachSource(h);
    const signal = timeLimit(answerTimeoutMs);
    const [runState, migration] = await Promise.all([
      monitor.queryRunState(signal),
      monitor.queryMigration(signal),
    ]);
    return { alive, runState, migration: migration.status };
  } catch (error) {
    if (isHostLost(error)) throw error;
    return unknown;
  }
}

/** The source's monitor, connected anew if the connection broke. */
export async function reachSource(h: Handback): Promise<InstanceMonitor> {
  if (h.source?.client.isOpen !== true) {
    h.source = await InstanceMonitor.connect(h.host, h.sourceInstance, h.trace, {
      signal: timeLimit(answerTimeoutMs),
    });
  }
  return h.source;
}

/** The program may have told us, or have left its word for whoever comes. */
async function examineAttempt(h: Handback): Promise<Attempt> {
  // In this order: its word is there before it ends.
  const isUnderWay = h.program !== undefined && (await isAlive(h.host, h.program));
  const [word] = await h.host.files([{ op: 'read', path: resultPath(h.folder) }]);
  const result = h.restore?.result ?? (word && parseResult(word.toString()));
  if (result === undefined) return isUnderWay ? 'under-way' : 'unknown';
  if (result.taken === null) return 'unknown';
  return result.taken ? 'taken' : 'given-up';
}

async function examineTarget(h: Handback): Promise<HandbackEvidence['target']> {
  const process = await receivingProcess(h);
  const everRan = h.targetRan;
  if (process === undefined) return { alive: false, everRan, runState: undefined, isBusy: false };
  const guest = await libvirtGuest(h.virsh, h.domain.uuid, process);
  if (guest.runState !== undefined && h.targetId !== undefined) {
    h.trace.add({ type: 'run-state', instance: h.targetId, state: guest.runState });
  }
  return { alive: true, everRan, ...guest };
}

async function act(
  h: Handback,
  decision: Exclude<HandbackDecision, HandbackSettlement>,
): Promise<void> {
  switch (decision) {
    case 'wait':
      await delay(betweenLooksMs);
      return;
    case 'cancel-migration': {
      const target = await receivingProcess(h);
      const isCancelled = await cancelBeforeSwitchover(h.host, await reachSource(h), target);
      if (!isCancelled) await delay(betweenLooksMs);
      return;
    }
    case 'end-target': {
      const target = await receivingProcess(h);
      if (target === undefined) return;
      await h.host.signal(target, 'SIGKILL');
      await h.host.waitForExit(target);
      return;
    }
    case 'resume-source': {
      const { client } = await reachSource(h);
      await resumeGuest(h.host, h.domain, client, answerTimeoutMs);
    }
  }
}

/** Hand Back to libvirt: at once for a domain that was libvirt's; of any other its XML is asked for. */
import * as vscode from 'vscode';
import type { HandbackWish } from '../../engine/libvirt/upgrade';
import { connectionUris } from '../../libvirt/connections';
import { handingBack } from '../moves/hand-back';
import { shortName } from '../safe-text';
import { askInSteps, back, pick } from '../steps';
import type { Handler } from './action';
import { movable } from './plan-of';
import { domainSubject, type DomainSubject } from './subjects';

export const handBack: Handler = async (services, given) => {
  const subject = await domainSubject(services, given, {
    title: vscode.l10n.t('Hand Back to libvirt'),
    states: movable.states,
  });
  const wish = subject && (await wishFor(subject));
  if (subject === undefined || wish === undefined) return;
  await services.migrations.run(subject, handingBack(wish));
  services.refresh(subject.host.id);
};

/** @returns undefined if the user has left a question */
async function wishFor(subject: DomainSubject): Promise<HandbackWish | undefined> {
  const { tables } = await subject.engine.state.read();
  const domain = tables.domains.find(({ uuid }) => uuid === subject.uuid);
  // One that is gone meanwhile is told of by the engine.
  if (domain === undefined || domain.libvirt !== undefined) return {};
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('The Domain XML That Describes {0}', shortName(subject.name)),
      openLabel: vscode.l10n.t('Hand Over to libvirt'),
      filters: { XML: ['xml'], '*': ['*'] },
    })) ?? [];
  if (file === undefined) return undefined;
  const xml = Buffer.from(await vscode.workspace.fs.readFile(file)).toString('utf8');
  return askInSteps<HandbackWish>(
    vscode.l10n.t('Hand {0} over to libvirt', shortName(subject.name)),
    { xml },
    [
      {
        async ask(state, place) {
          const answer = await pick({
            place,
            placeholder: vscode.l10n.t("libvirt's connection"),
            items: () => connectionUris.map((uri) => ({ label: uri, uri })),
          });
          return answer === undefined || answer === back ? answer : { ...state, uri: answer.uri };
        },
      },
    ],
  );
}

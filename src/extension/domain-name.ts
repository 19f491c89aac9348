/** Asks how a new domain is to be called. */
import * as vscode from 'vscode';
import { askText, back, type Answer, type Place } from './steps';

export async function askDomainName<Draft extends { readonly name: string }>(
  draft: Draft,
  place: Place,
): Promise<Answer<Draft>> {
  const name = await askText({
    place,
    prompt: vscode.l10n.t('The name of the domain'),
    value: draft.name,
    problem: (text) => (text === '' ? vscode.l10n.t('Give it a name.') : undefined),
  });
  return name === undefined || name === back ? name : { ...draft, name };
}

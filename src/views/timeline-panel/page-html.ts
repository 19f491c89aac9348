/** The frame of the timeline's page. What is in it is drawn by its script. */
import { randomBytes } from 'node:crypto';
import type { PageStart } from '../timeline/protocol';

export interface PageParts {
  /** Addresses of the script and of the style sheet within the webview. */
  readonly script: string;
  readonly style: string;
  /** Where the webview lets resources come from. */
  readonly cspSource: string;
  /** Of the user's language, as `<html lang>` wants it. */
  readonly language: string;
  readonly start: PageStart;
}

export function pageHtml({ script, style, cspSource, language, start }: PageParts): string {
  const nonce = randomBytes(18).toString('base64');
  // The toolkit's styles are constructed sheets and uPlot's are properties: neither is inline to a CSP.
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource}`;
  return `<!doctype html>
<html lang="${escapeAttribute(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeAttribute(style)}">
<title>Sidestep</title>
</head>
<body data-start="${escapeAttribute(JSON.stringify(start))}">
<script type="module" nonce="${nonce}" src="${escapeAttribute(script)}"></script>
</body>
</html>
`;
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
